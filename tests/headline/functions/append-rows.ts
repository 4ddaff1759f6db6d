import { createAction } from 'nango';
import { z } from 'zod';

const InputSchema = z.object({
    spreadsheetId: z.string().describe('The id of the spreadsheet.'),
    range: z.string().describe('A cell of the table that is added to. Example: "Sheet1!A1"'),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean()]))).describe('The new rows.')
});

const ProviderUpdateSchema = z.object({
    updates: z.object({
        updatedRange: z.string(),
        updatedRows: z.number(),
        updatedCells: z.number()
    })
});

const OutputSchema = z.object({
    range: z.string(),
    rows: z.number(),
    cells: z.number()
});

const action = createAction({
    description: 'Append rows below a table of a spreadsheet.',
    version: '1.0.0',
    input: InputSchema,
    output: OutputSchema,
    scopes: ['https://www.googleapis.com/auth/spreadsheets'],

    exec: async (nango, input): Promise<z.infer<typeof OutputSchema>> => {
        const response = await nango.post({
            // https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets.values/append
            endpoint: `/v4/spreadsheets/${encodeURIComponent(input.spreadsheetId)}/values/${encodeURIComponent(input.range)}:append`,
            params: { valueInputOption: 'USER_ENTERED' },
            data: { values: input.rows },
            retries: 0
        });
        const { updates } = ProviderUpdateSchema.parse(response.data);
        return { range: updates.updatedRange, rows: updates.updatedRows, cells: updates.updatedCells };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
