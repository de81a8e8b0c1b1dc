// The name of this platform in the names of addons, as napi-rs has them.
'use strict';

const fs = require('node:fs');

const { process } = globalThis;

/** musl's ldd is a script that says so; without one the slow report tells. */
function isMusl() {
  try {
    return fs.readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    const report = /** @type {any} */ (process.report);
    report.excludeNetwork = true; // only Node.js has one, and there are no others for musl without that file
    return !report.getReport().header.glibcVersionRuntime;
  }
}

function platformName() {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}${arch === 'arm' ? 'eabihf' : ''}`;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  return `${platform}-${arch}`;
}

module.exports = { platformName };
