import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({ cursor: z.string().optional().describe('Where to go on.') });

const ProviderSchema = z.object({
    items: z.array(z.object({ id: z.string(), summary: z.string(), primary: z.boolean().optional() })),
    nextPageToken: z.string().optional()
});

const OutputSchema = z.object({
    calendars: z.array(z.object({ id: z.string(), name: z.string(), isPrimary: z.boolean() })),
    nextCursor: z.string().optional()
});

const action = createAction({
    description: 'List calendars.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.get({
            // https://developers.google.com/calendar/api/v3/reference/calendarList/list
            endpoint: '/calendar/v3/users/me/calendarList',
            params: { ...(input.cursor !== undefined && { pageToken: input.cursor }) },
            retries: 3
        });
        const page = ProviderSchema.parse(response.data);
        return {
            calendars: page.items.map((one) => ({ id: one.id, name: one.summary, isPrimary: one.primary ?? false })),
            ...(page.nextPageToken !== undefined && { nextCursor: page.nextPageToken })
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
