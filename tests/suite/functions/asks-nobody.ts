import { createAction } from 'nango';
import { z } from 'zod';

const action = createAction({
    description: 'List the public channels of the workspace.',
    version: '1.0.0',
    input: z.object({}),
    output: z.object({ channels: z.array(z.object({ id: z.string(), name: z.string(), isPrivate: z.boolean() })) }),
    scopes: ['channels:read'],

    exec: async () => ({ channels: [{ id: 'C00000000', name: 'general', isPrivate: false }] })
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
