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

function load() {
  const name = platformName();
  const named = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  const ways = named ? [() => require(named)] : /** @type {Record<string, (() => any)[]>} */ (ADDONS)[name] ?? anyAddon(name);
  const tried = [];
  for (const way of ways) {
    try {
      return way();
    } catch (error) {
      tried.push(`  - ${String(/** @type {any} */ (error)?.message).split('\n')[0]}`);
    }
  }
  throw new Error(
    `message-channel-main has no native addon for ${name}.\n`
    + 'To build it (Rust is needed, see https://rustup.rs): `npm run build` in a checkout, '
    + `\`npm rebuild message-channel-main\` in a project that depends on it. Tried:\n${tried.join('\n')}`,
  );
}

module.exports = load();
