import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    calendarId: z.string().describe('The calendar. Example: "primary"'),
    eventId: z.string().describe('The event.')
});

const OutputSchema = z.object({ eventId: z.string(), wasThere: z.boolean() });

const action = createAction({
    description: 'Delete an event.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar.events'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        try {
            await nango.delete({
                // https://developers.google.com/calendar/api/v3/reference/events/delete
                endpoint: `/calendar/v3/calendars/${encodeURIComponent(input.calendarId)}/events/${encodeURIComponent(input.eventId)}`,
                retries: 0
            });
        } catch (error) {
            const status = (error as { response?: { status?: number } }).response?.status;
            // Google says 410 of an event that was deleted before.
            if (status === 410) {
                return { eventId: input.eventId, wasThere: false };
            }
            throw error;
        }
        return { eventId: input.eventId, wasThere: true };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
