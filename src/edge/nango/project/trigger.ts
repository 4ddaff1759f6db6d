// Made by Countersign, for this workspace only. The CLI's dry run knows actions and syncs, so this action calls the on-event
// function beside it, with what Nango calls it with at its event.
import { createAction } from 'nango';
import { z } from 'zod';

import onEvent from '../on-events/__NAME__.js';

const trigger = createAction({
    description: 'Calls the on-event function.',
    version: '1.0.0',
    input: z.any(),
    output: z.null(),

    exec: async (nango) => {
        await onEvent.exec(nango as never);
        return null;
    }
});

export default trigger;
