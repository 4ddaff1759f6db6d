import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({ contactId: z.string().describe('HubSpot\'s id of the contact. Example: "101"') });

const ProviderSchema = z.object({
    id: z.string(),
    properties: z.object({ email: z.string().nullish(), firstname: z.string().nullish(), lastname: z.string().nullish() })
});

const OutputSchema = z.object({
    id: z.string(),
    email: z.string().optional(),
    name: z.string().optional()
});

const action = createAction({
    description: 'Return one contact.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['crm.objects.contacts.read'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.get({
            // https://developers.hubspot.com/docs/reference/api/crm/objects/contacts
            endpoint: `/crm/v3/objects/contacts/${encodeURIComponent(input.contactId)}`,
            params: { properties: 'email,firstname,lastname' },
            retries: 3
        });
        const contact = ProviderSchema.parse(response.data);
        const name = [contact.properties.firstname, contact.properties.lastname].filter(Boolean).join(' ');
        return {
            id: contact.id,
            ...(contact.properties.email != null && { email: contact.properties.email }),
            ...(name !== '' && { name })
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
