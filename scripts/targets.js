// What this machine can compile for, and what it lacks for the rest.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

/** @param {string[]} options */
const ask = (...options) => spawnSync('rustc', options, { encoding: 'utf8' }).stdout?.trim() ?? '';

/**
 * A standard library that is built along (cargo's -Zbuild-std, here by the environment) need not be there.
 * @param {string} target
 * @returns {string | null} what is missing
 */
function missingFor(target) {
  if (process.env.CARGO_UNSTABLE_BUILD_STD) return null;
  const folder = ask('--print', 'target-libdir', '--target', target);
  return folder !== '' && fs.existsSync(folder) ? null : `Rust's standard library for it is not here: rustup target add ${target}`;
}

module.exports = { missingFor };
