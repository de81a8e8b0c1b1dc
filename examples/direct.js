// Start here: two processes and a thread talk directly, while the process that introduced them is asleep.
//
//   this process ──forks──> the shop (a process) ══════ channel ══════ the accountant (a thread of the office)
//                ──forks──> the office (a process) ──starts──> ─────────────┘
const { once } = require('node:events');
const path = require('node:path');
const { MessageChannelMain, utilityProcess } = require('..');

// 1. Two children. They can be posted to at once; what they are sent waits until they listen.
const shop = utilityProcess.fork(path.join(__dirname, 'direct', 'shop.js'));
const office = utilityProcess.fork(path.join(__dirname, 'direct', 'office.js'));

async function main() {
  const officeExit = once(office, 'exit');
  await once(shop, 'message');

  // 2. One channel. Its ends go to the children, and with them this process has nothing more to do with it.
  const { port1, port2 } = new MessageChannelMain();
  office.postMessage({ port: port2 }, [port2]);
  await once(office, 'message');
  shop.postMessage({ port: port1 }, [port1]);
  say(`the shop (${shop.pid}) and the office (${office.pid}) have a port each`);

  // 3. Nothing can pass through a process that is asleep.
  const asleep = Date.now();
  say('asleep for a second: no event loop, no relay');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const awake = Date.now();
  say('awake again');

  // 4. What did they get done?
  shop.postMessage('stop');
  const [{ answers, wrong, rounds, seconds }] = await once(shop, 'message');
  const meanwhile = rounds.filter((at) => asleep <= at && at <= awake).length;
  say(`${answers} answers checked, ${wrong.length} wrong; ${meanwhile} of ${rounds.length} rounds ended while I slept`);
  check(wrong.length === 0, `wrong answers: ${wrong.slice(0, 10)}`);
  check(meanwhile > 0, 'nothing was done while the main process slept');

  // 5. A port closes when the process at its other end dies, however it dies.
  say('killing the shop');
  shop.kill('SIGKILL');
  const [{ orders }] = await once(office, 'message');
  check(orders === answers, `${orders} orders arrived, ${answers} answers came back`);
  const [code] = await officeExit;
  check(code === 0, `the office ended with code ${code}`);
  say(`done: ${Math.round((2 * answers) / seconds).toLocaleString('en')} messages per second between them`);
}

function say(text) {
  console.log(`main        ${text}`);
}

function check(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

function fail(error) {
  console.error('main       ', error);
  shop.kill();
  office.kill();
  process.exit(1);
}

// Only a run that comes to its end is a success: one that stops short or hangs is not.
process.exitCode = 1;
const deadline = setTimeout(fail, 30_000, 'not done after 30 seconds');

main().then(() => {
  clearTimeout(deadline);
  process.exitCode = 0;
}, fail);
