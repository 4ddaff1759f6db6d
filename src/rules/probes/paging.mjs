// The call of a function whose answer comes in pages.
import { Headed } from './engine.mjs';
import { byCursor } from './cursors.mjs';
import { byNumber } from './numbered.mjs';
import { at, listIn } from './pages.mjs';

/**
 * What each of three pages of it is; `undefined` when no call is known to come in pages. `shown` says that the function or
 * the answer itself names where the next page is.
 */
export function paged(bench) {
    for (const call of bench.recorded) {
        const { method, endpoint, entry } = call;
        const told = bench.baseline.pagings.find((one) => one.endpoint === endpoint)?.list ?? [];
        const list = told.length > 0 ? told : listIn(entry.response);
        if (list === undefined || !(at(entry.response, list)?.length > 0)) {
            continue;
        }
        // Of a long body only the hash is known, so it cannot be seen which page is asked for.
        if (bench.baseline.requests.some((request) => request.includes(endpoint) && request.includes('"sha1:'))) {
            continue;
        }
        const pages = byCursor(bench, call, list) ?? byNumber(bench, call, list);
        if (pages !== undefined) {
            return { place: `${method} ${endpoint}`, method, endpoint, list, ...pages };
        }
    }
    return undefined;
}

/** Whether a request is for one of the pages. */
export function isFor(paging, identity) {
    return identity.method === paging.method && identity.endpoint.replace(/^\//, '') === paging.endpoint;
}

/** The page that a request is for. */
export function pageFor(paging, identity) {
    const page = paging.pages[paging.pageOf(identity)];
    return page instanceof Headed ? new Headed(structuredClone(page.response), page.headers) : structuredClone(page);
}

/** Answers the call page by page, and every other as recorded. `asked` is told which pages were. */
export function inPages(paging, asked = new Set()) {
    return (response, _number, identity) => {
        if (!isFor(paging, identity)) {
            return response;
        }
        asked.add(paging.pageOf(identity));
        return pageFor(paging, identity);
    };
}
