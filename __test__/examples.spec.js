// The examples print what they say, with renderers that are threads and with renderers that are processes.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { scripts } = require('../package.json');
const { test } = require('./helpers/test.js');

const root = path.join(__dirname, '..');

/** What each example prints, speaker by speaker, or by kind: the lines of one keep their order, those of two may mix. */
const printed = {
  'worker-process': [['received result: 42', 'received result: 42'], ['no channel for me']],
  'reply-streams': [[...Array(10).fill('got response data: 42'), 'stream ended']],
  'main-world': [['from main process: { test: 21 }'], ['from renderer main world: 42']],
  'two-renderers': [
    ['main hears: hello from the secondary window'],
    ['secondary hears: hello from the main window', 'secondary: the other window has closed the port'],
  ],
  'worker-thread': [
    ['the capital of France is Paris', 'the capital of Peru is Lima', 'the capital of Kenya is Nairobi'],
    ['database: the client is gone'],
  ],
  'private-api': [
    ['trusted: 70 left'],
    ['other: no port, no account', 'other: 40 left', 'other: the permission is gone'],
  ],
  'file-stream': [
    ['[#.........] 10 %', '[##........] 20 %', '[###.......] 30 %', '[####......] 40 %', '[#####.....] 50 %'],
    ['stopped: half of it is enough'],
    ['the file is closed, and read in part'],
  ],
  'rolling-restart': [
    ['child 1 has left, child 4 answers', 'child 2 has left, child 5 answers', 'child 3 has left, child 6 answers'],
    ['no request was lost, 6 children have answered'],
  ],
  'shared-ring': [[
    'a counter: 400000 of 400000',
    'a ring buffer: 200000 numbers in order, … million a second',
    'messages: 200000 numbers in order, … million a second',
    'there and back by wait and notify: … µs',
    'there and back by messages: … µs',
  ]],
  'crashing-pool': {
    thread: [['one is done', 'two is done', 'the program was ended by SIGSEGV']],
    process: [['one is done', 'two is done', 'a fault: ERR_WORKER_CRASHED SIGSEGV', 'three is done', 'the program went on']],
  },
};

/** Runs an example the way its npm script does. Figures, which are others each time, are left out. */
function run(name, kind) {
  const [program, ...args] = scripts[`example:${name}`].split(' ');
  return new Promise((resolve) => {
    const options = { cwd: root, timeout: 15_000, killSignal: 'SIGKILL' };
    const child = execFile(program === 'node' ? process.execPath : program, [...args, kind], options, (_, stdout, stderr) => {
      const text = stdout.replace(/\d+\.\d+ (?=million a second|µs)/g, '… ');
      resolve({ code: child.exitCode, stderr, lines: text.split('\n').slice(0, -1) });
    });
  });
}

for (const [name, expected] of Object.entries(printed)) {
  for (const kind of ['thread', 'process']) {
    const speakers = Array.isArray(expected) ? expected : expected[kind];
    test.serial(`${name}, each renderer a ${kind}`, async (t) => {
      t.timeout(20_000);
      const { code, stderr, lines } = await run(name, kind);
      t.is(stderr, '');
      t.is(code, 0);
      for (const said of speakers) t.deepEqual(lines.filter((line) => said.includes(line)), said);
      t.is(lines.length, speakers.flat().length, lines.join('\n'));
    });
  }
}

test('every example has its script, and every script its example', (t) => {
  const names = Object.keys(scripts).filter((name) => name.startsWith('example:')).map((name) => name.slice('example:'.length));
  t.deepEqual(names.sort(), Object.keys(printed).sort());
});
