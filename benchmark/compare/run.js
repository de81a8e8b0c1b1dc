// The comparison: plays what the command line asks for, and hands the results on as tables, JSON or pages.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { analysed } = require('./analysis.js');
const { buildOf } = require('./build.js');
const { play } = require('./conductor.js');
const { entries, missing, version } = require('./contenders');
const { isBusy, load, machine } = require('./machine.js');
const { options, usage, UsageError } = require('./options.js');
const { readJson, writeJson } = require('./report/json.js');
const { LAST, publish } = require('./report/publish.js');
const { table } = require('./report/table.js');
const { quick, scaled, workloads } = require('./workloads.js');

const home = path.join(__dirname, '..');

/**
 * @typedef {object} Report
 * @property {string} when
 * @property {ReturnType<typeof machine> & { load: { before: number, after: number }, busy: boolean }} machine
 * @property {number} rounds
 * @property {number} scale
 * @property {boolean} quick
 * @property {Record<string, { about: string, version?: string, absent?: string }>} contenders
 * @property {import('./analysis.js').Result[]} results
 */

/** @param {ReturnType<typeof options>} chosen */
function members({ only, against }) {
  const present = only.filter((name) => missing(entries[name]) === null).map((name) => ({ label: name, name }));
  const other = against === undefined ? [] : [{ label: `ours@${against}`, name: 'ours', root: buildOf(against) }];
  const [ours, rest] = [present.filter(({ name }) => name === 'ours'), present.filter(({ name }) => name !== 'ours')];
  return [...ours, ...other, ...rest, ...(ours.length > 0 ? [{ label: 'floor', name: 'floor' }] : [])];
}

/** @param {import('./contenders').Entry} entry @param {string} workload @param {import('./talk.js').Between} between */
const takesPart = ({ works, between: places }, workload, between) => places.includes(between) && (works?.includes(workload) ?? true);

/** @param {ReturnType<typeof options>} chosen */
function described({ only, against }) {
  /** @type {Report['contenders']} */
  const list = {};
  for (const name of only) {
    const absent = missing(entries[name]);
    list[name] = { about: entries[name].about, version: version(entries[name]), ...(absent !== null && { absent }) };
  }
  if (against !== undefined) list[`ours@${against}`] = { about: `this package as of ${against}` };
  return list;
}

/** @param {ReturnType<typeof options>} chosen @param {(result: import('./analysis.js').Result) => void} tell @returns {Promise<Report>} */
async function compare(chosen, tell) {
  const all = members(chosen);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mcm-bench-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // the contenders see their stdin close
  const before = load();
  const results = [];
  for (const workload of chosen.work) {
    for (const between of chosen.between) {
      const taking = all.filter(({ name }) => name === 'floor' || takesPart(entries[name], workload, between));
      if (!taking.some(({ name }) => name !== 'floor')) continue;
      const { cases, fresh } = workloads[workload];
      const here = cases.filter((it) => (it.between ?? between) === between);
      for (const it of chosen.quick ? quick(here) : here.map((each) => scaled(each, chosen.scale))) {
        const result = analysed(await play({ workload, between, case: it, fresh, members: taking, rounds: chosen.rounds, folder }));
        results.push(result);
        tell(result);
      }
    }
  }
  const about = machine();
  return {
    when: new Date().toISOString().slice(0, 10),
    machine: { ...about, load: { before, after: load() }, busy: isBusy(before, about.cores) },
    rounds: chosen.rounds, scale: chosen.scale, quick: chosen.quick,
    contenders: described(chosen),
    results,
  };
}

/** @param {string[]} args */
async function run(args) {
  const chosen = options(args);
  if (chosen.help) return console.log(usage);
  if (chosen.page) return publish(readJson(path.join(home, LAST)), home);
  for (const name of chosen.only) {
    const absent = missing(entries[name]);
    if (absent !== null) console.log(`${name} does not take part: ${absent}`);
  }
  console.log(`Node ${process.version}, rounds: ${chosen.rounds}; medians, least and greatest in brackets; n× = n times what the first takes`);
  if (chosen.quick) console.log('So few messages that the figures mean nothing.');
  const told = new Set();
  const report = await compare(chosen, (result) => {
    const title = `${result.workload} between ${result.between}: ${result.title}; ${result.unit}`;
    if (!told.has(title)) console.log(`\n${title}`);
    told.add(title);
    console.log(table(result));
  });
  if (report.machine.busy) console.log(`\nThe machine had other things to do (load ${report.machine.load.before} on ${report.machine.cores} cores): trust ratios only, and not much.`);
  if (chosen.json !== undefined) writeJson(report, chosen.json);
  if (chosen.publish) publish(report, home);
  if (report.results.some(({ figures }) => figures.some(({ problem }) => problem !== undefined))) process.exitCode = 1;
}

module.exports = { UsageError, run };
