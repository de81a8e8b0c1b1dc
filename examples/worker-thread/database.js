// The thread: answers queries as long as the client holds its end of the port.
const { workerData } = require('../..');

const capitals = new Map([['France', 'Paris'], ['Peru', 'Lima'], ['Kenya', 'Nairobi']]);
const { client } = workerData;

client.on('message', ({ data: { id, country } }) => client.postMessage({ id, capital: capitals.get(country) }));
client.on('close', () => console.log('database: the client is gone'));
client.start();
