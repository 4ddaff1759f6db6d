// `nango dryrun` and `nango generate:tests` with a fresh build before them, in one process.
//
// The CLI's dry run reads its schemas from the build that was there before, and compiles afterwards: a schema that was just
// changed is validated against as it was. So a compile goes first. In a process of its own that costs as much again as the dry
// run, nearly all of it for loading the CLI and TypeScript; here both use what is loaded, and what was checked once is not
// checked twice, because nothing can have changed in between but by the function itself.
//
// Usage: node compile_first.mjs CLI ARGUMENTS
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , cli, ...rest] = process.argv;
const require = createRequire(cli);
const ts = require('typescript');

const programs = new Map();
/** The program of the same files is the same program. */
function createProgram(options, ...others) {
    if (!Array.isArray(options?.rootNames)) {
        return ts.createProgram(options, ...others);
    }
    const files = options.rootNames.join('\n');
    if (!programs.has(files)) {
        programs.set(files, ts.createProgram(options));
    }
    return programs.get(files);
}
// TypeScript's own exports cannot be set, so the CLI gets an object that has all of them, and this one instead.
require.cache[require.resolve('typescript')].exports = Object.create(ts, { createProgram: { value: createProgram, enumerable: true } });

/** What the first compile says is only heard when it fails: the second says the same. */
async function heard(work) {
    const kept = [];
    const streams = [process.stdout, process.stderr];
    const writes = streams.map((stream) => stream.write);
    for (const stream of streams) {
        stream.write = (text, encoding, done) => {
            kept.push(text);
            const told = typeof encoding === 'function' ? encoding : done;
            told?.();
            return true;
        };
    }
    try {
        return [await work(), kept];
    } finally {
        streams.forEach((stream, at) => {
            stream.write = writes[at];
        });
    }
}

/** What went wrong with the compile; nothing when it went well, or where there is no project, which the CLI tells itself. */
async function failure() {
    if (!existsSync('index.ts')) {
        return undefined;
    }
    const { compileAllFunctions } = await import(new URL('./zeroYaml/compile.js', pathToFileURL(cli)));
    const [compiled, said] = await heard(() => compileAllFunctions({ fullPath: process.cwd(), debug: false, interactive: false }));
    return compiled.isErr() ? said : undefined;
}

const said = await failure();
if (said) {
    said.forEach((text) => process.stdout.write(text));
    process.exitCode = 10;
} else {
    process.argv = [process.argv[0], cli, ...rest];
    await import(pathToFileURL(cli));
}
