// Another day, other random numbers, and nothing by which a test could be told from an ordinary run: the function must do
// the same. It is held against it only when it does something else twice, and the same twice without the change.
import { failed, passed, plain, unknown } from './engine.mjs';
import { leaves } from './values.mjs';

const DAYS = 400;
const NAMES = ['vitest', 'vi', 'expect', 'it', 'test', 'describe', 'jest', '__vitest_worker__', '__vitest_index__', '__vitest_environment__'];

/** The world of a server that has never heard of tests, 400 days from now. */
function elsewhere(nango) {
    const { Date: Clock, process: own } = globalThis;
    const random = Math.random;
    const hidden = NAMES.filter((name) => Object.hasOwn(globalThis, name)).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    const limit = Error.stackTraceLimit;
    const ahead = DAYS * 86_400_000;
    class Later extends Clock {
        constructor(...given) {
            super(...(given.length === 0 ? [Clock.now() + ahead] : given));
        }
        static now() {
            return Clock.now() + ahead;
        }
    }
    let seed = 7;
    Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const env = Object.fromEntries(Object.entries(own.env).filter(([name]) => !/VITEST|JEST|^TEST$|NODE_ENV|^MODE$|^DEV$|^PROD$|^SSR$/.test(name)));
    const bare = new Proxy(own, { get: (real, key) => (key === 'env' ? env : key === 'argv' ? ['node', 'server.js'] : real[key]) });
    Object.assign(globalThis, { Date: Later, process: bare });
    for (const [name, { configurable }] of hidden) {
        if (configurable) {
            delete globalThis[name];
        }
    }
    Error.stackTraceLimit = 0;
    const back = () => {
        Math.random = random;
        Error.stackTraceLimit = limit;
        Object.assign(globalThis, { Date: Clock, process: own });
        for (const [name, descriptor] of hidden) {
            Object.defineProperty(globalThis, name, descriptor);
        }
    };
    return { subject: plain(nango), back };
}

/** What must not depend on the world: whether it ends well, where it asks, and which fields it gives; how often may. */
function behaviour(end) {
    const fields = leaves(JSON.parse(end.output)).map(({ path }) => path.filter((key) => !/^\d+$/.test(key)).join('.'));
    const all = (values) => [...new Set(values)].sort();
    return JSON.stringify({ failed: end.error !== undefined, places: all(end.places), fields: all(fields) });
}

export async function run(bench) {
    const expected = behaviour(bench.baseline);
    const other = await bench.run({ world: elsewhere });
    if (behaviour(other) === expected) {
        return passed();
    }
    const again = await bench.run();
    const otherAgain = await bench.run({ world: elsewhere });
    if (behaviour(again) !== expected || behaviour(otherAgain) === expected) {
        return unknown('it does not do the same twice');
    }
    const shown = (end) => `${end.places.join(', ') || 'no call'}; ${end.error === undefined ? end.output : `failed: ${end.error}`}`;
    return failed(`in a test: ${shown(again)}\nelsewhere: ${shown(other)}`);
}
