// Two ends of one thing, of which a test hands one over: connections, pipes, and what they still say.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

/** A path where nothing is, in a folder of its own. */
const temporary = (name = 'server') => path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'handed-')), name);

const forget = (place) => fs.rmSync(path.dirname(place), { recursive: true });

/** A connection to ourselves, whose accepted side has an unread 'early ' of which nobody knows. */
async function connection({ at = 0, early = 'early ', ...options } = {}) {
  const server = net.createServer({ pauseOnConnect: true, ...options }).listen(...(at === 0 ? [0, '127.0.0.1'] : [at]));
  await once(server, 'listening');
  const client = at === 0 ? net.connect(server.address().port, '127.0.0.1') : net.connect(at);
  const [accepted] = await once(server, 'connection');
  server.close();
  if (early !== '') accepted.unshift(Buffer.from(early));
  return { client, accepted };
}

/** What a socket hears until its end. (An iterator would destroy it then.) Who had nothing more to say may have ended it before. */
async function text(socket) {
  let heard = '';
  if (socket.readableEnded) return heard;
  socket.on('data', (bytes) => { heard += bytes; }).resume();
  await once(socket, 'end');
  return heard;
}

/** A pipe with a name. */
function fifo() {
  const place = temporary('fifo');
  execFileSync('mkfifo', [place]);
  return place;
}

/** Looks once every turn of the event loop whether it has come to that. */
async function until(condition) {
  while (!await condition()) await new Promise(setImmediate);
}

module.exports = { temporary, forget, connection, text, fifo, until };
