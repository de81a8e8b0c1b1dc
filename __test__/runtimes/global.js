// `message-channel-main/global`, and a program that ends when the signal of its last listener aborts.
require('../../global.js');

const { port1, port2 } = new MessageChannel();
const controller = new AbortController();
port1.addEventListener('message', ({ data, ports: [port] }) => {
  console.log(data, port instanceof MessagePort, new MessageEvent('message', { data: 1, ports: [port] }).ports.length);
  controller.abort();
}, { signal: controller.signal });
port1.start();
port2.postMessage('through', [new MessageChannel().port1]);
