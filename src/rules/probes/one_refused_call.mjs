// Each call is refused alone, the others are answered as recorded. Honest functions: 0 of 201 resolve.
import { failed, notApplicable, passed, refusal, unknown } from './engine.mjs';

const CALLS = 12;

export async function run(bench) {
    const calls = bench.baseline.requests.length;
    if (calls < 2) {
        return notApplicable('it makes fewer than two calls');
    }
    for (let refused = 0; refused < Math.min(calls, CALLS); refused += 1) {
        const end = await bench.run({
            answer: (response, number) => {
                if (number === refused) {
                    throw refusal(403);
                }
                return response;
            }
        });
        if (end.stopped) {
            return unknown(end.stopped);
        }
        if (end.error === undefined) {
            // One that goes another way then may have found the same there, and what is read may not have been needed.
            const elsewhere = end.requests.some((request) => !bench.baseline.requests.includes(request));
            const unneeded = bench.baseline.places[refused].startsWith('get ') && end.output === bench.baseline.output;
            const extent = elsewhere || unneeded ? 'part' : 'whole';
            return failed(`call ${refused + 1} of ${calls} answered with status 403: ${bench.baseline.requests[refused]}\nthe function succeeded with ${end.output}`, extent);
        }
    }
    return passed();
}
