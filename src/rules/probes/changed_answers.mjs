// Canaries: a value of an answer that stands in the output is changed, and the output must follow. Where none follows, the
// output does not come from the API. Honest functions: 3,914 of 3,920 values are followed.
import { failed, notApplicable, passed } from './engine.mjs';
import { leaves, other, replaced } from './values.mjs';

const VALUES = 24;

/** Too small to be known by its value alone. */
const isSmall = (value) => typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) < 100);

/** What a place is called, its letters only: `is_private` is `isPrivate`. */
const nameOf = (path) => String(path.findLast((key) => !/^\d+$/.test(key)) ?? '').replaceAll(/[^a-z]/gi, '').toLowerCase();

const smallByName = (found) => Map.groupBy(found.filter((leaf) => isSmall(leaf.value)), ({ path }) => nameOf(path));

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
    const given = smallByName(leaves(bench.recording.input ?? null));
    const answered = smallByName(bench.answered);
    const telling = [...smallByName(leaves(JSON.parse(bench.baseline.output)))].filter(([name, shown]) => {
        const values = new Set(answered.get(name)?.map(({ value }) => value));
        return !given.has(name) && shown.every(({ value }) => values.has(value));
    });
    const ignored = [];
    for (const [name, shown] of bench.tries(telling, VALUES)) {
        const end = await bench.run({ answer: (answer) => turned(answer, name) });
        if (end.error === undefined && !end.stopped && end.output === bench.baseline.output) {
            ignored.push(`every ${name} of the answers was changed, ${shown[0].path.join('.')} is still ${JSON.stringify(shown[0].value)}`);
        }
    }
    return ignored;
}

/** Where a value stands, whichever item of a list it is in. */
const placeOf = (path) => path.filter((key) => !/^\d+$/.test(key)).join('.');

const smallNumbersByPlace = (value) =>
    Map.groupBy(
        leaves(value).filter((leaf) => typeof leaf.value === 'number' && isSmall(leaf.value) && placeOf(leaf.path) !== leaf.path.join('.')),
        ({ path }) => placeOf(path)
    );

const distinct = (shown) => new Set(shown.map(({ value }) => value));

/** So many things of a list make a constant of what is the same in all of them. */
const THINGS = 3;

/**
 * Numbers of the output that are the same in every thing of a list, although the answers have that number in a field that
 * differs from thing to thing: all small numbers of all answers are changed at once, and these must not stay.
 */
async function constantNumbers(bench) {
    const answered = smallNumbersByPlace(bench.recorded.map(({ entry }) => entry.response));
    const differing = new Set([...answered.values()].filter((shown) => distinct(shown).size > 1).flatMap((shown) => [...distinct(shown)]));
    // Zero stands for what is not there, and a text of digits is a number, too.
    const texts = new Set(bench.answered.map(({ value }) => (typeof value === 'string' ? value : '')));
    const isTelling = (value) => value !== 0 && differing.has(value) && !texts.has(String(value));
    const telling = [...smallNumbersByPlace(JSON.parse(bench.baseline.output))].filter(
        ([, shown]) => shown.length >= THINGS && distinct(shown).size === 1 && isTelling(shown[0].value)
    );
    if (telling.length === 0) {
        return [];
    }
    const changed = (value) => {
        if (value !== null && typeof value === 'object') {
            return Array.isArray(value) ? value.map(changed) : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, changed(part)]));
        }
        return typeof value === 'number' && isSmall(value) ? other(value) : value;
    };
    const end = await bench.run({ answer: (answer) => changed(answer) });
    if (end.error !== undefined || end.stopped) {
        return [];
    }
    const after = smallNumbersByPlace(JSON.parse(end.output));
    const stays = ([place, shown]) => after.has(place) && after.get(place).every(({ value }) => value === shown[0].value);
    return telling.filter(stays).map(([place, shown]) => `every small number of the answers was changed, ${place} is still ${shown[0].value} in all ${shown.length} things`);
}

export async function run(bench) {
    const before = bench.baseline.output;
    const given = new Set(leaves(bench.recording.input ?? null).map((leaf) => JSON.stringify(leaf.value)));
    const shown = new Set(leaves(JSON.parse(before)).map((leaf) => JSON.stringify(leaf.value)));
    const telling = (value) => (typeof value === 'string' ? value.length >= 3 : typeof value === 'number' && Math.abs(value) >= 100);
    const canaries = [];
    const counts = new Map();
    for (const { path, value, text, entry } of bench.answered) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
        if (telling(value) && shown.has(text) && !given.has(text)) {
            canaries.push({ path, value, text, entry });
        }
    }
    // A value that stands in several places may be taken from any of them.
    const sure = canaries.filter((canary) => counts.get(canary.text) === 1);
    const ignored = [];
    let followed = 0;
    for (const { path, value, entry } of bench.tries(sure, VALUES)) {
        const changed = other(value);
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
    ignored.push(...(await ignoredFields(bench)), ...(await constantNumbers(bench)));
    if (followed + ignored.length === 0) {
        return notApplicable('no value of the output stands in one place of an answer');
    }
    return ignored.length === 0 ? passed() : failed(`${ignored.join('\n')}\nthe output stayed as it was`, extent);
}
