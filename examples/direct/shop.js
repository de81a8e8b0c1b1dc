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
  let stopping = false;
  let answers = 0;
  const wrong = [];
  const rounds = [];
  const begin = performance.now();

  function sendAll() {
    for (const { order } of records) port.postMessage(order);
  }

  port.on('message', ({ data: { id, total } }) => {
    // Answers come in the order of the questions, so the next one is about the next record.
    const record = records[answers++ % records.length];
    if (id !== record.order.id || total !== record.total) wrong.push(id);
    if (answers % records.length > 0) return;

    rounds.push(Date.now());
    console.log(`shop        round ${rounds.length}: ${records.length} orders answered, ${wrong.length} wrong so far`);
    if (!stopping) return sendAll();
    parentPort.postMessage({ answers, wrong, rounds, seconds: (performance.now() - begin) / 1000 });
  });
  port.start();
  sendAll();

  parentPort.once('message', () => { stopping = true; });
});

parentPort.postMessage('ready');
