// A process that writes what it likes to the socket of a port ends that port; nobody else can join in.
const { once } = require('node:events');
const fs = require('node:fs');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { Reader } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const header = (...words) => Buffer.from(Uint32Array.from(words).buffer).toString('hex');

for (const [what, bytes, code] of [
  ['bytes of no kind', 'ff'.repeat(100), 'ERR_PROTOCOL_VERSION'],
  ['another version of the protocol', header(0x201, 0, 0, 0), 'ERR_PROTOCOL_VERSION'],
  ['a message beyond the limit', header(0x101, 2 ** 30 + 1, 0, 0), 'ERR_MESSAGE_MALFORMED'],
  ['more parts than there may be', header(0x101, 0, 2 ** 16 + 1, 2 ** 20), 'ERR_MESSAGE_MALFORMED'],
  ['descriptors that are not there', header(0x102, 0, 1, 0), 'ERR_MESSAGE_MALFORMED'],
]) {
  test.serial(`${what} from a child: 'messageerror', then 'close', and its other ports go on`, async (t) => {
    t.timeout(20_000);
    const child = utilityProcess.fork(fixture('garbage.js'), [bytes]);
    t.teardown(() => child.kill('SIGKILL'));
    const [victim, other] = [new MessageChannelMain(), new MessageChannelMain()];
    child.postMessage('other', [other.port2]);
    t.is((await once(child, 'message'))[0], 'ready');
    const log = [];
    victim.port1.on('message', ({ data }) => log.push(data));
    victim.port1.on('messageerror', ({ error }) => log.push(error.code));
    const closed = new Promise((resolve) => victim.port1.on('close', () => { log.push('close'); resolve(); }));
    victim.port1.start();
    child.postMessage('victim', [victim.port2]);
    t.is((await once(child, 'message'))[0], 'written');
    await closed;
    const reader = new Reader(other.port1);
    other.port1.postMessage('unharmed');
    t.is(await reader.next(), 'unharmed');
    t.deepEqual(log, ['a word before', code, 'close']);
    other.port1.close();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
}

test.serial('of messages that cannot be read one comes in a turn, however small they are: all else has its turns in between', async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(fixture('garbage.js'), [header(0x101, 0, 0, 0).repeat(500)]);
  const [victim, other] = [new MessageChannelMain(), new MessageChannelMain()];
  child.postMessage('other', [other.port2]);
  await once(child, 'message');
  let [errors, most] = [0, 0];
  victim.port1.on('message', () => {});
  victim.port1.on('messageerror', () => errors++);
  victim.port1.start();
  child.postMessage('victim', [victim.port2]);
  while (errors < 500) {
    const before = errors;
    await new Promise(setImmediate);
    most = Math.max(most, errors - before);
  }
  t.is(most, 1);
  other.port1.close();
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
});

test.serial("half a frame from a child that is killed is no message: 'close' comes at once", async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(fixture('garbage.js'), [header(0x101, 2 ** 29, 0, 0)]);
  const [victim, other] = [new MessageChannelMain(), new MessageChannelMain()];
  child.postMessage('other', [other.port2]);
  await once(child, 'message');
  const reader = new Reader(victim.port1);
  child.postMessage('victim', [victim.port2]);
  await once(child, 'message');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  t.deepEqual(await reader.rest(), ['a word before']);
  other.port1.close();
  await gone;
});

test.serial('a message that would take far more memory than its size is refused, and the port goes on', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(Array.from({ length: 300_000 }, () => new Map()));
    port1.postMessage('the next');
    port2.on('messageerror', ({ error }) => console.log(error.code));
    port2.on('message', ({ data }) => { console.log(data); port2.close(); });
    port2.start();
  `, ['ERR_MESSAGE_MALFORMED', 'the next'], { env: { MESSAGE_PORTS_BUDGET: '1' } });
});

/** The unix sockets of a process, as the system lists them: with the name that one could connect to, if there is any. */
function unixSockets(pid) {
  const named = new Map(fs.readFileSync(`/proc/${pid}/net/unix`, 'utf8').trim().split('\n').slice(1).map((line) => {
    const [, , , , , , inode, name] = line.trim().split(/\s+/);
    return [inode, name];
  }));
  const links = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false }));
  const inodes = links.map((link) => /^socket:\[(\d+)\]$/.exec(String(link))?.[1]).filter((inode) => inode !== undefined);
  return inodes.map((inode) => (named.has(inode) ? named.get(inode) ?? 'unnamed' : 'of another family'));
}

test.serial('a channel between processes has no name, path or number that anybody could connect to', async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(fixture('echo.js'), [], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage('keep it', [port2]);
  const [, { ports: [back] }] = await once(child, 'message');
  child.postMessage('and this', [back]);
  const [, { ports: [again] }] = await once(child, 'message');
  child.postMessage(1);
  await once(child, 'message');
  const sockets = unixSockets(child.pid);
  t.true(sockets.length >= 2, `${sockets}`);
  t.deepEqual(sockets.filter((name) => name !== 'unnamed'), []);
  child.postMessage('go');
  again.close();
  port1.close();
  await once(child, 'exit');
});
