import { createSync } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const ContactSchema = z.object({
    id: z.string(),
    email: z.string().optional(),
    firstName: z.string().optional(),
    lastName: z.string().optional(),
    updatedAt: z.string()
});

const ProviderContactSchema = z.object({
    id: z.string(),
    properties: z.object({
        email: z.string().nullish(),
        firstname: z.string().nullish(),
        lastname: z.string().nullish()
    }),
    updatedAt: z.string()
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

        const config: ProxyConfiguration = {
            // https://developers.hubspot.com/docs/reference/api/crm/objects/contacts
            endpoint: '/crm/v3/objects/contacts',
            params: {
                properties: 'email,firstname,lastname'
            },
            paginate: {
                type: 'cursor',
                cursor_path_in_response: 'paging.next.after',
                cursor_name_in_request: 'after',
                limit_name_in_request: 'limit',
                limit: 2,
                response_path: 'results'
            },
            retries: 3
        };
        for await (const page of nango.paginate(config)) {
            const contacts = z.array(ProviderContactSchema).parse(page);
            await nango.batchSave(
                contacts.map((contact) => ({
                    id: contact.id,
                    ...(contact.properties.email != null && { email: contact.properties.email }),
                    ...(contact.properties.firstname != null && { firstName: contact.properties.firstname }),
                    ...(contact.properties.lastname != null && { lastName: contact.properties.lastname }),
                    updatedAt: contact.updatedAt
                })),
                'Contact'
            );
        }

        await nango.trackDeletesEnd('Contact');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
