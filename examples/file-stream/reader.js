// The worker or child: reads the stream, counts lines, and tells after every tenth how far it is.
const { ipcRenderer } = require('../..');

ipcRenderer.once('count', async ({ ports: [progress] }, { lines, size, signal }) => {
  const NEWLINE = 10;
  let [bytes, counted, told] = [0, 0, 0];
  const counter = new WritableStream({
    write(chunk) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === NEWLINE) counted++;
      const percent = Math.floor((10 * bytes) / size) * 10;
      while (told < percent) progress.postMessage(told += 10);
      return new Promise(setImmediate); // as if it took a while: who is told has time to think better of it
    },
  });
  try {
    await lines.pipeTo(counter, { signal });
    console.log(`${counted} lines`);
  } catch (reason) {
    console.log(`stopped: ${reason}`);
  }
  progress.close();
});
