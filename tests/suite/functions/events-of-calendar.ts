import { createSync } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const EventSchema = z.object({
    id: z.string(),
    status: z.string(),
    summary: z.string().optional(),
    start: z.string().optional(),
    end: z.string().optional(),
    htmlLink: z.string().optional()
});

const ProviderTimeSchema = z.object({
    dateTime: z.string().optional(),
    date: z.string().optional()
});

const ProviderPageSchema = z.object({
    items: z.array(
        z.object({
            id: z.string(),
            status: z.string(),
            summary: z.string().optional(),
            start: ProviderTimeSchema.optional(),
            end: ProviderTimeSchema.optional(),
            htmlLink: z.string().optional()
        })
    ),
    nextPageToken: z.string().optional(),
    nextSyncToken: z.string().optional()
});

const CheckpointSchema = z.object({
    syncToken: z.string()
});

const sync = createSync({
    description: 'Keep the events of one calendar fresh.',
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: ['https://www.googleapis.com/auth/calendar.events.readonly'],
    checkpoint: CheckpointSchema,
    metadata: z.object({ calendarId: z.string() }),
    models: {
        CalendarEvent: EventSchema
    },

    exec: async (nango) => {
        const { calendarId } = await nango.getMetadata();
        const checkpoint = await nango.getCheckpoint();
        const syncToken = checkpoint?.['syncToken'];
        let pageToken: string | undefined;
        let nextSyncToken: string | undefined;

        // Google hands out the next sync token on the last page only, so this cannot be left to nango.paginate.
        do {
            const config: ProxyConfiguration = {
                // https://developers.google.com/calendar/api/v3/reference/events/list
                endpoint: `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events`,
                params: {
                    maxResults: '2',
                    ...(syncToken && { syncToken: String(syncToken) }),
                    ...(pageToken && { pageToken })
                },
                retries: 3
            };
            const response = await nango.get(config);
            const page = ProviderPageSchema.parse(response.data);

            const gone = page.items.filter((event) => event.status === 'cancelled').map((event) => ({ id: event.id }));
            const events = page.items
                .filter((event) => event.status !== 'cancelled')
                .map((event) => {
                    const start = event.start?.dateTime ?? event.start?.date;
                    const end = event.end?.dateTime ?? event.end?.date;
                    return {
                        id: event.id,
                        status: event.status,
                        ...(event.summary !== undefined && { summary: event.summary }),
                        ...(start !== undefined && { start }),
                        ...(end !== undefined && { end }),
                        ...(event.htmlLink !== undefined && { htmlLink: event.htmlLink })
                    };
                });
            if (events.length > 0) {
                await nango.batchSave(events, 'CalendarEvent');
            }
            if (gone.length > 0) {
                await nango.batchDelete(gone, 'CalendarEvent');
            }
            pageToken = page.nextPageToken;
            nextSyncToken = page.nextSyncToken;
        } while (pageToken !== undefined);

        if (nextSyncToken !== undefined) {
            await nango.saveCheckpoint({ syncToken: nextSyncToken });
        }
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
