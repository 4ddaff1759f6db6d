import { createAction } from 'nango';
import { z } from 'zod';

__DOCS__
const InputSchema = z.object({});

const OutputSchema = z.object({});

const action = createAction({
    description: __DESCRIPTION__,
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: [],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        throw new nango.ActionError({
            type: 'not_written_yet',
            message: 'This function is still the scaffold.',
            input: Object.keys(input)
        });
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
