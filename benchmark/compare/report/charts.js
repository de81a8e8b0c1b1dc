// Which plots there are, and what of the results stands in them.
'use strict';

const { entries } = require('../contenders');
const { grouped } = require('./numbers.js');
const { plot } = require('./plot.js');

/** @typedef {import('../analysis.js').Result} Result */
/** @typedef {import('../analysis.js').Figure} Figure */
/** @typedef {import('./plot.js').Series} Series */

/** The same contender looks the same in all plots. @param {string} label */
const styleOf = (label) => Math.max(0, Object.keys(entries).indexOf(label));

/** A series for each contender. @param {Result[]} results @param {(figure: Figure, result: Result) => [number, number][]} pointsOf @returns {Series[]} */
function seriesOf(results, pointsOf) {
  const labels = [...new Set(results.flatMap(({ figures }) => figures.map(({ label }) => label)))];
  return labels.map((label) => ({
    label,
    style: styleOf(label),
    points: results.flatMap((result) => result.figures.filter((figure) => figure.label === label && figure.figure !== null)
      .flatMap((figure) => pointsOf(figure, result))),
  })).filter(({ points }) => points.length > 0);
}

/** Steps of an axis around values: powers of ten, and what of `between` lies there. @param {number[]} values @param {number[]} steps @returns {[number, string][]} */
function decades(values, steps = [1]) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const all = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) all.push(...steps.map((step) => step * 10 ** power));
  const from = all.filter((value) => value <= low).length - 1;
  const to = all.findIndex((value) => value >= high);
  return all.slice(Math.max(0, from), to < 0 ? undefined : to + 1).map((value) => [value, short(value)]);
}

/** @param {number} value */
function short(value) {
  if (value >= 1e6) return `${grouped(Number((value / 1e6).toPrecision(2)))} M`;
  return grouped(Number(value.toPrecision(2)));
}

/** Figures over what the cases differ in. @param {Result[]} results @param {string} title @param {string} xLabel @param {string} yLabel @param {(x: number, figure: number) => number} rate */
function overCases(results, title, xLabel, yLabel, rate) {
  const series = seriesOf(results, ({ figure }, { x = 1 }) => [[x, rate(x, /** @type {NonNullable<typeof figure>} */ (figure).median)]]);
  return plot({
    title,
    x: { label: xLabel, log: true, ticks: results.map(({ x = 1, case: name }) => [x, name]) },
    y: { label: yLabel, log: true, ticks: decades(series.flatMap(({ points }) => points.map(([, y]) => y))) },
    series,
  });
}

/** How many round trips are over by when. @param {Result[]} results @param {string} title */
function distribution(results, title) {
  const series = seriesOf(results, ({ quantiles = [] }) => quantiles.slice(0, 100).map((time, i) => [time, i]));
  const ends = series.flatMap(({ points }) => [points[0][0], points[points.length - 1][0]]);
  const fine = decades(ends, [1, 2, 5]);
  return plot({
    title,
    x: { label: 'round trip, µs', log: true, ticks: fine.length > 9 ? decades(ends) : fine },
    y: { label: 'are over by then', log: false, ticks: [0, 25, 50, 75, 100].map((value) => [value, `${value} %`]) },
    series: series.map((each) => ({ ...each, dense: true })),
  });
}

/** The plots by their names, of what was played. @param {Result[]} all @returns {Record<string, string>} */
function charts(all) {
  /** @type {Record<string, string>} */
  const drawn = {};
  for (const between of /** @type {const} */ (['threads', 'processes'])) {
    const of = (/** @type {string} */ workload) => all.filter((result) => result.workload === workload && result.between === between);
    const [size, texts, channels, senders, trips] = [of('size'), of('texts'), of('channels'), of('senders'), of('W2')];
    const perSecond = (/** @type {number} */ _, /** @type {number} */ figure) => 1e6 / figure;
    if (size.length > 0) drawn[`size-${between}`] = overCases(size, `Throughput by message size, between ${between}`, 'size of a message', 'MB/s', (x, figure) => x / figure);
    if (texts.length > 0) drawn[`texts-${between}`] = overCases(texts, `Throughput by length of a text, between ${between}`, 'characters', 'MB/s', (x, figure) => x / figure);
    if (channels.length > 0) drawn[`channels-${between}`] = overCases(channels, `Throughput by number of channels, between ${between}`, 'channels', 'messages/s', perSecond);
    if (senders.length > 0) drawn[`senders-${between}`] = overCases(senders, `Throughput by number of senders, between ${between}`, 'senders to one receiver', 'messages/s', perSecond);
    for (const result of trips) {
      drawn[`latency-${between}-${result.case.replaceAll(' ', '-')}`] = distribution([result], `Round trips between ${between}, ${result.case}`);
    }
  }
  return drawn;
}

module.exports = { charts };
