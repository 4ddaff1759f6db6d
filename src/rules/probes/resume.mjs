// A sync goes on where the last run ended: what it kept as its checkpoint must change what it asks for.
import { failed, notApplicable, passed } from './engine.mjs';
import { inPages, paged } from './paging.mjs';
import { leaves } from './values.mjs';

/** Whether a checkpoint says anything: many are emptied, or set to the first page, when a run has come to its end. */
const isTelling = (checkpoint) => leaves(checkpoint ?? null).some(({ value }) => (typeof value === 'string' ? value !== '' : typeof value === 'number' && value > 1));

/** Where a run of it ends, or would have ended in the middle of a list. */
async function checkpointOf(bench) {
    const own = bench.baseline.checkpoints.findLast(isTelling);
    const paging = own === undefined ? paged(bench) : undefined;
    if (paging === undefined) {
        return own;
    }
    const end = await bench.run({ answer: inPages(paging) });
    return end.checkpoints.find(isTelling);
}

export async function run(bench) {
    const checkpoint = await checkpointOf(bench);
    if (checkpoint === undefined) {
        return notApplicable('it keeps no checkpoint that says anything');
    }
    const end = await bench.run({ checkpoint });
    const other = end.requests.some((request) => !bench.baseline.requests.includes(request)) || end.requests.length < bench.baseline.requests.length;
    // An API that cannot be asked for what is new is asked for all, and what is old is left out here.
    if (other || end.error !== undefined || end.output !== bench.baseline.output) {
        return passed();
    }
    return failed(`it was run again from its checkpoint ${JSON.stringify(checkpoint)}\nit asked for the same and gave the same as without one`, 'part');
}
