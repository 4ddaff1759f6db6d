import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    calendarId: z.string().describe('The calendar. Example: "primary"'),
    eventId: z.string().describe('The event.')
});

const OutputSchema = z.object({
    id: z.string(),
    status: z.string(),
    summary: z.string().optional(),
    htmlLink: z.string().optional()
});

const action = createAction({
    description: 'Return one event.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar.events.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.get({
            // https://developers.google.com/calendar/api/v3/reference/events/get
            endpoint: `/calendar/v3/calendars/${encodeURIComponent(input.calendarId)}/events/${encodeURIComponent(input.eventId)}`,
            retries: 3
        });
        return OutputSchema.parse(response.data);
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
