// Starts the quick CLI: the commands of the Nango CLI from one file, which ask the warm checker first.
const { readFileSync } = require('node:fs');
const { createRequire, SourceMap } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { hooks } = require('./ask.cjs');
const { load, zod } = require('./load.cjs');
const { typescript } = require('./typescript.cjs');

/** The stack of an error as it would be without us: places in our one file are places in the CLI's files. */
function shown(error) {
    if (typeof error?.stack !== 'string' || !error.stack.includes(__dirname)) {
        return error;
    }
    const modules = new Set(JSON.parse(readFileSync(join(__dirname, 'modules.json'), 'utf8')));
    const maps = new Map();
    error.stack = error.stack.replace(/^(.*?)([^\s(]+\/(?:cli|zod)\.cjs):(\d+):(\d+)/gm, (frame, before, path, line, column) => {
        if (dirname(path) !== __dirname) {
            return frame;
        }
        if (!maps.has(path)) {
            maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8'))));
        }
        const { originalSource, originalLine, originalColumn } = maps.get(path).findEntry(line - 1, column - 1);
        if (originalSource === undefined) {
            return frame;
        }
        const source = join(__dirname, originalSource);
        const place = modules.has(source) ? pathToFileURL(source).href : source;
        // In one file, a class that names itself gets another name for that.
        return `${before.replace(/ _(?=[A-Z]\w*[. ])/, ' ')}${place}:${originalLine + 1}:${originalColumn + 1}`;
    });
    // Of the two files that are in the place of the CLI's own, nothing is said.
    error.stack = error.stack.split('\n').filter((frame) => !/^ +at .*\/quick\/(quick|start|heard|typescript)\.cjs:\d+:\d+\)?$/.test(frame)).join('\n');
    return error;
}

/** The commands of the CLI whose `index.js` is at `cli`. */
function start(cli) {
    const near = createRequire(cli);
    const { exports: quick } = load('cli.cjs', cli);
    let ts;
    let isReady = false;
    quick.use({
        ...hooks(join(dirname(cli), '../..'), basename(dirname(__dirname))),
        module: (name) => (name === 'typescript' ? (ts ??= typescript(near(name))) : near(name)),
        load(address) {
            if (!isReady && address.includes('/build/')) {
                isReady = true;
                zod(cli);
            }
            return import(address);
        },
        shown
    });
    return { ...quick, shown };
}

module.exports = { start };
