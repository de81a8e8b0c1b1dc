// `message-channel-main inspect <pid>`: another process is asked what ports it has, and gives them to nobody else.
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { test, fixture } = require('../helpers/test.js');

const root = path.join(__dirname, '..', '..');
const { bin } = require('../../package.json');
const command = path.join(root, bin['message-channel-main']);
const SIGNAL = 53;

/** Runs the command as a user does. */
const run = (args, { node = [], ...options } = {}) => promisify(execFile)(process.execPath, [...node, command, ...args.map(String)], { maxBuffer: 1 << 28, ...options })
  .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), ({ code, stdout, stderr }) => ({ code, stdout, stderr }));

/** Runs it as somebody else. It becomes that once Node runs: where root's Node is, others need not come. */
const runAsNobody = (args) => run(args, { node: ['-r', fixture('becomes-nobody.js')] });

const ask = async (t, pid) => {
  const { code, stdout, stderr } = await run(['inspect', '--json', pid]);
  t.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
};

const refused = async (t, args, code, { as = run } = {}) => {
  const outcome = await as(args);
  t.deepEqual([outcome.code, outcome.stdout], [1, '']);
  t.true(outcome.stderr.includes(code), outcome.stderr);
};

/** A program with the package's names in scope, that has printed 'ready'. */
async function start(t, source, options = {}) {
  const names = 'MessageChannelMain, Worker, ipcMain, inspectPorts, utilityProcess, webContents';
  const script = `const { ${names} } = require('./index.js');\n${source}`;
  const child = spawn(process.execPath, [...options.node ?? [], '-e', script], {
    cwd: root, env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = [];
  let ended = false;
  let wake = () => {};
  child.stdout.on('data', (data) => { said.push(String(data)); wake(); }).on('end', () => { ended = true; wake(); });
  const says = async (text) => {
    while (!said.join('').includes(text) && !ended) await new Promise((resolve) => { wake = resolve; });
    return said.join('');
  };
  await says('ready');
  return { child, pid: child.pid, says };
}

const idle = "console.log('ready'); setInterval(() => {}, 1 << 30);";

const descriptorsOf = (pid) => fs.readdirSync(`/proc/${pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)).sort();

test.serial('as JSON and as a tree: threads, their ports, and the ports in their queues', async (t) => {
  t.timeout(30_000);
  const { pid } = await start(t, `
    function leaky() {
      const { port1, port2 } = new MessageChannelMain();
      port1.on('message', () => {});
      port2.postMessage('unread');
      return { port1, port2 };
    }
    const outer = leaky();
    const inner = leaky();
    outer.port2.postMessage(null, [inner.port2]);
    const worker = new Worker(${JSON.stringify(fixture('port-echo.js'))});
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', () => console.log('ready'));
    port1.start();
    worker.postMessage(null, [port2]);
    port1.postMessage(null);
  `, { env: { MESSAGE_PORTS_TRACE: '1' } });
  const report = await ask(t, pid);
  t.is(report.pid, pid);
  const by = new Map(report.ports.map((port) => [port.id, port]));
  const inside = report.ports.find(({ inside }) => inside !== null);
  const carrier = by.get(inside.inside);
  t.like(carrier, { thread: 0, face: 'MessagePortMain', started: false, peer: 'this thread' });
  t.like(by.get(inside.peerId), { thread: 0, peer: 'in transit', peerId: inside.id });
  t.regex(inside.stack, /^at leaky \(\[eval\]:4:\d+\)/);
  const echo = report.ports.filter(({ thread, hasRef }) => thread !== 0 && hasRef);
  t.like(echo, [{ face: 'MessagePortMain', started: true, heldBy: ['message listener'] }]);

  const { code, stdout, stderr } = await run(['inspect', pid]);
  t.deepEqual([code, stderr], [0, '']);
  const lines = stdout.split('\n');
  t.is(lines[0], `process ${pid}: ${report.ports.length} open ports, 2 of which hold an event loop`);
  t.regex(lines[1], /^in the main thread: \d+$/);
  const at = lines.findIndex((line) => line.startsWith(`  #${carrier.id} MessagePortMain · peer #${carrier.peerId} in the main thread · not started · `));
  t.not(at, -1, stdout);
  t.regex(lines[at + 1], /^ {6}at leaky \(\[eval\]:4:\d+\)$/);
  t.true(lines.some((line) => line.startsWith(`    └ in its queue: #${inside.id} · peer #${inside.peerId} in the main thread`)), stdout);
  t.true(lines.some((line) => line.startsWith(`  #${by.get(inside.peerId).id} MessagePortMain · peer #${inside.id} in the queue of #${carrier.id} · `)), stdout);
  t.regex(stdout, new RegExp(`^in thread ${echo[0].thread}: \\d+$`, 'm'));
});

test.serial('a process without ports; nothing stays behind in it; several who ask at once', async (t) => {
  t.timeout(60_000);
  const { pid } = await start(t, idle);
  const before = descriptorsOf(pid);
  t.deepEqual(await ask(t, pid), { pid, ports: [] });
  t.is((await run(['inspect', pid])).stdout, `process ${pid}: 0 open ports, 0 of which hold an event loop\n`);
  t.deepEqual(await Promise.all([1, 2, 3, 4].map(() => ask(t, pid))), [1, 2, 3, 4].map(() => ({ pid, ports: [] })));
  t.deepEqual(descriptorsOf(pid), before);
});

test.serial('a large report', async (t) => {
  t.timeout(30_000);
  const { pid } = await start(t, `const kept = Array.from({ length: 20_000 }, () => new MessageChannelMain()); globalThis.kept = kept; ${idle}`);
  const { ports } = await ask(t, pid);
  t.is(new Set(ports.map(({ id }) => id)).size, 40_000);
});

test.serial('a blocked event loop: the command says so, and the program goes on as if nothing had been', async (t) => {
  t.timeout(30_000);
  const { child, pid, says } = await start(t, `
    console.log('ready');
    console.log('read: ' + require('node:fs').readFileSync(0, 'utf8'));
  `);
  await refused(t, ['inspect', pid], 'ERR_PROCESS_SILENT');
  child.stdin.end('a line');
  const exit = once(child, 'exit');
  t.regex(await says('read: '), /read: a line/);
  t.deepEqual(await exit, [0, null]);
});

test.serial('a blocked event loop in a process that has had something to write', async (t) => {
  t.timeout(30_000);
  const { says } = await start(t, `
    console.log('ready');
    const child = utilityProcess.fork(${JSON.stringify(fixture('posts-and-spins.js'))});
    child.on('message', (data) => { if (data === 'last') console.log('spins: ' + child.pid + '.'); });
  `);
  const [, pid] = /spins: (\d+)\./.exec(await says('.'));
  t.teardown(() => process.kill(Number(pid), 'SIGKILL'));
  t.like((await ask(t, Number(pid))).ports.filter(({ face }) => face === 'parentPort'), [{ thread: 0, peer: 'behind a socket' }]);
});

test.serial('a thread that waits in sendSync() answers, and so does a worker whose parent is blocked', async (t) => {
  t.timeout(30_000);
  const sync = await start(t, `
    const child = utilityProcess.fork(${JSON.stringify(fixture('send-sync.js'))}, { stdio: 'ignore' });
    ipcMain.on('wait', () => console.log('ready ' + child.pid));
    webContents.fromProcess(child);
  `);
  const [, waiting] = /ready (\d+)/.exec(await sync.says('ready'));
  t.like(await ask(t, Number(waiting)), { pid: Number(waiting) });

  const blocked = await start(t, `
    const worker = new Worker(${JSON.stringify(fixture('until-close.js'))});
    worker.once('message', () => { // by now it has loaded what answers
      console.log('ready');
      setTimeout(() => { for (;;); }, 1);
    });
  `);
  const { ports } = await ask(t, blocked.pid);
  t.true(ports.some(({ thread }) => thread === 0));
});

test.serial('a worker that loaded the addon first and has ended; one in which every loop that could answer has ended', async (t) => {
  t.timeout(30_000);
  const worker = (then) => `
    const { Worker: NodeWorker } = require('node:worker_threads');
    new NodeWorker("require('./index.js')", { eval: true }).on('exit', () => { ${then} });
  `;
  const first = await start(t, `${worker("console.log('ready')")} setInterval(() => {}, 1 << 30);`);
  t.is((await ask(t, first.pid)).pid, first.pid);

  const script = `${worker("console.log('ready'); setInterval(() => {}, 1 << 30);")}`;
  const child = spawn(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await refused(t, ['inspect', child.pid], 'ERR_PROCESS_SILENT');
  t.is(child.exitCode, null);
});

test.serial('who is not there, not ours, without the addon, or no number', async (t) => {
  t.timeout(30_000);
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  await refused(t, ['inspect', gone.pid], 'ERR_NO_SUCH_PROCESS');
  const stranger = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
  await refused(t, ['inspect', stranger.pid], 'ERR_PROCESS_NOT_INSPECTABLE');
  stranger.stdin.end();
  t.deepEqual(await once(stranger, 'exit'), [0, null], 'it was not sent anything');
  for (const args of [[], ['inspect'], ['inspect', 'x'], ['inspect', '-1'], ['inspect', '0'], ['inspect', '1', '2'], ['look', '1']]) {
    await refused(t, args, 'Usage:');
  }
  t.regex((await run(['--help'])).stdout, /^Usage:/);
  // As root we can be somebody else; otherwise the first process is.
  const { pid } = await start(t, idle);
  if (process.getuid() === 0) await refused(t, ['inspect', pid], 'ERR_PROCESS_NOT_OURS', { as: runAsNobody });
  else await refused(t, ['inspect', 1], 'ERR_PROCESS_NOT_OURS');
});

test.serial('a signal from a process that does not listen changes nothing', async (t) => {
  t.timeout(30_000);
  const { child, pid } = await start(t, idle);
  const before = descriptorsOf(pid);
  for (let i = 0; i < 20; i++) process.kill(pid, SIGNAL);
  t.is((await ask(t, pid)).pid, pid);
  t.deepEqual(descriptorsOf(pid), before);
  t.is(child.exitCode, null);
});

test('what a hostile process says cannot speak to the terminal', (t) => {
  const { tree } = require('../../lib/inspect');
  const evil = '\x1b]0;owned\x07\u202e\n';
  const port = {
    id: 1, channel: evil, face: evil, thread: evil, inside: null, peer: evil, peerId: null,
    queued: evil, buffered: 1, started: true, hasRef: true, heldBy: [evil], stack: evil,
  };
  const chain = Array.from({ length: 50_000 }, (_, i) => ({ ...port, id: i + 1, inside: i || null, thread: 0 }));
  const text = tree({ pid: evil, ports: [port, ...chain] });
  t.notRegex(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  t.true(text.length < 50_000_000);
});
