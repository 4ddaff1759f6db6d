import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    email: z.string().describe('The e-mail address. Example: "ada@example.com"'),
    firstName: z.string().optional(),
    lastName: z.string().optional()
});

const ContactSchema = z.object({ id: z.string(), createdAt: z.string() });

const action = createAction({
    description: 'Create a contact.',
    version: '1.0.0',
    input: InputSchema,
    output: ContactSchema,
    scopes: ['crm.objects.contacts.write'],

    exec: async (nango, input): Promise<z.infer<typeof ContactSchema>> => {
        const response = await nango.post({
            // https://developers.hubspot.com/docs/reference/api/crm/objects/contacts
            endpoint: '/crm/v3/objects/contacts',
            data: {
                properties: {
                    email: input.email,
                    ...(input.firstName !== undefined && { firstname: input.firstName }),
                    ...(input.lastName !== undefined && { lastname: input.lastName })
                }
            },
            retries: 0
        });
        return ContactSchema.parse(response.data);
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
