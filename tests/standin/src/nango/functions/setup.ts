import { createOnEvent } from 'nango';
import { z } from 'zod';

const ProviderAnswerSchema = z.object({
    ok: z.boolean(),
    error: z.string().optional(),
    team_id: z.string().optional()
});

const onEvent = createOnEvent({
    event: 'post-connection-creation',
    description: 'Keep which workspace somebody has connected.',
    version: '1.0.0',
    metadata: z.object({ teamId: z.string() }),

    exec: async (nango) => {
        // https://api.slack.com/methods/auth.test
        const response = await nango.get({ endpoint: '/auth.test', retries: 3 });
        const answer = ProviderAnswerSchema.parse(response.data);
        if (!answer.ok || answer.team_id === undefined) {
            throw new Error(`Slack refused: ${answer.error ?? 'no reason given'}`);
        }
        await nango.updateMetadata({ teamId: answer.team_id });
    }
});

export type NangoOnEventLocal = Parameters<(typeof onEvent)['exec']>[0];
export default onEvent;
