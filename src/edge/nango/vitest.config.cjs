// Ours, outside of every project, so that no file of a project can change what the tests run with. It is CommonJS because
// Vite reads that without writing a file beside it.
const { join } = require('node:path');

module.exports = {
    cacheDir: join(process.env.TMPDIR, 'vite'),
    css: { postcss: {} },
    // As text, because beside an object Vite reads every tsconfig.json of the project, and one that cannot be read, or that
    // extends a package which is not installed here, fails all tests.
    esbuild: { tsconfigRaw: JSON.stringify({ compilerOptions: { target: 'esnext' } }) },
    envDir: process.env.TMPDIR,
    test: {
        include: ['**/tests/*.test.ts'],
        exclude: ['**/node_modules/**'],
        setupFiles: [join(__dirname, 'vitest.setup.mjs')],
        cache: false,
        watch: false,
        pool: 'forks',
        testTimeout: 30000,
        passWithNoTests: false
    }
};
