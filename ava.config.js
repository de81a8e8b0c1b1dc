// How the tests run: one process per spec file, so that each can count its own descriptors; two at a time.
module.exports = {
  files: ['__test__/**/*.spec.js'],
  workerThreads: false,
  concurrency: 2,
  timeout: '60s',
};
