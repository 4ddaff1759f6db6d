// JSON values: their leaves, and others in their place.

/** The leaves of a JSON value with their paths. */
export function leaves(value) {
    const found = [];
    const path = [];
    const gather = (part) => {
        if (part === null || typeof part !== 'object') {
            found.push({ path: [...path], value: part });
            return;
        }
        for (const key of Object.keys(part)) {
            path.push(key);
            gather(part[key]);
            path.pop();
        }
    };
    gather(value);
    return found;
}

/** The same value with one leaf replaced. What lies beside the path is shared, because answers may be large. */
export function replaced(value, path, leaf) {
    if (path.length === 0) {
        return leaf;
    }
    const copy = Array.isArray(value) ? [...value] : { ...value };
    copy[path[0]] = replaced(value[path[0]], path.slice(1), leaf);
    return copy;
}

/** Another value of the same form; `undefined` when there is none. */
export function other(value) {
    if (typeof value === 'number') {
        // Of a long number the next one is itself.
        return value + 1 === value ? value * 2 : value + 1;
    }
    if (typeof value === 'boolean') {
        return !value;
    }
    if (typeof value !== 'string') {
        return undefined;
    }
    // One letter or digit near the end, so that dates, addresses and ids keep their form.
    for (let at = value.length - 1; at >= 0; at -= 1) {
        const next = { z: 'y', Z: 'Y', 9: '8' }[value[at]];
        const c = value.charCodeAt(at);
        const plain = (c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
        const zulu = value[at] === 'Z' && at === value.length - 1 && /\d$/.test(value.slice(0, at));
        if (plain && !zulu) {
            return value.slice(0, at) + (next ?? String.fromCharCode(c + 1)) + value.slice(at + 1);
        }
    }
    return undefined;
}

/** Values to put in the place of another: one near it, and some far from it. */
export function others(value) {
    const near = other(value);
    if (near === undefined) {
        return [];
    }
    if (typeof value === 'number') {
        return [near, value * 10 + 7, 0].filter((one) => one !== value);
    }
    return typeof value === 'string' ? [near, `${near} countersign`, ''] : [near];
}
