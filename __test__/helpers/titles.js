// The titles of the tests in a file, as its source has them; what a test's title gets from a loop is a '…' in it.
const ts = require('typescript');

/** How a test is begun here. A test that is skipped, or expected to fail, holds nothing. */
const BEGINNERS = new Set(['test', 'test.serial', 'scenario', 'inEach', 'inBoth', 'rule']);

/** @param {ts.Node | undefined} node  @returns {string | undefined} */
function textOf(node) {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  return undefined;
}

/** @param {string} source  @returns {Set<string>} */
function titlesOfJs(source) {
  /** @type {Set<string>} */
  const titles = new Set();
  const file = ts.createSourceFile('spec.js', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isCallExpression(node) && BEGINNERS.has(node.expression.getText(file))) {
      const title = textOf(node.arguments[0]);
      if (title !== undefined) titles.add(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return titles;
}

/** @param {string} source  @returns {Set<string>} */
function titlesOfRust(source) {
  const tests = source.matchAll(/#\[test\]((?:\s*(?:#\[.*\]|\/\/.*))*)\s*(?:pub )?fn (\w+)/g);
  return new Set([...tests].filter(([, attributes]) => !attributes.includes('#[ignore')).map(([, , name]) => name));
}

/** @param {string} file  @param {string} source */
const titlesOf = (file, source) => (file.endsWith('.rs') ? titlesOfRust(source) : titlesOfJs(source));

module.exports = { titlesOf };
