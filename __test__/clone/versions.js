// Writes the battery as bodies, or reads what another version of Node.js has written: node versions.js write|read FILE
'use strict';

const fs = require('node:fs');
const { battery } = require('./battery.js');
const { difference } = require('./same.js');
const { encode, decodeAlone } = require('./rig.js');

/** What one version has and another may not have. */
const RECENT = /Float16Array/;
/** And what arrives there as the DOMException that it is besides. */
const RECENT_ERROR = /^QuotaExceededError/;

/** @param {unknown[]} values */
const areExceptions = (values) => values.every((each) => each instanceof DOMException && each.name === 'QuotaExceededError');

/** @param {string} file */
function write(file) {
  const lines = battery.map(({ name, make }) => {
    encode(make());
    const { body, memories } = encode(make());
    return JSON.stringify({ name, body: body.toString('base64'), memories: memories.map((memory) => Buffer.from(memory).toString('base64')) });
  });
  fs.writeFileSync(file, lines.join('\n'));
}

/**
 * @param {string} file
 * @returns {string[]} what did not arrive
 */
function read(file) {
  const entries = new Map(battery.map((entry) => [entry.name, entry]));
  const found = fs.readFileSync(file, 'utf8').split('\n').map((line) => readLine(JSON.parse(line), entries));
  if (found.length < 250) found.push(`only ${found.length} values in the file`);
  return /** @type {string[]} */ (found.filter((problem) => problem !== undefined));
}

/**
 * @param {{ name: string, body: string, memories: string[] }} line
 * @param {Map<string, import('./battery.js').Entry>} entries
 */
function readLine({ name, body, memories }, entries) {
  const entry = entries.get(name);
  const parts = { memories: memories.map((memory) => new Uint8Array(Buffer.from(memory, 'base64')).buffer) };
  try {
    const value = decodeAlone(Buffer.from(body, 'base64'), parts);
    if (entry === undefined && RECENT_ERROR.test(name) && areExceptions([value].flat())) return undefined;
    const problem = entry === undefined ? 'not in the battery here' : difference(value, entry.expect());
    return problem && `${name}: ${problem}`;
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    const known = RECENT.test(name) && entry === undefined && code === 'ERR_MESSAGE_MALFORMED' && /does not exist/.test(message);
    return known ? undefined : `${name}: ${message}`;
  }
}

if (require.main === module) {
  const [mode, file] = process.argv.slice(2);
  if (mode === 'write') write(file);
  else process.stdout.write(JSON.stringify(read(file)));
}

module.exports = { write, read };
