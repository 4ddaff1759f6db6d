// A list that comes in three pages: the function reads all of them, or tells its caller where the next one is.
import { failed, leaves, notApplicable, passed, unknown } from './engine.mjs';
import { at, CURSORS, inPages, isSaved, paged } from './pages.mjs';

export async function run(bench) {
    const paging = paged(bench);
    if (paging === undefined) {
        return notApplicable('no answer is known to come in pages');
    }
    const end = await bench.run({ answer: inPages(paging) });
    if (end.stopped) {
        return unknown(end.stopped);
    }
    const [second, third] = CURSORS.map((cursor) => end.requests.some((request) => request.includes(cursor)));
    // A sync may keep the place for its next run.
    const kept = JSON.stringify(end.checkpoints);
    const told = CURSORS.some((cursor) => end.output.includes(cursor) || kept.includes(cursor));
    if (third || told) {
        return third && isAlone(bench, paging) ? allSaved(bench, paging, end) : passed();
    }
    if (end.error !== undefined) {
        return unknown(`it failed: ${end.error}`);
    }
    const where = `${paging.place} answered with ${paging.cursor.join('.')}: ${JSON.stringify(CURSORS[second ? 1 : 0])}`;
    // Records that are missing are worse than a list in which something is looked up.
    const extent = paging.shown && isSaved(bench, at(paging.pages[0], paging.list)) ? 'whole' : 'part';
    return failed(`${where}\nnothing was asked for after that, and the output does not name it`, extent);
}

/** Whether the function's records come from the list alone: what is asked for each item was recorded for those of the first page. */
function isAlone(bench, { method, endpoint }) {
    return bench.job.kind === 'sync' && bench.baseline.places.every((place) => place === `${method} ${endpoint}`);
}

/** Whether the records of the later pages were saved, when those of the first are. */
function allSaved(bench, paging, end) {
    const { list, pages } = paging;
    const ofPage = (page) => leaves(at(pages[page], list)).map(({ value }) => JSON.stringify(value));
    const first = new Set(ofPage(0));
    const saved = new Set(leaves(JSON.parse(end.output)).map(({ value }) => JSON.stringify(value)));
    if (![...first].some((value) => saved.has(value) && !ofPage(1).includes(value))) {
        return passed();
    }
    for (const page of [1, 2]) {
        const own = ofPage(page).filter((value) => !first.has(value));
        if (own.length > 0 && !own.some((value) => saved.has(value))) {
            return failed(`page ${page + 1} of ${paging.place} was read, and nothing of it was saved: ${own.slice(0, 3).join(', ')}`, 'part');
        }
    }
    return passed();
}
