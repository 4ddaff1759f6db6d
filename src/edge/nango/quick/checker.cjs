// The warm checker: one process outside of the walls that checks and builds what agents wrote, with the CLI's own compiler.
// It runs nothing of an agent's, and reads no file of an agent's: sources come by content, one question a line on standard
// input, and one answer a line goes out on standard output.
//
// An answer depends on the question alone. What could make it depend on more (files of this machine, configuration that runs
// code) is not answered but given back as `plain`, for the asker to compile itself.
//
// Usage: node checker.cjs CLI, in an empty folder
const { createHash } = require('node:crypto');
const { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join, posix } = require('node:path');
const { createInterface } = require('node:readline');
const { Worker } = require('node:worker_threads');
const { load } = require('./load.cjs');
const { types } = require('./types.cjs');

const cli = process.argv[2];
const near = createRequire(cli);
/** Answers that are remembered. */
const REMEMBERED = 400;
/** With more than this, what nobody needs is thrown away; a process that has still as much is ended when it has answered. */
const HEAP_BYTES = 1000 * 1024 * 1024;

/** Builds that are remembered. */
const BUILDS = 1_000;
/** What one question may cost, and besides for each entry, as many as a run has at most. */
const QUESTION_CPU_MS = 20_000;
const ENTRY_CPU_MS = 50;
const ENTRIES = 500;
// Beside the work, because that is not interrupted: ends a question without end, and everything when nobody is there any more.
const watch = new Worker(
    `const parent = process.ppid;
    const end = () => process.kill(process.pid, 'SIGKILL');
    const spent = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    let before;
    let may;
    require('node:worker_threads').parentPort.on('message', (ms) => { before = ms > 0 ? spent() : undefined; may = ms; });
    setInterval(() => { if (process.ppid !== parent || spent() - before > may) end(); }, 1000);`,
    { eval: true }
);

/** Only the file system, or a process of its own, can answer. */
class Plain extends Error {}
const plain = (why) => {
    throw new Plain(why);
};

const stages = realpathSync(process.cwd());
/** The build that is going on: its folder, the project's files, the sources that it reached, and whether it wanted something else. */
let building;

/** The source that an import means, when it is one of the project's and nothing else could be meant. */
function source(files, to) {
    const has = (end) => to.replace(/\.js$/, end) in files;
    return to.endsWith('.js') && has('.ts') && !has('.js') && !has('.tsx') && !has('.jsx') ? to.replace(/\.js$/, '.ts') : undefined;
}

/** Imports that leave the sources are not followed. */
const inside = {
    name: 'inside',
    setup({ onResolve }) {
        onResolve({ filter: /^[./\s]/ }, ({ path, kind, importer }) => {
            if (kind === 'entry-point') {
                return undefined;
            }
            const to = posix.join(posix.dirname(importer.slice(building.stage.length + 1)), path);
            const meant = path.startsWith('.') ? source(building.files, to) : undefined;
            if (meant !== undefined) {
                building.reached.add(to);
                return undefined;
            }
            building.wanted = path;
            return { path, external: true };
        });
    }
};
const babel = near('@babel/core');
// No configuration of a project is run, and no map that a comment names is read.
const fixed = { configFile: false, babelrc: false, inputSourceMap: false };
const modules = {
    typescript: near('typescript'),
    '@babel/core': {
        transformAsync: (text, options) => babel.transformAsync(text, { ...options, ...fixed }),
        transformSync: (text, options) => babel.transformSync(text, { ...options, ...fixed })
    },
    esbuild: { build: (options) => near('esbuild').build({ ...options, absWorkingDir: building.stage, plugins: [inside, ...options.plugins] }) }
};
const { exports: quick } = load('cli.cjs', cli);
quick.use({ module: (name) => modules[name] ?? near(name) });
const check = types(modules.typescript, join(dirname(cli), '../..'), quick.tsconfig, plain);

// One that finds fault with nothing at all has not found its declarations, and answers nobody.
const first = "import { createAction } from 'nango';\nimport { z } from 'zod';\nexport default [createAction, z.object({ id: z.string() })];\n";
if (check({ project: '/first', files: { 'package.json': '{"type":"module"}', 'a/first.ts': first }, entries: ['./a/first.js'] }).length > 0) {
    process.exit(1);
}

/** Ends questions that content alone does not answer. */
function look({ project, files, entries, sourcemap }) {
    const paths = Object.keys(files);
    if (new Set(paths.map((path) => path.toLowerCase())).size !== paths.length) {
        plain('names that differ in case only');
    }
    for (const path of [...paths, project.slice(1), ...entries.map((entry) => entry.replace(/^\.\//, ''))]) {
        if (path.length > 1000 || path.split('/').some((part) => ['', '.', '..'].includes(part)) || /[\\\0\n\r]/.test(path)) {
            plain('an unusual name');
        }
    }
    if (!project.startsWith('/') || entries.length === 0 || !['inline', 'external', 'false'].includes(sourcemap)) {
        plain('an unusual question');
    }
    for (const [path, text] of Object.entries(files)) {
        if (/(^|\/)(babel\.config\.|\.babelrc)/.test(path) || text?.includes('sourceMappingURL')) {
            plain('configuration');
        }
        if (path.endsWith('package.json')) {
            const keys = Object.keys(JSON.parse(text));
            const matters = ['babel', 'browser', 'exports', 'imports', 'main', 'sideEffects', 'types', 'typesVersions', 'typings'];
            if (path !== 'package.json' || matters.some((key) => keys.includes(key))) {
                plain('a manifest with more than names');
            }
        }
    }
}

/** Builds by what they were made from: a function that was built in a workspace is the same in the whole project. */
const made = new Map();
const digest = (...parts) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');
const ownKey = ({ files, sourcemap }, entry) => digest(entry, sourcemap, files['package.json'], files[entry.replace(/^\.\//, '').replace(/\.js$/, '.ts')]);

/** The build of an entry, where all that it was made from is as it was. */
function known(question, entry) {
    const isSame = ([to, text]) => {
        const path = source(question.files, to);
        return path !== undefined && digest(question.files[path]) === text;
    };
    return made.get(ownKey(question, entry))?.find(({ from }) => from.every(isSame))?.build;
}

function remember(question, entry, reached, build) {
    const key = ownKey(question, entry);
    const from = [...reached].map((to) => [to, digest(question.files[source(question.files, to)])]);
    const all = [...(made.get(key) ?? []), { from, build }];
    made.delete(key);
    made.set(key, all.slice(-3));
    if (made.size > BUILDS) {
        made.delete(made.keys().next().value);
    }
}

/** The entries as the CLI would write them, up to the first that it would not. */
async function build(question) {
    const { files, entries, sourcemap } = question;
    if (entries.every((entry) => known(question, entry))) {
        return entries.map((entry) => known(question, entry));
    }
    const stage = mkdtempSync(join(stages, 'stage-'));
    try {
        for (const [path, text] of Object.entries(files)) {
            if (text !== null) {
                mkdirSync(dirname(join(stage, path)), { recursive: true });
                writeFileSync(join(stage, path), text, { flag: 'wx' });
            }
        }
        const builds = [];
        for (const entry of entries) {
            const before = known(question, entry);
            if (before) {
                builds.push(before);
                continue;
            }
            building = { stage, files, reached: new Set(), wanted: undefined };
            const built = await quick.bundleFile({ entryPoint: join(stage, entry), projectRootPath: stage, sourcemap });
            if (building.wanted !== undefined) {
                plain('an import that leaves the sources');
            }
            if (built.isErr()) {
                const { error } = built;
                if (typeof error !== 'string' && (!(error instanceof quick.CompileError) || error.type === 'failed_to_build_unknown')) {
                    plain('a build that failed in its own words');
                }
                builds.push({ entry, error: typeof error === 'string' ? { text: error } : { type: error.type, line: error.lineNumber, message: error.customMessage, file: error.filePath } });
                break;
            }
            const features = quick.detectFeatures({ entryPoint: join(stage, entry.replace(/\.js$/, '.ts')) });
            const one = { entry, code: built.value, features: features.isOk() ? features.value : undefined };
            remember(question, entry, building.reached, one);
            builds.push(one);
        }
        return builds;
    } finally {
        rmSync(stage, { recursive: true, force: true });
    }
}

/** Whoever asked builds by itself, and knows of the types. */
function unbuilt(error) {
    if (error instanceof Plain) {
        return [];
    }
    throw error;
}

const remembered = new Map();

async function answer(asked) {
    look(asked);
    const question = { ...asked, files: Object.assign(Object.create(null), asked.files) };
    // Other names play no part, or the question is given back.
    const parts = Object.entries(question.files).filter(([path, text]) => text !== null || (/\.[cm]?[jt]sx?$/.test(path) && !path.startsWith('build/')));
    const key = digest(question.project, parts, question.entries, question.sourcemap);
    if (!remembered.has(key)) {
        const found = check(question);
        remembered.set(key, { types: found, builds: found.length > 0 ? [] : await build(question).catch(unbuilt) });
    }
    if (remembered.size > REMEMBERED) {
        remembered.delete(remembered.keys().next().value);
    }
    return remembered.get(key);
}

const isFull = () => process.memoryUsage().heapUsed > HEAP_BYTES;

async function serve() {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
        let said;
        watch.postMessage(QUESTION_CPU_MS);
        try {
            const question = JSON.parse(line);
            watch.postMessage(QUESTION_CPU_MS + ENTRY_CPU_MS * Math.min(ENTRIES, question.entries?.length ?? 0));
            said = await answer(question);
        } catch (error) {
            said = { plain: error instanceof Plain ? error.message : 'failed' };
        }
        watch.postMessage(0);
        process.stdout.write(`${JSON.stringify(said)}\n`);
        if (isFull()) {
            globalThis.gc();
            if (isFull()) {
                return;
            }
        }
    }
}

serve().finally(() => process.exit());
