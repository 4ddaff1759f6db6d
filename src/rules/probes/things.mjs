// The things of a list: which of them a function passes on, and what others of their kind look like.
import { at, identityOf, renamed } from './pages.mjs';
import { leaves } from './values.mjs';

const isTelling = (value) => (typeof value === 'string' ? value.length >= 3 : typeof value === 'number' && Math.abs(value) >= 100);
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isIndex = (key) => /^\d+$/.test(key);
const textsOf = (value) => leaves(value).filter((leaf) => isTelling(leaf.value)).map((leaf) => JSON.stringify(leaf.value));

/** The value with each of its leaves put through `change`. */
function mapped(value, change) {
    if (Array.isArray(value)) {
        return value.map((part) => mapped(part, change));
    }
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapped(part, change)])) : change(value);
}

/** The places of all lists of things in an answer. A list within a thing is data of that thing. */
function listsIn(value, path = []) {
    if (Array.isArray(value)) {
        return value.length > 1 && value.every(isObject) ? [path] : [];
    }
    return isObject(value) && path.length < 4 ? Object.entries(value).flatMap(([key, part]) => listsIn(part, [...path, key])) : [];
}

/** What is known from the whole recording: how often each telling value was answered, and what was shown and where. */
export function knownOf(bench) {
    const counts = new Map();
    for (const { text } of bench.answered.filter(({ value }) => isTelling(value))) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const shown = new Map();
    for (const { path, value } of leaves(JSON.parse(bench.baseline.output))) {
        if (isTelling(value) && path.some(isIndex)) {
            const text = JSON.stringify(value);
            shown.set(text, (shown.get(text) ?? new Set()).add(path.filter((key) => !isIndex(key)).join('.')));
        }
    }
    return { counts, shown };
}

/** The lists of the recording: of each call the last page, and all that its pages hold. */
export function listsOf(bench) {
    const lists = new Map();
    for (const { method, endpoint, entry } of bench.recorded) {
        for (const path of listsIn(entry.response)) {
            const place = `${path.join('.') || 'the list'} of ${method} ${endpoint}`;
            const things = at(entry.response, path);
            lists.set(place, { place, entry, path, things, all: (lists.get(place)?.all ?? 0) + things.length });
        }
    }
    return [...lists.values()];
}

/** What was known before an answer came. What a sync saved is kept beside what it was given. */
export function givenTo(bench, entry) {
    const { getMetadata, getConnection } = bench.recording.nango ?? {};
    return [bench.recording.input, getMetadata, getConnection, entry.request].map((value) => value ?? null);
}

/** Whether a list is as long as one that was sent: the answer to a batch. */
export function isBatch(bench, { entry, things }) {
    const isAsLong = (value) => {
        if (Array.isArray(value)) {
            return value.length === things.length || value.some(isAsLong);
        }
        return isObject(value) && Object.values(value).some(isAsLong);
    };
    return givenTo(bench, entry).some(isAsLong);
}

/** The things of a list that the function passes on: in one place of the output, or with a call for each. */
export function passedOn(bench, { counts, shown }, { entry, things }) {
    const given = JSON.stringify(givenTo(bench, entry));
    const places = new Map();
    const called = [];
    // Of a long body only the hash is known, so it cannot be seen for which thing a call is.
    if (bench.baseline.requests.length > 1 && bench.baseline.requests.some((request) => request.includes('"sha1:'))) {
        return [];
    }
    for (const thing of things) {
        const texts = Map.groupBy(textsOf(thing), (text) => text);
        const own = [...texts].filter(([text, here]) => counts.get(text) === here.length && !given.includes(text.replaceAll('"', ''))).map(([text]) => text);
        const name = thing[identityOf(thing)];
        const isNamed = ['string', 'number'].includes(typeof name);
        if (isNamed && given.includes(String(name))) {
            continue;
        }
        if (isNamed && String(name).length >= 3 && bench.baseline.requests.some((request) => request.includes(String(name)))) {
            called.push({ thing, own });
        } else if (isNamed && !own.includes(JSON.stringify(name))) {
            // Another answer knows it by that name: one of another name would have no place there.
            continue;
        }
        for (const place of new Set(own.flatMap((text) => [...(shown.get(text) ?? [])]))) {
            places.set(place, [...(places.get(place) ?? []), { thing, own }]);
        }
    }
    return [...places.values(), called].sort((a, b) => b.length - a.length)[0];
}

/**
 * Another thing of the same kind that no answer holds: under another name alone, or with `all` changed that is its own.
 * Nothing where it could not be told from its model.
 */
export function another({ thing, own }, { counts }, how) {
    const fresh = (value) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((by) => renamed(value, by)).find((one) => !counts.has(JSON.stringify(one)));
    const key = identityOf(thing);
    const name = key === undefined ? undefined : fresh(thing[key]);
    // A day keeps its form only by chance.
    const isDay = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value);
    const change = (value) => (how === 'all' && !isDay(value) && own.includes(JSON.stringify(value)) ? (fresh(value) ?? value) : value);
    const added = { ...mapped(thing, change), ...(name !== undefined && { [key]: name }) };
    return JSON.stringify(added) === JSON.stringify(thing) ? undefined : { added, from: thing[key], to: added[key] };
}

/** Whether a thing that was added is in the outcome: a value that only it has, or its model's once more than before. */
export function isIn(end, bench, { counts }, { own }, added) {
    const fresh = textsOf(added).filter((text) => !counts.has(text)).map((text) => text.replaceAll('"', ''));
    const asked = end.requests.join('\n');
    const times = (outcome, text) => outcome.output.split(text).length;
    return fresh.some((text) => end.output.includes(text) || asked.includes(text)) || own.some((text) => times(end, text) > times(bench.baseline, text));
}
