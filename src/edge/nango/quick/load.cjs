// Loads one of our own files with V8's code cache, and the CLI's modules beside it.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Runs a file of ours as a module that finds packages where `near` finds them. */
function load(name, near) {
    const filename = join(__dirname, name);
    const cache = `${filename}.cache`;
    // The files are ASCII, and this way their text is not converted.
    const text = readFileSync(filename, 'latin1');
    const script = new Script(`(function (exports, require, module) {${text}\n})`, {
        filename,
        cachedData: existsSync(cache) ? readFileSync(cache) : undefined
    });
    const module = { exports: {} };
    script.runInThisContext()(module.exports, Module.createRequire(near), module);
    return { exports: module.exports, keep: () => writeFileSync(cache, script.createCachedData()) };
}

/** The zod that built functions require, from one file instead of its hundred. Gives how to keep its code cache. */
function zod(near) {
    const path = Module.createRequire(near).resolve('zod');
    if (path in Module._cache) {
        return undefined;
    }
    const loaded = load('zod.cjs', near);
    const module = new Module(path);
    Object.assign(module, { filename: path, loaded: true, exports: loaded.exports, paths: Module._nodeModulePaths(dirname(path)) });
    Module._cache[path] = module;
    return loaded.keep;
}

module.exports = { load, zod };
