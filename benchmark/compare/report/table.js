// The results as tables: of one case for the terminal, of one workload for a page.
'use strict';

const { digits, grouped, percent, times } = require('./numbers.js');

/** @typedef {import('../analysis.js').Result} Result */
/** @typedef {import('../analysis.js').Figure} Figure */
/** @typedef {import('../statistics.js').Summary} Summary */

/** The unit stands once. @param {Summary} summary @param {(value: number) => string} show */
const range = ({ min, max }, show) => `(${show(min).replace(/ ?[×%]$/, '')}–${show(max)})`;

/** @param {Figure} figure @param {boolean} isFirst */
function line({ label, count, figure, ratio, kernel, problem }, isFirst) {
  if (figure === null) return `    ${label.padEnd(16)} ${problem ?? 'no figures'}`;
  const cells = [
    label.padEnd(16), digits(figure.median).padStart(10), range(figure, digits).padEnd(22),
    isFirst || ratio === null ? ''.padEnd(22) : `${times(ratio.median).padStart(6)} ${range(ratio, times)}`.padEnd(22),
    `${grouped(count)} a round${kernel === undefined ? '' : kernel === null ? ", without the kernel's" : `, ${digits(kernel)} of it the kernel's`}`,
  ];
  return `    ${cells.join(' ')}`;
}

/** @param {Result} result */
function table({ case: name, figures, floor }) {
  const lines = [`  ${name}`, ...figures.map((figure, i) => line(figure, i === 0))];
  if (floor !== null) lines.push(`    ${'the floor'.padEnd(16)} ${digits(floor.floor.median).padStart(10)} ${range(floor.floor, digits).padEnd(22)} ours is at ${percent(floor.share.median)} ${range(floor.share, percent)} of it`);
  return lines.join('\n');
}

/** @param {Figure | undefined} figure @param {boolean} isFirst */
function cell(figure, isFirst) {
  if (figure === undefined) return '–';
  if (figure.figure === null) return 'failed';
  const ratio = isFirst || figure.ratio === null ? '' : `<br>**${times(figure.ratio.median)}** ${range(figure.ratio, times)}`;
  return `${digits(figure.figure.median)} ${range(figure.figure, digits)}${ratio}`;
}

/** Results of one workload as a table of Markdown, a column for each contender. @param {Result[]} results */
function markdown(results) {
  const labels = [...new Set(results.flatMap(({ figures }) => figures.map(({ label }) => label)))];
  const hasFloor = results.some(({ floor }) => floor !== null);
  const head = ['', ...labels, ...(hasFloor ? ['share of the floor'] : [])];
  const rows = results.map(({ case: name, figures, floor }) => [
    name,
    ...labels.map((label, i) => cell(figures.find((figure) => figure.label === label), i === 0)),
    ...(hasFloor ? [floor === null ? '–' : `${percent(floor.share.median)} ${range(floor.share, percent)}`] : []),
  ]);
  return lines([head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]);
}

/** @param {string[][]} rows @returns {string} */
const lines = (rows) => rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** What was to be reached, and what was. @param {import('../goals.js').Judged[]} all */
function goalTable(all) {
  const met = { ratio: 'yes', share: 'yes, by the floor' };
  const rows = all.map(({ goal, reached, share, met: how }) => {
    const show = goal.most === undefined ? times : digits;
    return [
      `${goal.workload} between ${goal.between}, ${goal.case}`,
      goal.most === undefined ? `${goal.peer} takes ${times(goal.times ?? 0)}` : `at most ${digits(goal.most)}`,
      `${show(reached.median)} ${range(reached, show)}`,
      share === null ? '–' : percent(share.median),
      how === null ? `no: ${goal.hindrance ?? 'not looked into'}` : met[how],
    ];
  });
  return lines([['', 'goal', 'reached', 'share of the floor', 'met'], ['---', '---:', '---:', '---:', '---'], ...rows]);
}

module.exports = { goalTable, markdown, table };
