// The shape of answers with a list, and what more of the same shape looks like.

/** How the names begin under which APIs say whether there is another page. */
const MORE = /^(has)?(more|next)/;

/** What names an item, the surest first. */
const IDS = ['id', 'ts', 'key', 'uuid', 'gid', 'name'];

export const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
export const at = (value, path) => path.reduce((part, key) => part?.[key], value);

export const lettersOf = (key) => key.replaceAll(/[^a-z]/gi, '').toLowerCase();

/** The place of the list of things in an answer: the one with most items that have a name of their own, or else the longest. */
export function listIn(value, path = []) {
    if (Array.isArray(value)) {
        return value.some(isObject) ? path : undefined;
    }
    if (!isObject(value) || path.length > 2) {
        return undefined;
    }
    const weight = (list) => [names(list).length > 0 ? 1 : 0, list.length];
    const lists = Object.entries(value).map(([key, part]) => listIn(part, [...path, key]));
    const weighed = lists.filter(Boolean).map((list) => ({ list, weight: weight(at(value, list.slice(path.length))) }));
    return weighed.sort((a, b) => b.weight[0] - a.weight[0] || b.weight[1] - a.weight[1])[0]?.list;
}

/** What is turned within itself, so that a value keeps its form: digits first, then what is a digit of a long number, then any. */
const TURNS = ['0123456789', 'abcdef', 'ABCDEF', 'ghijklmnopqrstuvwxyz', 'GHIJKLMNOPQRSTUVWXYZ'];

/** The same value, changed so that its form stays: one digit or letter in its middle. */
export function renamed(value, page) {
    if (typeof value === 'number') {
        return value + page * 1_000_003;
    }
    for (const turn of TURNS) {
        const spots = [...value].flatMap((letter, spot) => (turn.includes(letter) ? [spot] : []));
        if (spots.length > 0) {
            const spot = spots[Math.floor(spots.length / 2)];
            return value.slice(0, spot) + turn[(turn.indexOf(value[spot]) + page) % turn.length] + value.slice(spot + 1);
        }
    }
    return value;
}

/** The field that names an item. */
export const identityOf = (item) => IDS.find((name) => ['string', 'number'].includes(typeof item?.[name]));

/** The items of a later page: those of the first under other names. */
export function later(items, page) {
    return items.map((item) => {
        const key = identityOf(item);
        return key === undefined ? item : { ...item, [key]: renamed(item[key], page) };
    });
}

/** The same answer saying that there are more pages, or that there are none; nothing where it does not speak of it. */
export function saying(answer, more) {
    if (!isObject(answer)) {
        return answer;
    }
    const say = ([key, part]) => [key, typeof part === 'boolean' && MORE.test(lettersOf(key)) ? more : saying(part, more)];
    return Object.fromEntries(Object.entries(answer).map(say));
}

/** The same answer with a value put at a place that need not be there. */
export function put(answer, path, value) {
    if (path.length === 0) {
        return value;
    }
    const [key, ...rest] = path;
    return { ...(isObject(answer) ? answer : {}), [key]: put(answer?.[key], rest, value) };
}

/** How a field begins or ends that counts the items of a list. */
const COUNT = /^(count|total|size|length|results?)|(count|total|size|length)$/;

/** The same answer with more items at the end of one of its lists, and counted; with no item at all when there are none. */
export function withMore(answer, path, items) {
    const list = at(answer, path);
    const longer = items === undefined ? [] : [...list, ...items];
    const counted = (value, here) => {
        if (here === path.length) {
            return longer;
        }
        const count = ([key, part]) => [key, key === path[here] ? counted(part, here + 1) : part === list.length && COUNT.test(lettersOf(key)) ? longer.length : part];
        return Object.fromEntries(Object.entries(value).map(count));
    };
    return counted(answer, 0);
}

/** What names an item or a record. */
const names = (things) => things.flatMap((thing) => IDS.map((name) => thing?.[name])).filter((id) => ['string', 'number'].includes(typeof id));

/** Whether the items of a list are what a sync saves, by what names both. */
export function isSaved(bench, items) {
    bench.saved ??= new Set(names(JSON.parse(bench.baseline.output).saved.flatMap(([records]) => [records ?? []].flat())));
    return names(items).some((id) => bench.saved.has(id));
}
