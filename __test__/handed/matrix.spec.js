// Every kind that leaves as a descriptor, in every placement: as it is; with what waits in it, unread in a port that moves on;
// and in a process that is killed, unread and had, which closes it.
const assert = require('node:assert');
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { FileDescriptor, MessageChannelMain } = require('../../index.js');
const { connection, fifo, forget, temporary, text, until } = require('../helpers/connections.js');
const { Reader } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');

/**
 * How one kind is played. Whoever has made a thing keeps its other side.
 * @typedef {object} Kind
 * @property {(isPending: boolean) => Promise<{ thing: object, other: any }>} make  pending: something waits in it
 * @property {(other: any, isPending: boolean) => Promise<void>} meet  uses the other side, and looks at what comes of it
 * @property {(thing: any, isPending: boolean) => Promise<void>} use  of the thing where it has arrived
 * @property {(other: any) => Promise<void>} ends  nobody has the thing any more, and the other side notices
 */

/** The reading end of a pipe; who has the writing one notices that nobody reads. */
const pipe = (open) => ({
  async make(isPending) {
    const place = fifo();
    const thing = await open(place, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = fs.openSync(place, 'w');
    forget(place);
    if (isPending) fs.writeSync(writer, 'early ');
    return { thing, other: writer };
  },
  async meet(writer) {
    fs.writeSync(writer, 'late');
    fs.closeSync(writer);
  },
  async use(thing, isPending) {
    const bytes = Buffer.alloc(20);
    const wanted = isPending ? 'early late' : 'late';
    let heard = '';
    await until(() => {
      try {
        heard += bytes.toString('latin1', 0, fs.readSync(thing.fd, bytes));
      } catch (error) {
        assert.equal(error.code, 'EAGAIN');
      }
      return heard.length >= wanted.length;
    });
    assert.equal(heard, wanted);
    await thing.close();
  },
  async ends(writer) {
    await until(() => {
      try {
        fs.writeSync(writer, 'x');
        return false;
      } catch (error) {
        return error.code === 'EPIPE';
      }
    });
    fs.closeSync(writer);
  },
});

/** One side of a connection. */
const socket = (place) => ({
  async make(isPending) {
    const at = place();
    const { client, accepted } = await connection({ at, allowHalfOpen: true, early: isPending ? 'read ' : '' });
    if (isPending) await new Promise((resolve) => { client.write('early ', resolve); });
    if (at !== 0) forget(at);
    return { thing: accepted, other: client };
  },
  async meet(client, isPending) {
    client.end('late');
    assert.equal(await text(client), `heard ${isPending ? 'read early ' : ''}late`);
  },
  async use(thing) {
    assert(thing instanceof net.Socket && thing.isPaused());
    thing.end(`heard ${await text(thing)}`);
    await once(thing, 'close');
  },
  async ends(client) {
    client.on('error', () => {}).resume(); // with unread bytes it is reset
    if (!client.closed) await new Promise((resolve) => { client.on('close', resolve); });
  },
});

/** A server, with one connection in its backlog if something is to wait in it. */
const server = (place) => ({
  async make(isPending) {
    const at = place();
    const thing = net.createServer(() => assert.fail('it accepts no more')).listen(...(at === 0 ? [0, '127.0.0.1'] : [at]));
    await once(thing, 'listening');
    const to = at === 0 ? { port: thing.address().port, host: '127.0.0.1' } : { path: at };
    return { thing, other: { to, waiting: isPending ? [net.connect(to).on('error', () => {})] : [] } };
  },
  async meet({ to, waiting }) {
    const clients = [...waiting, net.connect(to)];
    assert.deepEqual(await Promise.all(clients.map(text)), clients.map(() => 'served'));
    if (to.path) forget(to.path);
  },
  async use(thing, isPending) {
    for (let left = isPending ? 2 : 1; left > 0; left--) {
      const [client] = await once(thing, 'connection');
      client.end('served');
    }
    thing.close();
    await once(thing, 'close');
  },
  async ends({ to }) {
    await until(async () => {
      const client = net.connect(to).on('error', () => {});
      return new Promise((resolve) => {
        client.on('connect', () => { client.destroy(); resolve(false); });
        client.on('error', ({ code }) => resolve(code === 'ECONNREFUSED'));
      });
    });
    if (to.path) forget(to.path);
  },
});

const datagrams = (type, address) => ({
  async make(isPending) {
    const thing = dgram.createSocket(type).bind(0, address);
    await once(thing, 'listening');
    const other = dgram.createSocket(type);
    other.connect(thing.address().port, address);
    await once(other, 'connect');
    if (isPending) await new Promise((resolve, reject) => { other.send('early', (error) => (error ? reject(error) : resolve())); });
    return { thing, other };
  },
  async meet(other, isPending) {
    const heard = [];
    const all = new Promise((resolve) => {
      other.on('message', (bytes) => { heard.push(String(bytes)); if (heard.length === (isPending ? 2 : 1)) resolve(); });
    });
    other.send('late');
    await all;
    assert.deepEqual(heard, isPending ? ['heard early', 'heard late'] : ['heard late']);
    other.close();
  },
  async use(thing, isPending) {
    assert(thing instanceof dgram.Socket);
    let left = isPending ? 2 : 1;
    await new Promise((resolve) => {
      thing.on('message', (bytes, { port, address: from }) => {
        thing.send(`heard ${bytes}`, port, from, () => { if (--left === 0) resolve(); });
      });
    });
    thing.close();
  },
  async ends(other) {
    let isRefused = false;
    other.on('error', ({ code }) => { isRefused ||= code === 'ECONNREFUSED'; });
    await until(async () => {
      await new Promise((resolve) => { other.send('x', resolve); });
      return isRefused;
    });
    other.close();
  },
});

/** @type {Record<string, Kind>} */
const kinds = {
  'a FileDescriptor': pipe((place, flags) => new FileDescriptor(fs.openSync(place, flags))),
  'a FileHandle': pipe((place, flags) => fs.promises.open(place, flags)),
  'a socket of TCP': socket(() => 0),
  'a unix socket': socket(temporary),
  'a server of TCP': server(() => 0),
  'a unix server': server(temporary),
  'a socket of UDP': datagrams('udp4', '127.0.0.1'),
};

for (const [name, { make, meet, use, ends }] of Object.entries(kinds)) {
  scenario(`${name} is used where it has arrived`, {
    async left({ port }) {
      const { thing, other } = await make(false);
      port.postMessage({ thing }, [thing]);
      await meet(other, false);
    },
    async right({ port }) {
      const { thing } = await new Reader(port).next();
      await use(thing, false);
    },
  });

  scenario(`${name} takes along what waits in it, unread in a port that moves on`, {
    async left({ port }) {
      const { thing, other } = await make(true);
      const between = new MessageChannelMain();
      between.port1.postMessage([thing, thing], [thing]);
      port.postMessage('moves on', [between.port2]);
      await meet(other, true);
      between.port1.close();
    },
    async right({ port }) {
      const { ports: [between] } = await new Reader(port).event();
      const [thing, again] = await new Reader(between).next();
      assert.equal(thing, again);
      await use(thing, true);
      between.close();
    },
  });

  scenario(`${name} closes with the process that is killed before it was read`, {
    dies: ['right', 'SIGKILL'],
    async left({ port }) {
      const { thing, other } = await make(true);
      port.postMessage('the last that is read');
      port.postMessage({ thing }, [thing]);
      await ends(other);
    },
    async right({ port, end }) {
      await new Reader(port).next();
      end('SIGKILL');
    },
  });

  scenario(`${name} closes with the process that is killed while it has it`, {
    dies: ['right', 'SIGKILL'],
    async left({ port }) {
      const { thing, other } = await make(false);
      port.postMessage({ thing }, [thing]);
      await ends(other);
    },
    async right({ port, end }) {
      const { thing } = await new Reader(port).next();
      assert(thing);
      end('SIGKILL');
    },
  });
}
