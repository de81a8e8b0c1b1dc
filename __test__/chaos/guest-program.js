// The program of a participant of the chaos by journals, in any kind of place; and how one begins another there.
const path = require('node:path');
const nodes = require('node:worker_threads');
const mcm = require('../../index.js');
const wt = require('../../worker_threads.js');
const { Guest, Expected } = require('./guest.js');

/** Begins a participant here, and hands its control end over. */
function spawn(guest, { kind, name, seed, dir }, end) {
  const argv = [kind, name, String(seed), dir];
  const start = { id: end.id, hop: end.hop, sent: end.sent, received: end.received };
  guest.log({ t: 'spawned', who: name, kind, parent: guest.name });
  guest.log({ t: 'lnk', id: end.id, hop: end.hop, to: name });
  let place;
  const error = (e) => guest.log({ t: 'childerror', who: name, code: e?.code, text: String(e?.stack ?? e) });
  if (kind === 'child') {
    place = mcm.utilityProcess.fork(require.resolve('./guest-program.js'), argv);
    place.postMessage(start, [end.port]);
  } else if (kind === 'thread') {
    place = new mcm.Worker(require.resolve('./guest-program.js'), { argv });
    place.postMessage(start, [end.port]);
  } else if (kind === 'nodethread') {
    place = new nodes.Worker(require.resolve('./guest-program.js'), { argv });
    mcm.webContents.fromWorker(place).postMessage('start', start, [end.port]);
  } else {
    place = new wt.Worker(require.resolve('./guest-program.js'), { argv, process: kind === 'wproc' });
    place.postMessage({ start, port: end.port }, [end.port]);
  }
  end.state = 'moved';
  guest.ends.delete(end.id);
  place.on('error', error);
  place.on('exit', (code, signal) => { guest.log({ t: 'gone', who: name, code, signal }); guest.children.delete(name); });
  guest.children.set(name, place);
  return place;
}

function onCommand(guest, data) {
  if (data.cmd === 'spawn') spawn(guest, data, guest.ctls.get(data.end));
  else if (data.cmd === 'terminate') {
    const place = guest.children.get(data.who);
    if (place === undefined) return;
    if (place.terminate) place.terminate(); else place.kill();
  } else if (data.cmd === 'exit') process.exit();
  else guest.wrong(`what is ${data.cmd}?`);
}

module.exports = { spawn, onCommand };

if (process.argv.length >= 6 && path.basename(process.argv[1]) === 'guest-program.js') {
  const [kind, name, seed, dir] = process.argv.slice(-4);
  const guest = new Guest(name, Number(seed), dir, onCommand);
  process.on('uncaughtException', (error) => { if (!(error instanceof Expected)) guest.wrong(`uncaught: ${error?.stack ?? error}`); });
  process.on('unhandledRejection', (error) => guest.wrong(`unhandled: ${error?.stack ?? error}`));
  process.on('warning', (warning) => { if (!/MaxListeners|Experimental/.test(warning.name)) guest.wrong(`warning: ${warning.stack}`); });
  const begin = (start, port) => guest.adopt(port, { ...start, hop: start.hop + 1 }, { ctl: true });
  setInterval(() => {}, 1 << 30);
  if (kind === 'child' || kind === 'thread') {
    mcm.parentPort.once('message', ({ data, ports }) => begin(data, ports[0]));
    if (kind === 'child') mcm.parentPort.on('close', () => process.exit());
  } else if (kind === 'nodethread') mcm.ipcRenderer.once('start', (event, data) => begin(data, event.ports[0]));
  else {
    wt.parentPort.once('message', ({ start, port }) => begin(start, port));
  }
}
