// In Bun and Deno, each by its real executable: files of our suite play there, a part of their placements each time and all of them in
// `npm run test:runtimes`. Each file has a process of its own, which must come to its end.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('ava');
const { BRIEF, BRIEF_PLACEMENTS, RUNTIMES } = require('./runtimes/runtimes.js');
const { play, run } = require('./runtimes/started.js');

const root = path.join(__dirname, '..');

/** What Deno opens for itself: a few for each thread that is on its way out. */
const OF_DENO = 12;

const NO_BYTES = (/** @type {string} */ what) => `DataCloneError 25: An object could not be cloned: #<${what}> at message.value (its bytes cannot be had at once in this runtime)`;
const NO_PORT = (/** @type {string} */ what) => `TypeError ERR_INVALID_ARG_TYPE: Port at index 0 is not a valid port: #<${what}> cannot be handed over`;
const READS_ON = (/** @type {string} */ what) => `DataCloneError 25: ${what} at index 0 cannot be handed over: Bun does not let its reading be stopped.`;

/** How what Node.js brings arrives. */
const ARRIVES = {
  list: ['Subnet: IPv4 10.0.0.0/8', 'Address: IPv4 1.2.3.4'],
  address: [true, '::1', 'ipv6', 5, 7],
  client: 'it goes on',
  stillThere: true,
};

const VALUES = {
  Bun: {
    blob: ['a/b', 'some text'],
    file: ['name', 5, 'content'],
    ofAFile: NO_BYTES('Blob'),
    socket: READS_ON('Socket'),
    datagrams: READS_ON('dgram.Socket'),
    descriptor: 'number',
    ...ARRIVES,
  },
  Deno: {
    blob: NO_BYTES('Blob'),
    file: NO_BYTES('File'),
    ofAFile: NO_BYTES('Blob'),
    socket: NO_PORT('Socket'),
    datagrams: NO_PORT('Socket'),
    descriptor: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
    ...ARRIVES,
  },
};

/** What a program of the folder prints, of these runtimes. */
const PRINTS = {
  'global.js': ['through true 1\n'],
  'late.js': ['5\n'],
  'many-ends.js': ['{"cut":0,"early":0}\n'],
  'busy.js': ['closed,closed too,exit,its own,terminated\n'],
  'exhausted.js': ['ERR_DESCRIPTORS_EXHAUSTED,loaded\n', { descriptors: 150 }],
};

const PROGRAM = `
import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('message-channel-main');
const imported = await import('message-channel-main');
console.log(imported.MessageChannelMain === required.MessageChannelMain, typeof required.utilityProcess.fork);`;

for (const [title, runtime] of Object.entries(RUNTIMES)) {
  test.serial(`${title} loads us by require and by import, the same`, async (t) => {
    t.timeout(180_000); // the first time, it is brought
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'runtimes-')));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(root, path.join(folder, 'node_modules', 'message-channel-main'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{}');
    fs.writeFileSync(path.join(folder, 'app.mjs'), PROGRAM);
    const { stdout, ...ended } = await run(runtime, ['app.mjs'], { cwd: folder });
    t.is(stdout, 'true function\n', JSON.stringify(ended));
  });

  test.serial(`${title}: workers come and go, and leave nothing behind`, async (t) => {
    t.timeout(120_000);
    const { code, stdout, stderr } = await run(runtime, [path.join(__dirname, 'runtimes', 'come-and-go.js')]);
    t.is(code, 0, stderr);
    const { before, after } = JSON.parse(stdout);
    t.true(after <= before + (title === 'Deno' ? OF_DENO : 0), `${before} descriptors, and ${after} at the end`);
  });

  test.serial(`${title}: what Node.js brings arrives, or is refused by name and stays`, async (t) => {
    t.timeout(60_000);
    const { stdout, ...ended } = await run(runtime, [path.join(__dirname, 'runtimes', 'values.js')]);
    t.deepEqual(stdout === '' ? ended : JSON.parse(stdout), VALUES[/** @type {keyof typeof VALUES} */ (title)]);
  });

  for (const [program, [printed, options]] of Object.entries(PRINTS)) {
    test.serial(`${title} plays ${program}`, async (t) => {
      t.timeout(60_000);
      const { code, signal, stdout, stderr } = await run(runtime, [path.join(__dirname, 'runtimes', program)], options);
      t.deepEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: printed }, stderr);
    });
  }

  for (const spec of BRIEF) {
    test.serial(`${title} plays ${spec}`, async (t) => {
      t.timeout(240_000);
      const { code, signal, told, stderr } = await play(runtime, spec, BRIEF_PLACEMENTS);
      t.deepEqual({ code, signal, failed: told.filter(({ error }) => error !== undefined) }, { code: 0, signal: null, failed: [] }, stderr);
      t.is(told.at(-1)?.title, 'all were played');
    });
  }
}

test.serial('Bun: one text of many that is kept keeps none of the others', async (t) => {
  t.timeout(60_000);
  const { code, stdout, stderr } = await run(RUNTIMES.Bun, [path.join(__dirname, 'runtimes', 'kept-texts.js')]);
  t.is(code, 0, stderr);
  const { each, all } = JSON.parse(stdout);
  t.true(each < all / 20, `${each} bytes for each of 12 characters that came in ${all}`);
});
