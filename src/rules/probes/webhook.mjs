// The dry run of Nango's CLI does not call `onWebhook`, so it is called here: with the payload that the spec gives, and with the
// payload's values changed. What it saves, changes or deletes has to be what the payload says. One that asks the API for what
// the payload names gets the answers of the recording, and of those nothing is said.
import { failed, notApplicable, passed, unknown } from './engine.mjs';
import { leaves, other, replaced } from './values.mjs';

const VALUES = 24;
/** What the mock says of something that only a handler uses, so that `exec` has not recorded it. */
const NOT_RECORDED = /^(Missing mock data|No mock found|nango\.\w+ is not a function)/;

const isTelling = (value) => (typeof value === 'string' ? value.length >= 3 : typeof value === 'number' && Math.abs(value) >= 100);

/** What does not fit the model that it is saved as. */
function unfit(bench, saved) {
    for (const [records, model] of saved) {
        const schema = bench.fn.models?.[model];
        if (schema === undefined) {
            return `it saves as ${JSON.stringify(model)}, which is no model of the sync`;
        }
        for (const record of [records ?? []].flat()) {
            const { success, error } = schema.safeParse?.(record) ?? { success: true };
            // What is deleted needs no more than its id.
            if (!success && Object.keys(record ?? {}).length > 1) {
                return `${JSON.stringify(record)} is no ${model}: ${error?.issues?.[0]?.message}`;
            }
        }
    }
    return undefined;
}

export async function run(bench) {
    const { webhook } = bench.job;
    if (!webhook) {
        return notApplicable('no webhooks are asked for');
    }
    if (typeof bench.fn.onWebhook !== 'function') {
        return failed('there is no `onWebhook`');
    }
    if (webhook.sample === undefined || webhook.sample === null) {
        return notApplicable('not tried: the spec gives no sample of a payload');
    }
    const handle = (payload) => bench.run({ call: 'onWebhook', input: payload });
    const first = await handle(webhook.sample);
    if (first.stopped) {
        return unknown(first.stopped);
    }
    if (NOT_RECORDED.test(first.error ?? '')) {
        return unknown(first.error);
    }
    if (first.error !== undefined) {
        return failed(`called with the spec's sample, it failed: ${first.error}`, 'part');
    }
    const { saved } = JSON.parse(first.output);
    if (saved.flatMap(([records]) => [records ?? []].flat()).length === 0) {
        return failed("called with the spec's sample, it saved, changed and deleted nothing", 'part');
    }
    const wrong = unfit(bench, saved);
    if (wrong !== undefined) {
        return failed(`called with the spec's sample, ${wrong}`, 'part');
    }
    const shown = new Set(leaves(saved).map(({ value }) => JSON.stringify(value)));
    const all = leaves(webhook.sample).filter(({ path }) => path.length > 0);
    const counts = Map.groupBy(all, ({ value }) => JSON.stringify(value));
    const sure = all.filter(({ value }) => isTelling(value) && shown.has(JSON.stringify(value)) && counts.get(JSON.stringify(value)).length === 1);
    const ignored = [];
    let followed = 0;
    for (const { path, value } of bench.tries(sure, VALUES)) {
        const changed = other(value);
        const end = await handle(replaced(webhook.sample, path, changed));
        if (end.error !== undefined || end.stopped || end.output !== first.output) {
            followed += 1;
        } else {
            ignored.push(`${path.join('.')}: ${JSON.stringify(value)} was changed to ${JSON.stringify(changed)}`);
        }
    }
    if (ignored.length > 0) {
        return failed(`${ignored.join('\n')}\nwhat it saved stayed as it was: ${first.output}`, followed === 0 ? 'whole' : 'part');
    }
    if (followed > 0 || first.requests.length > 0) {
        return passed();
    }
    // Nothing that it saves can be told by its value: then any change of the payload has to show.
    for (const { path, value } of bench.tries(all, VALUES)) {
        const end = await handle(replaced(webhook.sample, path, other(value)));
        if (end.error !== undefined || end.output !== first.output) {
            return passed();
        }
    }
    return failed(`no value of the payload makes a difference\nit saves ${first.output}`);
}
