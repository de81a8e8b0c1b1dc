// The accountant: a worker thread. Works out what each order costs and answers over the port it was started with.
const { parentPort, workerData } = require('../..');

const vat = { AT: 20, DE: 19, DK: 25, ES: 21, FR: 20, IT: 22, NL: 21, PL: 23, PT: 23, SE: 25 };

const { port } = workerData;
let orders = 0;

port.on('message', ({ data: order }) => {
  orders++;
  port.postMessage({ id: order.id, total: total(order) });
});
port.on('close', () => {
  console.log(`accountant  'close': the shop is gone, after ${orders} orders`);
  parentPort.postMessage({ orders });
});
port.start();

/** What an order costs, in cents: 5 % off from three of a kind, free shipping from 50.00, VAT of the country. */
function total({ country, lines }) {
  const goods = lines.reduce((sum, { quantity, cents }) => {
    const amount = quantity * cents;
    return sum + amount - (quantity >= 3 ? percent(5, amount) : 0);
  }, 0);
  const net = goods + (goods >= 5000 ? 0 : 490);
  return net + percent(vat[country], net);
}

function percent(rate, cents) {
  return Math.round((rate * cents) / 100);
}
