// The clean room's first process: compiles one function and dry-runs it, with the Nango CLI's own code. One process
// instead of two calls of the CLI, because importing the CLI and the type checker is most of what those cost.
//
// The function under test runs in here and is not trusted: what this file reports is a hint that is believed only together
// with artefacts and the witness's tape. Built-ins are taken hold of first, so that changing them later does no harm.
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SAID_CHARS = 64 * 1024;
const { parse, stringify } = JSON;
const now = Date.now;
const exit = process.exit.bind(process);
const write = writeFileSync;
const exists = existsSync;

const jobFile = process.argv[2];
const job = parse(readFileSync(jobFile, 'utf8'));
// The job holds the nonce that our report must carry.
unlinkSync(jobFile);
process.chdir(job.project);

let said = '';
for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, done) => {
        if (said.length < SAID_CHARS) {
            said += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
        }
        const callback = typeof encoding === 'function' ? encoding : done;
        callback?.();
        return true;
    };
}

/** The CLI from one file, where there is that. */
async function commands() {
    const quick = new URL('./quick/', import.meta.url);
    if (existsSync(new URL('cli.cjs', quick))) {
        return createRequire(import.meta.url)(fileURLToPath(new URL('start.cjs', quick))).start(`${job.cli}/index.js`);
    }
    const load = (path) => import(pathToFileURL(`${job.cli}/${path}`).href);
    return { ...(await load('zeroYaml/compile.js')), ...(await load('services/dryrun.service.js')) };
}
const { compileAllFunctions, DryRunService } = await commands();

// What the function may have put into the prototypes of objects has no hold on what is set here.
const report = { nonce: job.nonce, steps: Object.create(null) };
function tell() {
    if ('toJSON' in {} || 'toJSON' in []) {
        exit(2);
    }
    write(job.report, stringify(report));
}
tell();

async function step(name, work, isDone) {
    said = '';
    const started = now();
    let error;
    try {
        const result = await work();
        // Before 0.70 a dry run only says on its output how it went; then what it leaves behind tells.
        const failed = result?.isErr ? result.isErr() : !isDone();
        error = failed ? (result?.error ?? '') : undefined;
    } catch (thrown) {
        error = thrown ?? 'thrown without a reason';
    }
    const reason = error === undefined ? '' : `\n${error?.message ?? error}`;
    report.steps[name] = { passed: error === undefined, said: said + reason, took_ms: now() - started };
    tell();
    return error === undefined;
}

const compiled = await step('compile', () => compileAllFunctions({ fullPath: job.project, debug: false, interactive: false }));
if (compiled) {
    // Before 0.70 one that need not give back its output ends the process when it is done.
    const service = new DryRunService({ environment: 'dev', fullPath: job.project, validation: true, returnOutput: true });
    await step('dry_run', () =>
        service.run({
            sync: job.name,
            connectionId: job.connection,
            optionalEnvironment: 'dev',
            optionalProviderConfigKey: job.integration,
            input: job.input ?? undefined,
            metadata: job.metadata ?? undefined,
            saveResponses: true,
            autoConfirm: true,
            interactive: false,
            dependencyUpdate: false
        }),
        () => exists(job.recording)
    );
}
exit(0);
