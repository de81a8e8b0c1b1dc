// Plays the JavaScript tests on an addon under AddressSanitizer: a read or a write of memory that is not ours ends a test.
// `npm run test:asan:js [-- files]`
'use strict';

const { execFileSync } = require('node:child_process');
const { buildAddon, play } = require('./special-addon.js');

/** What calls into the addon most. */
const SPECS = ['clone/*', 'faces/*', 'family/*', 'ipc/*', 'native/*', 'port/*', 'shared/*', 'transfer/*', 'workers/*'];

/** A child with an environment of its own does not find the sanitizer; what was freed is kept for a while, so that memory cannot be counted; and another addon is named than one that is missing. */
const NOT = ['--match=!*env *', '--match=!*environment*', '--match=!*leave little memory*', '--match=!*do not pile up*', '--match=!*does not grow*', '--match=!*leave nothing*', '--match=!*what does not load*'];

/** @param {string} program @param {string[]} args */
const told = (program, args) => execFileSync(program, args, { encoding: 'utf8' }).trim();

const host = /^host: (.*)$/m.exec(told('rustc', ['-vV']))?.[1] ?? '';
/** Node is not built with it, so that the linker's comes first; Rust brings one for programs only. */
const file = buildAddon('asan-addon', '-Zsanitizer=address -Zexternal-clangrt --cfg sanitized', ['+nightly'], ['--target', host]);
const env = {
  LD_PRELOAD: told('gcc', ['-print-file-name=libasan.so']),
  // The engine's own faults are its affair, and leaks are looked for by the Rust tests.
  ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0:quarantine_size_mb=32:exitcode=66',
};
play(file, env, SPECS, NOT);
