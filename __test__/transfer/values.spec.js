// Blobs, keys, certificates and addresses are cloned by what they are made of, wherever the two ends are (README).
const assert = require('node:assert');
const { createHook } = require('node:async_hooks');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MessageChannel, MessageChannelMain, Worker, utilityProcess, receiveMessageOnPort } = require('../../index.js');
const { difference } = require('../clone/same.js');
const { blobs, others } = require('../clone/values.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { test, scenario } = require('../helpers/scenario.js');
const { fixture } = require('../helpers/test.js');

const { subtle } = crypto.webcrypto;
const everything = () => {
  const made = Object.entries({ ...blobs, ...others }).map(([name, make]) => [name, make()]);
  return { map: new Map(made), list: [...made.map(([, value]) => value), made[0][1]] };
};

scenario('values of every class arrive whole, one of each, twice in the message', {
  left({ port }) {
    port.postMessage(everything());
  },
  async right({ port }) {
    const { map, list } = await new Reader(port).next();
    assert.strictEqual(difference({ map, list }, everything()), undefined);
    for (const name of Object.keys(blobs)) {
      assert.deepStrictEqual(await map.get(name).arrayBuffer(), await blobs[name]().arrayBuffer(), name);
    }
  },
});

scenario('a port that moves on takes them along unread', {
  async left({ road }) {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(everything());
    port1.postMessage('behind it');
    road.postMessage(null, [port2]);
    await once(port1, 'close');
  },
  async right({ road }) {
    const { ports: [port] } = await new Reader(road).event();
    const onward = new MessageChannelMain();
    onward.port1.postMessage(null, [port]);
    const { ports: [arrived] } = await new Reader(onward.port2).event();
    const reader = new Reader(arrived);
    assert.strictEqual(difference(await reader.next(), everything()), undefined);
    assert.strictEqual(await reader.next(), 'behind it');
    arrived.close();
    onward.port1.close();
  },
});

const RSA = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' };
/** @type {[object, string[]][]} */
const algorithms = [
  [{ name: 'HMAC', hash: 'SHA-256', length: 248 }, ['sign', 'verify']],
  [{ name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']],
  [{ name: 'AES-KW', length: 128 }, ['wrapKey']],
  [{ name: 'RSA-PSS', ...RSA }, ['sign', 'verify']],
  [{ name: 'RSASSA-PKCS1-v1_5', ...RSA, hash: 'SHA-512' }, ['sign', 'verify']],
  [{ name: 'RSA-OAEP', ...RSA }, ['encrypt', 'decrypt', 'unwrapKey']],
  [{ name: 'ECDSA', namedCurve: 'P-384' }, ['sign', 'verify']],
  [{ name: 'ECDH', namedCurve: 'P-256' }, ['deriveKey', 'deriveBits']],
  [{ name: 'Ed25519' }, ['sign', 'verify']],
  [{ name: 'X25519' }, ['deriveBits']],
];

async function makeKeys(extractable) {
  const made = await Promise.all(algorithms.map(([algorithm, usages]) => subtle.generateKey(algorithm, extractable, usages)));
  return made.flatMap((key) => (key.publicKey ? [key.publicKey, key.privateKey] : [key]));
}

const look = ({ type, extractable, algorithm, usages }) => ({ type, extractable, algorithm, usages });

scenario('a CryptoKey that is extractable arrives as it was', {
  async left({ port }) {
    const keys = await makeKeys(true);
    port.postMessage({ keys, looks: keys.map(look), jwks: await Promise.all(keys.map((key) => subtle.exportKey('jwk', key))) });
  },
  async right({ port }) {
    const { keys, looks, jwks } = await new Reader(port).next();
    assert.deepStrictEqual(keys.map(look), looks);
    assert.deepStrictEqual(await Promise.all(keys.map((key) => subtle.exportKey('jwk', key))), jwks);
    const text = Buffer.from('signed');
    const [verifies, signs] = keys.filter(({ algorithm }) => algorithm.name === 'RSA-PSS');
    const how = { name: 'RSA-PSS', saltLength: 32 };
    assert.ok(await subtle.verify(how, verifies, await subtle.sign(how, signs, text), text));
  },
});

test('one that is not extractable goes from thread to thread, works there and stays so', async (t) => {
  t.timeout(20_000);
  const worker = new Worker(`
    const { parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
    parentPort.once('message', async ({ data: { keys, text } }) => {
      const looks = keys.map(({ type, extractable, algorithm, usages }) => ({ type, extractable, algorithm, usages }));
      const refused = await Promise.all(keys.map((key) => crypto.subtle.exportKey('jwk', key).then(() => 'exported', ({ name }) => name)));
      parentPort.postMessage({ keys, looks, refused, signature: await crypto.subtle.sign('HMAC', keys[0], text) });
    });
  `, { eval: true });
  const keys = [...await makeKeys(false), await subtle.importKey('raw', Buffer.from('pass'), 'PBKDF2', false, ['deriveBits'])];
  const text = Buffer.from('signed');
  worker.postMessage({ keys, text });
  const [back] = await once(worker, 'message');
  t.deepEqual(back.looks, keys.map(look));
  t.deepEqual(back.refused, await Promise.all(keys.map((key) => subtle.exportKey('jwk', key).then(() => 'exported', ({ name }) => name))));
  t.true(await subtle.verify('HMAC', keys[0], back.signature, text));
  t.true(await subtle.verify('HMAC', back.keys[0], back.signature, text), 'and after the way back');
});

for (const [option, told] of [['--no-deprecation', true], ['--throw-deprecation', undefined], ['--pending-deprecation', undefined]]) {
  test(`with ${option} keys arrive, and the program is as ever`, (t) => prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    const make = (extractable) => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, extractable, ['sign']);
    Promise.all([true, false].map(make)).then((keys) => port1.postMessage(keys));
    port2.on('message', ({ data }) => {
      console.log(data.map(({ extractable }) => extractable), process.noDeprecation);
      port2.close();
    });
    port2.start();
  `, [`[ true, false ] ${told}`], { node: [option] }));
}

test("one that is not extractable stays in its process: a DataCloneError, or in a queue that leaves a 'messageerror'", async (t) => {
  t.timeout(20_000);
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
  const child = utilityProcess.fork(fixture('port-echo.js'));
  const error = t.throws(() => child.postMessage({ list: [key] }), { any: true, name: 'DataCloneError' });
  t.regex(error.message, /^An object could not be cloned: #<.*CryptoKey> at message\.list\[0\] \(it is not extractable/);
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(key);
  port1.postMessage('behind it');
  child.postMessage(null, [port2]);
  const reader = new Reader(port1);
  t.is(await reader.next(), 'behind it', 'the child has read past it');
  port1.close();
  await once(child, 'exit');
});

/** A file of its own for each test. */
function temporary(t, content) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'message-channel-main-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, content);
  return file;
}

function viaHere() {
  const { port1, port2 } = new MessageChannelMain();
  return (value) => { port1.postMessage(value); return receiveMessageOnPort(port2).message; };
}

test('a Blob of a file is read where it has arrived, also when its name is gone', async (t) => {
  t.timeout(20_000);
  const content = Buffer.alloc(300_000, 'lines of a file\n');
  const file = temporary(t, content);
  const blob = await fs.openAsBlob(file, { type: 'text/plain' });
  const child = utilityProcess.fork(fixture('port-echo.js'));
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  const reader = new Reader(port1);
  for (let i = 0; i < 20; i++) port1.postMessage({ blob, i });
  fs.rmSync(file);
  for (let i = 0; i < 20; i++) {
    const arrived = await reader.next();
    t.is(arrived.i, i);
    t.is(arrived.blob.type, 'text/plain');
    t.true(content.equals(Buffer.from(await arrived.blob.arrayBuffer())));
  }
  port1.close();
  await once(child, 'exit');
});

test('one whose file has changed since arrives and cannot be read, by any way and any road', async (t) => {
  t.timeout(20_000);
  const file = temporary(t, 'as it was');
  const blob = await fs.openAsBlob(file, { type: 'text/plain' });
  fs.writeFileSync(file, 'another length');
  const once = viaHere()(blob);
  const twice = viaHere()([once])[0];
  for (const arrived of [once, twice, twice.slice(2, -1)]) {
    t.true(arrived instanceof Blob);
    t.is(arrived.size, arrived === once || arrived === twice ? 9 : 6);
    for (const read of [() => arrived.text(), () => arrived.arrayBuffer(), () => new Response(arrived.stream()).text()]) {
      await t.throwsAsync(read, { any: true, name: 'NotReadableError' });
    }
  }
});

test('a part of a file is refused by name', async (t) => {
  const blob = await fs.openAsBlob(temporary(t, '0123456789'));
  const send = viaHere();
  for (const part of [blob.slice(2, 4), new Blob([blob]), new Blob(['before', blob.slice(0, 4)])]) {
    const error = t.throws(() => send({ part }), { any: true, name: 'DataCloneError' });
    t.regex(error.message, /Blob> at message\.part \(it is a part of a file/);
  }
});

for (const [way, callbacks] of [['', {}], [', and is heard of by an async hook', { before() {}, after() {} }]]) {
  test.serial(`to post a Blob in a listener runs nothing that is to run after it${way}`, async (t) => {
    const send = viaHere();
    const file = await fs.openAsBlob(temporary(t, 'of a file'));
    const { port1, port2 } = new MessageChannelMain();
    const ran = [];
    const arrived = new Promise((resolve, reject) => {
      port2.on('message', () => {
        process.nextTick(() => ran.push('nextTick'));
        Promise.resolve().then(() => ran.push('promise'));
        try {
          resolve(send([new Blob(['one', 'two']), file, new Blob([])]));
        } catch (error) {
          reject(error);
        }
        t.deepEqual(ran, []);
      });
    });
    port2.start();
    const hook = createHook(callbacks).enable(); // of one that hears when something begins or ends Node calls back in another way
    t.teardown(() => hook.disable());
    port1.postMessage('go');
    t.deepEqual((await arrived).map(({ size }) => size), [6, 9, 0]);
    t.is(await (await arrived)[0].text(), 'onetwo');
    port1.close();
  });
}

test('what Node alone carries says so', (t) => {
  const send = viaHere();
  const error = t.throws(() => send(require('node:perf_hooks').createHistogram()), { any: true, name: 'DataCloneError' });
  t.regex(error.message, /#<RecordableHistogram> at message \(only Node's own ports carry it, between threads\)/);
});

test('on the web face too', async (t) => {
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise((resolve) => { port2.onmessage = ({ data }) => resolve(data); });
  port1.postMessage([new File(['\uD800'], 'name')]);
  const [file] = await arrived;
  t.true(file instanceof File);
  t.is(await file.text(), '\uFFFD');
  port1.close();
});
