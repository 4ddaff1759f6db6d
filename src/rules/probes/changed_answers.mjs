// Canaries: a value of an answer that stands in the output is changed, and the output must follow. Where none follows, the
// output does not come from the API. Honest functions: 3,914 of 3,920 values are followed.
import { failed, leaves, notApplicable, other, passed, replaced } from './engine.mjs';

const VALUES = 24;

/** Too small to be known by its value alone. */
const isSmall = (value) => typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) < 100);

/** What a place is called, its letters only: `is_private` is `isPrivate`. */
const nameOf = (path) => String(path.findLast((key) => !/^\d+$/.test(key)) ?? '').replaceAll(/[^a-z]/gi, '').toLowerCase();

const smallByName = (value) => Map.groupBy(leaves(value).filter((leaf) => isSmall(leaf.value)), ({ path }) => nameOf(path));

/** The same answer with every small value of a name changed. */
function turned(value, name, path = []) {
    if (value !== null && typeof value === 'object') {
        const parts = Object.entries(value).map(([key, part]) => [key, turned(part, name, [...path, key])]);
        return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
    }
    return isSmall(value) && nameOf(path) === name ? other(value) : value;
}

/**
 * Fields of the output that have the name and the values of a field of the answers. It is changed in all answers at once,
 * because one thing may stand in several of them.
 */
async function ignoredFields(bench) {
    const given = smallByName(bench.recording.input ?? null);
    const answered = smallByName(bench.recorded.map(({ entry }) => entry.response));
    const telling = [...smallByName(JSON.parse(bench.baseline.output))].filter(([name, shown]) => {
        const values = new Set(answered.get(name)?.map(({ value }) => value));
        return !given.has(name) && shown.every(({ value }) => values.has(value));
    });
    const ignored = [];
    for (const [name, shown] of telling.slice(0, bench.tries(VALUES))) {
        const end = await bench.run({ answer: (answer) => turned(answer, name) });
        if (end.error === undefined && !end.stopped && end.output === bench.baseline.output) {
            ignored.push(`every ${name} of the answers was changed, ${shown[0].path.join('.')} is still ${JSON.stringify(shown[0].value)}`);
        }
    }
    return ignored;
}

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
    const extent = followed === 0 && ignored.length > 1 ? 'whole' : 'part';
    ignored.push(...(await ignoredFields(bench)));
    if (followed + ignored.length === 0) {
        return notApplicable('no value of the output stands in one place of an answer');
    }
    return ignored.length === 0 ? passed() : failed(`${ignored.join('\n')}\nthe output stayed as it was`, extent);
}
