// Writes lib/native/binding.js: the napi-rs loader, turned towards the package root, with a last word that helps.
// A maintainer's tool, not part of any build: run it when a platform is added or napi-rs changes its loader.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const generator = '@napi-rs/cli@3.10.12';

// The generator writes no loader for a crate without #[napi] items, so it gets one that has nothing else.
const crate = {
  'package.json': fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
  'Cargo.toml': `[package]
name = "message-channel-main"
version = "0.0.0"
edition = "2021"
[lib]
crate-type = ["cdylib"]
[dependencies]
napi = "3"
napi-derive = "3"
[build-dependencies]
napi-build = "2"
`,
  'build.rs': 'fn main() { napi_build::setup(); }\n',
  'src/lib.rs': '#[napi_derive::napi]\npub fn attach() {}\n',
};

const head = '// Loads the native addon: the one built in this package, else the prebuilt one for this platform.\n';

const lastWord = `
    const tried = loadErrors.map((reason) => '  - ' + String(reason && reason.message).split('\\n')[0]).join('\\n')
    throw new Error(
      'message-channel-main has no native addon for ' + process.platform + '-' + process.arch + '.\\n' +
        'To build it (Rust is needed, see https://rustup.rs): \`npm run build\` in a checkout, ' +
        '\`npm rebuild message-channel-main\` in a project that depends on it. Tried:\\n' + tried,
    )`;

/** @param {string} text @param {RegExp} pattern @param {string} replacement */
function replace(text, pattern, replacement) {
  if (!pattern.test(text)) throw new Error(`the generated loader has no ${pattern}: has the generator changed?`);
  return text.replace(pattern, () => replacement);
}

/** @param {string} folder */
function generate(folder) {
  for (const [name, text] of Object.entries(crate)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  const build = ['--yes', '--package', generator, 'napi', 'build', '--platform', '--js', 'binding.js'];
  execFileSync('npx', build, { cwd: folder, stdio: 'inherit' });
  return fs.readFileSync(path.join(folder, 'binding.js'), 'utf8');
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'message-channel-main-'));
try {
  let loader = generate(folder);
  loader = replace(loader, /'\.\/message-channel-main\./g, "'../../message-channel-main.");
  loader = replace(loader, /\n {4}const error = new Error\(\s+`Cannot find native binding[^]*?\n {4}throw error/, lastWord);
  fs.writeFileSync(path.join(root, 'lib', 'binding.js'), head + loader);
} finally {
  fs.rmSync(folder, { recursive: true });
}
