// One participant of the chaos by journals: takes random steps with ports, and writes each to a journal that outlives it.
const fs = require('node:fs');
const path = require('node:path');
const mcm = require('../../index.js');
const wt = require('../../worker_threads.js');
const { MessageChannelMain, MessagePortMain, MessageChannel, MessagePort } = mcm;
const { random } = require('./random.js');

require('node:v8').setFlagsFromString('--expose-gc');
const collect = require('node:vm').runInNewContext('gc');

const SIZES = [0, 1, 7, 100, 5000, 17_000, 70_000, 300_000, 1_100_000, 4 << 20];
const rankOf = (channel) => {
  let hash = 2_166_136_261;
  for (let i = 0; i < channel.length; i++) hash = Math.imul(hash ^ channel.charCodeAt(i), 16_777_619);
  return hash >>> 0;
};
const channelOf = (id) => id.slice(0, -1);
const faceOf = (port) => (typeof port.on === 'function' ? (typeof port.addEventListener === 'function' ? 'node' : 'main') : 'web');

/** Not without the engine's functions, everywhere. */
const SHARES = (() => {
  try {
    return mcm.sharedMemory.create(1).byteLength === 1;
  } catch {
    return false;
  }
})();

/** Thrown on purpose. */
class Expected extends Error {}

class Guest {
  ends = new Map(); // id -> end
  ctl = null;
  children = new Map();
  #fd; #next; #made = 0; #budget = 24 << 20; #running = false; #calm = false;
  #pending = new Set();

  constructor(name, seed, dir, onCommand) {
    this.name = name;
    this.dir = dir;
    this.#next = random(seed);
    this.seed = seed;
    this.#fd = fs.openSync(path.join(dir, `${name}.log`), 'a');
    this.onCommand = onCommand;
    this.log({ t: 'begin', pid: process.pid });
  }

  log(what) { fs.writeSync(this.#fd, JSON.stringify(what) + '\n'); }
  wrong(text) { this.log({ t: 'wrong', text: `${this.name}: ${text}` }); }
  dice(below) { return this.#next(below); }

  // ------------------------------------------------------------ ends

  adopt(port, { id, hop, sent, received }, { ctl = false } = {}) {
    let face = faceOf(port);
    this.log({ t: 'have', id, hop });
    if (!ctl && face !== 'node' && this.dice(8) === 0) {
      port = face === 'main' ? MessagePort.from(port) : MessagePortMain.from(port);
      face = faceOf(port);
    }
    const end = { id, hop, sent, received, port, face, state: 'open', started: false, ctl, listening: false, need: false, selfCloses: 0, told: 0 };
    if (ctl) { this.ctl = end; this.ctls ??= new Map(); this.ctls.set(id, end); } else this.ends.set(id, end);
    const way = this.dice(10);
    if (ctl || this.#calm || way < 6) this.start(end);
    else if (way < 8 || face === 'node') this.hearClose(end);
    return end;
  }

  hearClose(end) {
    if (end.listening) return;
    end.listening = true;
    const told = () => this.told(end);
    if (end.face === 'web') end.port.addEventListener('close', told);
    else end.port.on('close', told);
  }

  start(end) {
    if (end.started || end.state !== 'open') return;
    if (!end.listening && end.port.closed) { end.listening = true; return this.told(end); } // nobody listened when it was told
    end.started = true;
    this.hearClose(end);
    const { port, face } = end;
    const style = this.dice(3);
    if (face === 'main') {
      const on = ({ data, ports }) => this.receive(end, data, ports);
      if (style === 0 && !end.ctl) {
        const once = (event) => { port.once('message', once); on(event); };
        port.once('message', once);
      } else port.on('message', on);
      port.on('messageerror', ({ error, ports }) => this.failed(end, error, ports));
      port.start();
    } else if (face === 'web') {
      port.addEventListener('messageerror', (e) => this.failed(end, null, e.ports));
      if (style === 0) port.onmessage = (e) => this.receive(end, e.data, e.ports);
      else { port.addEventListener('message', (e) => this.receive(end, e.data, e.ports)); port.start(); }
    } else {
      port.on('messageerror', (error) => this.failed(end, error, null));
      if (style === 0 && !end.ctl) {
        const once = (value) => { port.once('message', once); this.receive(end, value, null); };
        port.once('message', once);
      } else port.on('message', (value) => this.receive(end, value, null));
    }
    this.log({ t: 'start', id: end.id, hop: end.hop, face, style });
  }

  told(end) {
    if (end.state === 'closed') {
      if (end.face === 'web' || ++end.selfCloses > 1) this.wrong(`${end.id} (${end.face}): 'close' on its own closing`);
      return;
    }
    end.told += 1;
    if (end.state === 'moved' && end.face === 'node' && end.told === 1) return; // as Node's: who was transferred away says so
    if (end.state !== 'open') return this.wrong(`${end.id} (${end.face}): 'close' ${end.told} on a port that is ${end.state}`);
    this.log({ t: 'told', id: end.id, hop: end.hop, received: end.received });
    end.state = 'told';
    if (!end.port.closed && end.face !== 'node') this.wrong(`${end.id}: 'close' and not closed`);
    this.ends.delete(end.id);
  }

  failed(end, error, ports) {
    if (end.state !== 'open' && !(end.state === 'closed' && end.face === 'node')) return this.wrong(`${end.id}: messageerror on a port that is ${end.state}`);
    const n = end.received++;
    this.log({ t: 'got', id: end.id, n, error: error?.code ?? error?.name ?? 'web', message: error?.message });
    const said = this.lookUp(end.id, n);
    if (said === undefined) return this.wrong(`${end.id}: messageerror for ${n}, which nobody posted: ${error?.stack}`);
    if (said.k !== 'sab' && !(error?.code === 'ERR_DESCRIPTORS_EXHAUSTED')) this.wrong(`${end.id}: messageerror for ${n}, of kind ${said.k}: ${error?.stack}`);
    if (ports !== null) ports.forEach((port, i) => { if (said.carry[i] !== undefined) this.adopt(port, { ...said.carry[i], hop: said.carry[i].hop + 1 }); });
    else if (said.carry.length > 0) this.log({ t: 'lostcarry', carry: said.carry });
  }

  /** What the poster wrote before it posted. */
  lookUp(id, n) {
    const other = channelOf(id) + (id.endsWith('a') ? 'b' : 'a');
    let found;
    for (const file of fs.readdirSync(this.dir)) {
      if (!file.endsWith('.log')) continue;
      for (const line of fs.readFileSync(path.join(this.dir, file), 'utf8').split('\n')) {
        if (line.startsWith(`{"t":"try","id":"${other}","n":${n},`)) found = JSON.parse(line);
      }
    }
    return found;
  }

  receive(end, data, ports, synchronously = false) {
    if (end.state !== 'open' && !(end.state === 'closed' && end.face === 'node' && !synchronously)) return this.wrong(`${end.id} (${end.face}): a message on a port that is ${end.state}`);
    const n = typeof data === 'number' ? data : data?.n;
    if (n !== end.received) this.wrong(`${end.id} (${end.face}) got ${n} in place of ${end.received}`);
    this.log({ t: 'got', id: end.id, n });
    end.received = n + 1;
    if (typeof data !== 'number') this.look(end, data, ports);
    if (end.ctl) return this.command(data);
    if (this.#calm || synchronously || end.state !== 'open') return;
    const dice = this.dice(200);
    if (dice < 3) this.transfer(undefined, end);
    else if (dice < 5) this.close(end);
    else if (dice < 15) this.post(end);
    else if (dice < 20) this.takeNow(end);
    if (dice < 24 && dice % 2 === 0) throw new Expected('a listener throws');
  }

  look(end, data, ports) {
    const { k, size, n } = data;
    const bad = (what) => this.wrong(`${end.id}: message ${n} of kind ${k}: ${what}`);
    if (ports !== null && ports !== undefined && end.face !== 'node' && ports.length !== (data.carry?.length ?? 0)) bad(`${ports.length} ports of ${data.carry?.length}`);
    (data.carry ?? []).forEach((known, i) => {
      const port = data.ports[i];
      if (ports && end.face !== 'node' && ports[i] !== port) bad('ports differ');
      this.adopt(port, { ...known, hop: known.hop + 1 }, { ctl: known.ctl === true });
    });
    const bytes = (load, length) => {
      if (load.length !== length) return bad(`${load.length} bytes of ${length}`);
      for (let i = 0; i < length; i += Math.max(1, length >> 4)) if (load[i] !== ((n + i) & 0xff)) return bad(`byte ${i}`);
      if (length > 0 && load[length - 1] !== ((n + length - 1) & 0xff)) bad('last byte');
      return undefined;
    };
    if (data.load !== undefined) bytes(data.load instanceof ArrayBuffer || data.load instanceof SharedArrayBuffer ? new Uint8Array(data.load) : data.load, size);
    if (data.loads !== undefined) data.loads.forEach((load) => bytes(load, size));
    if (k === 'text' && (data.text.length !== size || (size > 0 && data.text[size - 1] !== String.fromCharCode(0x100 + (n & 63))))) bad('text');
    if (k === 'blob') {
      if (data.blob.size !== size) bad(`Blob of ${data.blob.size} in place of ${size}`);
      data.blob.arrayBuffer().then((buffer) => bytes(new Uint8Array(buffer), size), (error) => bad(error.stack));
    }
    if (k === 'stream') this.read(data.stream, data.id, data.count);
  }

  async read(stream, id, count) {
    this.log({ t: 'reading', stream: id });
    let i = 0;
    try {
      const reader = stream.getReader();
      this.#pending.add(reader);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (value !== i) this.wrong(`stream ${id}: ${value} in place of ${i}`);
        i += 1;
      }
      if (i !== count) this.wrong(`stream ${id}: ${i} chunks of ${count}`);
      this.log({ t: 'readall', stream: id });
    } catch (error) {
      this.log({ t: 'readerror', stream: id, code: error?.code ?? String(error) });
    }
  }

  // ------------------------------------------------------------ steps

  any(filter = () => true) {
    const all = [...this.ends.values()].filter((end) => end.state === 'open' && filter(end));
    return all.length === 0 ? undefined : all[this.dice(all.length)];
  }

  channel(id, adopt = true) {
    const Class = [MessageChannelMain, MessageChannelMain, MessageChannel, wt.MessageChannel][this.dice(4)];
    const { port1, port2 } = new Class();
    this.log({ t: 'new', id });
    const states = [{ id: `${id}a`, hop: 0, sent: 0, received: 0 }, { id: `${id}b`, hop: 0, sent: 0, received: 0 }];
    if (!adopt) return [[port1, states[0]], [port2, states[1]]];
    return [this.adopt(port1, states[0]), this.adopt(port2, states[1])];
  }

  step() {
    const dice = this.dice(100);
    const end = this.any();
    if (end === undefined || (dice < 7 && this.#made < 40)) {
      if (this.#made > 60) return;
      const both = this.channel(`${this.name}.${this.#made++}`);
      if (this.dice(2) === 0) for (const one of both) this.transfer(undefined, one);
    } else if (dice < 62) for (let i = this.dice(8); i >= 0; i--) this.post(end);
    else if (dice < 77) this.transfer();
    else if (dice < 79) this.close(end);
    else if (dice < 86) { const late = this.any((end) => !end.started); if (late) this.start(late); }
    else if (dice < 91) this.takeNow(end);
    else if (dice < 93) end.port[this.dice(2) === 0 ? 'ref' : 'unref']();
    else if (dice < 94) end.port.setLowLatency?.(this.dice(2) === 0);
    else if (dice < 96) { const late = this.any((end) => !end.listening && end.face !== 'node' && !end.need && !end.port.writableNeedDrain); if (late) this.drop(late); }
    else if (dice < 97) collect();
    else if (dice < 98) { const until = performance.now() + this.dice(8); while (performance.now() < until); }
    else if (end.face === 'main' && end.port.writableNeedDrain) this.awaitDrain(end);
  }

  awaitDrain(end) {
    if (end.need) return;
    end.need = true;
    this.log({ t: 'need', id: end.id, hop: end.hop });
    end.port.once('drain', () => {
      this.log({ t: 'drained', id: end.id, hop: end.hop });
      if (end.state !== 'open') this.wrong(`${end.id}: 'drain' on a port that is ${end.state}`);
      end.need = false;
    });
  }

  takeNow(end) {
    const receive = end.face === 'node' ? wt.receiveMessageOnPort : mcm.receiveMessageOnPort;
    for (let i = this.dice(4); i >= 0 && end.state === 'open'; i--) {
      let got;
      try { got = receive(end.port); } catch (error) {
        this.log({ t: 'sync', error: error.message });
        const n = end.received++;
        this.log({ t: 'got', id: end.id, n, error: error.code ?? error.name });
        const said = this.lookUp(end.id, n);
        if (said?.k !== 'sab' && error?.code !== 'ERR_DESCRIPTORS_EXHAUSTED') this.wrong(`${end.id}: receiveMessageOnPort for ${n} of kind ${said?.k}: ${error.stack}`);
        if (said?.carry.length > 0) this.log({ t: 'lostcarry', carry: said.carry });
        continue;
      }
      if (got === undefined) return;
      this.receive(end, got.message, got.ports, true);
    }
  }

  close(end) {
    this.log({ t: 'close', id: end.id, hop: end.hop });
    end.state = 'closed';
    this.ends.delete(end.id);
    end.port.close();
    if (end.face === 'main' && end.listening && end.told === 0 && end.selfCloses !== 1) this.wrong(`${end.id}: close() said 'close' ${end.selfCloses} times`);
    if (!end.port.closed && end.face !== 'node') this.wrong(`${end.id}: not closed after close()`);
  }

  drop(end) {
    this.log({ t: 'drop', id: end.id, hop: end.hop });
    this.ends.delete(end.id);
    end.state = 'dropped';
    end.port = null;
    this.dropped = true;
  }

  transfer(carrier, first) {
    carrier ??= this.any((end) => end !== first);
    if (carrier === undefined) return;
    const rank = rankOf(channelOf(carrier.id));
    const moving = new Set(first === undefined ? [] : [first]);
    for (let i = this.dice(3) + (first === undefined ? 1 : 0); i > 0; i--) moving.add(this.any());
    const list = [...moving].filter((end) => end !== undefined && rankOf(channelOf(end.id)) > rank && end.state === 'open' && !end.port.closed);
    this.post(carrier, list);
  }

  kind() {
    const dice = this.dice(100);
    if (dice < 40) return 'number';
    if (dice < 52) return 'object';
    if (dice < 62) return 'bytes';
    if (dice < 74) return 'moved';
    if (dice < 77) return 'sab';
    if (dice < 79) return SHARES ? 'shm' : 'bytes';
    if (dice < 82) return 'blob';
    if (dice < 84) return 'stream';
    if (dice < 88) return 'throws';
    if (dice < 91) return 'reentrant';
    if (dice < 92) return 'closer';
    if (dice < 96) return 'text';
    return 'many';
  }

  size() {
    let size = SIZES[this.dice(this.dice(4) === 0 ? SIZES.length : 5)];
    if (size > 50_000 && (this.#budget -= size) < 0) size = 100;
    return size;
  }

  post(end, moving = [], forced) {
    if (end === undefined || end.state !== 'open' || end.port.closed) return;
    if (end.face === 'main' && end.port.writableNeedDrain && !forced) { if (this.dice(2) === 0) this.awaitDrain(end); return; }
    let k = forced ?? this.kind();
    if (k === 'number' && moving.length > 0) k = 'object';
    const n = end.sent;
    const size = k === 'object' || k === 'ctl' ? 0 : k === 'many' ? 20_000 : this.size();
    const fill = (array) => { for (let i = 0; i < array.length; i++) array[i] = n + i; return array; };
    const carry = moving.map(({ id, hop, sent, received, ctl }) => ({ id, hop, sent, received, ...(ctl && { ctl }) }));
    const ports = moving.map(({ port }) => port);
    const buffers = [];
    const others = [];
    let message = { n, k, size, carry, ports };
    if (k === 'number') message = n;
    else if (k === 'ctl') Object.assign(message, end.command);
    else if (k === 'bytes') message.load = fill(new Uint8Array(size));
    else if (k === 'moved') { message.load = fill(new Uint8Array(size)); buffers.push(message.load.buffer); }
    else if (k === 'many') { message.loads = Array.from({ length: 1 + this.dice(20) }, () => fill(new Uint8Array(size))); message.loads.forEach((load) => buffers.push(load.buffer)); }
    else if (k === 'sab') message.load = fill(new Uint8Array(new SharedArrayBuffer(size)));
    else if (k === 'shm') { message.size = size || 1; message.load = fill(new Uint8Array(mcm.sharedMemory.create(message.size))); }
    else if (k === 'blob') message.blob = new Blob([fill(new Uint8Array(size))]);
    else if (k === 'text') message.text = String.fromCharCode(0x100 + (n & 63)).repeat(size);
    else if (k === 'stream') {
      const id = `${this.name}.s${this.#made++}`;
      let i = 0;
      const count = this.dice(60);
      const over = () => this.log({ t: 'sourceover', stream: id });
      Object.assign(message, { id, count });
      this.log({ t: 'source', stream: id });
      message.stream = new ReadableStream({
        pull: async (controller) => {
          if (i === count) { over(); return controller.close(); }
          if (i % 7 === 0) await new Promise(setImmediate);
          controller.enqueue(i++);
        },
        cancel: over,
      }, { highWaterMark: 0 });
      others.push(message.stream);
      message.ports = ports;
    } else if (k === 'throws') {
      message.load = fill(new Uint8Array(size));
      buffers.push(message.load.buffer);
      Object.defineProperty(message, 'zz', { enumerable: true, get() { throw new Expected('a getter throws'); } });
    } else if (k === 'reentrant') {
      const guest = this;
      message = {
        get first() { guest.post(end); if (moving.length > 0) { guest.post(moving[0]); guest.takeNow(moving[0]); } return 1; },
        k, size: 0,
        get n() { guest.log({ t: 'try', id: end.id, n: end.sent, k, carry: moving.map(({ id, hop }) => ({ id, hop })), hop: end.hop }); return end.sent; },
        get carry() { return moving.map(({ id, hop, sent, received }) => ({ id, hop, sent, received })); },
        ports,
      };
    } else if (k === 'closer') {
      const guest = this;
      const victim = moving.length > 0 && this.dice(2) === 0 ? moving[this.dice(moving.length)] : end;
      Object.defineProperty(message, 'zz', { enumerable: true, get() { if (victim.state === 'open') guest.close(victim); return 1; } });
    }
    // Ports, buffers and others in a random order.
    const list = [...ports, ...others];
    for (const buffer of buffers) list.splice(this.dice(list.length + 1), 0, buffer);
    const before = buffers.map((buffer) => buffer.byteLength);
    this.log({ t: 'try', id: end.id, n, k, carry, hop: end.hop });
    let error;
    try {
      const way = this.dice(3);
      if (way === 0 && list.length === 0) end.port.postMessage(message);
      else if (way === 1) end.port.postMessage(message, { transfer: list });
      else end.port.postMessage(message, list);
    } catch (thrown) { error = thrown; }
    const m = k === 'reentrant' ? end.sent : n;
    if (k === 'closer') {
      // Who closed in the getter: it is told in some way, and nothing else went.
      this.log({ t: 'closer', id: end.id, n, code: error?.name, text: error?.message });
      const lost = moving.filter(({ state }) => state === 'open');
      if (end.state !== 'open') { // nothing has left: carried ports are as before or, silently, gone
        for (const one of lost) if (one.port.closed) { this.log({ t: 'drop', id: one.id, hop: one.hop, why: 'closer' }); this.ends.delete(one.id); one.state = 'moved'; }
        return;
      }
      if (error !== undefined) {
        this.log({ t: 'threw', id: end.id, n, code: error.code, name: error.name });
        for (const one of lost) if (one.port.closed) this.wrong(`${one.id} is closed after ${error.stack}`);
        return;
      }
      // It was sent, with a closed port in it.
    } else if (error !== undefined) {
      this.log({ t: 'threw', id: end.id, n: m, code: error.code, name: error.name });
      buffers.forEach((buffer, i) => { if (buffer.byteLength !== before[i]) this.wrong(`${end.id}: a buffer of ${before[i]} is detached although ${error.stack}`); });
      for (const one of moving) if (one.state === 'open' && one.port.closed) this.wrong(`${one.id} is closed although ${error.stack}`);
      if (k === 'stream') { if (message.stream.locked) this.wrong(`a stream is locked although ${error.stack}`); this.log({ t: 'sourceover', stream: message.id }); }
      const fine = (k === 'throws' && error instanceof Expected) || (k === 'sab' && error.name === 'DataCloneError') || error.code === 'ERR_DESCRIPTORS_EXHAUSTED'
        || (error.code === 'EMFILE') || moving.some(({ state, face }) => state !== 'open' || (face === 'node' && /already detached|neutered/.test(error.message)));
      if (!fine) this.wrong(`${end.id}: ${error.stack}`);
      return;
    }
    if (k === 'throws') this.wrong(`${end.id}: a getter that throws, and no error`);
    if (end.state !== 'open') { if (k !== 'reentrant') this.wrong(`${end.id}: ${end.state} after a post`); return; }
    end.sent = m + 1;
    this.log({ t: 'did', id: end.id, n: m, carry: moving.map(({ id, hop }) => ({ id, hop })) });
    buffers.forEach((buffer, i) => { if (buffer.byteLength !== 0 || (buffer.detached === false)) this.wrong(`${end.id}: a buffer of ${before[i]} is not detached after ${k}`); });
    for (const one of moving) {
      if (one.state === 'open') {
        if (!one.port.closed && one.face !== 'node') this.wrong(`${one.id} is not closed here after it was posted`);
        one.state = 'moved';
      }
      this.ends.delete(one.id);
    }
  }

  // ------------------------------------------------------------ commands

  /** Sends a command by the near end of a control channel. */
  send(ctl, command, moving = []) {
    ctl.command = command;
    this.post(ctl, moving, 'ctl');
  }

  command(data) {
    if (data.cmd === 'give') return;
    if (data.cmd === 'go') this.go();
    else if (data.cmd === 'calm') this.calm();
    else if (data.cmd === 'close') { const end = this.ends.get(data.end); if (end) this.close(end); }
    else if (data.cmd === 'gc') { collect(); }
    else if (data.cmd === 'report') this.report();
    else if (data.cmd === 'need') {
      for (const end of this.ends.values()) if (end.face === 'main' && end.port.writableNeedDrain) this.awaitDrain(end);
    } else if (data.cmd === 'buffered') {
      for (const end of this.ends.values()) if (end.face === 'main' && end.port.bufferedAmount !== 0) this.log({ t: 'buffered', id: end.id, amount: end.port.bufferedAmount });
    } else this.onCommand(this, data);
  }

  async go() {
    this.#running = true;
    while (this.#running) {
      for (let i = this.dice(12); i >= 0 && this.#running; i--) this.step();
      await new Promise(this.dice(3) === 0 ? (resolve) => setTimeout(resolve, this.dice(12)) : setImmediate);
    }
  }

  calm() {
    this.#running = false;
    this.#calm = true;
    for (const end of this.ends.values()) this.start(end);
    collect();
    this.log({ t: 'calm' });
  }

  finish() { fs.closeSync(this.#fd); this.#fd = fs.openSync('/dev/null', 'w'); setTimeout(() => fs.closeSync(this.#fd), 3000).unref(); }

  report() {
    collect();
    setTimeout(() => {
      const fds = fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`); } catch { return ''; } });
      this.log({ t: 'report', ports: mcm.inspectPorts(), sockets: fds.filter((name) => name.startsWith('socket:')).length, fds: fds.length, ends: this.ends.size });
    }, 60);
  }
}

module.exports = { Guest, Expected };
