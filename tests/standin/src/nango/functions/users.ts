import { createSync } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const UserSchema = z.object({
    id: z.string(),
    name: z.string(),
    email: z.string().optional(),
    isAdmin: z.boolean(),
    isBot: z.boolean()
});

const ProviderAnswerSchema = z.object({
    ok: z.boolean(),
    error: z.string().optional(),
    members: z
        .array(
            z.object({
                id: z.string(),
                name: z.string(),
                deleted: z.boolean().optional(),
                is_admin: z.boolean().optional(),
                is_bot: z.boolean().optional(),
                profile: z.object({ email: z.string().optional() })
            })
        )
        .optional(),
    response_metadata: z.object({ next_cursor: z.string().optional() }).optional()
});

const sync = createSync({
    description: 'Keep the members of the workspace fresh.',
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: ['users:read', 'users:read.email'],
    models: {
        SlackUser: UserSchema
    },

    exec: async (nango) => {
        await nango.trackDeletesStart('SlackUser');

        let cursor: string | undefined;
        // Slack answers 200 even when it refuses. nango.paginate would take that for the last page, and everybody for deleted.
        do {
            const config: ProxyConfiguration = {
                // https://api.slack.com/methods/users.list
                endpoint: '/users.list',
                params: {
                    limit: '2',
                    ...(cursor && { cursor })
                },
                retries: 3
            };
            const response = await nango.get(config);
            const answer = ProviderAnswerSchema.parse(response.data);
            if (!answer.ok || !answer.members) {
                throw new Error(`Slack refused: ${answer.error ?? 'no reason given'}`);
            }
            const present = answer.members
                .filter((user) => !user.deleted)
                .map((user) => ({
                    id: user.id,
                    name: user.name,
                    ...(user.profile.email !== undefined && { email: user.profile.email }),
                    isAdmin: user.is_admin ?? false,
                    isBot: user.is_bot ?? false
                }));
            if (present.length > 0) {
                await nango.batchSave(present, 'SlackUser');
            }
            cursor = answer.response_metadata?.next_cursor;
        } while (cursor);

        await nango.trackDeletesEnd('SlackUser');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
