// Every call is refused: with 403, with 500, and by a closed door. A function that says it did its work then does not look
// at what it is told. Honest functions: 0 of 201 resolve.
import { failed, notApplicable, passed, refusal, unknown } from './engine.mjs';

export async function run(bench) {
    if (bench.baseline.requests.length === 0) {
        return notApplicable('it asks nobody');
    }
    for (const status of [403, 500, 0]) {
        const end = await bench.run({
            answer: () => {
                throw refusal(status);
            }
        });
        if (end.stopped) {
            return unknown(end.stopped);
        }
        if (end.error === undefined) {
            const what = status === 0 ? 'no connection' : `status ${status}`;
            return failed(`every call answered with ${what}\nthe function succeeded with ${end.output}`);
        }
    }
    return passed();
}
