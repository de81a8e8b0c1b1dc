// From rounds to what is reported: medians, ratios to ours within each round, and our share of the floor.
'use strict';

const { ratios, summary } = require('./statistics.js');
const { workloads } = require('./workloads.js');

/** @typedef {import('./statistics.js').Summary} Summary */

/**
 * @typedef {object} Figure
 * @property {string} label
 * @property {number} count  messages or channels in a round
 * @property {number} checked  how many were counted and weighed where they arrived, in all rounds
 * @property {number[]} rounds
 * @property {Summary | null} figure
 * @property {Summary | null} ratio  how many times as much as the first of the case
 * @property {number[]} [quantiles]  of round trips, each hundredth, medians of the rounds
 * @property {number | null} [kernel]  how much of it is the kernel's, where that can be known
 * @property {string} [problem]
 *
 * @typedef {object} Result
 * @property {string} workload
 * @property {string} title
 * @property {string} unit
 * @property {import('./talk.js').Between} between
 * @property {string} case
 * @property {number} [x]
 * @property {Figure[]} figures
 * @property {{ floor: Summary, share: Summary } | null} floor
 */

/** @param {import('./conductor.js').Entrant} entrant @param {number[]} base @returns {Figure} */
function figureOf({ label, count, rounds, problem }, base) {
  const figures = rounds.map(({ figure }) => figure);
  const isFine = problem === undefined && figures.length > 0;
  return {
    label,
    count,
    checked: rounds.reduce((sum, { checked }) => sum + checked, 0),
    rounds: figures,
    figure: isFine ? summary(figures) : null,
    ratio: isFine && base.length === figures.length ? ratios(figures, base) : null,
    ...(rounds[0]?.quantiles && { quantiles: rounds[0].quantiles.map((_, i) => summary(rounds.map(({ quantiles = [] }) => quantiles[i])).median) }),
    ...(rounds[0]?.kernel !== undefined && { kernel: rounds[0].kernel === null ? null : summary(rounds.map(({ kernel }) => Number(kernel))).median }),
    ...(problem !== undefined && { problem }),
  };
}

/** @param {import('./conductor.js').Played} played @returns {Result} */
function analysed({ workload, between, case: it, entrants }) {
  const { title, unit } = workloads[workload];
  const contenders = entrants.filter(({ label }) => label !== 'floor');
  const floor = entrants.find(({ label, problem }) => label === 'floor' && problem === undefined)?.rounds.map(({ figure }) => figure);
  const base = contenders[0]?.problem === undefined ? contenders[0]?.rounds.map(({ figure }) => figure) ?? [] : [];
  const hasShare = floor !== undefined && contenders[0]?.label === 'ours' && floor.length === base.length && floor.length > 0;
  return {
    workload, title, unit, between, case: it.name, ...(it.x !== undefined && { x: it.x }),
    figures: contenders.map((entrant) => figureOf(entrant, base)),
    floor: hasShare ? { floor: summary(floor), share: ratios(floor, base) } : null,
  };
}

module.exports = { analysed };
