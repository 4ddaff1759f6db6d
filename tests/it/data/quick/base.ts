import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    id: z.string().describe('The event. Example: "1"'),
    fields: z.array(z.enum(['summary', 'start', 'end'])).optional()
});

const ProviderEventSchema = z.object({
    id: z.string(),
    summary: z.string().nullish(),
    count: z.number().optional()
});

const OutputSchema = z.object({
    id: z.string(),
    summary: z.union([z.string(), z.null()]),
    count: z.number().optional()
});

const action = createAction({
    description: 'Get an event.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.example.com/auth/calendar.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        // https://docs.example.com/calendar/events/get
        const response = await nango.get({
            endpoint: `/calendar/v3/events/${encodeURIComponent(input.id)}`,
            params: { fields: (input.fields ?? ['summary']).join(',') },
            retries: 3
        });
        const event = ProviderEventSchema.parse(response.data);
        return { id: event.id, summary: event.summary ?? null, ...(event.count !== undefined && { count: event.count }) };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
