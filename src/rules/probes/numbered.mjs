// Pages that are asked for by their number or by how many things came before them.
import { at, isObject, later, lettersOf, saying } from './pages.mjs';
import { replaced } from './values.mjs';

/** So many things are made of one page at most, and so many characters. */
const FULL = 250;
const FULL_CHARS = 50_000;
const PAGES = 3;

/** How many things, and how many pages there are. */
const TOTALS = ['total', 'totalcount', 'totalitems', 'totalresults', 'totalrecords', 'totalelements', 'totalsize', 'resultcount'];
const PAGE_COUNTS = ['pages', 'pagecount', 'totalpages', 'numpages', 'lastpage', 'pagestotal'];

/** The value of a parameter that a request carries, in its address or in its body. */
function valueOf({ requestIdentity: { params, data } }, name) {
    const given = params.find(([key]) => key === name)?.[1];
    if (given !== undefined) {
        return Number(given);
    }
    try {
        return Number(at(JSON.parse(data ?? '{}'), name.split('.')));
    } catch {
        return NaN;
    }
}

/** The same answer with its counts as they are where the list is three pages long; nothing in the list itself. */
function counting(answer, list, count) {
    if (!isObject(answer)) {
        return answer;
    }
    const say = ([key, part]) => {
        const letters = lettersOf(key);
        if (typeof part !== 'number') {
            return [key, counting(part, list, count)];
        }
        return [key, TOTALS.includes(letters) && part >= list ? count : PAGE_COUNTS.includes(letters) ? PAGES : part];
    };
    return Object.fromEntries(Object.entries(answer).map(say));
}

/** The pages of a call that `nango.paginate` makes by number or by offset. */
export function byNumber(bench, { endpoint, entry }, list) {
    const answer = entry.response;
    const paging = bench.baseline.pagings.find((one) => one.endpoint === endpoint && one.number !== undefined);
    const items = at(answer, list);
    // A page that is not full is the last one.
    const full = Math.max(paging?.limit ?? 0, items.length);
    if (paging === undefined || items.length === 0 || full > FULL || (JSON.stringify(items).length / items.length) * full > FULL_CHARS) {
        return undefined;
    }
    // Who asks something for each thing would ask without end.
    const asksForEach = bench.baseline.places.some((place) => !place.endsWith(` ${endpoint}`));
    if (asksForEach && full > items.length * 2) {
        return undefined;
    }
    const step = paging.perPage ? 1 : full;
    const page = (number) => {
        const filled = Array.from({ length: full }, (_, spot) => later([items[spot % items.length]], number * Math.ceil(full / items.length) + Math.floor(spot / items.length))[0]);
        return saying(counting(replaced(answer, list, number < PAGES ? filled : []), items.length, full * PAGES), number < PAGES - 1);
    };
    return {
        shown: true,
        pages: [page(0), page(1), page(2), page(3)],
        next: (number) => `${paging.number}: ${paging.start + (number + 1) * step}`,
        pageOf: (identity) => {
            const number = Math.floor((valueOf(identity, paging.number) - paging.start) / step);
            return Number.isNaN(number) ? 0 : Math.min(Math.max(number, 0), PAGES);
        },
        isTold: () => false
    };
}
