// A pool, which knows nothing of processes: its third task is a fault of memory.
const { Piscina } = require('piscina');

async function main() {
  const pool = new Piscina({ filename: require.resolve('./task.js'), atomics: 'disabled', maxThreads: 1 });
  for (const task of [{ name: 'one' }, { name: 'two' }, { name: 'a fault', addon: process.argv[2] }, { name: 'three' }]) {
    console.log(await pool.run(task).catch(({ code, signal }) => `${task.name}: ${code} ${signal}`));
  }
  await pool.destroy();
}

main();
