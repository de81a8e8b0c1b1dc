// npm's install step: keeps an addon that loads and is no older than its sources, and builds one otherwise.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { addon, build, gather, root, tryLoad } = require('./build.js');

const sources = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src'];

/** When a file, or the youngest file under a folder, was last written. @param {string} file @returns {number} */
function lastWritten(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...fs.readdirSync(file).map((name) => lastWritten(path.join(file, name))));
}

/** An addon built here shadows the prebuilt package, so a stale one must not count. */
function isStale() {
  const built = lastWritten(addon);
  return built !== 0 && sources.some((name) => lastWritten(path.join(root, name)) > built);
}

function install() {
  if (isStale() || tryLoad() !== null) build();
  else gather();
}

install();
