import { createAction } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    cursor: z.string().optional().describe('Where to go on, from the answer before.'),
    limit: z.number().optional().describe('How many channels at most. Example: 100')
});

const ChannelSchema = z.object({
    id: z.string(),
    name: z.string(),
    isPrivate: z.boolean(),
    memberCount: z.number().optional()
});

const ProviderAnswerSchema = z.object({
    ok: z.boolean(),
    error: z.string().optional(),
    channels: z
        .array(
            z.object({
                id: z.string(),
                name: z.string(),
                is_private: z.boolean(),
                num_members: z.number().optional()
            })
        )
        .optional(),
    response_metadata: z.object({ next_cursor: z.string().optional() }).optional()
});

const OutputSchema = z.object({
    channels: z.array(ChannelSchema),
    nextCursor: z.string().optional()
});

const action = createAction({
    description: 'List the public channels of the workspace.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['channels:read'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const config: ProxyConfiguration = {
            // https://api.slack.com/methods/conversations.list
            endpoint: '/conversations.list',
            params: {
                exclude_archived: 'true',
                limit: String(input.limit ?? 100),
                ...(input.cursor !== undefined && { cursor: input.cursor })
            },
            retries: 3
        };
        const response = await nango.get(config);
        const answer = ProviderAnswerSchema.parse(response.data);
        // Slack answers 200 even when it refuses.
        if (!answer.ok) {
            throw new nango.ActionError({
                type: 'slack_error',
                message: answer.error ?? 'Slack refused without a reason.'
            });
        }

        const nextCursor = answer.response_metadata?.next_cursor;
        return {
            channels: (answer.channels ?? []).map((channel) => ({
                id: channel.id,
                name: channel.name,
                isPrivate: channel.is_private,
                ...(channel.num_members !== undefined && { memberCount: channel.num_members })
            })),
            ...(nextCursor && { nextCursor })
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
