// Runs the generated test of one function, and the probes when it passes, in one process: vitest's own runner and the mocks
// of the CLI from one file. vitest by itself starts two processes and a server for that, 0.9 CPU-seconds for each start.
//
// The function under test runs in here and is not trusted. What must not be changed by it is taken hold of first: the
// built-ins, the bundles, the recording, and the nonce that our report must carry, whose file is gone by then.
//
// Usage: node tests.cjs JOB
const { readFileSync, unlinkSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { load, zod } = require('./load.cjs');

const TEST_MS = 30_000;
const HOOK_MS = 10_000;
/** What vitest says in its workers' environment. */
const SAID = { VITEST: 'true', NODE_ENV: 'test', TEST: 'true', VITEST_MODE: 'RUN', VITEST_WORKER_ID: '1', VITEST_POOL_ID: '1', MODE: 'test', BASE_URL: '/', DEV: '1', PROD: '', SSR: '1' };

const { parse, stringify } = JSON;
const exit = process.exit.bind(process);
const write = writeFileSync;

/** What goes wrong outside of every test, as vitest has it: then the tests did not pass. */
const outside = [];
const wentWrong = (error) => outside.push(String(error?.stack ?? error));

/** The test and the probes, each with the function in it, as text. Packages stay outside. */
async function bundled(job) {
    const entries = [job.test, job.probes?.entry].filter(Boolean);
    const { build } = Module.createRequire(job.cli)('esbuild');
    const one = async (entry) => {
        const { outputFiles } = await build({
            entryPoints: [join(job.project, entry)],
            outfile: join(job.project, `${entry}.cjs`),
            absWorkingDir: job.project,
            bundle: true,
            write: false,
            format: 'cjs',
            platform: 'node',
            target: 'esnext',
            packages: 'external',
            sourcemap: 'inline',
            sourcesContent: false,
            // The project's own configuration is no matter of the tests: see vitest.config.cjs.
            tsconfigRaw: '{}',
            logLevel: 'silent'
        });
        return [entry, outputFiles[0].text];
    };
    // One that cannot be bundled fails as a file that cannot be loaded.
    const all = entries.map((entry) => one(entry).catch((error) => [entry, error]));
    return new Map(await Promise.all(all));
}

/** Runs a bundle as the module that it was made from. */
function loaded(path, text, given) {
    if (typeof text !== 'string') {
        throw text;
    }
    const module = new Module(path);
    const near = Module.createRequire(path);
    Object.assign(module, { filename: path, paths: Module._nodeModulePaths(dirname(path)), require: (name) => given[name] ?? near(name) });
    module._compile(text, path);
    return module.exports;
}

/** What vitest's runner wants to know of its worker. */
const worker = (job) => ({
    ctx: { pool: 'forks', projectName: '' },
    config: {
        root: job.project,
        testTimeout: TEST_MS,
        hookTimeout: HOOK_MS,
        sequence: { shuffle: false, concurrent: false, hooks: 'stack', setupFiles: 'list', seed: 1 },
        snapshotOptions: { updateSnapshot: 'none' },
        expect: {},
        setupFiles: [],
        retry: 0,
        maxConcurrency: 5,
        allowOnly: false
    },
    environment: { name: 'node' },
    moduleCache: new Map(),
    onCancel: new Promise(() => {}),
    providedContext: {},
    durations: {},
    rpc: {}
});

const STATES = { pass: 'passed', fail: 'failed' };
const tests = (tasks) => tasks.flatMap((task) => (task.type === 'suite' ? tests(task.tasks) : [task]));

/** A file as vitest's JSON reporter writes it. */
function written(file, { getNames }) {
    const results = tests(file.tasks).map((task) => ({
        fullName: getNames(task).slice(1).join(' '),
        status: STATES[task.result?.state] ?? 'skipped',
        failureMessages: task.result?.errors?.map((error) => error.stack || error.message) ?? []
    }));
    const message = file.result?.errors?.[0]?.message ?? '';
    const failed = file.result?.state === 'fail' || results.some(({ status }) => status === 'failed');
    return { name: file.filepath, status: failed ? 'failed' : 'passed', message, assertionResults: results };
}

/** Runs the test. */
async function test(job, ours, text, given) {
    const path = join(job.project, job.test);
    class Runner extends ours.VitestTestRunner {
        importFile() {
            return loaded(path, text, given);
        }
        // The generated tests take no snapshots.
        onBeforeRunSuite() {}
        onAfterRunSuite() {}
        onTaskUpdate() {}
    }
    const { setTimeout } = ours.getSafeTimers();
    const state = globalThis.__vitest_worker__;
    state.filepath = path;
    const files = await ours.startTests([path], new Runner(state.config));
    // What was rejected until now is heard of in a moment.
    await new Promise((resolve) => setTimeout(resolve));
    return { testResults: files.map((file) => written(file, ours)), outside: outside.join('\n\n') };
}

/** The probes, with the function in them, and what they go by: there before the function runs for the first time. */
async function opened(job, text, given) {
    const { entry, recording, job: told } = job.probes;
    const path = join(job.project, entry);
    const recorded = parse(readFileSync(join(job.project, recording), 'utf8'));
    const { fn, open, probe, probes } = loaded(path, text, given);
    const bench = await open(fn, { ...told, dirname: dirname(path) }, recorded);
    return () => probe(bench, probes);
}

/** Does what the job says, and tells what came of it. Gives how to keep the code cache. */
async function run(job) {
    Object.assign(process.env, SAID);
    globalThis.__vitest_worker__ = worker(job);
    const bundles = bundled(job);
    zod(job.cli);
    const { exports: ours, keep } = load('vitest.cjs', job.cli);
    const { NangoActionMock, NangoSyncMock } = ours.mocks;
    globalThis.vitest = { NangoActionMock, NangoSyncMock };
    const given = { vitest: ours.vitest, nango: ours.nango, 'nango/test': ours.mocks };
    ours.setSafeTimers();
    const texts = await bundles;

    process.setSourceMapsEnabled(true);
    process.on('uncaughtException', wentWrong);
    process.on('unhandledRejection', wentWrong);
    process.exit = (code) => {
        throw new Error(`process.exit unexpectedly called with "${code}"`);
    };
    const { nonce } = job;
    // Made in one piece: what a function may have put into the prototypes of objects has no hold on that, but for one thing.
    const tell = ({ testResults, outside: wrong, found }) => {
        if ('toJSON' in {} || 'toJSON' in []) {
            throw new Error('the report would be written by the function');
        }
        write(job.report, stringify({ nonce, testResults, outside: wrong, found }));
    };
    // A function that cannot be loaded is its test's matter.
    const probes = job.probes && (await opened(job, texts.get(job.probes.entry), given).catch((error) => () => Promise.reject(error)));
    const tested = job.test ? await test(job, ours, texts.get(job.test), given) : { outside: '' };
    if (job.test) {
        tell(tested);
    }
    if (probes && passed(tested)) {
        tell({ ...tested, found: await probes() });
    }
    return keep;
}

const passed = ({ testResults = [], outside: wrong }) => wrong === '' && testResults.every(({ status }) => status === 'passed');

if (require.main === module) {
    const jobFile = process.argv[2];
    const job = parse(readFileSync(jobFile, 'utf8'));
    unlinkSync(jobFile);
    run(job).then(
        () => exit(0),
        (error) => {
            process.stderr.write(`${error?.stack ?? error}\n`);
            exit(2);
        }
    );
}

module.exports = { run };
