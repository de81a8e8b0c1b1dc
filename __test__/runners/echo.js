// A worker or child of the suite: sends back what it gets, once, through the port that comes along.
const { parentPort } = require('../..');

parentPort.once('message', ({ data, ports: [port] }) => port.postMessage(data));
