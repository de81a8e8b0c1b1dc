// What keeps a program alive: a started port that somebody listens to, and nothing else of ours.
const { MessageChannelMain } = require('../../index.js');
const { prints, program } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

/** A program that prints 'stays' if something holds its event loop, and then lets go by running `release`. */
const staysUntil = (setup, release) => `
  ${setup}
  let turns = 0;
  // An unref'd timer goes off only while something else keeps the program running.
  const timer = setInterval(() => {
    if (++turns < 5) return;
    console.log('stays');
    clearInterval(timer);
    ${release}
  }, 20).unref();
  process.on('exit', () => console.log('exits'));
`;

const stays = ['stays', 'exits'];
const leaves = ['exits'];

for (const [title, setup] of [
  ['an idle program', ''],
  ['a channel that nobody uses', 'const { port1, port2 } = new MessageChannelMain();'],
  ['an unstarted port with a listener', "const { port1 } = new MessageChannelMain(); port1.on('message', () => {});"],
  ['a started port without a listener', 'const { port1 } = new MessageChannelMain(); port1.start();'],
  ["a started port with only a 'close' listener", "const { port1 } = new MessageChannelMain(); port1.on('close', () => {}); port1.start();"],
  ["a port whose listener was removed", "const { port1 } = new MessageChannelMain(); const f = () => {}; port1.on('message', f); port1.start(); port1.off('message', f);"],
  ['a port with unread messages', "const { port1, port2 } = new MessageChannelMain(); port1.postMessage('unread');"],
  ['a listened-to port after unref()', "const { port1 } = new MessageChannelMain(); port1.on('message', () => {}); port1.start(); port1.unref();"],
  ['a port after unref() even if it starts later', "const { port1 } = new MessageChannelMain(); port1.unref(); port1.on('message', () => {}); port1.start();"],
  ['a port that was closed', "const { port1 } = new MessageChannelMain(); port1.on('message', () => {}); port1.start(); port1.close();"],
  ['a port whose peer was closed', "const { port1, port2 } = new MessageChannelMain(); port1.on('message', () => {}); port1.start(); port2.close();"],
  ['a port that was transferred away', "const { port1, port2 } = new MessageChannelMain(); const c = new MessageChannelMain(); port1.on('message', () => {}); port1.start(); c.port1.postMessage(0, [port1]);"],
  ['a once() that was answered', "const { port1, port2 } = new MessageChannelMain(); port1.once('message', () => {}); port1.start(); port2.postMessage(0);"],
]) {
  test.serial(`does not keep a program alive: ${title}`, async (t) => {
    t.timeout(20_000);
    await prints(t, staysUntil(setup, 'process.exit(3);'), leaves);
  });
}

const listening = "const { port1, port2 } = new MessageChannelMain(); port1.on('message', () => {}); port1.start();";

for (const [title, setup, release] of [
  ['until close()', listening, 'port1.close();'],
  ["until the peer's close()", listening, 'port2.close();'],
  ['until it is transferred', listening, 'new MessageChannelMain().port1.postMessage(0, [port1]);'],
  ['until unref()', listening, 'port1.unref();'],
  ['until its last listener goes', listening, "port1.removeAllListeners('message');"],
  ['again after ref()', `${listening} port1.unref(); port1.ref();`, 'port1.close();'],
  ['when its listener comes after start()', "const { port1, port2 } = new MessageChannelMain(); port1.start(); port1.once('message', () => {});", 'port1.close();'],
]) {
  test.serial(`a started port with a listener keeps a program alive ${title}`, async (t) => {
    t.timeout(20_000);
    await prints(t, staysUntil(setup, release), stays);
  });
}

test.serial('hasRef() says whether the port holds the event loop now', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    const say = () => console.log(port1.hasRef());
    const f = () => {};
    say(); port1.on('message', f);
    say(); port1.start();
    say(); port1.unref();
    say(); port1.ref();
    say(); port1.off('message', f);
    say(); port1.on('message', f);
    say(); port1.close();
    say();
  `, ['false', 'false', 'true', 'false', 'true', 'false', 'true', 'false']);
});

test.serial('a remote port behaves the same: the program leaves when the child that holds the peer has gone', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const child = utilityProcess.fork(${JSON.stringify(fixture('echo.js'))});
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', () => {});
    port1.on('close', () => console.log('close'));
    port1.start();
    child.postMessage('keep this', [port2]);
    child.once('message', (data, { ports: [back] }) => {
      console.log(data);
      child.postMessage('go');
      child.once('exit', () => back.close());
    });
  `, ['keep this', 'close']);
});

test.serial('a child with nothing to do exits by itself, and its parent then does', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    utilityProcess.fork(${JSON.stringify(fixture('idle.js'))}).on('exit', (code) => console.log('exit', code));
  `, ['exit 0']);
});

test.serial('a worker with nothing to do exits by itself, and its parent then does', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    new Worker(${JSON.stringify(fixture('idle.js'))}).on('exit', (code) => console.log('exit', code));
  `, ['exit 0']);
});

test.serial('the parent may leave while its child works on, if the child is unref()ed', async (t) => {
  t.timeout(20_000);
  const { code, stdout } = await program(`
    const child = utilityProcess.fork(${JSON.stringify(fixture('until-close.js'))});
    child.once('message', () => {
      child.unref();
      process.on('exit', () => console.log('parent exits'));
    });
  `);
  t.is(code, 0);
  t.deepEqual(stdout.split('\n').filter(Boolean).sort(), ["child sees 'close'", 'parent exits']);
});

test.serial('a listener is gone, and holds nothing, also where a removeListener listener throws', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const listener = () => {};
  port2.on('message', listener);
  port2.start();
  port2.on('removeListener', () => { throw new Error('mine'); });
  t.true(port2.hasRef());
  t.throws(() => port2.off('message', listener), { message: 'mine' });
  t.false(port2.hasRef());
  port1.close();
});
