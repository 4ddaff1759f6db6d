// The lists that a sync reads are empty: nothing may be saved for what is not there, and an account without such things is
// no error.
import { failed, notApplicable, passed, unknown } from './engine.mjs';
import { at, isSaved, listIn } from './pages.mjs';

/** The same answer with no item in any of its lists. */
function emptied(value) {
    if (Array.isArray(value)) {
        return [];
    }
    const isObject = value !== null && typeof value === 'object';
    return isObject ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, emptied(part)])) : value;
}

export async function run(bench) {
    const listed = ({ entry }) => {
        const list = listIn(entry.response);
        return list !== undefined && isSaved(bench, at(entry.response, list));
    };
    const lists = new Set(bench.recorded.filter(listed).map(({ entry }) => entry));
    if (lists.size === 0) {
        return notApplicable('nothing that it saves comes from a list');
    }
    const end = await bench.run({ answer: (answer, _number, _identity, from) => (lists.has(from) ? emptied(answer) : answer) });
    if (end.stopped) {
        return unknown(end.stopped);
    }
    if (end.error !== undefined) {
        return failed(`every list was empty\nthe function failed: ${end.error}`, 'part');
    }
    const saved = JSON.parse(end.output).saved.flatMap(([records]) => [records ?? []].flat());
    return saved.length === 0 ? passed() : failed(`every list was empty\nit saved ${JSON.stringify(saved.slice(0, 2))}`);
}
