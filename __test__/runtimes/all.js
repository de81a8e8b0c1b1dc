// Plays every listed file in every placement, in each of the other runtimes, and prints how many passed where: `npm run test:runtimes`.
const { RUNTIMES } = require('./runtimes.js');
const { play } = require('./started.js');

const BESIDE = new Set(['it begins', 'all were played', 'what is made once per process is made', 'no descriptor is left behind']);

(async () => {
  const only = process.argv.slice(2);
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    /** @type {Map<string, number>} */
    const passed = new Map();
    for (const spec of Object.keys(runtime.specs).filter((one) => only.length === 0 || only.includes(one))) {
      const { code, signal, told } = await play(runtime, spec, []);
      const failed = told.filter(({ error }) => error !== undefined);
      for (const { title, error } of told) {
        const where = /\((\w[\w ]* \| \w[\w ]*)\)$/.exec(title)?.[1] ?? 'elsewhere';
        if (error === undefined && !BESIDE.has(title)) passed.set(where, (passed.get(where) ?? 0) + 1);
      }
      const ended = code === 0 && told.at(-1)?.title === 'all were played';
      console.log(`${name} ${spec}: ${told.length} told, ${failed.length} failed${ended ? '' : `, ended with ${code ?? signal}`}`);
      for (const { title, error } of failed) console.log(`  ${title}\n    ${String(error).slice(0, 300).replaceAll('\n', '\n    ')}`);
      if (failed.length > 0 || !ended) process.exitCode = 1;
    }
    console.log(name, Object.fromEntries(passed));
  }
})();
