// Does something without its words.

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

module.exports = { heard };
