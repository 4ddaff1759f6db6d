// Pages whose answers name the place of the next one: by a cursor, or by a link in the body or in a header.
import { Headed } from './engine.mjs';
import { at, isObject, later, lettersOf, put, saying } from './pages.mjs';
import { replaced } from './values.mjs';

/** What the answers name as the place of the second and the third page. */
const CURSORS = ['countersign-page-2', 'countersign-page-3'];

/** So many things are on a later page at most. */
const MOST = 25;

/** The names under which APIs give that place, letters only. */
const NAMES = ['nextpagetoken', 'nextcursor', 'nexttoken'];
/** And those under which they give its whole address. */
const LINKS = ['next', 'nextlink', 'nexturl', 'nextpageurl', 'nexturi', 'nextpageuri', 'nextrecordsurl', 'odatanextlink'];

/** What is known to come in pages although one page does not show it. The kinds are Google's own words for a list. */
const KNOWN = [
    { is: ({ answer }) => /^calendar#(events|calendarList|acl|settings)$|^drive#\w+List$/.test(answer.kind), path: ['nextPageToken'] },
    { is: ({ endpoint, method }) => method === 'get' && /^\/?crm\/v\d\/(objects|owners)\b(?!.*\/\d+$)/.test(endpoint), path: ['paging', 'next', 'after'] }
];

/** The first place in an answer that `is` one. What is in a list is data. */
function placeIn(value, is, path = []) {
    if (!isObject(value) || path.length > 3) {
        return undefined;
    }
    for (const [key, part] of Object.entries(value)) {
        const here = [...path, key];
        const found = is(key, part, path) ? here : placeIn(part, is, here);
        if (found) {
            return found;
        }
    }
    return undefined;
}

/** A cursor, its last page's empty one too. */
const isCursor = (key, part, path) => {
    const letters = lettersOf(key);
    const named = NAMES.includes(letters) || (letters === 'after' && path.at(-1) === 'next');
    return named && (part === null || typeof part === 'string');
};

/** An address; of an empty one it cannot be known how the function reads it. */
const isLink = (key, part) => LINKS.includes(lettersOf(key)) && typeof part === 'string' && /^https?:\/\/|^\//.test(part);

const isOther = (key, part) => /cursor|token|after/.test(lettersOf(key)) && !isLink(key, part);

/** The address of a page, as the call of the first one is written. */
function addressOf({ endpoint, entry }, cursor, model) {
    const absolute = /^https?:/.test(model ?? '') ? new URL(model) : new URL(`https://countersign.invalid/${endpoint}`);
    for (const [key, value] of Object.entries(entry.request?.params ?? {})) {
        absolute.searchParams.set(key, String(value));
    }
    absolute.searchParams.set('page', cursor);
    return absolute.href;
}

/** Where and how the answers of a call name the next page; nothing when it is not known. */
function namingOf(bench, call, answer) {
    const paging = bench.baseline.pagings.find((one) => one.endpoint === call.endpoint);
    const linked = (path) => ({ path, of: (cursor) => addressOf(call, cursor, at(answer, path)) });
    if (paging?.header !== undefined) {
        return { header: paging.header, of: (cursor) => addressOf(call, cursor), shown: true };
    }
    if (paging !== undefined) {
        const path = paging.cursor ?? paging.link;
        return path === undefined ? undefined : { ...(paging.link === undefined ? { path, of: (cursor) => cursor } : linked(path)), shown: true };
    }
    const cursor = placeIn(answer, isCursor);
    if (cursor !== undefined) {
        return { path: cursor, of: (value) => value, shown: true };
    }
    const known = KNOWN.find(({ is }) => is({ ...call, answer }))?.path;
    if (known !== undefined) {
        return { path: known, of: (value) => value, shown: false };
    }
    // Where there is something else to go by, the function may go by that.
    const link = placeIn(answer, isOther) === undefined ? placeIn(answer, isLink) : undefined;
    return link === undefined ? undefined : { ...linked(link), shown: false };
}

/** The same answer without a next page: an empty place stays, a full one goes with what holds nothing else. */
function cleared(answer, [key, ...rest]) {
    if (!isObject(answer) || !(key in answer)) {
        return answer;
    }
    const { [key]: part, ...others } = answer;
    if (rest.length === 0) {
        return part === null || part === '' ? answer : others;
    }
    const kept = cleared(part, rest);
    const isOver = kept !== part && (lettersOf(key) === 'next' || Object.keys(kept).length === 0);
    return isOver ? others : { ...answer, [key]: kept };
}

/** The pages of a call whose answers name the next one. */
export function byCursor(bench, call, list) {
    const answer = call.entry.response;
    const naming = namingOf(bench, call, answer);
    if (naming === undefined || (naming.path !== undefined && !isObject(answer))) {
        return undefined;
    }
    const page = (number) => {
        const items = number === 0 ? at(answer, list) : later(at(answer, list).slice(0, MOST), number);
        const said = saying(replaced(answer, list, items), number < CURSORS.length);
        const next = CURSORS[number] === undefined ? undefined : naming.of(CURSORS[number]);
        if (naming.header !== undefined) {
            return new Headed(said, { link: next === undefined ? '' : `<${next}>; rel="${naming.header}"` });
        }
        return next === undefined ? cleared(said, naming.path) : put(said, naming.path, next);
    };
    return {
        shown: naming.shown,
        pages: [page(0), page(1), page(2)],
        next: (number) => `${naming.path?.join('.') ?? 'link'}: ${JSON.stringify(CURSORS[number])}`,
        pageOf: (identity) => {
            const asked = JSON.stringify([identity.endpoint, identity.requestIdentity]);
            return CURSORS.findLastIndex((cursor) => asked.includes(cursor)) + 1;
        },
        isTold: (text) => CURSORS.some((cursor) => text.includes(cursor))
    };
}
