// Makes what native tries the engine's functions with, out of what the language has when we load: what a program puts in the place
// of that may post a message, which would have native wait for the end of that very trial.
'use strict';

const { SharedArrayBuffer, getter, uncurry } = require('./builtins.js');

const { ArrayBuffer, Symbol, Uint8Array, WebAssembly } = globalThis;
const { Memory, Module } = /** @type {any} */ (WebAssembly ?? {}); // which --jitless takes away
const exportsOf = Module?.exports;
const memoryOf = Memory && getter(Memory.prototype, 'buffer');
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const mostOf = getter(ArrayBuffer.prototype, 'maxByteLength');
const isGrowable = getter(SharedArrayBuffer.prototype, 'growable');
const mostOfShared = getter(SharedArrayBuffer.prototype, 'maxByteLength');
const slice = uncurry(String.prototype.slice);

/** @param {string} text  @param {string | number} more */
const joined = (text, more) => text + more;

const LONG = 'some more narrow text, of which a part is to be taken';

/** Of no bytes but what says that it is a module. */
const EMPTY = [0, 97, 115, 109, 1, 0, 0, 0];

/** By their numbers in src/node/engine/probe.rs. @type {((one: any, other: any) => unknown)[]} */
const trials = [
  () => new ArrayBuffer(8),
  () => new ArrayBuffer(8, { maxByteLength: 64 }),
  () => new ArrayBuffer(0),
  () => (Memory === undefined ? null : memoryOf(new Memory({ __proto__: null, initial: 1 }))),
  (one, other) => one !== other && isResizable(one) === isResizable(other) && mostOf(one) === mostOf(other),
  () => new SharedArrayBuffer(8),
  () => new SharedArrayBuffer(8, { maxByteLength: 64 }),
  (one, other) => {
    new Uint8Array(one)[3] = 7;
    return one !== other && other instanceof SharedArrayBuffer && new Uint8Array(other)[3] === 7
      && isGrowable(one) === isGrowable(other) && mostOfShared(one) === mostOfShared(other);
  },
  () => Module && new Module(new Uint8Array(EMPTY)),
  (one) => one instanceof Module && exportsOf(one).length === 0,
  // Texts that are no narrow piece, and what is no text.
  () => [
    '\u0100 and more', '\u0100', joined(LONG, 1.5), joined(LONG, '\u0100'), slice(LONG, 3, 40),
    joined(slice(joined('a', '\u0100'), 0, 1), '\u0101'), {}, [], () => {}, Symbol(), 1n, 1.5, undefined, null, true,
  ],
  () => new ArrayBuffer(65536),
];

/**
 * @param {number} number
 * @param {unknown} [one]
 * @param {unknown} [other]
 */
const trial = (number, one, other) => trials[number](one, other);

module.exports = { trial };
