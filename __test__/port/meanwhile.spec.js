// What is made for a message is told to async hooks and subscribers before the message is read: they may receive another one.
const test = require('ava');
const async_hooks = require('node:async_hooks');
const { once } = require('node:events');
const { SocketAddress } = require('node:net');
const vm = require('node:vm');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { native } = require('../../lib/native');
const { encode, decodeAlone } = require('../clone/rig.js');
const { MessageChannelMain, receiveMessageOnPort } = require('../..');

const ARRIVE = 'message-channel-main:arrive';

/** Has somebody hear of what is made, as long as `act` runs. @type {Record<string, (heard: () => void, act: () => Promise<void>) => Promise<void>>} */
const WAYS = {
  async 'an async hook'(heard, act) {
    const hook = async_hooks.createHook({ init: (_id, type) => { if (type !== 'TickObject' && type !== 'PROMISE') heard(); } }).enable();
    await act().finally(() => hook.disable());
  },
  async 'a hook of promises'(heard, act) {
    const hook = async_hooks.createHook({ init: (_id, type) => { if (type === 'PROMISE') heard(); } }).enable();
    await act().finally(() => hook.disable());
  },
  async 'a subscriber'(heard, act) {
    subscribe(ARRIVE, heard);
    await act().finally(() => unsubscribe(ARRIVE, heard));
  },
};

const text = (length) => 'x'.repeat(length);

/** @type {Record<string, () => [message: any, transfer: any[]]>} */
const MESSAGES = {
  'a port': () => [{ name: 'mine', n: [1, 2, 3] }, [new MessageChannelMain().port1]],
  'a port, and much': () => [{ name: 'mine', n: text(300_000) }, [new MessageChannelMain().port1]],
  'a stream among others'() {
    const stream = new ReadableStream();
    return [[1, { stream, tail: 'mine' }, new Map([['a', text(100)]])], [stream]];
  },
  'a signal': () => {
    const { signal } = new AbortController();
    return [{ signal, tail: 'mine' }, [signal]];
  },
  'an address': () => [{ a: 1, address: new SocketAddress({ address: '1.2.3.4', port: 5 }), tail: 'mine' }, []],
};

/** What of it can be compared. @param {any} message */
const shown = (message) => JSON.stringify(message, (_, value) => {
  if (value instanceof Map) return [...value];
  return value instanceof ReadableStream || value instanceof AbortSignal ? value.constructor.name : value;
});

for (const [way, hear] of Object.entries(WAYS)) {
  for (const [name, make] of Object.entries(MESSAGES)) {
    for (const same of [false, true]) {
      test.serial(`${way} reads ${same ? 'the same' : 'another'} port while ${name} is received`, async (t) => {
        const [one, other] = [new MessageChannelMain(), new MessageChannelMain()];
        const [message, transfer] = make();
        const wanted = shown(message);
        one.port1.postMessage(message, transfer);
        for (let i = 0; i < 3; i++) (same ? one : other).port1.postMessage({ other: text(200), i });
        /** @type {any[]} */
        const read = [];
        /** @type {any} */
        let got;
        let begun = false;
        await hear(() => {
          if (begun && read.length < 2) read.push(receiveMessageOnPort((same ? one : other).port2)?.message.i);
        }, async () => {
          begun = true;
          got = receiveMessageOnPort(one.port2);
          begun = false;
        });
        t.true(shown(got.message) === wanted, shown(got.message).slice(0, 100));
        for (let next; (next = receiveMessageOnPort((same ? one : other).port2)) !== undefined;) read.push(next.message.i);
        t.deepEqual(read, [0, 1, 2]);
        for (const { port1 } of [one, other]) port1.close();
      });
    }

    test.serial(`${way} reads another port while ${name} is delivered among others`, async (t) => {
      const [one, other] = [new MessageChannelMain(), new MessageChannelMain()];
      const [message, transfer] = make();
      const wanted = ['"before"', shown(message), '"after"', '"last"'];
      one.port1.postMessage('before');
      one.port1.postMessage(message, transfer);
      one.port1.postMessage('after');
      one.port1.postMessage('last');
      for (let i = 0; i < 3; i++) other.port1.postMessage({ other: text(200), i });
      /** @type {any[]} */
      const read = [];
      /** @type {any[]} */
      const got = [];
      await hear(() => {
        if (got.length === 1 && read.length < 2) read.push(receiveMessageOnPort(other.port2)?.message.i);
      }, async () => {
        one.port2.on('messageerror', (error) => got.push(error));
        one.port2.on('message', ({ data }) => got.push(shown(data)));
        one.port2.start();
        while (got.length < 4) await once(one.port2, 'message');
      });
      t.true(String(got) === String(wanted), String(got).slice(0, 100));
      for (let next; (next = receiveMessageOnPort(other.port2)) !== undefined;) read.push(next.message.i);
      t.deepEqual(read, [0, 1, 2]);
      for (const { port1 } of [one, other]) port1.close();
    });
  }
}

test.serial('a port that is closed or handed over while its message is read takes that along no more', (t) => {
  for (const deed of ['close', 'hand over']) {
    const [one, carrier] = [new MessageChannelMain(), new MessageChannelMain()];
    one.port1.postMessage({ address: new SocketAddress(), i: 0 });
    one.port1.postMessage({ i: 1 });
    let done = false;
    const hook = async_hooks.createHook({
      init() {
        if (done) return;
        done = true;
        if (deed === 'close') one.port2.close();
        else carrier.port1.postMessage(null, [one.port2]);
      },
    }).enable();
    const got = receiveMessageOnPort(one.port2);
    hook.disable();
    t.is(got.message.i, 0);
    if (deed === 'close' || !done) continue; // newer versions of Node make nothing for an address that a hook hears of
    const { ports: [moved] } = /** @type {any} */ (receiveMessageOnPort(carrier.port2));
    t.is(receiveMessageOnPort(moved).message.i, 1);
    t.is(receiveMessageOnPort(moved), undefined);
  }
});

test.serial('memory that a hook detaches while a stream is made to leave is missed: nothing has left', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const [stream, buffer] = [new ReadableStream(), new ArrayBuffer(100)];
  let done = false;
  const hook = async_hooks.createHook({
    init(_id, type) {
      if (type !== 'MESSAGEPORT' || done) return;
      done = true;
      structuredClone(buffer, { transfer: [buffer] });
    },
  }).enable();
  t.throws(() => port1.postMessage({ stream, buffer }, [stream, buffer]), { any: true, name: 'DataCloneError' });
  hook.disable();
  t.is(receiveMessageOnPort(port2), undefined);
  t.false(stream.locked);
  port1.postMessage({ stream }, [stream]);
  t.true(receiveMessageOnPort(port2).message.stream instanceof ReadableStream);
  port1.close();
});

test.serial('a hook that posts while something is made to leave changes no other message', (t) => {
  const [one, other] = [new MessageChannelMain(), new MessageChannelMain()];
  const stream = new ReadableStream();
  const outer = {
    get a() {
      one.port1.postMessage({ stream, text: 'nested' }, [stream]);
      return 1;
    },
    text: 'outer',
  };
  let posts = 0;
  const hook = async_hooks.createHook({ init: (_id, type) => { if (type === 'MESSAGEPORT' && posts++ < 3) other.port1.postMessage({ posts, a: [1.5, 'x'] }); } }).enable();
  one.port1.postMessage(outer);
  hook.disable();
  t.is(receiveMessageOnPort(one.port2).message.text, 'nested');
  t.deepEqual(receiveMessageOnPort(one.port2).message, { a: 1, text: 'outer' });
  for (let i = 1; i <= Math.min(posts, 3); i++) t.deepEqual(receiveMessageOnPort(other.port2).message, { posts: i, a: [1.5, 'x'] });
  for (const { port1 } of [one, other]) port1.close();
});

test.serial('a post that the engine has ended at once leaves nothing of it to those that follow', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const context = vm.createContext({ port1 });
  for (const list of ['', ', [new ArrayBuffer(1)]']) {
    t.throws(() => vm.runInContext(`port1.postMessage({ get a() { for (;;); } }${list})`, context, { timeout: 20 }), { any: true, code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
    // The post and its encoder learn in a turn each that it has ended, and then there is another buffer.
    for (const who of ['the post', 'the encoder', 'the buffer']) {
      port1.postMessage({ who });
      t.deepEqual(receiveMessageOnPort(port2)?.message, { who });
      await new Promise(setImmediate);
    }
    const { setOutbox } = native;
    let others = 0;
    native.setOutbox = () => { others += 1; };
    try {
      port1.postMessage({ n: 1 });
    } finally {
      native.setOutbox = setOutbox;
    }
    t.is(others, 0, 'it leaves from the buffer of all');
    t.deepEqual(receiveMessageOnPort(port2)?.message, { n: 1 });
  }
  port1.close();
});

/** Each is ended by the engine in the midst of a message. @type {Record<string, (context: object) => void>} */
const ENDED = {
  'ports of it are made'(context) {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(null, [new MessageChannelMain().port1]);
    const loops = () => { for (;;); };
    subscribe(ARRIVE, loops);
    try {
      vm.runInContext('receive(port2)', Object.assign(context, { port2 }), { timeout: 20 });
    } finally {
      unsubscribe(ARRIVE, loops);
      port1.close();
    }
  },
  'it is decoded'(context) {
    const { body } = encode(Array.from({ length: 100_000 }, (_, i) => ({ i })));
    vm.runInContext('for (;;) decode()', Object.assign(context, { decode: () => decodeAlone(body) }), { timeout: 50 });
  },
};

for (const [when, end] of Object.entries(ENDED)) {
  test.serial(`a message that the engine has ended at once while ${when} is not taken for one that is read for ever`, async (t) => {
    const { port1, port2 } = new MessageChannelMain();
    t.throws(() => end(vm.createContext({ receive: receiveMessageOnPort })), { any: true, code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
    for (let i = 0; i < 3; i++) port1.postMessage({ i });
    t.deepEqual(receiveMessageOnPort(port2)?.message, { i: 0 });
    await new Promise(setImmediate);
    const { consume } = native;
    let consumed = 0;
    native.consume = () => { consumed += 1; consume(); };
    try {
      t.deepEqual(receiveMessageOnPort(port2)?.message, { i: 1 });
    } finally {
      native.consume = consume;
    }
    t.is(consumed, 1, 'nothing stands in the inbox that is put back afterwards');
    t.deepEqual(receiveMessageOnPort(port2)?.message, { i: 2 });
    port1.close();
  });
}
