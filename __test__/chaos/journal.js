// The chaos by journals: threads, children and process workers, one inside of the other, post, transfer, close, drop and end at
// random in every face, and each writes what it does to a file that outlives it. What all files say together is held against a model:
// in order, once, all of it where nobody was killed; 'close' once to whoever is left; no port and no process stays.
//
//   node __test__/chaos/journal.js [scenarios, 20] [seed] [mode]
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const mcm = require('../../index.js');
const { Guest, Expected } = require('./guest.js');
const { spawn, onCommand } = require('./guest-program.js');
const { Journals } = require('./journals.js');
const { random } = require('./random.js');

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // it is gone
  }
}

/** 'calm': nobody ends; 'graceful': nobody is killed; 'starved': some run out of descriptors. */
const MODES = ['any', 'graceful', 'calm', 'any', 'starved'];
/** Milliseconds without a word from anybody after which nothing more is to come, on a machine with much else to do. */
const PATIENCE = 15_000;
/** Who plays in this thread. @type {Guest | undefined} */
let here;

process.on('uncaughtException', (error) => { if (!(error instanceof Expected)) { console.error(error); process.exit(3); } });
process.on('warning', (warning) => { if (!/MaxListeners|Experimental/.test(warning.name)) here?.wrong(`warning: ${warning.stack}`); });

async function scenario(seed, mode) {
  const next = random(seed);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'chaos-'));
  const main = here = new Guest('main', next(2 ** 31), dir, onCommand);
  const model = new Journals(dir);
  const ctls = new Map();
  const kinds = ['child', 'thread', 'nodethread', 'wproc', 'wthread'];
  const names = [];
  const parts = new Map();
  const many = 2 + next(4);
  for (let i = 0; i < many; i++) {
    // Nested: somebody else's, two deep at most.
    const parents = names.filter((one) => parts.get(one).depth < 3);
    const parent = parents.length > 0 && next(2) === 0 ? parents[next(parents.length)] : 'main';
    let kind = kinds[next(kinds.length)];
    let replaced = false; // node:worker_threads is ours there
    for (let one = parent; one !== 'main'; one = parts.get(one).parent) replaced ||= parts.get(one).kind.startsWith('w');
    if (kind === 'nodethread' && replaced) kind = 'wthread';
    const name = `${kind}${i}`;
    parts.set(name, { kind, parent, depth: parent === 'main' ? 1 : parts.get(parent).depth + 1 });
    Object.assign(model.part(name), { parent, kind });
    const { port1, port2 } = new mcm.MessageChannelMain();
    main.log({ t: 'new', id: `ctl-${name}-` });
    const near = main.adopt(port1, { id: `ctl-${name}-a`, hop: 0, sent: 0, received: 0 }, { ctl: true });
    const far = { id: `ctl-${name}-b`, hop: 0, sent: 0, received: 0, port: port2, state: 'open', face: 'main', ctl: true };
    ctls.set(name, near);
    const seedling = next(2 ** 31);
    if (parent === 'main') spawn(main, { kind, name, seed: seedling, dir }, far);
    else main.send(ctls.get(parent), { cmd: 'spawn', kind, name, seed: seedling, dir, end: far.id }, [far]);
    names.push(name);
  }
  // Channels between any two.
  for (let i = 3 + next(20); i > 0; i--) {
    const both = main.channel(`m${i}.`);
    for (const end of both) {
      const to = ['main', ...names][next(names.length + 1)];
      if (to !== 'main' && end.state === 'open') main.send(ctls.get(to), { cmd: 'give' }, [end]);
    }
  }
  for (const name of names) main.send(ctls.get(name), { cmd: 'go' });
  main.go();
  if (next(3) > 0) for (let i = 0; i < 500 && !names.every((name) => [...model.end(`ctl-${name}-b`).have.keys()].length > 0 && model.part(name).pid); i++) { await sleep(10); model.read(); }
  let late = 1;
  const started = performance.now();
  const length = 500 + next(1200);
  const isDown = (name) => model.dead(name);
  model.read();
  const linesThen = model.lines;
  while (performance.now() - started < length || (model.lines - linesThen < 5000 && performance.now() - started < length + 3000)) {
    await sleep(20 + next(150));
    model.read();
    const living = names.filter((name) => !isDown(name) && model.part(name).pid !== undefined);
    if (living.length === 0) continue;
    const name = living[next(living.length)];
    const part = model.part(name);
    const { kind, parent } = parts.get(name);
    const isProcess = kind === 'child' || kind === 'wproc';
    const dice = next(100);
    if (mode === 'calm') continue;
    if (dice < 12 && isProcess) { signal(part.pid, 'SIGSTOP'); await sleep(next(120)); signal(part.pid, 'SIGCONT'); }
    else if (dice < 22 && isProcess && mode !== 'graceful') { part.killed = true; main.log({ t: 'act', text: `SIGKILL ${name}` }); signal(part.pid, 'SIGKILL'); }
    else if (dice < 34 && parent !== undefined) {
      if (isProcess && mode === 'graceful') continue;
      if (isProcess) part.killed = true;
      main.log({ t: 'act', text: `terminate ${name}` });
      if (parent === 'main') onCommand(main, { cmd: 'terminate', who: name });
      else main.send(ctls.get(parent), { cmd: 'terminate', who: name });
    } else if (dice < 42) { main.log({ t: 'act', text: `exit ${name}` }); main.send(ctls.get(name), { cmd: 'exit' }); }
    else if (dice < 48 && isProcess && mode === 'starved') {
      const count = fs.readdirSync(`/proc/${part.pid}/fd`).length;
      model.starved.add(name);
      for (const [one, { parent }] of parts) if (parent === name) model.starved.add(one);
      main.log({ t: 'act', text: `starve ${name}` });
      try { execFileSync('prlimit', ['--pid', String(part.pid), `--nofile=${count + next(6)}`], { stdio: 'ignore' }); } catch { /* it is gone */ }
    } else if (dice < 56 && late < 3) {
      const kind = kinds[next(kinds.length)];
      const name = `${kind}late${late++}`;
      parts.set(name, { kind, parent: 'main', depth: 1 });
      const { port1, port2 } = new mcm.MessageChannelMain();
      main.log({ t: 'new', id: `ctl-${name}-` });
      ctls.set(name, main.adopt(port1, { id: `ctl-${name}-a`, hop: 0, sent: 0, received: 0 }, { ctl: true }));
      spawn(main, { kind, name, seed: next(2 ** 31), dir }, { id: `ctl-${name}-b`, hop: 0, sent: 0, received: 0, port: port2, state: 'open', face: 'main', ctl: true });
      const end = main.any();
      if (end && !end.port.closed) main.send(ctls.get(name), { cmd: 'give' }, [end]);
      main.send(ctls.get(name), { cmd: 'go' });
      names.push(name);
    }
  }
  const all = (cmd) => {
    model.read();
    for (const name of names) if (!model.dead(name)) main.send(ctls.get(name), cmd);
  };
  all({ cmd: 'calm' });
  main.calm();
  const settle = async (what) => {
    let list;
    for (let end = performance.now() + PATIENCE, ms = 5; ; ms = Math.min(ms * 2, 100)) {
      await sleep(ms);
      if (model.read() > 0) end = performance.now() + PATIENCE;
      list = model.pending();
      for (const name of names) if (!model.dead(name) && !model.part(name).calm) list.push(`${name} is not calm`);
      if (list.length === 0 || model.wrong.length > 0) break;
      if (ms > 60) { all({ cmd: 'gc' }); main.command({ cmd: 'gc' }); }
      if (performance.now() > end) { model.wrong.push(...list.map((line) => `${what}: ${line}`)); break; }
    }
  };
  await settle('calm');
  const fail = () => model.wrong.length > 0;
  if (!fail()) {
    all({ cmd: 'buffered' });
    main.command({ cmd: 'buffered' });
    // Everything closes, from either side.
    for (const id of model.ends.keys()) {
      if (id.endsWith('b') || id.startsWith('ctl-')) continue;
      const side = next(2) === 0 ? id : id.slice(0, -1) + 'b';
      const status = model.status(side);
      if (status.what !== 'open') continue;
      if (status.at === 'main') main.command({ cmd: 'close', end: side });
      else main.send(ctls.get(status.at), { cmd: 'close', end: side });
    }
    await settle('closing');
  }
  if (!fail()) for (const [id] of model.ends) if (!id.startsWith('ctl-') && model.status(id).what === 'open') model.wrong.push(`${id} is open at the end`);
  if (!fail()) {
    const living = names.filter((name) => !model.dead(name)).concat('main');
    all({ cmd: 'report' });
    main.report();
    for (let i = 0; i < 100 && model.reports.length < living.length; i++) { await sleep(20); model.read(); }
  }
  const verdict = model.check();
  const rootOf = (name) => { for (let one = name; ; one = parts.get(one).parent) if (one === 'main' || ['child', 'wproc'].includes(parts.get(one).kind)) return one; };
  for (const report of model.reports) {
    const { name, ports } = report;
    if (name !== rootOf(name)) continue;
    const own = names.filter((one) => !model.dead(one) && rootOf(one) === name).reduce((sum, one) => sum + (one[0] === 'w' || one.includes('thread') ? 4 : 1), 0) + (name === 'main' ? [...ctls.values()].filter(({ state }) => state === 'open').length : 0);
    const stray = ports.filter(({ face, heldBy, peer, queued }) => face === 'MessagePortMain' || face === 'MessagePort' || (face === null && !(heldBy.includes('parked') && peer === 'gone' && queued === 0)));
    const parked = stray.filter(({ face, heldBy }) => face === null && heldBy.includes('parked'));
    if (stray.length - parked.length > own && model.starved.size === 0) verdict.push(`${name}: ${stray.length} ports are open, and ${own} ought to be: ${JSON.stringify(stray.map(({ face, thread, inside, peer, queued, buffered, heldBy }) => [face, thread, inside, peer, queued, buffered, heldBy.join()])).slice(0, 800)}`);
  }
  const result = { lines: model.lines, posted: [...model.ends.values()].reduce((sum, { did }) => sum + did, 0), got: [...model.ends.values()].reduce((sum, { got }) => sum + got, 0), channels: model.ends.size / 2, verdict };
  // The end of all.
  const pids = [...model.parts.values()].filter(({ name, pid }) => name !== 'main' && pid !== process.pid && pid !== undefined).map(({ pid }) => pid);
  for (const name of names) if (!model.dead(name)) main.send(ctls.get(name), { cmd: 'exit' });
  for (const end = performance.now() + PATIENCE; performance.now() < end;) {
    await sleep(10);
    model.read();
    if (names.every((name) => model.dead(name))) break;
  }
  for (const name of names) if (!model.dead(name)) verdict.push(`${name} does not end`);
  for (let i = 0; i < 100 && pids.some((pid) => model.alive(pid)); i++) await sleep(20);
  for (const pid of pids) if (model.alive(pid)) { verdict.push(`process ${pid} is left`); signal(pid, 'SIGKILL'); }
  for (const place of main.children.values()) (place.terminate ?? place.kill).call(place);
  for (let i = 0; i < 200 && [...ctls.values()].some(({ state }) => state === 'open'); i++) await sleep(10);
  for (const [name, { state }] of ctls) if (state === 'open') verdict.push(`ctl of ${name} was not told`);
  main.finish();
  if (verdict.length === 0) fs.rmSync(dir, { recursive: true });
  else result.dir = dir;
  return result;
}

/**
 * @param {number} scenarios
 * @param {number} seed  of the first
 * @param {string} [mode]
 */
async function play(scenarios, seed, mode) {
  let failures = 0;
  for (let i = 0; i < scenarios; i++) {
    const one = seed + i;
    const { verdict, dir, ...result } = await scenario(one, mode ?? MODES[one % MODES.length]);
    console.log(`seed ${one}: ${JSON.stringify(result)}`);
    if (verdict.length > 0) console.log(`${dir}\n  ${verdict.slice(0, 12).join('\n  ')}`);
    if (verdict.length > 0) failures += 1;
  }
  console.log(failures === 0 ? 'all held' : `${failures} failed`);
  process.exit(failures === 0 ? 0 : 1);
}

const [scenarios = 20, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2, 4).map(Number);
play(scenarios, seed, process.argv[4]);
