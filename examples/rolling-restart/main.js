// An HTTP server that never stops: this process accepts connections and hands each to a child, and replaces its children one
// by one while clients go on asking. None of their requests is lost: what was handed over before a child was told to leave has
// reached it before, and it leaves when it has answered.
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const { openRenderer } = require('../open-renderer.js');

const CHILDREN = 3;
const CLIENTS = 6;

let last = 0;
function start() {
  const child = openRenderer('child.js');
  child.send('begin', ++last);
  return new Promise((resolve) => { child.ipc.once('ready', () => resolve(child)); });
}

/** Asks again and again, every other client on one connection for as long as that is left open. */
async function client(port, number) {
  const agent = new http.Agent({ keepAlive: number % 2 === 0, maxSockets: 1 });
  while (!stopped) {
    const answer = await new Promise((resolve) => {
      http.get({ port, agent }, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', (error) => resolve(error.code));
    });
    answers.emit(answer);
    counted.set(answer, (counted.get(answer) ?? 0) + 1);
  }
  agent.destroy();
}

const answers = new EventEmitter();
const counted = new Map();
let stopped = false;

(async () => {
  const children = await Promise.all(Array.from({ length: CHILDREN }, start));
  let turn = 0;
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    children[turn++ % CHILDREN].postMessage('connection', socket, [socket]);
  }).listen(0);
  await once(server, 'listening');
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(server.address().port, number));
  for (let i = 0; i < CHILDREN; i++) {
    const old = children[i];
    children[i] = await start();
    old.send('leave');
    await Promise.all([once(old, 'destroyed'), once(answers, `child ${last}`)]);
    console.log(`child ${i + 1} has left, child ${last} answers`);
  }
  stopped = true;
  await Promise.all(clients);
  server.close();
  children.forEach((child) => child.send('leave'));
  const lost = [...counted.keys()].filter((answer) => !answer.startsWith('child '));
  console.log(lost.length === 0 ? `no request was lost, ${counted.size} children have answered` : `lost: ${lost}`);
})();
