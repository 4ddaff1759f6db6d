// The Nango CLI that workspaces call: `compile`, and `dryrun` and `generate:tests` with a fresh build before them.
//
// The CLI's dry run reads its schemas from the build that was there before, and compiles afterwards: a schema that was just
// changed is validated against as it was. So a compile goes first, in the same process. What the file system or the checker
// said of the same files is not asked twice.
//
// Usage: node quick.cjs CLI ARGUMENTS
const { existsSync } = require('node:fs');
const { heard } = require('./heard.cjs');
const { start } = require('./start.cjs');

const [node, , cli, ...rest] = process.argv;

async function run() {
    const { compileAllFunctions, main, shown } = start(cli);
    // Node prints an error that nobody caught; this changes nothing else.
    process.on('uncaughtExceptionMonitor', shown);
    // Where there is no project, the CLI tells it itself.
    if (rest[0] !== 'compile' && existsSync('index.ts')) {
        const [compiled, said] = await heard(() => compileAllFunctions({ fullPath: process.cwd(), debug: false, interactive: false }));
        if (compiled.isErr()) {
            said.forEach((text) => process.stdout.write(text));
            process.exitCode = 10;
            return;
        }
    }
    process.argv = [node, cli, ...rest];
    main();
}

run();
