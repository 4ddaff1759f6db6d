import { createAction } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    calendarId: z.string().describe('The calendar to write to. Example: "primary"'),
    summary: z.string().describe('The title of the event.'),
    start: z.string().describe('When it begins. Example: "2026-02-01T09:00:00Z"'),
    end: z.string().describe('When it ends. Example: "2026-02-01T10:00:00Z"'),
    attendees: z.array(z.string()).optional().describe('E-mail addresses of who is invited.'),
    reminderMinutes: z.number().optional().describe('Minutes before the event at which to remind.')
});

const ProviderEventSchema = z.object({
    id: z.string(),
    status: z.string(),
    htmlLink: z.string(),
    summary: z.string().optional()
});

const OutputSchema = z.object({
    id: z.string(),
    status: z.string(),
    htmlLink: z.string(),
    summary: z.string().optional()
});

const action = createAction({
    description: 'Create a calendar event with attendees and a reminder.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/calendar.events'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const config: ProxyConfiguration = {
            // https://developers.google.com/calendar/api/v3/reference/events/insert
            endpoint: `/calendar/v3/calendars/${encodeURIComponent(input.calendarId)}/events`,
            data: {
                summary: input.summary,
                start: { dateTime: input.start },
                end: { dateTime: input.end },
                ...(input.attendees !== undefined && { attendees: input.attendees.map((email) => ({ email })) }),
                ...(input.reminderMinutes !== undefined && {
                    reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: input.reminderMinutes }] }
                })
            },
            retries: 3
        };
        const response = await nango.post(config);
        const event = ProviderEventSchema.parse(response.data);

        return {
            id: event.id,
            status: event.status,
            htmlLink: event.htmlLink,
            ...(event.summary !== undefined && { summary: event.summary })
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
