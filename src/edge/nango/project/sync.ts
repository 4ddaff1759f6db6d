import { createSync } from 'nango';
import { z } from 'zod';

__DOCS__
const __MODEL__Schema = z.object({
    id: z.string()
});

const sync = createSync({
    description: __DESCRIPTION__,
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: [],
    models: {
        __MODEL__: __MODEL__Schema
    },

    exec: async (nango) => {
        await nango.log('This function is still the scaffold.');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
