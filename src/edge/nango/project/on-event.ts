import { createOnEvent } from 'nango';

__DOCS__
const onEvent = createOnEvent({
    event: '__EVENT__',
    description: __DESCRIPTION__,
    version: '1.0.0',

    exec: async (nango) => {
        await nango.log('This function is still the scaffold.');
    }
});

export type NangoOnEventLocal = Parameters<(typeof onEvent)['exec']>[0];
export default onEvent;
