// Packs this package and one package for each prebuilt addon: `node scripts/pack.js <folder of addons> <folder for packages>`.
// One run gives them all one version, and the package the others as optionalDependencies. They do not stand in the checkout's
// package.json, where `npm ci` would ask for what is not released yet.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { gather } = require('./gather.js');

const root = path.join(__dirname, '..');

/** The platforms that have a package, by the names that lib/native/binding.js knows. */
const PLATFORMS = {
  'linux-x64-gnu': { target: 'x86_64-unknown-linux-gnu', os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
  'linux-x64-musl': { target: 'x86_64-unknown-linux-musl', os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'linux-arm64-gnu': { target: 'aarch64-unknown-linux-gnu', os: ['linux'], cpu: ['arm64'], libc: ['glibc'] },
  'linux-arm64-musl': { target: 'aarch64-unknown-linux-musl', os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
};

/** @typedef {keyof typeof PLATFORMS} Name */

/** @param {Name} name */
const packageOf = (name) => `message-channel-main-${name}`;

/** @param {string} folder @param {object} manifest */
function writeManifest(folder, manifest) {
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} folder @param {string} destination @returns {string} the file */
function tarball(folder, destination) {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], { cwd: folder, encoding: 'utf8' }));
  return path.join(destination, filename);
}

/** @param {string} folder @param {Name} name @param {string} addon @param {Record<string, any>} main */
function layPlatform(folder, name, addon, { version, license, author, homepage, repository, bugs, engines }) {
  const { os, cpu, libc } = PLATFORMS[name];
  const file = path.basename(addon);
  const description = `The native addon of message-channel-main for ${name}`;
  fs.copyFileSync(addon, path.join(folder, file));
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  fs.writeFileSync(path.join(folder, 'README.md'), `${description}. It is installed along with message-channel-main.\n`);
  writeManifest(folder, {
    name: packageOf(name), version, description, license, author, homepage, repository, bugs, main: file, files: [file], os, cpu, libc, engines,
  });
}

/** What users get has no scripts: npm would want them approved. @param {string} folder @param {Record<string, any>} main @param {Name[]} names */
function layMain(folder, { scripts: _, devDependencies: __, tsd: ___, ...main }, names) {
  for (const name of [...main.files.filter((/** @type {string} */ file) => !file.startsWith('!')), 'README.md', 'LICENSE']) fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  const optionalDependencies = Object.fromEntries(names.map((name) => [packageOf(name), main.version]));
  writeManifest(folder, { ...main, optionalDependencies });
}

/**
 * @param {string} addons  a folder with message-channel-main.<name>.node files
 * @param {string} destination
 * @returns {string[]} the files: the platforms' first, which have to be published first, and this package last
 */
function pack(addons, destination) {
  const main = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const fileOf = (/** @type {Name} */ name) => path.join(addons, `message-channel-main.${name}.node`);
  const names = /** @type {Name[]} */ (Object.keys(PLATFORMS)).filter((name) => fs.existsSync(fileOf(name)));
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'message-channel-main-'));
  try {
    fs.mkdirSync(destination, { recursive: true });
    gather();
    const packed = names.map((name) => {
      const folder = path.join(scratch, name);
      fs.mkdirSync(folder);
      layPlatform(folder, name, fileOf(name), main);
      return tarball(folder, destination);
    });
    const folder = path.join(scratch, 'main');
    fs.mkdirSync(folder);
    layMain(folder, main, names);
    return [...packed, tarball(folder, destination)];
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

module.exports = { pack, PLATFORMS };

if (require.main === module) {
  const [addons, destination] = process.argv.slice(2).map((folder) => path.resolve(folder));
  if (destination === undefined) throw new Error('node scripts/pack.js <folder of addons> <folder for packages>');
  for (const file of pack(addons, destination)) console.log(file);
}
