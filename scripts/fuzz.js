// Runs a fuzzer: `npm run fuzz -- frames 600`, `npm run fuzz -- clone 600 7` (this seed), `npm run fuzz -- parcel --keep`.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const folder = path.join(root, 'fuzz');

/** @typedef {(seconds: string, more: string[]) => string[]} Command */

/** What libFuzzer is told: inputs are plans of what happens, and long ones are of interest from the beginning. */
const OPTIONS = ['-max_len=2048', '-len_control=0', '-timeout=60', '-rss_limit_mb=4096', '-print_final_stats=1'];

/** @type {Record<string, Command>} */
const targets = {
  frames: (seconds, more) => rust('frames', [`-max_total_time=${seconds}`, ...more]),
  // Other threads free what this one has made, so leaks are looked for by the target itself.
  parcel: (seconds, more) => rust('parcel', [`-max_total_time=${seconds}`, '-detect_leaks=0', ...more]),
  clone: (seconds, more) => [process.execPath, path.join(folder, 'clone.js'), seconds, ...more],
};

/** @param {string} target @param {string[]} more  options, or folders between the corpus and the options */
function rust(target, more) {
  return ['cargo', '+nightly', 'fuzz', 'run', target, corpusOf(target), '--', ...OPTIONS, ...more];
}

/** @param {string} target */
const corpusOf = (target) => path.join(folder, 'corpus', target);
/** Inputs worth keeping, one a line. @param {string} target */
const seedsOf = (target) => path.join(folder, 'seeds', `${target}.txt`);

/** @param {string} target */
function unpack(target) {
  const corpus = corpusOf(target);
  fs.mkdirSync(corpus, { recursive: true });
  if (!fs.existsSync(seedsOf(target))) return;
  const lines = fs.readFileSync(seedsOf(target), 'utf8').split('\n').filter(Boolean);
  lines.forEach((line, i) => fs.writeFileSync(path.join(corpus, `seed-${i}`), Buffer.from(line, 'base64')));
}

/** Makes the seeds out of the corpus: few, short, and together as far as all of it. @param {string} target */
function keep(target) {
  const chosen = fs.mkdtempSync(path.join(os.tmpdir(), 'seeds-'));
  run(['cargo', '+nightly', 'fuzz', 'run', target, chosen, corpusOf(target), '--', '-set_cover_merge=1', '-max_len=128', '-detect_leaks=0']);
  const lines = fs.readdirSync(chosen).map((name) => fs.readFileSync(path.join(chosen, name)).toString('base64')).sort();
  fs.mkdirSync(path.dirname(seedsOf(target)), { recursive: true });
  fs.writeFileSync(seedsOf(target), `${lines.join('\n')}\n`);
  fs.rmSync(chosen, { recursive: true });
  console.log(`${lines.length} seeds`);
}

/** @param {string[]} command */
function run([program, ...options]) {
  const { error, status } = spawnSync(program, options, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) process.exit(status || 1);
}

const [name = '', seconds = '60', ...more] = process.argv.slice(2);
const command = targets[name];
if (command === undefined) {
  console.error(`npm run fuzz -- <${Object.keys(targets).join('|')}> [seconds] [options]`);
  process.exitCode = 1;
} else {
  unpack(name);
  if (seconds === '--keep' && name !== 'clone') keep(name);
  else run(command(seconds, more));
}
