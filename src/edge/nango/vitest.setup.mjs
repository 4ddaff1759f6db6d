import { NangoActionMock, NangoSyncMock } from 'nango/test';

Object.assign(globalThis, { vitest: { NangoActionMock, NangoSyncMock } });
