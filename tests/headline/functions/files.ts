import { createSync } from 'nango';
import type { ProxyConfiguration } from 'nango';
import { z } from 'zod';

const FileSchema = z.object({
    id: z.string(),
    name: z.string(),
    type: z.string()
});

const ProviderFileSchema = z.object({
    id: z.string(),
    name: z.string(),
    mimeType: z.string()
});

const sync = createSync({
    description: 'Keep all files that the account can see fresh.',
    version: '1.0.0',
    frequency: 'every hour',
    autoStart: true,
    scopes: ['https://www.googleapis.com/auth/drive.metadata.readonly'],
    models: {
        File: FileSchema
    },

    exec: async (nango) => {
        await nango.trackDeletesStart('File');

        const config: ProxyConfiguration = {
            // https://developers.google.com/drive/api/reference/rest/v3/files/list
            endpoint: '/drive/v3/files',
            paginate: {
                type: 'cursor',
                cursor_path_in_response: 'nextPageToken',
                cursor_name_in_request: 'pageToken',
                limit_name_in_request: 'pageSize',
                limit: 3,
                response_path: 'files'
            },
            retries: 3
        };
        for await (const page of nango.paginate(config)) {
            const files = z.array(ProviderFileSchema).parse(page);
            await nango.batchSave(
                files.map((file) => ({ id: file.id, name: file.name, type: file.mimeType })),
                'File'
            );
        }

        await nango.trackDeletesEnd('File');
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
