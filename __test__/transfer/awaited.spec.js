// Who waits for the end of a stream that has arrived, and has neither that nor its reader or writer any more, hears of it; and nobody
// else keeps a stream.
const { fixture, test } = require('../helpers/test.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');

const script = JSON.stringify(fixture('gives-streams.js'));
const options = { node: ['--expose-gc'], timeout: 50_000 };

/** What is done with the streams, in a function of its own that leaves nothing of them behind. */
const program = (place, use, rest) => `
  ${collecting}
  const child = ${place};
  const [told, heard] = [[], []];
  const tell = (what) => (error) => told.push(what + ': ' + error.code);
  async function use([source, sink, otherSource, otherSink]) { ${use} }
  (async () => {
    await new Promise((resolve) => child.once('message', (streams) => resolve(use(streams))));
    child.on('message', (data) => heard.push(data));
    await outlive();
    ${rest}
  })();
`;

for (const [end, place] of [
  ["child.kill('SIGKILL')", `utilityProcess.fork(${script})`],
  ['child.terminate()', `new Worker(${script})`],
]) {
  test(`who waits for closed or for a pipe, and has no stream any more, hears of the other end's death: ${end}`, (t) => {
    t.timeout(60_000);
    return prints(t, program(place, `
      source.getReader().closed.catch(tell('reader'));
      sink.getWriter().closed.catch(tell('writer'));
      otherSource.pipeTo(new WritableStream({}, { highWaterMark: 0 })).catch(tell('pipe from'));
      new ReadableStream().pipeTo(otherSink).catch(tell('pipe to'));
    `, `
      console.log(heard.join() + told.join());
      ${end};
      await collect(() => told.length === 4);
      console.log(told.sort().join());
    `), ['', ['pipe from', 'pipe to', 'reader', 'writer'].map((what) => `${what}: ERR_PEER_GONE`).join()], options);
  });
}

test('who waits after somebody else has released the stream hears of its end, too', (t) => {
  t.timeout(60_000);
  return prints(t, program(`utilityProcess.fork(${script})`, `
    for (const [get, stream] of [['getReader', source], ['getWriter', sink]]) {
      const first = stream[get]();
      first.closed.catch(() => {});
      first.releaseLock();
      if (stream === sink) await new Promise(setImmediate);
      stream[get]().closed.catch(tell(get));
    }
  `, `
    child.kill('SIGKILL');
    await collect(() => told.length === 2);
    console.log(told.sort().join());
  `), ['getReader: ERR_PEER_GONE,getWriter: ERR_PEER_GONE'], options);
});

test('a stream that was locked, and whose end nobody waits for, or not any more, closes when nobody has it', (t) => {
  t.timeout(60_000);
  return prints(t, program(`utilityProcess.fork(${script})`, `
    source.getReader();
    sink.getWriter();
    for (const lock of [otherSource.getReader(), otherSink.getWriter()]) {
      lock.closed.catch(() => {});
      lock.releaseLock();
    }
  `, `
    await collect(() => heard.length === 4);
    console.log(heard.sort().join());
    child.kill('SIGKILL');
  `), [['sink 0', 'sink 1', 'source 0', 'source 1'].map((what) => `${what}: ERR_PEER_GONE`).join()], options);
});
