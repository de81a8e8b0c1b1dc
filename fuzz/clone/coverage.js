// Counts which ways a run takes through the codec: each branch of its sources calls us when it is taken.
'use strict';

const Module = require('node:module');
const path = require('node:path');
const ts = require('typescript');

const FOLDER = path.join(__dirname, '..', '..', 'lib', 'clone', path.sep);
const SIZE = 1 << 16;

/** How often each way from branch to branch was taken in this run, and which were taken at all. */
const counts = new Uint8Array(SIZE);
/** @type {number[]} */
const taken = [];
/** How often each has ever been taken in one run: a bit for once, twice, up to 4, 8, 16, 32, 128, more. */
const known = new Uint8Array(SIZE);
/** Where each branch is, by its number. @type {string[]} */
const places = [];
/** @type {Set<number>} */
const branches = new Set();
let last = 0;

/** @param {number} branch */
function hit(branch) {
  const way = (last ^ (branch * 0x9e35)) & (SIZE - 1);
  last = branch * 0x4f1b;
  if (counts[way] === 0) taken.push(way);
  if (counts[way] < 255) counts[way]++;
  branches.add(branch);
}

function begin() {
  for (const way of taken) counts[way] = 0;
  taken.length = 0;
  last = 0;
}

/** @param {number} count */
function bucket(count) {
  if (count < 3) return count;
  return count < 5 ? 4 : count < 9 ? 8 : count < 17 ? 16 : count < 33 ? 32 : count < 129 ? 64 : 128;
}

/** Whether the run since begin() did what no run before it has done. */
function isNew() {
  let found = false;
  for (const way of taken) {
    const bit = bucket(counts[way]);
    if ((known[way] & bit) === 0) {
      known[way] |= bit;
      found = true;
    }
  }
  return found;
}

/** Branches that were ever taken, of those that there are; ways from one to the next. */
function summary() {
  return { branches: branches.size, of: places.length, ways: known.reduce((sum, bits) => sum + Number(bits !== 0), 0) };
}

/** Where nobody has been. */
const missed = () => places.filter((_, branch) => !branches.has(branch));

/** @param {string} source @param {string} file */
function instrument(source, file) {
  const call = (/** @type {number} */ at) => {
    const { line } = tree.getLineAndCharacterOfPosition(at);
    return `__hit(${places.push(`${file}:${line + 1}`) - 1})`;
  };
  /** @type {[number, string][]} */
  const inserts = [];
  const put = (/** @type {number} */ at, /** @type {string} */ text) => inserts.push([at, text]);
  const tree = ts.createSourceFile('source.js', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @param {import('typescript').Node | undefined} node @param {boolean} isInside  of a function */
  const visit = (node, isInside) => {
    const parent = /** @type {any} */ (node?.parent);
    const wrap = isInside && node ? wrapping(/** @type {any} */ (node), parent) : '';
    if (!node) return;
    const start = node.getStart();
    if (wrap === '{') put(start, `{${call(start)};`);
    if (wrap === '(') put(start, `(${call(start)},`);
    if (isInside && ts.isBlock(node)) put(start + 1, `${call(start)};`);
    if (isInside && ts.isCaseOrDefaultClause(node) && node.statements.length > 0) put(node.statements[0].getStart(), `${call(start)};`);
    ts.forEachChild(node, (child) => visit(child, isInside || ts.isFunctionLike(node)));
    if (wrap !== '') put(node.getEnd(), wrap === '{' ? '}' : ')');
  };
  visit(tree, false);
  inserts.sort(([a], [b]) => a - b);
  let result = '';
  let at = 0;
  for (const [pos, text] of inserts) {
    result += source.slice(at, pos) + text;
    at = pos;
  }
  return result + source.slice(at);
}

/** How a node that may be left out by its parent is wrapped: as a statement, as an expression, not at all. */
function wrapping(/** @type {import('typescript').Node} */ node, /** @type {any} */ parent) {
  if (ts.isBlock(node)) return '';
  if (ts.isIfStatement(parent)) return node !== parent.expression && !ts.isIfStatement(node) ? '{' : '';
  if (ts.isIterationStatement(parent, false)) return node === parent.statement ? '{' : '';
  if (ts.isConditionalExpression(parent)) return node === parent.whenTrue || node === parent.whenFalse ? '(' : '';
  if (ts.isArrowFunction(parent)) return node === parent.body ? '(' : '';
  const isLogical = ts.isBinaryExpression(parent) && node === parent.right && LOGICAL.has(parent.operatorToken.getText());
  return isLogical ? '(' : '';
}

const LOGICAL = new Set(['&&', '||', '??', '??=', '||=', '&&=']);

/** From here on the codec is loaded so that it counts. */
function install() {
  const { _compile } = /** @type {any} */ (Module.prototype);
  /** @type {any} */ (globalThis).__hit = hit;
  /** @type {any} */ (Module.prototype)._compile = function compile(/** @type {string} */ source, /** @type {string} */ file) {
    return _compile.call(this, file.startsWith(FOLDER) ? instrument(source, path.relative(FOLDER, file)) : source, file);
  };
}

module.exports = { begin, install, isNew, missed, summary };
