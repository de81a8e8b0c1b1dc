// Loads the native addon: the one that was built in this package, else the prebuilt one for this platform.
'use strict';

const { platformName } = require('./platform-name.js');

/** Each name written out, so that bundlers find the files. */
const ADDONS = {
  'linux-x64-gnu': [() => require('../../message-channel-main.linux-x64-gnu.node'), () => require('message-channel-main-linux-x64-gnu')],
  'linux-x64-musl': [() => require('../../message-channel-main.linux-x64-musl.node'), () => require('message-channel-main-linux-x64-musl')],
  'linux-arm64-gnu': [() => require('../../message-channel-main.linux-arm64-gnu.node'), () => require('message-channel-main-linux-arm64-gnu')],
  'linux-arm64-musl': [() => require('../../message-channel-main.linux-arm64-musl.node'), () => require('message-channel-main-linux-arm64-musl')],
};

/** Where nothing is prebuilt, what was built here may still be there. @param {string} name */
const anyAddon = (name) => [() => require(`../../message-channel-main.${name}.node`)];

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
  return Object.assign(new Error(text, { cause }), { code: 'ERR_ADDON_MISSING' });
}

function load() {
  const name = platformName();
  const named = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  const ways = named ? [() => require(named)] : /** @type {Record<string, (() => any)[]>} */ (ADDONS)[name] ?? anyAddon(name);
  const errors = [];
  for (const way of ways) {
    try {
      return way();
    } catch (error) {
      if (/** @type {any} */ (error)?.code === REFUSED) throw refused(error);
      errors.push(error);
    }
  }
  throw missing(name, errors);
}

module.exports = load();
