// Buffers that cannot change arrive as buffers that cannot, with all that shows them, and are not transferred.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');

const root = path.join(__dirname, '..', '..');

/** The majors whose engine has them, behind a flag. */
const has = Number(process.versions.node.split('.')[0]) >= 26;

/** What a program prints that has a channel and `immutable(length)`. */
async function printed(source, env = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, ['--js-immutable-arraybuffer', '-e', `
    const { MessageChannelMain, Worker, receiveMessageOnPort, utilityProcess } = require('./index.js');
    const { port1, port2 } = new MessageChannelMain();
    const immutable = (length) => Uint8Array.from({ length }, (_, i) => i).buffer.transferToImmutable();
    const received = () => receiveMessageOnPort(port2)?.message;
    ${source}
  `], { cwd: root, env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

for (const engine of ['', 'none']) {
  (has ? test : test.skip)(`an immutable buffer of any size arrives as one, and is not handed over; the engine's functions: ${engine || 'all'}`, async (t) => {
    const found = await printed(`
      const seen = [0, 1, 100_000].map((length) => {
        port1.postMessage(immutable(length));
        const buffer = received();
        return [buffer.byteLength, buffer.immutable, new Uint8Array(buffer).every((byte, i) => byte === i % 256)];
      });
      let error;
      const buffer = immutable(3);
      for (const list of [[buffer], [new ArrayBuffer(1), buffer]]) try { port1.postMessage(buffer, list); } catch (thrown) { error = thrown; }
      console.log(JSON.stringify({ seen, error: error.name, text: error.message, left: buffer.byteLength, none: received() === undefined }));
    `, { MESSAGE_PORTS_ENGINE: engine });
    t.deepEqual(found, {
      seen: [[0, true, true], [1, true, true], [100_000, true, true]],
      error: 'DataCloneError', text: 'ArrayBuffer at index 1 cannot be detached.', left: 3, none: true,
    });
  });
}

(has ? test : test.skip)('what shows an immutable buffer shows one where it arrives, and shares it', async (t) => {
  const found = await printed(`
    const buffer = immutable(8);
    const node = Buffer.from(immutable(5), 1, 3);
    port1.postMessage([new Uint8Array(buffer, 2, 3), new DataView(buffer), new Uint16Array(buffer, 2), buffer, node, new Float64Array(immutable(16), 8)]);
    const [bytes, view, wide, all, part, alone] = received();
    console.log(JSON.stringify({
      bytes: [...bytes], wide: [...wide], length: view.byteLength, part: [...part],
      shared: new Set([bytes.buffer, view.buffer, wide.buffer, all]).size, immutable: [all, part.buffer, alone.buffer].map((one) => one.immutable), alone: alone.length,
    }));
  `);
  t.deepEqual(found, {
    bytes: [2, 3, 4], wide: [0x0302, 0x0504, 0x0706], length: 8, part: [1, 2, 3], shared: 1, immutable: [true, true, true], alone: 1,
  });
});

(has ? test : test.skip)('they arrive in a thread and in a process, and where no buffer is immutable as ordinary ones', async (t) => {
  const found = await printed(`
    const echo = "const { parentPort } = require('./index.js'); parentPort.once('message', ({ data }) => parentPort.postMessage({ was: data.map(({ immutable, byteLength }) => [immutable, byteLength]), data }))";
    const fs = require('node:fs');
    const path = require('node:path');
    const folder = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'immutable-'));
    const file = path.join(folder, 'echo.js');
    fs.writeFileSync(file, echo.replace('./index.js', path.resolve('index.js')));
    const ask = (other) => new Promise((resolve) => {
      other.once('message', ({ was, data }) => resolve([was, data.map((one) => one.immutable)]));
      other.postMessage([immutable(3), immutable(200_000)]);
    });
    Promise.all([ask(new Worker(file)), ask(utilityProcess.fork(file)), ask(utilityProcess.fork(file, [], { execArgv: [] }))]).then((all) => {
      fs.rmSync(folder, { recursive: true });
      console.log(JSON.stringify(all));
    });
  `);
  const both = [[[true, 3], [true, 200_000]], [true, true]];
  t.deepEqual(found, [both, both, [[[null, 3], [null, 200_000]], [false, false]]]);
});
