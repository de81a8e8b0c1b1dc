// The benchmarks: every workload can be played and is checked, wrong names are answered, and what is published is whole.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');
const { entries } = require('../benchmark/compare/contenders');
const { goals, judged } = require('../benchmark/compare/goals.js');
const plays = require('../benchmark/compare/plays.js');
const { readJson } = require('../benchmark/compare/report/json.js');
const { LAST, publish } = require('../benchmark/compare/report/publish.js');
const { ratios, summary } = require('../benchmark/compare/statistics.js');
const { workloads } = require('../benchmark/compare/workloads.js');

const root = path.join(__dirname, '..');
const bench = (...args) => promisify(execFile)(process.execPath, ['benchmark', ...args], { cwd: root });

/** A folder that goes when the test is over. */
function temporary(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mcm-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const between of ['threads', 'processes']) {
  test(`every workload between ${between}: all messages are counted and weighed, and all figures are there`, async (t) => {
    t.timeout(600_000);
    const file = path.join(temporary(t), 'out.json');
    const names = Object.keys(workloads);
    await bench('--rounds', '1', '--quick', '--only', 'ours,node-port', '--between', between, '--work', names.join(','), '--json', file);
    const { results, rounds } = JSON.parse(fs.readFileSync(file, 'utf8'));
    t.is(rounds, 1);
    t.deepEqual([...new Set(results.map(({ workload }) => workload))], names);
    for (const { workload, case: name, figures, floor } of results) {
      const title = `${workload}, ${name}`;
      t.deepEqual(figures.map(({ label }) => label), between === 'threads' ? ['ours', 'node-port'] : ['ours'], title);
      const both = ['W2', 'W4T'].includes(workload) || name === 'one end handed over' ? 2 : 1;
      for (const { count, checked, figure, rounds: each, quantiles } of figures) {
        t.true(count > 0 && checked === both * count, `${title}: ${checked} of ${both * count}`);
        t.is(each.length, 1);
        t.true([figure.median, figure.min, figure.max].every(Number.isFinite), title);
        if (workload === 'W2') t.true(quantiles.length === 101 && quantiles.every((time) => time > 0));
      }
      if (['W1', 'W1s', 'W2', 'W3', 'W4', 'W7'].includes(workload)) t.true(floor.share.median > 0, title);
    }
  });
}

/** A far side that says it had `count` messages of `sum`. */
function far({ count, sum }) {
  let answer;
  let messages = 0;
  return {
    listen(listener) {
      answer = (value) => setImmediate(listener, `!${JSON.stringify(value)}`);
    },
    send(message) {
      if (typeof message === 'string' && message.startsWith('!')) return answer(JSON.parse(message.slice(1)).do === 'report' ? { count, sum } : {});
      return ++messages === 10 && answer({ count: 10 });
    },
  };
}

test('a message too few, too many or of another content fails the contender', async (t) => {
  const params = { kind: 'number', burst: 10 };
  const round = async (report) => {
    const state = await plays.burst.prepare({}, () => ({ line: far(report) }), params);
    return plays.burst.round(state, 10, params);
  };
  t.is((await round({ count: 10, sum: 90 })).checked, 10);
  for (const report of [{ count: 9, sum: 90 }, { count: 11, sum: 90 }, { count: 10, sum: 91 }]) {
    await t.throwsAsync(round(report), { message: /lost or changed/ });
  }
});

test('names and numbers that are wrong are answered with what there is', async (t) => {
  const answers = [
    [['--only', 'ours,nobody'], /There is no contender 'nobody'; there are: ours, node-port/],
    [['--work', 'W9'], /There is no workload 'W9'; there are: W1, W1s/],
    [['--between', 'planets'], /There is no place 'planets'; there are: threads, processes/],
    [['--rounds', '0'], /--rounds takes a whole number from 1, not '0'/],
    [['--scale', 'much'], /--scale takes a number/],
    [['--wrok', 'W1'], /--wrok[^]*--work/],
    [['--publish', '--only', 'ours'], /--publish is of everything/],
    [['--against', 'no-such-commit'], /There is no commit 'no-such-commit' here/],
    [['ports'], /There is no benchmark 'ports'; there are: clone, transfer, pools, large, idle, /],
  ];
  for (const [args, message] of answers) {
    const { code, stderr } = await t.throwsAsync(bench(...args));
    t.is(code, 1);
    t.regex(stderr, message);
    t.notRegex(stderr, /^\s+at /m, 'no stack');
  }
});

test('ratios are of the same round', (t) => {
  t.deepEqual(summary([3, 1, 2]), { median: 2, min: 1, max: 3 });
  t.deepEqual(ratios([2, 40, 600], [1, 10, 100]), { median: 4, min: 2, max: 6 });
});

/** What a run would report, of three rounds with the figures 2 and 4. */
function report() {
  const figure = (label, value) => ({
    label, count: 7, checked: 21, rounds: [value, value, value], figure: summary([value]), ratio: summary([value / 2]),
    quantiles: Array.from({ length: 101 }, (_, i) => 1 + i),
  });
  const results = Object.entries(workloads).flatMap(([workload, { title, unit, cases }]) => cases.map(({ name, x }) => ({
    workload, title, unit, between: 'threads', case: name, x, figures: [figure('ours', 2), figure('node-port', workload === 'W5' ? 1 : 4)], floor: null,
  })));
  const load = { before: 0, after: 1 };
  return {
    when: '2030-01-01', rounds: 3, scale: 1, quick: false, results,
    machine: { processor: 'a processor', cores: 2, system: 'a system', package: '1.2.3', node: 'v20', load, busy: false },
    contenders: { ours: { about: 'us' }, 'node-port': { about: 'them' } },
  };
}

test('what is published: a page with all figures between its marks, and plots that it shows', (t) => {
  const folder = temporary(t);
  const page = path.join(folder, 'README.md');
  fs.copyFileSync(path.join(root, 'benchmark', 'README.md'), page);
  publish(report(), folder);
  const text = fs.readFileSync(page, 'utf8');
  publish(report(), folder);
  t.is(fs.readFileSync(page, 'utf8'), text, 'a second time replaces the first');

  t.deepEqual(JSON.parse(fs.readFileSync(path.join(folder, 'results', 'last.json'), 'utf8')), JSON.parse(JSON.stringify(report())));
  const run = text.slice(text.indexOf('<!-- the last run'), text.indexOf('<!-- the end of the last run'));
  const shown = [...run.matchAll(/!\[[^\]]*\]\((results\/[^)]+)\)/g)].map(([, file]) => file);
  t.deepEqual(shown.map((file) => path.basename(file)).sort(), fs.readdirSync(path.join(folder, 'results')).filter((name) => name !== 'last.json').sort());
  t.true(['size', 'channels', 'senders', 'latency'].every((name) => shown.some((file) => file.includes(name))));
  for (const file of shown) {
    const svg = fs.readFileSync(path.join(folder, file), 'utf8');
    t.notRegex(svg, /NaN|undefined|Infinity/, file);
    t.true(svg.includes('>ours</text>') && svg.includes('>node-port</text>'), file);
  }
  for (const name of Object.keys(workloads)) t.true(text.includes(`### ${name} between threads`), name);
  t.regex(text, /\| number \| 2\.00 \(2\.00–2\.00\) \| 4\.00 \(4\.00–4\.00\)<br>\*\*2\.0×\*\*/);
  t.regex(text, /What was to be reached\n\n\d+ of \d+ goals are met/);
  t.regex(text, /\| W2 between threads, on one core \| node-port takes 1\.8× \| 2\.0× \(2\.0–2\.0×\) \| – \| yes \|/);
  t.regex(text, /\| W5 between threads, in one thread \| node-port takes 5\.0× \| 0\.50× \(0\.50–0\.50×\) \| – \| no: /);
  t.regex(text, /Where we lose[^]*W5 between threads, in one thread: node-port \(0\.50×\)/);
});

test('a goal is met by its ratio or by its share of the floor, and is of a case that is played', (t) => {
  for (const { workload, between, case: name, peer } of goals) {
    t.true(workloads[workload].cases.some((it) => it.name === name && (it.between ?? between) === between), `${workload} ${name}`);
    t.true(Object.hasOwn(entries, peer) && entries[peer].between.includes(between), peer);
  }
  const judge = (ratio, share) => judged([{
    workload: 'W1', between: 'threads', case: 'number', figures: [{ label: 'ours' }, { label: 'node-port', ratio: summary([ratio]) }], floor: { share: summary([share]) },
  }]).map(({ met }) => met);
  t.deepEqual([judge(6, 0.1), judge(5.9, 0.75), judge(5.9, 0.74)], [['ratio'], ['share'], [null]]);
});

test('the page in the repository says what its run has found, and its plots show that', (t) => {
  const home = path.join(root, 'benchmark');
  const folder = temporary(t);
  fs.copyFileSync(path.join(home, 'README.md'), path.join(folder, 'README.md'));
  publish(readJson(path.join(home, LAST)), folder);
  for (const file of ['README.md', ...fs.readdirSync(path.join(folder, 'results')).map((name) => path.join('results', name))]) {
    t.true(fs.readFileSync(path.join(home, file)).equals(fs.readFileSync(path.join(folder, file))), `${file} is another: npm run bench -- --page`);
  }
});

test('the page in the repository shows plots that are there', (t) => {
  for (const page of ['README.md', 'benchmark/README.md']) {
    const text = fs.readFileSync(path.join(root, page), 'utf8');
    const shown = [...text.matchAll(/\]\(([^)]+\.svg)\)/g)].map(([, file]) => path.join(root, path.dirname(page), file));
    t.true(shown.length > 0 && shown.every((file) => fs.existsSync(file)), page);
  }
});
