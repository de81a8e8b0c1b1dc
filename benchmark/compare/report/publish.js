// Writes the last run into benchmark/README.md, between its two marks, the plots that it shows, and its JSON.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { SHARE, judged } = require('../goals.js');
const { workloads } = require('../workloads.js');
const { charts } = require('./charts.js');
const { writeJson } = require('./json.js');
const { percent, times } = require('./numbers.js');
const { goalTable, markdown } = require('./table.js');

/** @typedef {import('../run.js').Report} Report */

const [BEGIN, END] = ['<!-- the last run: npm run bench -- --publish -->', '<!-- the end of the last run -->'];

/** The figures, beside the page. */
const LAST = path.join('results', 'last.json');

/** What the figures were taken on. @param {Report} report */
function circumstances({ when, machine, rounds, scale, quick, contenders }) {
  const versions = Object.entries(contenders).filter(([, { version }]) => version !== undefined).map(([name, { version }]) => `${name} ${version}`);
  const absent = Object.entries(contenders).filter(([, each]) => each.absent !== undefined).map(([name]) => name);
  const few = quick ? ' with `--quick`, so that the figures mean nothing' : scale < 1 ? ` with ${scale} of the messages` : '';
  return [
    `${when}, version ${machine.package}, Node ${machine.node}${versions.length > 0 ? `, ${versions.join(', ')}` : ''}. ${machine.processor}, ${machine.cores} cores, ${machine.system}. Rounds: ${rounds}${few}.`,
    machine.busy ? `**The machine was busy with other work** (load ${machine.load.before} before the run, ${machine.load.after} after): the figures are provisional.` : '',
    absent.length > 0 ? `Not installed: ${absent.join(', ')}.` : '',
  ].filter(Boolean).join(' ');
}

/** Every case in which something else takes less than ours does, in its median. @param {Report} report */
function lost({ results }) {
  const cases = results.flatMap((result) => {
    const better = result.figures.slice(1).filter(({ label, ratio }) => !label.startsWith('ours') && ratio !== null && ratio.median < 1);
    if (result.figures[0]?.label !== 'ours' || better.length === 0) return [];
    const names = better.map(({ label, ratio }) => `${label} (${times(/** @type {NonNullable<typeof ratio>} */ (ratio).median)})`);
    return [`- ${result.workload} between ${result.between}, ${result.case}: ${names.join(', ')}`];
  });
  return cases.length === 0 ? 'In no case of this run.' : ['In brackets: what they take, as a multiple of what ours takes.', '', ...cases].join('\n');
}

/** @param {Report} report */
function reached({ results }) {
  const all = judged(results);
  const met = all.filter((each) => each.met !== null).length;
  return `${met} of ${all.length} goals are met. A goal is met, too, at ${percent(SHARE)} of the floor: no codec and no queue could take away more than the rest.\n\n${goalTable(all)}`;
}

/** @param {Report} report @param {string[]} drawn */
function page(report, drawn) {
  const parts = [circumstances(report), drawn.map((name) => `![${name.replaceAll('-', ' ')}](results/${name}.svg)`).join('\n')];
  for (const [workload, { title, unit }] of Object.entries(workloads)) {
    for (const between of ['threads', 'processes']) {
      const results = report.results.filter((result) => result.workload === workload && result.between === between);
      if (results.some(({ figures }) => figures.length > 0)) parts.push(`### ${workload} between ${between}`, `${title[0].toUpperCase()}${title.slice(1)}; ${unit}.`, markdown(results));
    }
  }
  parts.splice(2, 0, '### What was to be reached', reached(report));
  return [...parts, '### Where we lose', lost(report), 'Every round of it is in [results/last.json](results/last.json).'].join('\n\n');
}

/** Puts a run's text in the place of the one before. @param {string} readme @param {string} text */
function replaced(readme, text) {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the README lacks its marks, '${BEGIN}' and '${END}'`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${text}\n\n${readme.slice(to)}`;
}

/** @param {Report} report @param {string} folder  with a README.md that has the marks */
function publish(report, folder) {
  const drawn = charts(report.results);
  fs.mkdirSync(path.join(folder, 'results'), { recursive: true });
  for (const [name, svg] of Object.entries(drawn)) fs.writeFileSync(path.join(folder, 'results', `${name}.svg`), svg);
  writeJson(report, path.join(folder, LAST));
  const readme = path.join(folder, 'README.md');
  fs.writeFileSync(readme, replaced(fs.readFileSync(readme, 'utf8'), page(report, Object.keys(drawn))));
}

module.exports = { LAST, publish };
