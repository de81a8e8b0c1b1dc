// Draws lines over axes as SVG that is read on light and on dark ground.
'use strict';

/**
 * @typedef {object} Axis
 * @property {string} label
 * @property {boolean} log
 * @property {[number, string][]} ticks  where, and what stands there; the first and the last are the ends of the axis
 *
 * @typedef {object} Series
 * @property {string} label
 * @property {number} style  which colour, and which mark
 * @property {[number, number][]} points
 * @property {boolean} [dense]  only the point in the middle has its mark
 */

const [WIDTH, HEIGHT] = [640, 360];
const box = { left: 64, top: 40, right: 500, bottom: 308 };

/** Told apart also without colour; readable on white and on black. */
const colours = ['#e8590c', '#1c7ed6', '#2b8a3e', '#9c36b5', '#c2255c', '#0c8599', '#a07d00', '#6c757d', '#5c6bc0'];
const marks = ['M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0', 'M-3.5 -3.5h7v7h-7z', 'M0 -4.5l4.5 8h-9z', 'M0 -5l5 5l-5 5l-5 -5z', 'M0 4.5l4.5 -8h-9z'];

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** @param {number} value */
const short = (value) => String(Math.round(10 * value) / 10);

/** From a value to a place between two. @param {Axis} axis @param {number} from @param {number} to */
function scale({ log, ticks }, from, to) {
  const on = log ? Math.log10 : Number;
  const [low, high] = [on(ticks[0][0]), on(ticks[ticks.length - 1][0])];
  return (/** @type {number} */ value) => from + (to - from) * Math.min(1, Math.max(0, (on(value) - low) / (high - low || 1)));
}

/** @param {{ title: string, x: Axis, y: Axis, series: Series[] }} chart */
function plot({ title, x, y, series }) {
  const [across, up] = [scale(x, box.left, box.right), scale(y, box.bottom, box.top)];
  const grid = [
    ...y.ticks.map(([value, text]) => `<path class="grid" d="M${box.left} ${short(up(value))}H${box.right}"/>`
      + `<text x="${box.left - 8}" y="${short(up(value) + 4)}" text-anchor="end">${escaped(text)}</text>`),
    ...x.ticks.map(([value, text]) => `<path class="grid" d="M${short(across(value))} ${box.top}V${box.bottom}"/>`
      + `<text x="${short(across(value))}" y="${box.bottom + 18}" text-anchor="middle">${escaped(text)}</text>`),
  ];
  const lines = series.map(({ style, points, dense = false }) => {
    const colour = colours[style % colours.length];
    const places = points.map(([a, b]) => [short(across(a)), short(up(b))]);
    const dots = (dense ? [places[places.length >> 1]] : places).map(([a, b]) => `<path fill="${colour}" d="${marks[style % marks.length]}" transform="translate(${a} ${b})"/>`);
    return `<path fill="none" stroke="${colour}" stroke-width="${style === 0 ? 3 : 1.8}" d="M${places.map((place) => place.join(' ')).join('L')}"/>${dots.join('')}`;
  });
  const legend = series.map(({ label, style }, i) => {
    const [colour, at] = [colours[style % colours.length], box.top + 10 + 20 * i];
    return `<path stroke="${colour}" stroke-width="${style === 0 ? 3 : 1.8}" d="M${box.right + 14} ${at}h20"/>`
      + `<path fill="${colour}" d="${marks[style % marks.length]}" transform="translate(${box.right + 24} ${at})"/>`
      + `<text x="${box.right + 40}" y="${at + 4}">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}">
<style>text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:14px;font-weight:600}.grid{stroke:#8884;fill:none}@media(prefers-color-scheme:dark){text{fill:#d1d7e0}}</style>
<text class="title" x="${box.left}" y="20">${escaped(title)}</text>
${[...grid, ...lines, ...legend].join('\n')}
<text x="${(box.left + box.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(x.label)}</text>
<text transform="translate(14 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>
</svg>
`;
}

module.exports = { plot };
