import { NangoActionMock, NangoSyncMock } from 'nango/test';

// The tests that `nango generate:tests` writes look for the mocks here.
Object.assign(globalThis, { vitest: { NangoActionMock, NangoSyncMock } });
