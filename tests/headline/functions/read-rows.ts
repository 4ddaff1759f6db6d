import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    spreadsheetId: z.string().describe('The id of the spreadsheet.'),
    range: z.string().describe('What is read, in A1 notation. Example: "Sheet1!A1:B10"')
});

const ProviderRangeSchema = z.object({
    range: z.string(),
    values: z.array(z.array(z.unknown())).optional()
});

const OutputSchema = z.object({
    range: z.string(),
    rows: z.array(z.array(z.string()))
});

const action = createAction({
    description: 'Read a range of a spreadsheet.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/spreadsheets.readonly'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.get({
            // https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets.values/get
            endpoint: `/v4/spreadsheets/${encodeURIComponent(input.spreadsheetId)}/values/${encodeURIComponent(input.range)}`,
            retries: 3
        });
        const found = ProviderRangeSchema.parse(response.data);
        return {
            range: found.range,
            rows: (found.values ?? []).map((row) => row.map((cell) => String(cell)))
        };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
