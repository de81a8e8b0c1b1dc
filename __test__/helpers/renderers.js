// Tests of the IPC, each played with every kind of renderer: our worker, Node's own, and a child.
//
//   inEach('a message arrives', ({ ipcRenderer }) => { ipcRenderer.send('x'); }, async (t, { contents }) => { … });
//
// The first function is the renderer's script: its text is run there, so it sees nothing of the test.
const workerThreads = require('node:worker_threads');
const { Worker, utilityProcess, webContents } = require('../../index.js');
const { test, fixture } = require('./test.js');

const script = fixture('renderer.js');

const kinds = {
  'a worker': (file, args) => new Worker(file, { argv: args }),
  "Node's worker": (file, args) => new workerThreads.Worker(file, { argv: args }),
  'a child': (file, args) => utilityProcess.fork(file, args),
};

const fromPlace = (place) => (place.kill ? webContents.fromProcess(place) : webContents.fromWorker(place));

const end = (place) => (place.kill ? place.kill('SIGKILL') : place.terminate());

/**
 * @param {string} title
 * @param {Function | string} renderer  or the path of a script
 * @param {(t: object, renderer: { place: object, contents: object, gone: Promise<any[]> }) => any} body
 */
function inEach(title, renderer, body) {
  for (const [kind, begin] of Object.entries(kinds)) {
    test.serial(`${kind}: ${title}`, async (t) => {
      t.timeout(20_000);
      const place = typeof renderer === 'string' ? begin(renderer, []) : begin(script, [String(renderer)]);
      t.teardown(() => end(place));
      await body(t, { place, contents: fromPlace(place), gone: new Promise((resolve) => { place.on('exit', (...how) => resolve(how)); }) });
    });
  }
}

module.exports = { inEach, kinds, fromPlace, end, script, test, fixture };
