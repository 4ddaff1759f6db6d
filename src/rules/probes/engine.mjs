// The engine of the probes: runs a function against its own recording, with answers or input changed in one point, in the
// process of the tests. No account is touched and nothing is asked of anybody.
//
// The function under test runs in here and is not trusted, so what is found is only ever held against it: a probe that
// passes proves nothing by itself.

import { createHash } from 'node:crypto';

import { vi } from 'vitest';

import { leaves } from './values.mjs';

const { parse, stringify } = JSON;
const { setInterval, clearInterval } = globalThis;
const usage = process.cpuUsage.bind(process);

/** So many microseconds of CPU are much for one function, and so many values are tried after that. */
const MUCH = 300_000;
const FEW = 2;

/** Microseconds of CPU that this process has used. */
const cpu = () => usage().user + usage().system;

/** How often own time is looked at, in milliseconds. */
const BEAT = 20;

/**
 * A limit of own time, in milliseconds, which leaves out the waiting for a core: a beat that comes late counts as one, or as
 * what was computed since the last. `late` comes when it is reached; `stop` gives what was used.
 */
function ownTime(limit) {
    let used = 0;
    let before = cpu();
    const since = () => {
        const now = cpu();
        const computed = (now - before) / 1000;
        before = now;
        return computed;
    };
    let timer;
    const late = new Promise((resolve) => {
        timer = setInterval(() => {
            used += Math.max(BEAT, since());
            if (used >= limit) {
                resolve({ error: 'time is up' });
            }
        }, BEAT);
    });
    const stop = () => {
        clearInterval(timer);
        return used + since();
    };
    return { late, stop };
}

/** An answer of the API that means no, as the SDK's HTTP client throws it. */
export function refusal(status, headers = {}) {
    const error = new Error(status === 0 ? 'connect ECONNREFUSED' : `Request failed with status code ${status}`);
    error.name = 'AxiosError';
    error.isAxiosError = true;
    if (status === 0) {
        error.code = 'ECONNREFUSED';
    } else {
        error.code = status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
        error.status = status;
        error.response = { status, data: { error: { message: 'refused by a probe' } }, headers };
    }
    return error;
}

/** What the CLI recorded, in the order of the file. */
function entriesOf(recording) {
    return Object.entries(recording.api ?? {}).flatMap(([method, endpoints]) =>
        Object.entries(endpoints).flatMap(([endpoint, entries]) =>
            [entries].flat().map((entry) => ({ method, endpoint: endpoint.replace(/^\//, ''), entry }))
        )
    );
}

/** The recorded answer for a request that was never recorded: the same place first, then the same form of place. */
function nearest(recorded, { method, endpoint }, at) {
    const sameMethod = recorded.filter((one) => one.method === method);
    const parts = (text) => text.split('/').length;
    const found =
        sameMethod.find((one) => one.endpoint === endpoint) ??
        sameMethod.find((one) => parts(one.endpoint) === parts(endpoint)) ??
        sameMethod[0] ??
        recorded[at % Math.max(recorded.length, 1)];
    return found?.entry;
}

/** A request as another text of it would be. */
function heardAs(identity, heard) {
    const text = stringify(identity.requestIdentity);
    const instead = heard(text);
    if (instead === text) {
        return identity;
    }
    const requestIdentity = JSON.parse(instead);
    const { method, endpoint } = requestIdentity;
    return { method, endpoint, requestIdentity, requestIdentityHash: createHash('sha1').update(instead).digest('hex') };
}

/** What the SDK gives a function, besides what stands at its side. */
const METHODS = [
    'get', 'post', 'put', 'patch', 'delete', 'proxy', 'paginate', 'log', 'getConnection', 'getMetadata', 'updateMetadata', 'setMetadata',
    'getWebhookURL', 'zodValidateInput', 'batchSave', 'batchUpdate', 'batchDelete', 'getCheckpoint', 'saveCheckpoint',
    'clearCheckpoint', 'listRecords', 'trackDeletesStart', 'trackDeletesEnd', 'deleteRecordsFromPreviousExecutions'
];

/**
 * What `nango.paginate` was told of the next page: of which call, where its list is, and where the place of the
 * next page stands or how it is counted.
 */
function pagingOf(config) {
    const { paginate } = config ?? {};
    if (paginate === undefined || typeof config.endpoint !== 'string') {
        return undefined;
    }
    const endpoint = config.endpoint.replace(/^\//, '');
    const list = typeof paginate.response_path === 'string' ? paginate.response_path.split('.').filter(Boolean) : undefined;
    const path = (text) => (typeof text === 'string' ? text.split('.').filter(Boolean) : undefined);
    switch (paginate.type) {
        case 'cursor':
            return { endpoint, list, cursor: path(paginate.cursor_path_in_response) };
        case 'link':
            return { endpoint, list, header: paginate.link_rel_in_response_header, link: path(paginate.link_path_in_response_body) };
        case 'offset': {
            const { offset_name_in_request: number, offset_start_value: start = 0, offset_calculation_method: method } = paginate;
            const limit = Number(paginate.limit ?? 0);
            return Number.isNaN(limit) ? undefined : { endpoint, list, number, start: Number(start), perPage: method === 'per-page', limit };
        }
        default:
            return undefined;
    }
}

/** A response with headers of its own. */
export class Headed {
    constructor(response, headers) {
        this.response = response;
        this.headers = headers;
    }
}

/** The same SDK without anything by which a test's could be told. */
export function plain(nango) {
    const own = METHODS.filter((name) => typeof nango[name] === 'function');
    const methods = own.map((name) => [name, (...given) => nango[name](...given)]);
    const { ActionError, providerConfigKey, lastSyncDate } = nango;
    return { ...Object.fromEntries(methods), ActionError, providerConfigKey, ...(lastSyncDate !== undefined && { lastSyncDate }) };
}

/** Everything that probes need of one function. */
export class Bench {
    constructor(fn, job, recording) {
        this.fn = fn;
        this.job = job;
        this.mocks = { ...globalThis.vitest };
        this.recording = recording;
        this.recorded = entriesOf(recording);
        // Own time of all runs, in milliseconds.
        this.spent_ms = 0;
        // What has once been found out: what was answered to whom, as text, and what a sync saved.
        this.answers = new Map();
        this.saved = undefined;
        this.texts = new Map();
    }

    /** What was recorded for a request, or nothing. Looked for once: the mock goes through all that was recorded. */
    async recordedFor(identity) {
        const key = stringify([identity.method, identity.endpoint, identity.requestIdentity]);
        if (!this.answers.has(key)) {
            this.answers.set(key, await this.real.getCachedResponse(identity).catch(() => undefined));
        }
        return this.answers.get(key);
    }

    /** A response of its own for each call, as text is read: that is faster than to copy. */
    fresh(response) {
        if (response === null || typeof response !== 'object') {
            return response;
        }
        if (!this.texts.has(response)) {
            this.texts.set(response, stringify(response));
        }
        return parse(this.texts.get(response));
    }

    /** The leaves of all recorded answers, gathered once. */
    get answered() {
        this.gathered ??= this.recorded.flatMap(({ entry }) => leaves(entry.response).map((leaf) => ({ ...leaf, entry, text: stringify(leaf.value) })));
        return this.gathered;
    }

    /**
     * Gives the values that may be tried one after the other: `most` at best, and only as long as that takes the time that
     * there is for it. A function of a thousand answers is slow: when much was spent on it, two have to do.
     */
    *tries(values, most) {
        const { tries_at_least: least, tries_ms: each } = this.job;
        const end = cpu() + each * 1000;
        let given = 0;
        for (const value of values) {
            const isLate = cpu() > this.began + MUCH;
            if (given >= most || (isLate ? given >= FEW : given >= least && cpu() > end)) {
                return;
            }
            given += 1;
            yield value;
        }
    }

    /** The mock of the SDK. It reads its file the first time only. */
    async mock() {
        const { NangoActionMock, NangoSyncMock } = this.mocks;
        const Mock = this.job.kind === 'sync' ? NangoSyncMock : NangoActionMock;
        const { dirname, name, model } = this.job;
        const nango = new Mock({ dirname: this.real ? `${dirname}/none` : dirname, name, Model: model });
        const provider = await nango.fixtureProvider;
        if (this.job.kind === 'on-event') {
            // The mock is for actions, of which none sets metadata; what is written is all that such a function gives.
            for (const name of ['setMetadata', 'updateMetadata']) {
                nango[name] = vi.fn(async () => undefined);
            }
        }
        if (this.real) {
            Object.assign(nango, { dirname, providerConfigKey: this.providerConfigKey });
        } else {
            this.real = provider;
            this.providerConfigKey = nango.providerConfigKey;
            this.recorded = entriesOf(provider.mockData ?? this.recording);
        }
        return nango;
    }

    /**
     * Runs the function once. `input` is its input, `checkpoint` where an earlier run of a sync ended; `answer(response,
     * number, identity, entry)` gives another response or throws; `heard(text)` is what the recording is asked for instead of
     * what the function asks, both as JSON; `world(nango)` changes what is around the function, and gives
     * what it is called with and the way back; `call` is which of the function's methods is run.
     * The outcome has `error`, `output`, `requests`, `places` (what was asked, without values), `called` (the SDK's
     * methods), `checkpoints`, `pagings`, `cpu_ms`, and `stopped` when it did not come to an end by itself.
     */
    async run({ input = this.recording.input, answer = (response) => response, heard, checkpoint, world, call = 'exec' } = {}) {
        const nango = await this.mock();
        const real = this.real;
        const began = cpu();
        if (checkpoint !== undefined) {
            nango.checkpoint = structuredClone(checkpoint);
        }
        if (call !== 'exec') {
            // The mock is made for `exec`; a handler of webhooks often changes what is there.
            nango.batchUpdate ??= vi.fn();
        }
        const requests = [];
        const places = [];
        const most = (this.baseline?.requests.length ?? 200) * 3 + 20;
        let stopped;
        const ask = async (identity) => {
            const number = requests.length;
            requests.push(stringify([identity.method, identity.endpoint, identity.requestIdentity]));
            places.push(`${identity.method} ${identity.endpoint}`);
            if (number >= most || stopped) {
                stopped = 'it asked without end';
                throw refusal(0);
            }
            const known = heard === undefined ? identity : heardAs(identity, heard);
            const found = (await this.recordedFor(known)) ?? nearest(this.recorded, known, number);
            if (found === undefined) {
                throw refusal(404);
            }
            const given = await answer(this.fresh(found.response), number, identity, found);
            return given instanceof Headed ? { ...found, response: given.response, headers: { ...found.headers, ...given.headers } } : { ...found, response: given };
        };
        nango.fixtureProvider = Promise.resolve(
            new Proxy(real, {
                get(target, key) {
                    if (key === 'getCachedResponse') {
                        return ask;
                    }
                    const value = target[key];
                    return typeof value === 'function' ? value.bind(target) : value;
                }
            })
        );
        const around = world?.(nango) ?? { subject: nango, back: () => {} };
        const work = (async () => {
            try {
                const output = await this.fn[call](around.subject, structuredClone(input));
                return { output };
            } catch (error) {
                return { error: String(error?.message ?? error) };
            }
        })();
        const time = ownTime(this.job.run_ms);
        const result = await Promise.race([work, time.late]);
        this.spent_ms += time.stop();
        around.back();
        if (result.error === 'time is up') {
            stopped = 'it took too long';
        }
        const calls = (name) => nango[name]?.mock?.calls ?? [];
        const gives = this.job.kind === 'on-event' ? ['setMetadata', 'updateMetadata'] : ['batchSave', 'batchUpdate', 'batchDelete'];
        const saved = gives.flatMap(calls);
        return {
            error: result.error,
            output: stringify({ output: result.output, saved }),
            requests,
            places,
            called: new Set(METHODS.filter((name) => calls(name).length > 0)),
            checkpoints: calls('saveCheckpoint').map(([checkpoint]) => checkpoint),
            cpu_ms: (cpu() - began) / 1000,
            pagings: calls('paginate').map(([config]) => pagingOf(config)).filter(Boolean),
            stopped
        };
    }
}

/** Everything that probes need, before the function runs for the first time: what it changes then is nothing to them. */
export async function open(fn, job, recording) {
    const bench = new Bench(fn, job, recording);
    await bench.mock();
    return bench;
}

/** Runs all probes and gives what they found. */
export async function probe(bench, probes) {
    const { job } = bench;
    const baseline = await bench.run();
    bench.baseline = baseline;
    bench.began = cpu();
    // Nothing that the function may have put into the prototype of objects has a hold on it.
    const found = Object.create(null);
    for (const { name, run } of probes) {
        if (bench.spent_ms > job.all_ms) {
            found[name] = unknown('there was no time left for it');
            continue;
        }
        if (baseline.error !== undefined || baseline.stopped) {
            found[name] = unknown('the function does not run on its own recording');
            continue;
        }
        try {
            const outcome = await run(bench);
            found[name] = { ...outcome, ...(outcome.shown && { shown: outcome.shown.slice(0, job.shown_chars) }) };
        } catch (error) {
            found[name] = unknown(`the probe itself failed: ${String(error?.message ?? error)}`);
        }
    }
    return found;
}

export const passed = () => ({ outcome: 'passed' });
/** `extent` is how much of the function it concerns: the `whole` of it, or a `part`. */
export const failed = (shown, extent = 'whole') => ({ outcome: 'failed', extent, shown });
export const notApplicable = (why) => ({ outcome: 'not-applicable', why });
export const unknown = (why) => ({ outcome: 'unknown', why });
