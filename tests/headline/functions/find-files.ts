import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    limit: z.number().optional().describe('The most files on a page, at most 1000. Example: 3'),
    cursor: z.string().optional().describe('Where the page before ended.')
});

const ProviderFilesSchema = z.object({
    files: z.array(z.object({ id: z.string(), name: z.string(), mimeType: z.string() })),
    nextPageToken: z.string().optional()
});

const OutputSchema = z.object({
    files: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
    nextCursor: z.string().optional()
});

const action = createAction({
    description: 'One page of the files that the account can see.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/drive.metadata.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.get({
            // https://developers.google.com/drive/api/reference/rest/v3/files/list
            endpoint: '/drive/v3/files',
            params: {
                pageSize: String(input.limit ?? 100),
                ...(input.cursor !== undefined && { pageToken: input.cursor })
            },
            retries: 3
        });
        const page = ProviderFilesSchema.parse(response.data);
        return {
            files: page.files.map((file) => ({ id: file.id, name: file.name, type: file.mimeType })),
            ...(page.nextPageToken !== undefined && { nextCursor: page.nextPageToken })
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
