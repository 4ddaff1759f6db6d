// Calls answer with what APIs document and samples seldom show: not found, conflict, too many requests. A function may take
// one of them for an end, but not give the same result as if nothing had been.
import { failed, notApplicable, passed, refusal, unknown } from './engine.mjs';
import { leaves } from './values.mjs';

const STATUSES = [
    [404, {}],
    [409, {}],
    [429, { 'retry-after': '1' }]
];

export async function run(bench) {
    if (bench.baseline.requests.length === 0) {
        return notApplicable('it asks nobody');
    }
    if (leaves(JSON.parse(bench.baseline.output)).length === 0) {
        return notApplicable('it gives nothing');
    }
    for (const [status, headers] of STATUSES) {
        const end = await bench.run({
            answer: () => {
                throw refusal(status, headers);
            }
        });
        if (end.stopped) {
            return unknown(end.stopped);
        }
        // What is not there is deleted already.
        const gone = status === 404 && bench.baseline.places.every((place) => place.startsWith('delete '));
        if (end.error === undefined && end.output === bench.baseline.output && !gone) {
            return failed(`every call answered with status ${status}\nthe function succeeded with ${end.output}`);
        }
    }
    return passed();
}
