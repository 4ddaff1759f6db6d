// A value of an answer is taken away: the output must do without it, or the function fail. What stands in its place then was
// in no answer.
import { failed, notApplicable, passed } from './engine.mjs';
import { at } from './pages.mjs';
import { leaves } from './values.mjs';

const VALUES = 24;
/** A word may be a constant, a number or an address is data. */
const isTelling = (value) => (typeof value === 'string' ? value.length >= 3 && /\d|@|:\/\//.test(value) : typeof value === 'number' && Math.abs(value) >= 100);

/** The same value without one leaf. What lies beside the path is shared. */
function without(value, [key, ...rest]) {
    const copy = Array.isArray(value) ? [...value] : { ...value };
    if (rest.length === 0) {
        delete copy[key];
    } else {
        copy[key] = without(value[key], rest);
    }
    return copy;
}

/** The values of the output that stand in one place of one answer, and in no longer text of it. */
function* single(bench) {
    const shown = new Map(leaves(JSON.parse(bench.baseline.output)).map(({ path, value }) => [JSON.stringify(value), path]));
    const counts = new Map();
    for (const text of [...leaves(bench.recording.input ?? null).map(({ value }) => JSON.stringify(value)), ...bench.answered.map(({ text }) => text)]) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const written = new Map();
    for (const { path, value, text, entry } of bench.answered) {
        // Of a list nothing can be taken away.
        if (path.length === 0 || !isTelling(value) || !shown.has(text) || counts.get(text) !== 1 || Array.isArray(at(entry.response, path.slice(0, -1)))) {
            continue;
        }
        const answer = written.get(entry) ?? JSON.stringify(entry.response);
        written.set(entry, answer);
        // It may stand in a longer text, or be the name of what holds it.
        if (answer.indexOf(String(value)) === answer.lastIndexOf(String(value))) {
            yield { path, value, entry, place: shown.get(text) };
        }
    }
}

export async function run(bench) {
    const known = [bench.recording.input ?? null, ...bench.recorded.map(({ entry }) => entry.response)];
    const given = JSON.stringify([known, bench.baseline.requests, bench.recording.nango ?? null]);
    let tried = 0;
    const invented = [];
    for (const { path, value, entry, place } of bench.tries(single(bench), VALUES)) {
        tried += 1;
        const end = await bench.run({ answer: (answer, _number, _identity, from) => (from === entry ? without(answer, path) : answer) });
        if (end.error !== undefined || end.stopped) {
            continue;
        }
        const instead = at(JSON.parse(end.output), place);
        if (isTelling(instead) && (instead === value || !given.includes(JSON.stringify(instead).slice(1, -1)))) {
            invented.push(`${path.join('.')}: ${JSON.stringify(value)} was taken away\n${place.join('.')} is ${JSON.stringify(instead)}`);
        }
    }
    if (tried === 0) {
        return notApplicable('no value of the output stands in one place of an answer');
    }
    return invented.length === 0 ? passed() : failed(invented.join('\n'), 'part');
}
