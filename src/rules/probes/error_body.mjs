// APIs that answer 200 whatever happens say in the body whether it went well: `ok: true`. That is turned around, with a reason in
// place of everything else, and the function must not end as if nothing had been.
import { failed, notApplicable, passed, unknown } from './engine.mjs';
import { leaves } from './values.mjs';

/** What says that it went well. */
const SIGNS = ['ok', 'success'];

const signOf = (answer) => (answer !== null && typeof answer === 'object' ? SIGNS.find((sign) => answer[sign] === true) : undefined);

export async function run(bench) {
    if (!bench.recorded.some(({ entry }) => signOf(entry.response))) {
        return notApplicable('no answer says in its body that it went well');
    }
    const signs = new Set();
    const end = await bench.run({
        answer: (answer) => {
            const sign = signOf(answer);
            if (sign === undefined) {
                return answer;
            }
            signs.add(sign);
            return { [sign]: false, error: 'not_allowed', message: 'not allowed' };
        }
    });
    if (end.stopped) {
        return unknown(end.stopped);
    }
    if (signs.size === 0) {
        return notApplicable('it asks for no such answer');
    }
    const says = (output) => leaves(JSON.parse(output)).filter(({ value }) => value === false).length;
    // Who hands the refusal on has told its caller.
    if (end.error !== undefined || says(end.output) > says(bench.baseline.output)) {
        return passed();
    }
    // `nango.paginate` gives a function the list alone, so that it cannot know; and who says `success` mostly has statuses, too.
    const extent = end.called.has('paginate') || !signs.has('ok') ? 'part' : 'whole';
    return failed(`every answer said that it was refused\nthe function succeeded with ${end.output}`, extent);
}
