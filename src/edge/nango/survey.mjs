// Everything that fails in a project, where `nango compile` ends at the first stage that has a failure: types of all
// functions, then the build of each, then the definitions of some integrations. It uses the CLI's own code for all three.
//
// Two parts, each a process of its own. `code` runs no function, so what it reports was written before any function could
// change it. `definitions` loads functions, as the CLI does.
//
// Usage: node survey.mjs JOB
import { mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { parse, stringify } = JSON;
const exit = process.exit.bind(process);
const write = writeFileSync;

const job = parse(readFileSync(process.argv[2], 'utf8'));
// The job holds the nonce that our report must carry.
unlinkSync(process.argv[2]);
process.chdir(job.project);
// What functions and the CLI say is not read.
for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, done) => {
        (typeof encoding === 'function' ? encoding : done)?.();
        return true;
    };
}

const load = (path) => import(pathToFileURL(`${job.cli}/dist/${path}`).href);
const { compileFunction, getEntryPoints, tsToJsPath } = await load('zeroYaml/compile.js');
const { tsconfig } = await load('zeroYaml/constants.js');
const { parseIntegrationDefinitions } = await load('zeroYaml/definitions.js');

const report = { nonce: job.nonce, ended: false, failures: [], good: [] };
/** A function that wants to have a say in what is written down gets no report. */
function tell() {
    if ('toJSON' in {} || 'toJSON' in []) {
        exit(2);
    }
    write(job.report, stringify(report));
}
const plain = (text) =>
    String(text)
        .replaceAll(`${job.project}/`, '')
        .replace(/\u001b\[[0-9;]*m/g, '')
        .replaceAll('\r', '');
const source = (entry) => entry.replace(/^\.\//, '').replace(/\.js$/, '.ts');

function fails(stage, file, what, said, line) {
    const failure = { stage, file, what, said: plain(said).slice(0, job.said_chars), line };
    report.failures.push(failure);
    return failure;
}

/** The words of an error, without the place that the CLI puts before some of them. */
function words(error) {
    const text = plain(error?.customMessage ?? error?.message ?? error);
    return text.replace(/^err - \S+\s*\n?\s*/, '').trim();
}

function types(entries) {
    const ts = createRequire(`${job.cli}/package.json`)('typescript');
    const rootNames = entries.map((entry) => join(job.project, source(entry)));
    const program = ts.createProgram({ rootNames, options: tsconfig });
    for (const { file, start, code, messageText } of ts.getPreEmitDiagnostics(program)) {
        const said = ts.flattenDiagnosticMessageText(messageText, '\n');
        // A function that is imported and not there is named in the words alone.
        const at = file ? plain(file.fileName) : entries.map(source).find((path) => said.includes(`/${path}'`));
        const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : undefined;
        fails('types', at, `TS${code}`, said, line);
    }
}

/** Some configuration keeps Babel from ever coming back; then nothing else is built either. */
let isLate = false;
function inTime(work) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => {
            isLate = true;
            reject(new Error(`it did not end within ${job.build_seconds} s`));
        }, job.build_seconds * 1000);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function build(entries) {
    for (const entry of entries) {
        const entryPoint = join(job.project, entry);
        if (isLate) {
            fails('build', source(entry), '', 'not built, because another did not end');
            continue;
        }
        let error;
        try {
            const built = await inTime(compileFunction({ entryPoint, projectRootPath: job.project, sourcemap: 'false' }));
            error = built.isErr() ? built.error : undefined;
        } catch (thrown) {
            error = thrown ?? 'thrown without a reason';
        }
        if (error === undefined) {
            report.good.push(source(entry));
        } else {
            fails('build', source(entry), error?.type ?? '', words(error), error?.lineNumber || undefined);
        }
    }
}

/** Whether a function can be loaded at all: the CLI does not say which one could not. */
async function loads(entry) {
    try {
        await import(pathToFileURL(join(job.project, 'build', tsToJsPath(entry.replace(/^\.\//, '')))).href);
        return true;
    } catch (error) {
        fails('definitions', source(entry), 'load', words(error));
        return false;
    }
}

/** Parses, and again without what was at fault, until nothing is. */
async function definitions(entries) {
    let left = [];
    for (const entry of entries) {
        if (await loads(entry)) {
            left.push(entry);
        }
    }
    while (left.length > 0) {
        write(join(job.draft, 'index.ts'), left.map((entry) => `import '${entry}';\n`).join(''));
        let error;
        try {
            const parsed = await parseIntegrationDefinitions({ fullPath: job.draft, debug: false });
            error = parsed.isErr() ? parsed.error : undefined;
        } catch (thrown) {
            error = thrown ?? 'thrown without a reason';
        }
        if (error === undefined) {
            report.good.push(...left.map(source));
            return;
        }
        const said = words(error);
        const named = (entry) => said.includes(source(entry)) || said.includes(tsToJsPath(entry.replace(/^\.\//, '')));
        const at = left.find((entry) => source(entry) === error?.filePath) ?? left.find(named);
        fails('definitions', at && source(at), error?.property?.join(' > ') ?? '', said);
        if (!at) {
            return;
        }
        left = left.filter((entry) => entry !== at);
    }
}

if (job.part === 'code') {
    const entries = [...new Set(getEntryPoints(readFileSync('index.ts', 'utf8')))];
    types(entries);
    await build(entries);
} else {
    // The CLI goes by an index and a build; the project's own index stays as it is.
    mkdirSync(job.draft);
    symlinkSync(join(job.project, 'build'), join(job.draft, 'build'));
    for (const entries of job.integrations) {
        await definitions(entries);
    }
}
report.ended = true;
tell();
exit(0);
