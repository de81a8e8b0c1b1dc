// What a message makes of itself stays in proportion to its size: many small things are refused before they are made.
// One at a time: each takes a processor for a second.
const { promisify } = require('node:util');
const execFile = promisify(require('node:child_process').execFile);
const test = require('ava');
const { BUDGET_FACTOR } = require('../../lib/clone/limits.js');

/** How the smallest of each kind are made, as source. */
const KINDS = {
  'an empty object': '({})',
  'an empty array': '[]',
  'an array of one': '[1]',
  'an array of five': '[1, 2, 3, 4, 5]',
  'an array in an array': '[[]]',
  'an array with a hole': '[, 1]',
  'an array with a name': 'Object.assign([], { x: 1 })',
  'an object of one': '({ a: 1 })',
  'an empty Map': 'new Map()',
  'a Map of one': 'new Map([[1, 1]])',
  'a Map of five': 'new Map([[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]])',
  'an empty Set': 'new Set()',
  'a Set of five': 'new Set([1, 2, 3, 4, 5])',
  'a Date': 'new Date(5)',
  'a RegExp': '/a/',
  'an Error': '(() => { const error = new Error(); delete error.stack; return error; })()',
  'a box': 'Object(1)',
  'an empty view': 'new Uint8Array(0)',
  'a view of one byte': 'new Uint8Array(1)',
  'an empty buffer': 'new ArrayBuffer(0)',
  'a DataView': 'new DataView(new ArrayBuffer(1))',
  'a bigint': '5n',
  'a fraction': '1.5',
  'a string': 'String.fromCharCode(40 + i % 200, 40 + (i >> 8) % 200)',
  'an object whose shape nobody else has': "({ [i.toString(36)]: 1, ['x' + i.toString(36)]: 1 })",
};

/** Decodes many of a kind; prints how it went and what stayed in memory. */
const program = (make, count) => `
  const { encode, decodeAlone } = require('./rig.js');
  const many = (n) => encode(Array.from({ length: n }, (_, i) => ${make}));
  const used = async () => {
    for (let i = 0; i < 3; i++) { gc(); await new Promise(setImmediate); }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  (async () => {
    const { body, memories } = many(${count});
    decodeAlone(many(100).body, many(100));
    const before = await used();
    let value, code;
    try { value = decodeAlone(body, { memories }); } catch (error) { code = error.code; }
    console.log(JSON.stringify({ code, bytes: body.length, grown: await used() - before }), value?.length);
  })();
`;

/** So many of each kind come, and are allowed so few bytes, in MiB, that what is not charged shows. */
const [MANY, SCANT] = [50_000, '0.33'];

/** @param {string} make  @param {string} budget in MiB @param {number} [count] */
async function run(make, budget, count = MANY) {
  const { stdout } = await execFile(process.execPath, ['--expose-gc', '-e', program(make, count)], {
    cwd: __dirname, env: { ...process.env, MESSAGE_PORTS_BUDGET: budget },
  });
  return JSON.parse(stdout.slice(0, stdout.indexOf('}') + 1));
}

for (const [name, make] of Object.entries(KINDS)) {
  test.serial(`many times ${name}`, async (t) => {
    const { code, bytes, grown } = await run(make, SCANT);
    const budget = Number(SCANT) * 2 ** 20 + BUDGET_FACTOR * bytes;
    // What is not charged takes up to the factor as well.
    if (code === undefined) t.true(grown < 2 * budget, `${grown} bytes came of ${bytes}`);
    else t.is(code, 'ERR_MESSAGE_MALFORMED');
    t.is((await run(make, '64')).code, undefined, 'within the usual budget');
  });
}

/** What makes room for elements that nobody sees, and what does not. @type {[name: string, make: string, count: number, arrives: boolean][]} */
const INDICES = [
  ['a far one', '({ 1023: 1 })', 20_000, false],
  ['a far one, of an object that is referred to', '(() => { const one = { 1023: 1 }; return [one, one]; })()', 20_000, false],
  ['several, each behind the last', '({ 1000: 1, 2000: 1, 3000: 1, 4000: 1 })', 5000, false],
  ['a far one among many names', '({ 1023: 1, ...Object.fromEntries(Array.from({ length: 70 }, (_, key) => [`n${key}`, 1])) })', 20_000, false],
  ['many names', 'Object.fromEntries(Array.from({ length: 70 }, (_, key) => [`n${key}`, 1]))', 20_000, true],
  ['a near one', '({ 5: 1 })', 20_000, true],
  ['one so far that it makes no room', '({ 100000: 1 })', 20_000, true],
  ['all up to a far one', 'Object.fromEntries(Array.from({ length: 1000 }, (_, key) => [key, 1]))', 1000, true],
  ['a far one, a few times', '({ 1023: 1 })', 1000, true],
];

for (const [name, make, count, arrives] of INDICES) {
  test.serial(`an index as key: ${name}`, async (t) => {
    const { code, bytes, grown } = await run(make, '64', count);
    t.is(code, arrives ? undefined : 'ERR_MESSAGE_MALFORMED');
    if (arrives) t.true(grown < 2 ** 26 + BUDGET_FACTOR * bytes, `${grown} bytes came of ${bytes}`);
  });
}

for (const budget of ['-1', '0', 'much']) {
  test.serial(`a budget of "${budget}" MiB is none: the usual one holds`, async (t) => {
    t.is((await run('new Map()', budget, 1000)).code, undefined);
    t.is((await run('new Map()', budget, 600_000)).code, 'ERR_MESSAGE_MALFORMED');
  });
}

test.serial('40 MB of empty Maps are refused', async (t) => {
  const { stdout } = await execFile(process.execPath, ['--max-old-space-size=1500', '-e', `
    const { decodeAlone } = require('./rig.js');
    const { OBJECT } = require('../../lib/clone/tags.js');
    const head = require('./rig.js').encode([1]).body[0];
    const count = 20_000_000;
    const length = [];
    for (let n = count; ; n >>>= 7) { length.push((n > 127 ? 0x80 : 0) | (n & 0x7f)); if (n < 128) break; }
    const maps = Buffer.alloc(2 * count);
    for (let i = 0; i < maps.length; i += 2) maps[i] = OBJECT.MAP;
    try {
      decodeAlone(Buffer.concat([Buffer.from([head, OBJECT.ARRAY, ...length]), maps]));
    } catch (error) { console.log(error.code); }
  `], { cwd: __dirname });
  t.is(stdout, 'ERR_MESSAGE_MALFORMED\n');
});

/** What costs far more than its bytes. @type {[name: string, make: string, many: number, budget: string][]} */
const DEAR = [
  ['keys', 'crypto.createSecretKey(Buffer.from("a"))', 5000, '64'],
  ['Blobs', 'new Blob(["a"])', 10_000, '8'],
];

for (const [name, make, many, budget] of DEAR) {
  test.serial(`a thousand ${name} are no trouble, and ${many} are refused before they are made`, async (t) => {
    const { stdout } = await execFile(process.execPath, ['-e', `
      const crypto = require('node:crypto');
      const { encode, decodeAlone } = require('./rig.js');
      const many = (n) => encode(Array.from({ length: n }, () => ${make}));
      console.log(decodeAlone(many(1000).body).length);
      const { body } = many(${many});
      try { decodeAlone(body); } catch (error) { console.log(error.code); }
    `], { cwd: __dirname, env: { ...process.env, MESSAGE_PORTS_BUDGET: budget } });
    t.is(stdout, '1000\nERR_MESSAGE_MALFORMED\n');
  });
}

test.serial('the budget is no limit for what is large', async (t) => {
  const { code } = await run('({ id: i, name: "record " + i, tags: ["a", "b"], at: [i, -i] })', SCANT);
  t.is(code, undefined);
});
