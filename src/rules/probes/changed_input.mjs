// The input is changed, leaf by leaf, to values near and far: requests or output must follow once. Honest functions: in 2 of 150
// one leaf changes neither.
import { failed, notApplicable, passed } from './engine.mjs';
import { leaves, others, replaced } from './values.mjs';

const LEAVES = 24;

export async function run(bench) {
    const input = bench.recording.input;
    const tried = leaves(input ?? null)
        .filter(({ path, value }) => path.length > 0 && others(value).length > 0);
    if (tried.length === 0) {
        return notApplicable('it has no input');
    }
    const ignored = [];
    const follows = async (path, changed) => {
        const end = await bench.run({ input: replaced(input, path, changed) });
        return end.error !== undefined || end.output !== bench.baseline.output || String(end.requests) !== String(bench.baseline.requests);
    };
    for (const { path, value } of bench.tries(tried, LEAVES)) {
        let followed = false;
        // A near value may make no difference to this sample; one of them has to.
        for (const changed of others(value)) {
            followed ||= await follows(path, changed);
        }
        if (!followed) {
            const all = others(value).map((changed) => JSON.stringify(changed));
            ignored.push(`${path.join('.')}: ${JSON.stringify(value)} was changed to ${all.join(', ')}`);
        }
    }
    return ignored.length === 0 ? passed() : failed(`${ignored.join('\n')}\nrequests and output stayed as they were`, 'part');
}
