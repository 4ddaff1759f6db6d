import { createAction } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    calendarId: z.string().describe('The calendar. Example: "primary"'),
    text: z.string().describe('What the title has to hold.')
});

const EventSchema = z.object({ id: z.string(), summary: z.string().optional() });
const OutputSchema = z.object({ events: z.array(EventSchema) });

const action = createAction({
    description: 'Find events by their title.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar.events.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const config: ProxyConfiguration = {
            // https://developers.google.com/calendar/api/v3/reference/events/list
            endpoint: `/calendar/v3/calendars/${encodeURIComponent(input.calendarId)}/events`,
            paginate: {
                type: 'cursor',
                cursor_path_in_response: 'nextPageToken',
                cursor_name_in_request: 'pageToken',
                limit_name_in_request: 'maxResults',
                limit: 100,
                response_path: 'items'
            },
            retries: 3
        };
        const events: z.infer<typeof EventSchema>[] = [];
        for await (const page of nango.paginate(config)) {
            const known = z.array(EventSchema).parse(page);
            events.push(...known.filter((event) => event.summary?.includes(input.text)));
        }
        return { events };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
