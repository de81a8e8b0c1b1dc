// What the figures were taken on, and whether it had other things to do.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const BUSY = 0.25; // of the cores, before we begin

const manifest = path.join(__dirname, '..', '..', 'package.json');

const version = () => ({ package: String(JSON.parse(fs.readFileSync(manifest, 'utf8')).version), node: process.version });

/** What does not change while it runs. */
function machine() {
  const [processor] = os.cpus();
  return { processor: processor?.model ?? 'unknown', cores: os.availableParallelism(), system: `${os.type()} ${os.release()} ${process.arch}`, ...version() };
}

/** How many programs want to run, of the last minute. */
const load = () => Math.round(100 * os.loadavg()[0]) / 100;

/** @param {number} before @param {number} cores */
const isBusy = (before, cores) => before > BUSY * cores;

module.exports = { isBusy, load, machine };
