// Loads the native addon: the one that was built in this package, else the prebuilt one for this platform.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { PROTOCOL } = require('./copies.js');
const { platformName } = require('./platform-name.js');
const { getEnvironmentData, setEnvironmentData } = require('./worker-threads.js');

/**
 * Each name written out and tried by itself, so that bundlers take the files that are there and pass over the others.
 * @type {Record<string, (tried: unknown[]) => any>}
 */
const ADDONS = {
  'linux-x64-gnu'(tried) {
    try { return require('../../message-channel-main.linux-x64-gnu.node'); } catch (error) { tried.push(error); }
    try { return require('message-channel-main-linux-x64-gnu'); } catch (error) { tried.push(error); }
  },
  'linux-x64-musl'(tried) {
    try { return require('../../message-channel-main.linux-x64-musl.node'); } catch (error) { tried.push(error); }
    try { return require('message-channel-main-linux-x64-musl'); } catch (error) { tried.push(error); }
  },
  'linux-arm64-gnu'(tried) {
    try { return require('../../message-channel-main.linux-arm64-gnu.node'); } catch (error) { tried.push(error); }
    try { return require('message-channel-main-linux-arm64-gnu'); } catch (error) { tried.push(error); }
  },
  'linux-arm64-musl'(tried) {
    try { return require('../../message-channel-main.linux-arm64-musl.node'); } catch (error) { tried.push(error); }
    try { return require('message-channel-main-linux-arm64-musl'); } catch (error) { tried.push(error); }
  },
};

const { process } = globalThis;

/**
 * An addon at a path that was not known when this was written.
 * @param {string} file
 * @param {unknown[]} tried
 */
function fromFile(file, tried) {
  const module = { exports: /** @type {any} */ ({}) };
  try {
    process.dlopen(module, file);
    return module.exports;
  } catch (error) {
    tried.push(error);
  }
}

/**
 * What no bundler and no package knows of: built here where nothing is prebuilt, or put beside a bundle.
 * @param {string} name
 * @param {unknown[]} tried
 */
function lookAround(name, tried) {
  if (typeof __dirname === 'undefined') return undefined; // in a bundle that is an ES module
  const folders = Object.hasOwn(ADDONS, name) ? [__dirname] : [path.join(__dirname, '..', '..'), __dirname];
  const file = folders.map((folder) => path.join(folder, `message-channel-main.${name}.node`)).find((candidate) => fs.existsSync(candidate));
  return file && fromFile(file, tried);
}

/** What Node does not let be loaded is no matter of where the file is. */
const REFUSED = 'ERR_DLOPEN_DISABLED';

/** @param {any} refusal */
function refused(refusal) {
  const flags = /** @type {any} */ (process).permission === undefined
    ? 'It runs with --no-addons: leave that away.'
    : 'It runs with --permission: add --allow-addons (and --allow-worker, --allow-child-process for those).';
  const text = `message-channel-main is a native addon, and this Node.js was told to load none. ${flags}`;
  return Object.assign(new Error(text, { cause: refusal }), { code: REFUSED });
}

/** @param {string} name @param {any[]} errors  one for each way that was tried */
function missing(name, errors) {
  const firstLine = (/** @type {any} */ error) => String(error?.message).split('\n')[0];
  const cause = errors.find((error) => error?.code !== 'MODULE_NOT_FOUND');
  const headline = cause === undefined
    ? `message-channel-main has no native addon for ${name}.`
    : `message-channel-main: the native addon for ${name} does not load: ${firstLine(cause)}`;
  const prebuilt = !Object.hasOwn(ADDONS, name) ? '' : `It comes with the optional dependency message-channel-main-${name}, which npm leaves out `
    + 'with --omit=optional, or after a lockfile of another platform: remove package-lock.json and node_modules, and install again.\n';
  const text = `${headline}\n${prebuilt}To build it here (with Rust, from https://rustup.rs): \`npm run build\` in a checkout, `
    + '`npx message-channel-main build` where the package is installed; npm has nothing to approve for that. (If npm has held back '
    + 'an install script of this package: `npm install-scripts approve message-channel-main`, then `npm rebuild message-channel-main`.) '
    + `Tried:\n${errors.map((error) => `  - ${firstLine(error)}`).join('\n')}`;
  return Object.assign(new Error(text, cause && { cause }), { code: 'ERR_ADDON_MISSING' });
}

/**
 * The threads of a process use one addon, whichever copy of this package each has loaded: a worker finds here what the
 * thread that started it has.
 */
const ADDON = 'message-channel-main:addon';

function load() {
  const name = platformName();
  const inherited = /** @type {any} */ (getEnvironmentData(ADDON));
  const named = inherited?.protocol === PROTOCOL ? inherited.file : process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  /** @type {any[]} */
  const tried = [];
  const addon = named ? fromFile(named, tried) : ADDONS[name]?.(tried) ?? lookAround(name, tried);
  const refusal = tried.find((error) => error?.code === REFUSED);
  if (refusal !== undefined) throw refused(refusal);
  if (addon === undefined) throw missing(name, tried);
  setEnvironmentData(ADDON, /** @type {any} */ ({ protocol: PROTOCOL, file: addon.addonFile() ?? named }));
  return addon;
}

module.exports = load();
