// A list breaks off after its first page: a function that tells the SDK which records are gone must not do it then, or it
// deletes what it has not seen.
import { failed, notApplicable, passed, refusal, unknown } from './engine.mjs';
import { isFor, paged, pageFor } from './paging.mjs';

const DELETING = ['trackDeletesEnd', 'deleteRecordsFromPreviousExecutions'];

export async function run(bench) {
    const deletes = DELETING.find((name) => bench.baseline.called.has(name));
    if (deletes === undefined) {
        return notApplicable('it does not tell which records are gone');
    }
    const paging = paged(bench);
    if (paging === undefined) {
        return notApplicable('no answer is known to come in pages');
    }
    let broke = false;
    const end = await bench.run({
        answer: (response, number, identity) => {
            if (!isFor(paging, identity)) {
                return response;
            }
            if (paging.pageOf(identity) > 0) {
                broke = true;
                throw refusal(500);
            }
            return pageFor(paging, identity);
        }
    });
    if (end.stopped) {
        return unknown(end.stopped);
    }
    if (!broke) {
        return notApplicable('it asks for no second page');
    }
    if (end.called.has(deletes)) {
        return failed(`the second page of ${paging.place} answered with status 500\n${deletes} was called all the same`);
    }
    return end.error === undefined ? failed(`the second page of ${paging.place} answered with status 500\nthe function succeeded`, 'part') : passed();
}
