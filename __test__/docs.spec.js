// docs/limits.md has every limit with its value, docs/guarantees.md a test for every promise; and what is wrong is noticed.
const fs = require('node:fs');
const path = require('node:path');
const test = require('ava');
const { constantsOf } = require('./helpers/constants.js');
const { titlesOf } = require('./helpers/titles.js');

const root = path.join(__dirname, '..');
const read = (/** @type {string} */ file) => fs.readFileSync(path.join(root, file), 'utf8');

// ---------------------------------------------------------------- limits

const LIMITS = 'docs/limits.md';

/** Every file of limits there is, by its path, with its text. @returns {Record<string, string>} */
function limitFiles() {
  const files = ['src', 'lib'].flatMap((folder) => (
    fs.readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.posix.join(folder, String(name)))
  ));
  return Object.fromEntries(files.filter((file) => /\/limits\.(rs|js)$/.test(file)).sort().map((file) => [file, read(file)]));
}

const BYTES = { bytes: 1n, KiB: 1n << 10n, MiB: 1n << 20n, GiB: 1n << 30n };
const TIMES = { µs: 10n ** 3n, ms: 10n ** 6n, s: 10n ** 9n };

/** How the document would say it. @param {import('./helpers/constants.js').Quantity} quantity */
function said({ value, isTime }) {
  const units = Object.entries(isTime ? TIMES : BYTES).filter(([, factor]) => value !== 0n && value % factor === 0n);
  const [unit, factor] = units.at(-1) ?? ['ns', 1n];
  const grouped = String(value / factor).replace(/\B(?=(\d{3})+$)/g, ' ');
  return isTime || factor === 1n ? `${grouped} ${isTime ? unit : ''}`.trim() : `${value}, which is ${grouped} ${unit} if it counts bytes`;
}

/** The rows of a document: what stands under which file. */
function rowsOf(/** @type {string} */ document) {
  const rows = [];
  let file = '';
  for (const line of document.split('\n')) {
    file = /^## .*`((?:src|lib)\/[^`]+)`/.exec(line)?.[1] ?? file;
    const cells = line.split('|').slice(1, -1).map((cell) => cell.trim());
    const name = /^`([A-Z][A-Z0-9_.]*)`$/.exec(cells[0] ?? '')?.[1];
    if (name !== undefined) rows.push({ file, name, cells });
  }
  return rows;
}

/** Whether a row of the document says this. */
function says([, number, unit], { value, isTime }, isJs) {
  if (!/^\d{1,3}( \d{3})*$/.test(number)) return false;
  const amount = BigInt(number.replaceAll(' ', ''));
  if (Object.hasOwn(TIMES, unit)) return (isTime || isJs) && amount * TIMES[unit] === (isTime ? value : value * TIMES.ms);
  return !isTime && amount * (BYTES[unit] ?? 1n) === value;
}

/** What is wrong between the sources and the document. @param {Record<string, string>} sources @param {string} document */
function wrongLimits(sources, document) {
  const wrong = [];
  const rows = rowsOf(document);
  for (const [file, source] of Object.entries(sources)) {
    let constants;
    try {
      constants = constantsOf(file, source);
    } catch (error) {
      wrong.push(`${file}: ${error.message}; teach __test__/helpers/constants.js to read it`);
      continue;
    }
    for (const [name, quantity] of constants) {
      const found = rows.filter((row) => row.file === file && row.name === name);
      if (found.length > 1) wrong.push(`${LIMITS} has ${name} of ${file} ${found.length} times`);
      else if (found.length === 0) {
        wrong.push(`${LIMITS} lacks ${name} of ${file}: add under '## … \`${file}\`' the row | \`${name}\` | value | unit | why | what happens beyond it | set by |; its value is ${said(quantity)}`);
      } else if (found[0].cells.length !== 6) wrong.push(`${LIMITS}: the row of ${name} has ${found[0].cells.length} cells instead of 6`);
      else if (found[0].cells.includes('')) wrong.push(`${LIMITS}: the row of ${name} has an empty cell`);
      else if (!says(found[0].cells, quantity, file.endsWith('.js'))) {
        wrong.push(`${LIMITS} says that ${name} is ${found[0].cells[1]} ${found[0].cells[2]}; in ${file} it is ${said(quantity)}`);
      }
    }
    for (const row of rows) {
      if (row.file === file && !constants.has(row.name)) wrong.push(`${LIMITS} has ${row.name}, and ${file} does not: remove the row`);
    }
  }
  for (const row of rows) {
    if (!Object.hasOwn(sources, row.file)) wrong.push(`${LIMITS} has ${row.name} under '${row.file}', which is no file of limits`);
  }
  return wrong;
}

test('docs/limits.md has every limit, with its value, and no other', (t) => {
  const files = limitFiles();
  t.true(['src/limits.rs', 'lib/clone/limits.js', 'lib/ipc/limits.js'].every((file) => Object.hasOwn(files, file)));
  t.deepEqual(wrongLimits(files, read(LIMITS)), []);
});

test('a limit that is missing, has another value or does not exist is noticed', (t) => {
  const files = limitFiles();
  const document = read(LIMITS);
  const rust = 'src/limits.rs';
  const changed = (/** @type {string} */ text, /** @type {string | RegExp} */ from, /** @type {string} */ to) => {
    const result = text.replace(from, to);
    t.not(result, text, `${from} is there`);
    return result;
  };
  const notices = (/** @type {Record<string, string>} */ other, /** @type {string} */ otherDocument, /** @type {RegExp} */ what) => {
    const wrong = wrongLimits({ ...files, ...other }, otherDocument);
    t.is(wrong.length, 1, wrong.join('\n'));
    t.regex(wrong[0], what);
  };
  // In the sources.
  notices({ [rust]: `${files[rust]}\n/// New.\npub const NEW_LIMIT: usize = 3 << 10;\n` }, document,
    /lacks NEW_LIMIT of src\/limits\.rs: add .* its value is 3072, which is 3 KiB/);
  notices({ [rust]: `${files[rust]}\npub const NEW_DELAY: Duration = Duration::from_millis(1500);\n` }, document, /NEW_DELAY.* is 1 500 ms/);
  notices({ [rust]: changed(files[rust], 'LINGER: Duration = Duration::from_secs(5)', 'LINGER: Duration = Duration::from_secs(6)') }, document,
    /says that LINGER is 5 s; in src\/limits\.rs it is 6 s/);
  notices({ [rust]: changed(files[rust], /pub const HIGH_WATER.*\n/, '') }, document, /has HIGH_WATER, and src\/limits\.rs does not/);
  notices({ [rust]: `${files[rust]}\npub const ODD: usize = rounded(7);\n` }, document, /ODD = rounded\(7\): not understood: 'rounded'/);
  notices({ [rust]: `${files[rust]}\npub const TABLE: [u8; 2] = [1, 2];\n` }, document, /1 of its constants cannot be read/);
  const ipc = 'lib/ipc/limits.js';
  notices({ [ipc]: changed(files[ipc], 'MAX_LIST: 1000', 'MAX_LIST: 1000, NEW: 7') }, document, /lacks NEW of lib\/ipc\/limits\.js/);
  notices({ [ipc]: changed(files[ipc], 'MAX_LIST: 1000', 'MAX_LIST: 1001') }, document, /says that MAX_LIST is 1 000 elements/);
  notices({ 'lib/new/limits.js': 'module.exports = { COST: { NEW: 1 } };' }, document, /lacks COST\.NEW of lib\/new\/limits\.js/);
  // In the document.
  const row = /\| `PARTS` \|.*\n/;
  const [whole] = /** @type {RegExpExecArray} */ (row.exec(document));
  notices({}, changed(document, row, ''), /lacks PARTS of src\/limits\.rs/);
  notices({}, changed(document, row, `${whole}${whole}`), /has PARTS of src\/limits\.rs 2 times/);
  notices({}, changed(document, row, `${whole}${whole.replace('PARTS', 'PIECES')}`), /has PIECES, and src\/limits\.rs does not/);
  notices({}, changed(document, '| 65 536 | parts |', '| 65 537 | parts |'), /says that PARTS is 65 537 parts; in .* it is 65536/);
  notices({}, changed(document, '| 65 536 | parts |', '| 65 536 | KiB |'), /says that PARTS is 65 536 KiB/);
  notices({}, changed(document, '| 65 536 | parts |', '| 65 536 | s |'), /says that PARTS is 65 536 s/);
  notices({}, changed(document, '| 65 536 | parts |', '| about 65 536 | parts |'), /says that PARTS is about/);
  notices({}, changed(document, '| 65 536 | parts |', '| 65 536 | |'), /PARTS has an empty cell/);
  notices({}, changed(document, '| 65 536 | parts |', '| 65 536 |'), /PARTS has 5 cells/);
  notices({}, `${document}\n## \`lib/no/limits.js\`\n\n| \`NO\` | 1 | x | x | x | no |\n`, /NO under 'lib\/no\/limits\.js', which is no file/);
});

test('expressions have the values that Rust gives them', (t) => {
  const values = {
    '1 << 30': 2 ** 30, '64 << 10': 65536, '(u32::MAX - 7) as usize': 4294967288, '2 * BASE + 1': 2001, '1 + 1 << 2': 8, '7 / 2 * 2': 6,
    '10 - 3 - 2': 5, '1_000u64 as usize % 7': 6, '0x1_00': 256, '300 as u8 as usize': 44, 'u16::MAX as usize + 1': 65536, '1 << 4 >> 2': 4,
  };
  for (const [expression, value] of Object.entries(values)) {
    const source = `pub const BASE: usize = 1000; // const X: usize = 1;\n/* const Y: u8 = 1; */ const IT: usize = ${expression};`;
    t.deepEqual(constantsOf('a.rs', source).get('IT'), { value: BigInt(value), isTime: false }, expression);
  }
  const pause = constantsOf('a.rs', 'const N: u64 = 3; const IT: Duration = Duration::from_millis(2 * N);').get('IT');
  t.deepEqual(pause, { value: 6_000_000n, isTime: true });
  for (const wrong of ['300', 'Duration::from_secs(1)', '1.5', '1 | 2', '-1', 'OTHER', '1 +', '(1', 'f64::MAX']) {
    t.throws(() => constantsOf('a.rs', `const IT: u8 = ${wrong};`), { message: /^IT = / }, wrong);
  }
});

test('what both languages bound, they bound alike', (t) => {
  const files = limitFiles();
  const [rust, js] = ['src/limits.rs', 'lib/clone/limits.js'].map((file) => constantsOf(file, files[file]));
  t.deepEqual(js.get('MAX_BODY'), rust.get('MESSAGE_BYTES'));
});

// ---------------------------------------------------------------- guarantees

const GUARANTEES = 'docs/guarantees.md';

/** Also those of a spec file that a spec file plays again. @param {string} file  @param {(file: string) => string} source */
function allTitlesOf(file, source) {
  const text = source(file);
  const again = [...text.matchAll(/^require\('(\.[^']+\.spec\.js)'\);$/gm)].map(([, other]) => path.posix.join(path.posix.dirname(file), other));
  return new Set([file, ...again].flatMap((each) => [...titlesOf(each, source(each))]));
}

/** What is wrong with the tests that a document names. @param {string} document  @param {(file: string) => string} source throws if there is none */
function wrongTests(document, source) {
  const wrong = [];
  // A promise is a paragraph of a list that begins in bold.
  for (const promise of document.split(/\n(?=- |#|\n)/).filter((text) => text.trimStart().startsWith('- **'))) {
    const name = /\*\*(.+?)\*\*/s.exec(promise)?.[1].replace(/\s+/g, ' ');
    const held = promise.split(/\bHeld\s+by\b/)[1];
    const files = [...(held ?? '').matchAll(/`([^`]+\.(?:js|rs))`((?:[\s,;]*“[^”]+”)+)/g)];
    if (files.length === 0) wrong.push(`${GUARANTEES}: no test holds '${name}'`);
    for (const [, file, list] of files) {
      let titles;
      try {
        titles = allTitlesOf(file, source);
      } catch {
        wrong.push(`${GUARANTEES}: '${name}' names ${file}, which is not there`);
        continue;
      }
      for (const [, text] of list.matchAll(/“([^”]+)”/g)) {
        const title = text.replace(/\s+/g, ' ');
        if (!titles.has(title)) wrong.push(`${GUARANTEES}: '${name}' names the test '${title}', which is not in ${file}`);
      }
    }
    const loose = (held ?? '').replaceAll(/`([^`]+\.(?:js|rs))`((?:[\s,;]*“[^”]+”)+)/g, '').replace(/[\s,;.:]/g, '');
    if (loose !== '') wrong.push(`${GUARANTEES}: '${name}' ends in what names no test: ${loose}`);
  }
  return wrong;
}

test('docs/guarantees.md names tests that exist, at least one for each promise', (t) => {
  const document = read(GUARANTEES);
  t.true((document.match(/^- \*\*/gm) ?? []).length > 30);
  t.deepEqual(wrongTests(document, read), []);
});

test('a test that is not there and a promise without one are noticed', (t) => {
  const held = (/** @type {string} */ names) => `# Promises\n\n- **It is\n  so.** Always. Held by\n  ${names}.\n\n- This is no promise.\n`;
  const sources = {
    'a.spec.js': "test('one', f);\ntest.serial(`two ${n} of ${m}`, f);\ntest.skip('three', f);\nscenario(\"four 'x'\", {});\nt.is('five', x);\n// test('six', f);\ntest.failing('seven', f);\n// why\ntest('eight', f);",
    'again/a.spec.js': "process.env.HOW = 'otherwise';\nrequire('../a.spec.js');\n",
    'b.rs': '#[test]\nfn one() {}\nfn two() {}\n#[test]\n#[ignore = "slow"]\nfn three() {}\n#[test]\n// why\nfn four() {}',
  };
  const source = (/** @type {string} */ file) => sources[file] ?? fs.readFileSync(path.join(root, 'no such file'), 'utf8');
  t.deepEqual(wrongTests(held('`a.spec.js` “one”, “two … of …”, “four\n  \'x\'”, “eight”; `b.rs` “one” “four”; `again/a.spec.js` “one”'), source), []);
  for (const [names, what] of [
    ['nothing', /no test holds 'It is so\.'/],
    ['`a.spec.js`', /no test holds/],
    ['`c.spec.js` “one”', /names c\.spec\.js, which is not there/],
    ['`a.spec.js` “nine”', /names the test 'nine', which is not in a\.spec\.js/],
    ['`a.spec.js` “three”', /the test 'three'/],
    ['`a.spec.js` “five”', /the test 'five'/],
    ['`a.spec.js` “six”', /the test 'six'/],
    ['`a.spec.js` “seven”', /the test 'seven'/],
    ['`a.spec.js` “one”; `b.rs` “two”', /the test 'two', which is not in b\.rs/],
    ['`b.rs` “three”', /the test 'three'/],
    ['`a.spec.js` “one” and luck', /what names no test: andluck/],
    ['`a.spec.js` “one”; `b.rs`', /what names no test: `brs`/],
  ]) {
    const wrong = wrongTests(held(String(names)), source);
    t.true(wrong.some((line) => /** @type {RegExp} */ (what).test(line)), `${names}: ${wrong}`);
  }
  t.is(wrongTests('- **A promise.** Nothing else.', source).length, 1);
});

test('the error codes in both documents exist', (t) => {
  const codes = (/** @type {string} */ file) => read(file).match(/\bERR_[A-Z_]+\b/g) ?? [];
  const listed = new Set(codes('index.d.ts'));
  for (const file of [LIMITS, GUARANTEES]) t.deepEqual(codes(file).filter((code) => !listed.has(code)), [], file);
});

// ---------------------------------------------------------------- the environment

test('README.md names every variable of the environment that is ours, and no other', (t) => {
  const files = ['lib', 'src', 'bin'].flatMap((folder) => (
    fs.readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, String(name))).filter((name) => /\.(js|rs)$/.test(name))
  ));
  const named = (/** @type {string} */ file) => read(file).match(/\b(?:MESSAGE_PORTS|NAPI_RS)_[A-Z_]+\b/g) ?? [];
  t.deepEqual([...new Set(named('README.md'))].sort(), [...new Set(files.flatMap(named))].sort());
});
