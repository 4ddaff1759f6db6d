// A list that comes in three pages: the function reads all of them, or tells its caller where the next one is.
import { failed, Headed, notApplicable, passed, unknown } from './engine.mjs';
import { at, isSaved } from './pages.mjs';
import { inPages, paged } from './paging.mjs';
import { leaves } from './values.mjs';

export async function run(bench) {
    const paging = paged(bench);
    if (paging === undefined) {
        return notApplicable('no answer is known to come in pages');
    }
    const asked = new Set();
    const end = await bench.run({ answer: inPages(paging, asked) });
    if (end.stopped) {
        return unknown(end.stopped);
    }
    // A sync may keep the place for its next run.
    const told = paging.isTold(end.output) || paging.isTold(JSON.stringify(end.checkpoints));
    if (asked.has(2) || told) {
        return end.error === undefined && asked.has(2) && isAlone(bench, paging) ? allSaved(bench, paging, end) : passed();
    }
    if (end.error !== undefined) {
        return unknown(`it failed: ${end.error}`);
    }
    const where = `${paging.place} has another page, ${paging.next(asked.has(1) ? 1 : 0)}`;
    // Records that are missing are worse than a list in which something is looked up.
    const extent = paging.shown && isSaved(bench, listOf(paging, 0)) ? 'whole' : 'part';
    return failed(`${where}\nnothing was asked for after that, and the output does not name it`, extent);
}

const listOf = ({ pages, list }, page) => at(pages[page] instanceof Headed ? pages[page].response : pages[page], list);

/** Whether the function's records come from the list alone: what is asked for each item was recorded for those of the first page. */
function isAlone(bench, { method, endpoint }) {
    return bench.job.kind === 'sync' && bench.baseline.places.every((place) => place === `${method} ${endpoint}`);
}

/** Whether the records of the later pages were saved, when those of the first are. */
function allSaved(bench, paging, end) {
    const ofPage = (page) => [...new Set(leaves(listOf(paging, page)).map(({ value }) => JSON.stringify(value)))];
    const first = new Set(ofPage(0));
    const second = new Set(ofPage(1));
    const isSaid = (text) => end.output.includes(text);
    if (![...first].some((text) => !second.has(text) && isSaid(text))) {
        return passed();
    }
    for (const page of [1, 2]) {
        const own = ofPage(page).filter((value) => !first.has(value));
        if (own.length > 0 && !own.some(isSaid)) {
            return failed(`page ${page + 1} of ${paging.place} was read, and nothing of it was saved: ${own.slice(0, 3).join(', ')}`, 'part');
        }
    }
    return passed();
}
