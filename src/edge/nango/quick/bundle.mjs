// Makes the quick CLI of a tool chain: the installed Nango CLI as one file, in which what a command does not need is not
// loaded. Importing the CLI from its thousand files is 1.5 CPU-seconds, from the one file with V8's code cache 0.15.
//
// The words and the work stay the CLI's. A few places of its compile ask `hooks` first (`quick.cjs` sets them): for what
// the warm checker answered. When a place is not where it was, as in another version, nothing is made, and the CLI is
// used as it is.
//
// Usage: node bundle.mjs CLI FOLDER
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , cli, folder] = process.argv;
const dist = dirname(cli);
const require = createRequire(cli);
const { build } = require('esbuild');
const { ModuleKind, ScriptTarget, ModuleResolutionKind } = require('typescript');

/** Loaded from where they are, when they are used. */
const OUTSIDE = ['typescript', 'esbuild', 'tsup', 'ts-node', 'jscodeshift', 'promptly', 'chokidar', 'columnify', 'ejs', '@babel/core', '@babel/traverse', '@babel/parser', '@babel/types'];
/** Part of the file, run when they are used. These cannot be loaded from a script everywhere. */
const LATE = ['inquirer', 'ora', 'conf', 'glob', 'undici', 'ajv', 'ajv-formats', 'js-yaml', '@nangohq/egress'];

/** Places of the CLI and what they become: each is there once, or as often as it says. */
const PLACES = {
    'zeroYaml/compile.js': [
        ['const typechecked = typeCheck({ fullPath, entryPoints });', 'const typechecked = await typeCheck({ fullPath, entryPoints, sourcemap });'],
        ['function typeCheck({ fullPath, entryPoints }) {', 'async function typeCheck({ fullPath, entryPoints, sourcemap }) { const known = await hooks.types({ fullPath, entryPoints, sourcemap });'],
        ['const program = ts.createProgram({', 'const program = known ?? ts.createProgram({'],
        ['const diagnostics = ts.getPreEmitDiagnostics(program);', 'const diagnostics = known ?? ts.getPreEmitDiagnostics(program);'],
        [
            "export async function bundleFile({ entryPoint, projectRootPath, sourcemap = 'inline' }) {",
            "export async function bundleFile({ entryPoint, projectRootPath, sourcemap = 'inline' }) { const known = hooks.bundle({ entryPoint, sourcemap }, { Ok, Err, CompileError }); if (known) return known;"
        ],
        ['export function detectFeatures({ entryPoint }) {', 'export function detectFeatures({ entryPoint }) { const known = hooks.features({ entryPoint }); if (known) return Ok(known);'],
        ['catch (err) {\n        console.error(err);', 'catch (err) {\n        console.error(hooks.shown(err));']
    ],
    'zeroYaml/definitions.js': [['const moduleContent = await import(moduleUrl);', 'const moduleContent = await hooks.load(moduleUrl);']],
    'services/dryrun.service.js': [
        ['return await import(moduleUrl);', 'return await hooks.load(moduleUrl);'],
        ['console.log(err);\n        return null;', 'console.log(hooks.shown(err));\n        return null;', 2]
    ]
};

const ENTRY = `
export { bundleFile, compileAllFunctions, detectFeatures } from './zeroYaml/compile.js';
export { tsconfig } from './zeroYaml/constants.js';
export { CompileError } from './zeroYaml/utils.js';
export { DryRunService } from './services/dryrun.service.js';
export const main = () => { require('./index.js'); };
export const use = (given) => { hooks = { ...hooks, ...given }; };
`;

const FIRST = `
let hooks = { types() {}, bundle() {}, features() {}, load: (address) => import(address), shown: (error) => error, module: (name) => require(name) };
const __late = (get) => new Proxy(function () {}, {
    get: (_, name) => get()[name],
    apply: (_, self, given) => Reflect.apply(get(), self, given),
    construct: (_, given) => Reflect.construct(get(), given)
});
const __default = (loaded) => (loaded.__esModule || loaded[Symbol.toStringTag] === 'Module' ? loaded.default : loaded);
const __kinds = ${JSON.stringify({ ModuleKind, ScriptTarget, ModuleResolutionKind })};
const __typescript = (get) => new Proxy({}, {
    get: (_, name) => __kinds[name] ?? (name === 'flattenDiagnosticMessageText' ? (text, end) => (typeof text === 'string' ? text : get()[name](text, end)) : get()[name])
});
`;

/** What a generated test runs with, and the probes: vitest without its server, and the CLI's mocks. */
const TESTS = `
export * as vitest from 'vitest';
export * as nango from 'nango';
export * as mocks from 'nango/test';
export { startTests } from '@vitest/runner';
export { getNames } from '@vitest/runner/utils';
export { getSafeTimers, setSafeTimers } from '@vitest/utils';
export { VitestTestRunner } from 'vitest/runners';
`;

/** Imports that load when they are used. */
function late(text) {
    return text.replace(/^import (?:(\w+)|\* as (\w+)|\{([^}]*)\}) from '([^'.][^']*)';/gm, (line, one, all, some, name) => {
        if (!OUTSIDE.includes(name) && !LATE.includes(name)) {
            return line;
        }
        const loaded = OUTSIDE.includes(name) ? `hooks.module('${name}')` : `require('${name}')`;
        if (all) {
            return `const ${all} = __late(() => ${loaded});`;
        }
        if (one) {
            return `const ${one} = ${name === 'typescript' ? '__typescript' : '__late'}(() => __default(${loaded}));`;
        }
        const names = some.split(',').map((word) => word.trim()).filter(Boolean);
        return names
            .map((word) => word.split(' as '))
            .map(([given, here = given]) => `const ${here} = __late(() => ${loaded}.${given});`)
            .join(' ');
    });
}

function placed(path, text) {
    for (const [place, instead, times = 1] of PLACES[path] ?? []) {
        const parts = text.split(place);
        if (parts.length !== times + 1) {
            throw new Error(`${path} has ${parts.length - 1} times: ${place}`);
        }
        text = parts.join(instead);
    }
    return text;
}

/** Modules ask where they are, and get the same answer as without us. What they were made from is nobody's business. */
function inPlace(path, text) {
    const here = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)).replace(/^\/\/# sourceMappingURL=.*$/gm, '');
    if (!/\b__(dirname|filename)\b/.test(here) || /\b(const|let|var) __(dirname|filename)\b/.test(here)) {
        return here;
    }
    const strict = /^\s*(\/\*[\s\S]*?\*\/\s*)?['"]use strict['"]/.test(here) ? "'use strict'; " : '';
    return `${strict}var __dirname = ${JSON.stringify(dirname(path))}, __filename = ${JSON.stringify(path)}; ${here}`;
}

const ours = {
    name: 'quick',
    setup({ onLoad }) {
        onLoad({ filter: /\.[mc]?js$/ }, ({ path }) => {
            const text = readFileSync(path, 'utf8');
            const own = path.startsWith(`${dist}/`) ? placed(path.slice(dist.length + 1), text) : text;
            const isNangos = path.startsWith(`${dist}/`) || path.includes('/node_modules/@nangohq/');
            return { contents: inPlace(path, isNangos ? late(own) : own), loader: 'js' };
        });
    }
};

async function bundle(name, stdin, banner, outside = []) {
    const { metafile } = await build({
        stdin: { contents: stdin, resolveDir: dist, loader: 'js' },
        banner: { js: banner },
        outfile: join(folder, name),
        bundle: true,
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minifyWhitespace: true,
        keepNames: true,
        sourcemap: 'external',
        metafile: true,
        logLevel: 'silent',
        external: [...OUTSIDE, ...outside, '@aws-sdk/client-s3'],
        plugins: [ours]
    });
    return metafile.inputs;
}

const inputs = await bundle('cli.cjs', ENTRY, FIRST);
await bundle('zod.cjs', "module.exports = require('zod');", '');
// Another vitest may have other parts; then tests are run by it as it is.
await bundle('vitest.cjs', TESTS, FIRST, ['zod']).catch(() => {});
// A stack names modules by address and scripts by path.
const modules = Object.entries(inputs).filter(([, { format }]) => format === 'esm');
writeFileSync(join(folder, 'modules.json'), JSON.stringify(modules.map(([path]) => join(process.cwd(), path))));
