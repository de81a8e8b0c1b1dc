// The shop: a child process. Sends every order of orders.jsonl to whoever holds the other end of its port, checks each
// answer against the total in the file, and begins anew until it is told to stop.
const fs = require('node:fs');
const path = require('node:path');
const { parentPort } = require('../..');

const file = path.join(__dirname, '..', 'orders.jsonl');
const records = fs.readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => {
  const { total, ...order } = JSON.parse(line);
  return { order, total };
});

parentPort.once('message', ({ data: { port } }) => {
  const begin = performance.now();
  const wrong = [];
  const rounds = []; // when each of them ended
  let answers = 0;
  let stopping = false;
  let said = 0;

  port.on('message', ({ data: { id, total } }) => {
    // Answers come in the order of the questions, so this one is about the next record.
    const record = records[answers++ % records.length];
    if (id !== record.order.id || total !== record.total) wrong.push(id);
    if (answers % records.length === 0) endRound();
  });
  port.start();
  sendAll();

  function sendAll() {
    for (const { order } of records) port.postMessage(order);
  }

  function endRound() {
    const now = Date.now();
    rounds.push(now);
    if (now - said >= 200) {
      said = now;
      console.log(`shop        round ${rounds.length}: ${answers} answers so far, ${wrong.length} of them wrong`);
    }
    if (!stopping) sendAll();
    else parentPort.postMessage({ answers, wrong, rounds, seconds: (performance.now() - begin) / 1000 });
  }

  parentPort.once('message', () => { stopping = true; });
});

// With nobody left to report to there is no point in going on.
parentPort.on('close', () => process.exit(1));

parentPort.postMessage('ready');
