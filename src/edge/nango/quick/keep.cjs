// Keeps V8's code cache beside the quick CLI: after a compile and a dry run of a small project, with what those need in it.
//
// Usage: node keep.cjs CLI, in an empty folder
const { mkdirSync, symlinkSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { dirname, join } = require('node:path');
const { load, zod } = require('./load.cjs');

const cli = process.argv[2];
const FUNCTIONS = {
    'sample/actions/ask': `
const z = require('zod');
const input = z.object({ id: z.string().describe('One.'), kind: z.enum(['a', 'b']).optional() });
const output = z.object({ id: z.string(), items: z.array(z.object({ name: z.string().nullable(), at: z.number() })) });
exports.default = { type: 'action', description: 'Asks.', version: '1.0.0', input, output, scopes: [], exec: async (nango, given) => {
    const { data } = await nango.get({ endpoint: '/items', params: { id: given.id }, retries: 3 });
    return { id: given.id, items: data.items };
} };`,
    'sample/syncs/keep': `
const z = require('zod');
exports.default = { type: 'sync', description: 'Keeps.', version: '1.0.0', frequency: 'every hour', syncType: 'full', models: { Item: z.object({ id: z.string() }) }, exec: async (nango) => {
    await nango.batchSave([{ id: '1' }], 'Item');
} };`
};

mkdirSync('.nango');
symlinkSync(join(dirname(cli), '../..'), 'node_modules');
writeFileSync('index.ts', Object.keys(FUNCTIONS).map((path) => `import './${path}.js';\n`).join(''));
for (const [path, text] of Object.entries(FUNCTIONS)) {
    mkdirSync(path.replace(/\/[^/]+$/, ''), { recursive: true });
    writeFileSync(`${path}.ts`, text);
}

/** Stands in for Nango's API. */
const api = createServer(({ url }, response) => {
    const answers = { '/connection/': { id: 1, connection_id: 'one', provider_config_key: 'sample' }, '/integrations/': { data: { provider: 'github' } } };
    const found = Object.entries(answers).find(([path]) => url.startsWith(path));
    response.setHeader('content-type', 'application/json');
    response.setHeader('connection', 'close');
    response.end(JSON.stringify(found?.[1] ?? { items: [{ name: null, at: 1 }] }));
});

api.listen(0, '127.0.0.1', async () => {
    process.env.NANGO_HOSTPORT = `http://127.0.0.1:${api.address().port}`;
    process.env.NANGO_SECRET_KEY_DEV = 'sample';
    const { exports: quick, keep } = load('cli.cjs', cli);
    const keeps = [keep];
    quick.use({
        types: () => [],
        bundle: ({ entryPoint }, { Ok }) => Ok(FUNCTIONS[Object.keys(FUNCTIONS).find((path) => entryPoint.endsWith(`${path}.js`))]),
        features: () => [],
        load(address) {
            if (address.includes('/build/') && keeps.length === 1) {
                keeps.push(zod(cli));
            }
            return import(address);
        }
    });
    const { DryRunService } = quick;
    await quick.compileAllFunctions({ fullPath: process.cwd(), debug: false, interactive: false });
    const service = new DryRunService({ environment: 'dev', fullPath: process.cwd(), validation: true, returnOutput: true });
    const asked = { connectionId: 'one', optionalEnvironment: 'dev', optionalProviderConfigKey: 'sample', saveResponses: true, autoConfirm: true, interactive: false };
    await service.run({ ...asked, sync: 'keep' });
    process.argv = [process.argv[0], cli, 'dryrun', 'ask', 'one', '-e', 'dev', '--integration-id', 'sample', '--validate', '--save', '--input', '{"id":"1"}', '--auto-confirm', '--no-interactive', '--no-dependency-update'];
    process.once('beforeExit', () => keeps.forEach((kept) => kept()));
    api.unref();
    quick.main();
});
