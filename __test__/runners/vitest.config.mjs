// Which files are vitest's here; the pool is told on the command line.
export default { test: { include: ['**/*.suite.mjs'] } };
