// The input is changed, leaf by leaf: requests or output must follow. Honest functions: in 2 of 151 one leaf changes neither.
import { failed, leaves, notApplicable, other, passed, replaced } from './engine.mjs';

export const name = 'changed-input';
const LEAVES = 24;

export async function run(bench) {
    const input = bench.recording.input;
    const tried = leaves(input ?? null)
        .filter(({ path, value }) => path.length > 0 && other(value) !== undefined)
        .slice(0, LEAVES);
    if (tried.length === 0) {
        return notApplicable('it has no input');
    }
    const ignored = [];
    for (const { path, value } of tried) {
        const end = await bench.run({ input: replaced(input, path, other(value)) });
        const same = end.error === undefined && end.output === bench.baseline.output && String(end.requests) === String(bench.baseline.requests);
        if (same) {
            ignored.push(`${path.join('.')}: ${JSON.stringify(value)} was changed to ${JSON.stringify(other(value))}`);
        }
    }
    return ignored.length === 0 ? passed() : failed(`${ignored.join('\n')}\nrequests and output stayed as they were`, 'part');
}
