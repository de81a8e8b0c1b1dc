// Everything a run has found, as JSON with a line for each result, and read again.
'use strict';

const fs = require('node:fs');

/** @param {import('../run.js').Report} report @param {string} file */
function writeJson({ results, ...rest }, file) {
  const lines = results.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
  fs.writeFileSync(file, `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "results": [\n${lines}\n  ]\n}\n`);
}

/** @param {string} file @returns {import('../run.js').Report} */
const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

module.exports = { readJson, writeJson };
