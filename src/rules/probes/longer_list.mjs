// A list of an answer gets further things: what the function does with each thing it has to do with them, too. Who passes on
// the first two, or as many as the sample had, is found. What looks alike: one thing that is looked for, things that the input
// names, a limit that was given, a count. So two things at least must have been passed on in the same way. Honest functions: 0 of 737.
import { failed, notApplicable, passed, unknown } from './engine.mjs';
import { isSaved, withMore } from './pages.mjs';
import { another, givenTo, isBatch, isIn, knownOf, listsOf, passedOn } from './things.mjs';
import { leaves } from './values.mjs';

const LISTS = 6;
/** So many things are added at most. */
const MOST = 5;

/** How many may be added before one who holds to a number that he was given has to leave one out. */
function room(bench, { entry, things, all }, through) {
    const given = givenTo(bench, entry).flatMap((value) => leaves(value));
    const numbers = given.map(({ value }) => (value === '' || value === null || typeof value === 'boolean' ? NaN : Number(value)));
    const left = numbers.filter((number) => number >= through).map((number) => number - [all, things.length, through].find((count) => number >= count));
    return Math.min(MOST, through, ...left);
}

/** Which of the things that were added did not come through; nothing when the run says nothing. */
async function missing(bench, known, list, chosen, how) {
    const made = chosen.map((one) => ({ ...one, ...another(one, known, how) }));
    if (made.some(({ added }) => added === undefined)) {
        return undefined;
    }
    let first;
    const end = await bench.run({
        // What is asked for one of them was recorded for its model.
        heard: (text) => made.reduce((heard, { from, to }) => (typeof to === 'string' && to.length >= 3 ? heard.replaceAll(to, from) : heard), text),
        answer: (answer, _number, identity, from) => {
            if (from !== list.entry) {
                return answer;
            }
            // Who counts what came may ask for a page that was never recorded: there is nothing on it.
            first ??= identity.requestIdentityHash;
            return withMore(answer, list.path, first === identity.requestIdentityHash ? structuredClone(made.map(({ added }) => added)) : undefined);
        }
    });
    if (end.stopped || end.error !== undefined) {
        return undefined;
    }
    return made.filter((one) => !isIn(end, bench, known, one, one.added));
}

/** How many of them did not come through, whatever they are called; nothing when no run says anything. */
async function leastMissing(bench, known, list, chosen) {
    const byName = await missing(bench, known, list, chosen, 'name');
    if (byName?.length === 0) {
        return 0;
    }
    // Who keeps each thing once by another field takes those for the same.
    const byAll = await missing(bench, known, list, chosen, 'all');
    return byAll === undefined && byName === undefined ? undefined : Math.min(...[byName, byAll].filter(Boolean).map((left) => left.length));
}

export async function run(bench) {
    const known = knownOf(bench);
    const lists = listsOf(bench).filter((list) => !isBatch(bench, list));
    const through = lists.map((list) => ({ list, things: passedOn(bench, known, list) })).filter(({ things }) => things.length > 1);
    const tried = through.map(({ list, things }) => ({ list, chosen: things.slice(0, room(bench, list, things.length)) })).filter(({ chosen }) => chosen.length > 0);
    if (tried.length === 0) {
        return notApplicable('it passes on no two things of a list to which there might be more');
    }
    const cut = [];
    let heard = 0;
    for (const { list, chosen } of bench.tries(tried, LISTS)) {
        const left = await leastMissing(bench, known, list, chosen);
        heard += left === undefined ? 0 : 1;
        if (left > 0) {
            cut.push({ list, shown: `${chosen.length} more were put at the end of ${list.place}, each like one that came through\n${left} of them did not` });
        }
    }
    if (cut.length > 0) {
        // Records that are missing are worse than an answer that is cut short, perhaps on purpose.
        const extent = cut.some(({ list }) => isSaved(bench, list.things)) ? 'whole' : 'part';
        return failed(cut.map(({ shown }) => shown).join('\n'), extent);
    }
    return heard > 0 ? passed() : unknown('it failed with every longer list');
}
