// Canaries: a value of an answer that stands in the output is changed, and the output must follow. Where none follows, the
// output does not come from the API. Honest functions: 3,914 of 3,920 values are followed.
import { failed, leaves, notApplicable, other, passed, replaced } from './engine.mjs';

const VALUES = 24;

export async function run(bench) {
    const before = bench.baseline.output;
    const given = new Set(leaves(bench.recording.input ?? null).map((leaf) => JSON.stringify(leaf.value)));
    const shown = new Set(leaves(JSON.parse(before)).map((leaf) => JSON.stringify(leaf.value)));
    const telling = (value) => (typeof value === 'string' ? value.length >= 3 : typeof value === 'number' && Math.abs(value) >= 100);
    const canaries = [];
    const counts = new Map();
    bench.recorded.forEach(({ entry }, number) => {
        for (const { path, value } of leaves(entry.response)) {
            const text = JSON.stringify(value);
            counts.set(text, (counts.get(text) ?? 0) + 1);
            if (telling(value) && shown.has(text) && !given.has(text)) {
                canaries.push({ path, value, text, number });
            }
        }
    });
    // A value that stands in several places may be taken from any of them.
    const tried = canaries.filter((canary) => counts.get(canary.text) === 1).slice(0, bench.tries(VALUES));
    const ignored = [];
    let followed = 0;
    for (const { path, value, number } of tried) {
        const changed = other(value);
        const { entry } = bench.recorded[number];
        const end = await bench.run({
            answer: (answer, _number, _identity, from) => (from === entry ? replaced(answer, path, changed) : answer)
        });
        if (end.error !== undefined || end.stopped || end.output !== before) {
            followed += 1;
        } else {
            ignored.push(`${path.join('.')}: ${JSON.stringify(value)} was changed to ${JSON.stringify(changed)}`);
        }
    }
    if (followed + ignored.length === 0) {
        return notApplicable('no value of the output stands in one place of an answer');
    }
    const extent = followed === 0 && ignored.length > 1 ? 'whole' : 'part';
    return ignored.length === 0 ? passed() : failed(`${ignored.join('\n')}\nthe output stayed as it was`, extent);
}
