import { createSync } from 'nango';
import { z } from 'zod';

const ContactSchema = z.object({
    id: z.string(),
    email: z.string().optional(),
    updatedAt: z.string()
});

const PageSchema = z.object({
    results: z.array(
        z.object({ id: z.string(), properties: z.object({ email: z.string().nullish() }), updatedAt: z.string() })
    ),
    paging: z.object({ next: z.object({ after: z.string() }) }).optional()
});

const sync = createSync({
    description: 'Keep all contacts fresh.',
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: ['crm.objects.contacts.read'],
    models: {
        Contact: ContactSchema
    },

    exec: async (nango) => {
        await nango.trackDeletesStart('Contact');
        let after: string | undefined;
        do {
            const response = await nango.get({
                // https://developers.hubspot.com/docs/reference/api/crm/objects/contacts
                endpoint: '/crm/v3/objects/contacts',
                params: { limit: '3', properties: 'email', ...(after !== undefined && { after }) },
                retries: 3
            });
            const page = PageSchema.parse(response.data);
            const contacts = page.results.map((one) => ({
                id: one.id,
                ...(one.properties.email != null && { email: one.properties.email }),
                updatedAt: one.updatedAt
            }));
            await nango.batchSave(contacts, 'Contact');
            after = page.paging?.next.after;
        } while (after !== undefined);
        await nango.trackDeletesEnd('Contact');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
