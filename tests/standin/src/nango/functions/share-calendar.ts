import { createAction } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    calendarId: z.string().describe('The calendar to share. Example: "primary"'),
    email: z.string().describe('Whom to share it with.'),
    role: z.enum(['freeBusyReader', 'reader', 'writer', 'owner'])
});

const ProviderRuleSchema = z.object({
    id: z.string(),
    role: z.string()
});

const OutputSchema = z.object({
    id: z.string(),
    role: z.string()
});

const action = createAction({
    description: 'Share a calendar with somebody.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const config: ProxyConfiguration = {
            // https://developers.google.com/calendar/api/v3/reference/acl/insert
            endpoint: `/calendar/v3/calendars/${encodeURIComponent(input.calendarId)}/acl`,
            data: {
                role: input.role,
                scope: { type: 'user', value: input.email }
            },
            retries: 3
        };
        const response = await nango.post(config);
        const rule = ProviderRuleSchema.parse(response.data);

        return { id: rule.id, role: rule.role };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
