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
const ours = createRequire(import.meta.url);
const { heard } = ours('./quick/heard.cjs');
const { typescript } = ours('./quick/typescript.cjs');
const ts = require('typescript');

// The CLI gets another object than everybody else: TypeScript's own exports cannot be set.
require.cache[require.resolve('typescript')].exports = typescript(ts);

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
