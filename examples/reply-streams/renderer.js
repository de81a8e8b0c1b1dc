// Asks for a stream of answers, and knows when it has ended.
const { MessageChannel, ipcRenderer } = require('../..');

function makeStreamingRequest(element, count, callback) {
  // A lightweight channel for each request.
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage('give-me-a-stream', { element, count }, [port2]);
  port1.onmessage = (event) => callback(event.data);
  port1.onclose = () => console.log('stream ended');
}

makeStreamingRequest(42, 10, (data) => console.log('got response data:', data));
