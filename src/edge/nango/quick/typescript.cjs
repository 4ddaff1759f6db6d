// TypeScript for commands that compile twice.

/** TypeScript, in which the program of the same files is the same program. Its own exports cannot be set. */
function typescript(ts) {
    const programs = new Map();
    const createProgram = (options, ...others) => {
        if (!Array.isArray(options?.rootNames)) {
            return ts.createProgram(options, ...others);
        }
        const files = options.rootNames.join('\n');
        if (!programs.has(files)) {
            programs.set(files, ts.createProgram(options));
        }
        return programs.get(files);
    };
    return Object.create(ts, { createProgram: { value: createProgram, enumerable: true } });
}

module.exports = { typescript };
