// What TypeScript says of a project, in a tenth of a second where a process of its own takes two: the declarations of the
// libraries are read, and parsed, once. Each project gets a checker of its own.
//
// TypeScript sees a project's sources as they were given, and the tool chain's packages. There is nothing else on this machine.
const { readFileSync, realpathSync, readdirSync, statSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** Remembers what the disk said. The tool chain is read-only. */
function remembering(ask) {
    const known = new Map();
    return (path) => {
        if (!known.has(path)) {
            known.set(path, ask(path));
        }
        return known.get(path);
    };
}
const quiet = (ask) =>
    remembering((path) => {
        try {
            return ask(path);
        } catch {
            return undefined;
        }
    });

/** The hosts of programs: for a project at `root` with these `files`. `plain` ends a question that content does not answer. */
function hosts(ts, packages, options, plain) {
    const tools = dirname(packages);
    const disk = {
        text: quiet((path) => readFileSync(path, 'utf8').replace(/^\ufeff/, '')),
        stat: quiet((path) => statSync(path)),
        real: quiet((path) => realpathSync(path)),
        folders: quiet((path) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name))
    };
    const sources = new Map();
    const ofLibraries = ts.createModuleResolutionCache(tools, (name) => name, options);
    const manifests = new Map();
    const library = ts.getDefaultLibFilePath(options);

    return (root, files) => {
        const folders = new Set(['']);
        for (const path of Object.keys(files)) {
            for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
                folders.add(path.slice(0, at));
            }
        }
        /** Where a package's file is on disk. */
        const outside = (name) => {
            if (name === `${root}/node_modules` || name.startsWith(`${root}/node_modules/`)) {
                return packages + name.slice(root.length + '/node_modules'.length);
            }
            return name === tools || name.startsWith(`${tools}/`) ? name : undefined;
        };
        /** A project's path from its root. */
        const own = (name) => (outside(name) === undefined && name.startsWith(`${root}/`) ? name.slice(root.length + 1) : undefined);
        const content = (path) => {
            if (!(path in files)) {
                return undefined;
            }
            const isAsked = files[path] === null || path.startsWith('build/') || path.startsWith('.nango/');
            return isAsked ? plain(`the content of ${path}`) : files[path];
        };
        // The manifests of packages are read for all, those of the project for it alone.
        const mine = new Map();
        const known = (path) => (own(path) === undefined ? manifests : mine);
        const ofProject = ts.createModuleResolutionCache(root, (name) => name, options, {
            getPackageJsonInfo: (path) => known(path).get(path),
            setPackageJsonInfo: (path, info) => known(path).set(path, info),
            clear() {},
            getInternalMap() {}
        });
        const host = {
            fileExists(name) {
                const path = own(name);
                if (path === undefined) {
                    return outside(name) !== undefined && disk.stat(outside(name))?.isFile() === true;
                }
                return content(path) !== undefined;
            },
            readFile(name) {
                const path = own(name);
                if (path === undefined) {
                    return outside(name) === undefined ? undefined : disk.text(outside(name));
                }
                return content(path);
            },
            directoryExists(name) {
                const path = own(name);
                if (path === undefined) {
                    return outside(name) === undefined ? `${root}/`.startsWith(name.endsWith('/') ? name : `${name}/`) : disk.stat(outside(name))?.isDirectory() === true;
                }
                return folders.has(path);
            },
            getDirectories(name) {
                const path = outside(name);
                return path === undefined ? [] : (disk.folders(path) ?? []);
            },
            realpath: (name) => (outside(name) === undefined ? name : (disk.real(outside(name)) ?? name)),
            getSourceFile(name, how) {
                if (own(name) !== undefined) {
                    const text = host.readFile(name);
                    return text === undefined ? undefined : ts.createSourceFile(name, text, how);
                }
                if (!sources.has(name)) {
                    const text = host.readFile(name);
                    sources.set(name, text === undefined ? undefined : ts.createSourceFile(name, text, how));
                }
                return sources.get(name);
            },
            resolveModuleNameLiterals(names, from, redirected, asked, source) {
                const cache = own(from) === undefined ? ofLibraries : ofProject;
                return names.map((name) => ts.resolveModuleName(name.text, from, asked, host, cache, redirected, ts.getModeForUsageLocation(source, name, asked)));
            },
            getModuleResolutionCache: () => ofProject,
            getCurrentDirectory: () => root,
            getDefaultLibFileName: () => library,
            getDefaultLibLocation: () => dirname(library),
            getCanonicalFileName: (name) => name,
            useCaseSensitiveFileNames: () => true,
            getNewLine: () => '\n',
            writeFile() {}
        };
        return host;
    };
}

/** A function that says all that the CLI would report of a project. */
function types(ts, packages, options, plain) {
    const hostOf = hosts(ts, packages, options, plain);
    return ({ project, files, entries }) => {
        const rootNames = entries.map((entry) => join(project, entry.replace(/\.js$/, '.ts')));
        const program = ts.createProgram({ rootNames, options, host: hostOf(project, files) });
        return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
            const text = ts.flattenDiagnosticMessageText(messageText, '\n');
            return file && start !== null ? { text, file: file.fileName, ...file.getLineAndCharacterOfPosition(start) } : { text };
        });
    };
}

module.exports = { types };
