// The page: talks to the main process over the port that it is given, whatever that is in between.
function onPort(port) {
  port.onmessage = (event) => {
    console.log('from main process:', event.data);
    port.postMessage(event.data.test * 2);
  };
}

module.exports = { onPort };
