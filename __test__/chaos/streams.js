// The chaos of streams: processes hand them on and on, some are killed at random; then each stream that is left has both ends.
//
//   node __test__/chaos/streams.js [rounds, 50] [seed]
const { once } = require('node:events');
const path = require('node:path');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { random } = require('./random.js');

const script = path.join(__dirname, 'holder.js');
const MANY = 4;
/** Milliseconds in which whoever has to be told is told, on a machine with much else to do. */
const PATIENCE = 10_000;

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** What has one end: of whose source or sink nobody is told, or of whose reader or writer. */
async function halves(alive) {
  const made = new Set();
  const here = new Set();
  for (const { child } of alive) {
    const answer = once(child, 'message');
    child.postMessage('calm');
    const [said] = await answer;
    said.made.forEach((id) => made.add(id));
    said.here.forEach((id) => here.add(id));
  }
  const lone = [...made].filter((id) => !here.has(id)).map((id) => `${id}: its source or sink`);
  lone.push(...[...here].filter((id) => !made.has(id)).map((id) => `${id}: who has it`));
  return { lone, whole: [...made].filter((id) => here.has(id)).length };
}

/**
 * @param {number} seed
 * @returns {Promise<{ lone: string[], whole: number }>} what waits for somebody who is dead; how many streams go on
 */
async function round(seed) {
  const next = random(seed);
  const all = Array.from({ length: MANY }, (_, i) => {
    const child = utilityProcess.fork(script, [`p${i}`, String(next(2 ** 31))]);
    return { child, gone: once(child, 'exit') };
  });
  all.forEach(({ child }, i) => {
    for (const other of all.slice(0, i)) {
      const { port1, port2 } = new MessageChannelMain();
      child.postMessage('peer', [port1]);
      other.child.postMessage('peer', [port2]);
    }
  });
  for (const { child } of all) child.postMessage('act');
  await pause(500 + next(700));
  const alive = [...all];
  for (let deaths = 1 + next(MANY - 2); deaths > 0; deaths--) {
    const [victim] = alive.splice(next(alive.length), 1);
    if (next(4) === 0) victim.child.postMessage('exit');
    else victim.child.kill('SIGKILL');
    await victim.gone;
    await pause(next(100));
  }
  let found = await halves(alive);
  for (const end = performance.now() + PATIENCE; found.lone.length > 0 && performance.now() < end; found = await halves(alive)) await pause(50);
  for (const { child } of alive) child.kill('SIGKILL');
  await Promise.all(alive.map(({ gone }) => gone));
  return found;
}

/**
 * @param {number} rounds
 * @param {number} seed
 */
async function streams(rounds, seed) {
  let whole = 0;
  for (let i = 0; i < rounds; i++) {
    const found = await round(seed + i);
    if (found.lone.length > 0) throw new Error(`seed ${seed + i}: nobody was told of a death: ${found.lone.join(', ')}`);
    whole += found.whole;
  }
  return whole;
}

module.exports = { streams };

if (require.main === module) {
  const [rounds = 50, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
  console.log(`seed ${seed}, ${rounds} rounds, Node ${process.version}`);
  streams(rounds, seed).then((whole) => console.log(`${whole} streams went on, and all others ended`), (error) => {
    console.error(error);
    process.exit(1);
  });
}
