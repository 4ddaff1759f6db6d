// Keeps V8's code cache of what tests run with, after the tests of a small function: of one that fails its own, and of one
// that passes it and is probed. Where these do not end as they must, as with another version of vitest, nothing is kept.
//
// Usage: node keep_tests.cjs CLI, in an empty folder
const { mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { run } = require('./tests.cjs');

const cli = process.argv[2];
const exit = process.exit.bind(process);

/** What the CLI's template makes of an action. */
const TEST = `
import { vi, expect, it, describe } from 'vitest';
import createAction from '../actions/ask.js';
describe('sample ask tests', () => {
    const nangoMock = new global.vitest.NangoActionMock({ dirname: __dirname, name: 'ask', Model: 'Answer' });
    it('should output the action output that is expected', async () => {
        const input = await nangoMock.getInput();
        const response = await createAction.exec(nangoMock, input);
        const output = await nangoMock.getOutput();
        expect(response).toEqual(output);
    });
});`;
const FUNCTION = (name) => `
import { createAction } from 'nango';
import { z } from 'zod';
const output = z.object({ name: z.string(), at: z.number().optional() });
export default createAction({
    description: 'Asks.', version: '1.0.0', input: z.object({ id: z.string() }), output,
    exec: async (nango, given): Promise<z.infer<typeof output>> => {
        const { data } = await nango.get({ endpoint: '/items', params: { id: given.id }, retries: 3 });
        const { items } = z.object({ items: z.array(output) }).parse(data);
        return { name: items[0]!.${name} };
    }
});`;
const PROBES = `
export { default as fn } from '../actions/ask.js';
export const open = async (fn, job) => ({ fn, nango: new globalThis.vitest.NangoActionMock({ dirname: job.dirname, name: 'ask', Model: 'Answer' }) });
export const probe = async ({ fn, nango }) => fn.exec(nango, { id: '1' });
export const probes = [];`;
const RECORDING = {
    input: { id: '1' },
    output: { name: 'one' },
    nango: {},
    api: { get: { '/items': [{ request: { params: { id: '1' } }, response: { items: [{ name: 'one' }] }, status: 200, headers: {} }] } }
};

mkdirSync('sample/actions', { recursive: true });
mkdirSync('sample/tests');
symlinkSync(join(dirname(cli), '../..'), 'node_modules');
writeFileSync('sample/tests/ask.test.ts', TEST);
writeFileSync('sample/tests/ask.test.json', JSON.stringify(RECORDING));
writeFileSync('sample/tests/probes.ts', PROBES);

async function ran(name) {
    writeFileSync('sample/actions/ask.ts', FUNCTION(name));
    const keep = await run({
        nonce: name,
        cli,
        project: process.cwd(),
        report: 'report.json',
        test: 'sample/tests/ask.test.ts',
        probes: { entry: 'sample/tests/probes.ts', recording: 'sample/tests/ask.test.json', job: {} }
    });
    const { testResults, outside, found } = JSON.parse(readFileSync('report.json', 'utf8'));
    const [{ status, failureMessages }] = testResults.flatMap((file) => file.assertionResults);
    return { keep, outside, found, status, said: failureMessages.join('') };
}

async function keepIfRight() {
    const bad = await ran('at');
    const good = await ran('name');
    const isRight =
        bad.status === 'failed' && bad.found === undefined && /expected .* to deeply equal/.test(bad.said) && /ask\.test\.ts:10:/.test(bad.said) &&
        good.status === 'passed' && good.found?.name === 'one' && `${bad.outside}${good.outside}` === '';
    if (!isRight) {
        throw new Error(JSON.stringify({ bad, good }));
    }
    good.keep();
}

keepIfRight().then(
    () => exit(0),
    (error) => {
        process.stderr.write(`${error?.stack ?? error}\n`);
        exit(1);
    }
);
