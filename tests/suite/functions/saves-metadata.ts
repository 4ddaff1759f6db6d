import { createSync } from 'nango';
import { z } from 'zod';

const ContactSchema = z.object({
    id: z.string(),
    email: z.string().optional(),
    updatedAt: z.string()
});

const sync = createSync({
    description: 'Keep all contacts fresh.',
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: ['crm.objects.contacts.read'],
    metadata: z.object({ people: z.array(ContactSchema) }),
    models: {
        Contact: ContactSchema
    },

    exec: async (nango) => {
        const metadata = await nango.getMetadata();
        await nango.get({
            // https://developers.hubspot.com/docs/reference/api/crm/objects/contacts
            endpoint: '/crm/v3/objects/contacts',
            params: { limit: '100' },
            retries: 3
        });
        await nango.batchSave(metadata.people, 'Contact');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
