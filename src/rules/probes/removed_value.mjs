// A value of an answer is taken away: the output must do without it, or the function fail. What stands in its place then was
// in no answer.
import { failed, leaves, notApplicable, passed } from './engine.mjs';

const VALUES = 24;
/** A word may be a constant, a number or an address is data. */
const isTelling = (value) => (typeof value === 'string' ? value.length >= 3 && /\d|@|:\/\//.test(value) : typeof value === 'number' && Math.abs(value) >= 100);

/** The same value without one leaf. */
function without(value, path) {
    const copy = structuredClone(value);
    const holder = path.slice(0, -1).reduce((part, key) => part[key], copy);
    if (Array.isArray(holder)) {
        return undefined;
    }
    delete holder[path.at(-1)];
    return copy;
}

export async function run(bench) {
    const output = leaves(JSON.parse(bench.baseline.output));
    const shown = new Map(output.map(({ path, value }) => [JSON.stringify(value), path]));
    const known = [bench.recording.input ?? null, ...bench.recorded.map(({ entry }) => entry.response)];
    const counts = new Map();
    for (const { value } of known.flatMap((value) => leaves(value))) {
        counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
    }
    const given = JSON.stringify([known, bench.baseline.requests, bench.recording.nango ?? null]);
    const invented = [];
    const most = bench.tries(VALUES);
    let tried = 0;
    for (const { entry } of bench.recorded) {
        for (const { path, value } of leaves(entry.response)) {
            const place = shown.get(JSON.stringify(value));
            if (tried >= most || path.length === 0 || !isTelling(value) || place === undefined || counts.get(JSON.stringify(value)) !== 1) {
                continue;
            }
            const changed = without(entry.response, path);
            // It may stand in a longer text, or be the name of what holds it.
            if (changed === undefined || JSON.stringify(changed).includes(String(value))) {
                continue;
            }
            tried += 1;
            const end = await bench.run({ answer: (answer, _number, _identity, from) => (from === entry ? structuredClone(changed) : answer) });
            if (end.error !== undefined || end.stopped) {
                continue;
            }
            const instead = place.reduce((part, key) => part?.[key], JSON.parse(end.output));
            if (isTelling(instead) && (instead === value || !given.includes(JSON.stringify(instead).slice(1, -1)))) {
                invented.push(`${path.join('.')}: ${JSON.stringify(value)} was taken away\n${place.join('.')} is ${JSON.stringify(instead)}`);
            }
        }
    }
    if (tried === 0) {
        return notApplicable('no value of the output stands in one place of an answer');
    }
    return invented.length === 0 ? passed() : failed(invented.join('\n'), 'part');
}
