// What somebody has put on Object.prototype is no option: not of fork(), not of a Worker, not of a transfer; nor is it of what leaves.
const test = require('ava');
const { prints } = require('../helpers/program.js');
const { fixture } = require('../helpers/test.js');

/** Names that would start something else, or end it, or change where it reads and writes. */
const pollute = (without) => `
  const polluted = {
    execPath: '/bin/false', shell: '/bin/false', cwd: '/', argv0: 'polluted', uid: 65534, detached: true, timeout: 1,
    signal: 'no signal', killSignal: 'SIGSTOP', stdio: 'pipe', serviceName: 'polluted', execArgv: ['--bad-option'],
    env: { POLLUTED: '1' }, POLLUTED: '1', NODE_OPTIONS: '--bad-option', eval: true, argv: ['polluted'], stdout: true,
    failure: 'none of ours', manners: 'node', process: true, transfer: ['no port'], transferList: ['no port'], workerData: 'polluted', resourceLimits: { maxOldGenerationSizeMb: 1 },
  };
  for (const name of ${JSON.stringify(without)}) delete polluted[name];
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true, enumerable: true });
`;
/** Node's own event targets, which a Worker has, fail with this one. */
const POLLUTE_WORKER = pollute(['signal']);
const POLLUTE = pollute([]);
const CLEAN = 'for (const name in polluted) delete Object.prototype[name];';

for (const given of ["['x']", "['x'], {}", "['x'], { stdio: 'inherit' }", '{}', "['x'], Object.create({ execPath: '/bin/false' })"]) {
  test(`fork(script, ${given})`, (t) => prints(t, `
    const cwd = process.cwd();
    ${POLLUTE}
    const child = utilityProcess.fork(${JSON.stringify(fixture('report.js'))}, ${given});
    ${CLEAN}
    child.once('message', (seen) => {
      console.log(seen.cwd === cwd, seen.execArgv.length, seen.env.POLLUTED, seen.env.NODE_OPTIONS);
      child.kill('SIGKILL');
    });
  `, ['true 0 undefined undefined']));
}

for (const engine of ['', 'none']) {
  for (const given of ['', ', {}', ', { workerData: [port1], transferList: [port1] }', ', Object.create({ eval: true })']) {
    test(`new Worker(script${given}), the engine's functions: ${engine || 'all'}`, (t) => prints(t, `
      const { port1 } = new MessageChannelMain();
      ${POLLUTE_WORKER}
      const worker = new Worker(${JSON.stringify(fixture('echo.js'))}${given});
      ${CLEAN}
      worker.once('message', (data) => {
        console.log(data);
        worker.terminate();
      });
      worker.postMessage('hello');
    `, ['hello'], { env: { MESSAGE_PORTS_ENGINE: engine } }));
  }
}

test('a transfer', (t) => prints(t, `
  const { port1, port2 } = new MessageChannelMain();
  ${POLLUTE}
  port1.postMessage('a', {});
  port1.postMessage('b');
  ${CLEAN}
  port2.on('message', ({ data }) => { console.log(data); if (data === 'b') port2.close(); });
  port2.start();
`, ['a', 'b']));

test('a stream, a signal and a descriptor that are handed over', (t) => prints(t, `
  const { FileDescriptor, receiveMessageOnPort } = require('./index.js');
  const { port1, port2 } = new MessageChannelMain();
  const controller = new AbortController();
  const list = [
    new ReadableStream({ start(stream) { stream.enqueue('a chunk'); stream.close(); } }),
    controller.signal,
    new FileDescriptor(require('node:fs').openSync('/dev/null')),
  ];
  const polluted = { room: 5, moves: true, hand: 'no function', isPort: true, isHanded: true };
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true });
  port1.postMessage(list, list);
  const { message: [stream, signal, descriptor], ports } = receiveMessageOnPort(port2);
  for (const name of Object.keys(polluted)) delete Object.prototype[name];
  console.log(ports.length, descriptor.fd > 0);
  port2.on('message', () => {}).start(); // holds the loop
  signal.onabort = () => { console.log('aborted'); port2.close(); };
  (async () => {
    for await (const chunk of stream) console.log(chunk);
    controller.abort();
  })();
`, ['0 true', 'a chunk', 'aborted']));

test('a Blob', (t) => prints(t, `
  const { receiveMessageOnPort } = require('./index.js');
  const { port1, port2 } = new MessageChannelMain();
  for (const name of ['before', 'after', 'destroy']) Object.prototype[name] = 'no function';
  port1.postMessage(new Blob(['text']));
  const { message } = receiveMessageOnPort(port2);
  for (const name of ['before', 'after', 'destroy']) delete Object.prototype[name];
  message.text().then(console.log);
`, ['text']));

test('objects of the platform, which are made by its functions with options', (t) => prints(t, `
  const { receiveMessageOnPort } = require('./index.js');
  const { createSecretKey, generateKeyPairSync } = require('node:crypto');
  const { SocketAddress } = require('node:net');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const values = {
    blob: new Blob(['text']), file: new File(['text'], 'name'), secret: createSecretKey(Buffer.from('secret')), publicKey, privateKey,
    address: new SocketAddress({ address: '127.0.0.1', port: 5 }), memory: new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }),
  };
  const { port1, port2 } = new MessageChannelMain();
  const names = ['endings', 'passphrase', 'cipher', 'encoding', '_getSharedArrayBufferId'];
  const ran = [];
  port1.postMessage(values);
  receiveMessageOnPort(port2); // what is loaded for the first of them is Node's to find
  for (const name of names) Object.defineProperty(Object.prototype, name, { get() { ran.push(name); return 7; }, configurable: true });
  port1.postMessage(values);
  const got = receiveMessageOnPort(port2).message;
  for (const name of names) delete Object.prototype[name];
  console.log(ran.join());
  console.log(got.publicKey.equals(publicKey), got.privateKey.equals(privateKey), got.secret.equals(values.secret), got.memory.buffer.byteLength);
  got.file.text().then(console.log);
`, ['', 'true true true 65536', 'text']));

test('what a face may say of its ports, and does not', (t) => prints(t, `
  const { port1, port2 } = new MessageChannelMain();
  for (const name of ['retell', 'loopWarning', 'holdsUnheard']) Object.prototype[name] = name === 'retell' ? () => 'retold' : name;
  try {
    port1.postMessage(() => {});
  } catch (error) {
    console.log(error.name);
  }
  port2.postMessage('into itself', [port1]);
  new MessageChannelMain().port1.start(); // it holds nothing: nobody listens
  for (const name of ['retell', 'loopWarning', 'holdsUnheard']) delete Object.prototype[name];
  process.on('warning', ({ code }) => console.log(code));
`, ['DataCloneError', 'MESSAGE_PORT_LOOP'], { node: ['--no-warnings'] }));

for (const isProcess of [false, true]) {
  test(`a worker of worker_threads in a ${isProcess ? 'process' : 'thread'}`, (t) => prints(t, `
    const { Worker: NodesWorker } = require('./worker_threads.js');
    const options = ${isProcess ? '{ process: true, resourceLimits: {} }' : '{}'};
    const polluted = { process: ${!isProcess}, failure: 'none of ours', manners: 'electron', stackSizeMb: 1, maxOldGenerationSizeMb: 3, atomics: 'disabled' };
    for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true });
    const worker = new NodesWorker(\`
      const { parentPort, resourceLimits } = require('node:worker_threads');
      parentPort.once('message', (told) => parentPort.postMessage([told, process.pid, resourceLimits.maxOldGenerationSizeMb]));
    \`, { ...options, eval: true });
    worker.postMessage('hello');
    for (const name of Object.keys(polluted)) delete Object.prototype[name];
    worker.once('message', ([told, pid, limit]) => console.log(told, pid === process.pid, limit === 3));
  `, [`hello ${!isProcess} false`]));
}

test('a file is handed over, and memory moves, whatever is called like an option of those', (t) => prints(t, `
  Object.defineProperty(Object.prototype, 'permission', { value: 'polluted', configurable: true });
  Object.defineProperty(Object.prototype, 'maximum', { value: 'polluted', configurable: true });
  console.log(require('./lib/native/trials.js').trial(3).byteLength); // a WebAssembly.Memory's
  const { port1, port2 } = new MessageChannelMain();
  require('node:fs/promises').open(process.execPath).then((handle) => {
    port1.postMessage(handle, [handle]);
    port2.once('message', ({ data }) => {
      console.log(data.fd > 0, handle.fd);
      data.close();
      port2.close();
    });
    port2.start();
  });
`, ['65536', 'true -1']));
