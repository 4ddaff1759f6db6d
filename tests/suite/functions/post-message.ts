import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    channel: z.string().describe('The id of the channel. Example: "C00000001"'),
    text: z.string().describe('What is said.')
});

const ProviderSchema = z.object({
    ok: z.boolean(),
    error: z.string().optional(),
    channel: z.string().optional(),
    ts: z.string().optional()
});

const OutputSchema = z.object({ channel: z.string(), ts: z.string() });

const action = createAction({
    description: 'Post a message to a channel.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['chat:write'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.post({
            // https://api.slack.com/methods/chat.postMessage
            endpoint: '/chat.postMessage',
            data: { channel: input.channel, text: input.text },
            retries: 0
        });
        const answer = ProviderSchema.parse(response.data);
        if (!answer.ok || answer.channel === undefined || answer.ts === undefined) {
            throw new nango.ActionError({ type: 'slack_error', message: answer.error ?? 'Slack gave no reason.' });
        }
        return { channel: answer.channel, ts: answer.ts };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
