// Written by ada, before there was Countersign.
import { createAction } from 'nango';
import { z } from 'zod';

const ProviderAnswer = z.object({
    ok: z.boolean(),
    error: z.string().optional(),
    channels: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
    response_metadata: z.object({ next_cursor: z.string().optional() }).optional()
});

const Output = z.object({
    channels: z.array(z.object({ id: z.string(), name: z.string() })),
    nextCursor: z.string().optional()
});

const action = createAction({
    description: 'Browse the public channels of the workspace.',
    version: '1.0.0',
    input: z.object({ cursor: z.string().optional() }),
    output: Output,
    scopes: ['channels:read'],

    exec: async (nango, input): Promise<z.infer<typeof Output>> => {
        const response = await nango.get({
            // https://api.slack.com/methods/conversations.list
            endpoint: '/conversations.list',
            params: { exclude_archived: 'true', limit: '100', ...(input.cursor !== undefined && { cursor: input.cursor }) },
            retries: 3
        });
        const answer = ProviderAnswer.parse(response.data);

        const nextCursor = answer.response_metadata?.next_cursor;
        return {
            channels: (answer.channels ?? []).map((channel) => ({
                id: channel.id,
                name: channel.name
            })),
            ...(nextCursor && { nextCursor })
        };
    }
});

export default action;
