// Asks the warm checker, which lives outside of the walls, about the project in a folder. It is told all that it may know:
// the sources by content and the other files by name. What is unusual is not asked, and compiled here.
const { lstatSync, readFileSync, readdirSync, readlinkSync } = require('node:fs');
const { request } = require('node:http');
const { join } = require('node:path');

const FILES = 4000;
const BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 100_000;

/** The project's files; nothing when there is something in it that only the file system itself can answer for. */
function listing(project, packages) {
    const files = {};
    let count = 0;
    let bytes = 0;
    const folders = [''];
    while (folders.length > 0) {
        const folder = folders.pop();
        for (const entry of readdirSync(join(project, folder), { withFileTypes: true })) {
            const path = folder + entry.name;
            if (path === 'node_modules') {
                if (!entry.isSymbolicLink() || readlinkSync(join(project, path)) !== packages) {
                    return undefined;
                }
                continue;
            }
            if (path === '.git') {
                continue;
            }
            count += 1;
            if (count > FILES || entry.name === 'node_modules' || (!entry.isFile() && !entry.isDirectory())) {
                return undefined;
            }
            if (entry.isDirectory()) {
                folders.push(`${path}/`);
                continue;
            }
            files[path] = null;
            if (!/(\.ts|(^|\/)package\.json)$/.test(path)) {
                continue;
            }
            bytes += lstatSync(join(project, path)).size;
            if (bytes > BYTES) {
                return undefined;
            }
            const content = readFileSync(join(project, path));
            const text = content.toString('utf8');
            // Other encodings and marks of them are the compiler's business.
            if (text.startsWith('\ufeff') || !Buffer.from(text, 'utf8').equals(content)) {
                return undefined;
            }
            files[path] = text;
        }
    }
    return files;
}

/** The checker's answer; nothing when there is none, for whatever reason. */
function answer(address, key, question) {
    return new Promise((resolve) => {
        const nothing = () => resolve(undefined);
        const body = Buffer.from(JSON.stringify(question));
        const asked = request(
            address,
            { method: 'POST', agent: false, timeout: PATIENCE_MS, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length } },
            (response) => {
                const parts = [];
                response.on('data', (part) => parts.push(part));
                response.on('error', nothing);
                response.on('end', () => {
                    try {
                        resolve(response.statusCode === 200 ? JSON.parse(Buffer.concat(parts).toString('utf8')) : undefined);
                    } catch {
                        nothing();
                    }
                });
            }
        );
        asked.on('error', nothing);
        asked.on('timeout', () => asked.destroy());
        asked.end(body);
    });
}

/** Hooks for the quick CLI that ask first. */
function hooks(packages, chain) {
    const { NANGO_HOSTPORT: host, NANGO_SECRET_KEY_DEV: key } = process.env;
    let known;
    return {
        async types({ fullPath, entryPoints, sourcemap = 'inline' }) {
            known = undefined;
            let files;
            try {
                files = host && key ? listing(fullPath, packages) : undefined;
            } catch {
                files = undefined;
            }
            const given = files && (await answer(`${host}/countersign/compile/${chain}`, key, { project: fullPath, files, entries: entryPoints, sourcemap }));
            if (!given || !Array.isArray(given.types)) {
                return undefined;
            }
            known = { ...given, fullPath };
            return given.types.map(({ file, line, character, text }) => ({
                messageText: text,
                file: file && { fileName: file, getLineAndCharacterOfPosition: () => ({ line, character }) },
                start: file ? 0 : null
            }));
        },
        bundle({ entryPoint }, { Ok, Err, CompileError }) {
            const built = known?.builds?.find(({ entry }) => join(known.fullPath, entry) === entryPoint);
            if (!built) {
                return undefined;
            }
            if (built.code !== undefined) {
                return Ok(built.code);
            }
            const { type, line, message, file, text } = built.error;
            return Err(text ?? new CompileError(type, line, message, file));
        },
        features({ entryPoint }) {
            return known?.builds?.find(({ entry }) => join(known.fullPath, entry.replace(/\.js$/, '.ts')) === join(known.fullPath, entryPoint))?.features;
        }
    };
}

module.exports = { hooks };
