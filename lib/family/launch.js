// Starts a process with the other ends of new links as its last descriptors, and keeps what it writes.
'use strict';

const { spawn } = require('node:child_process');
const { PassThrough } = require('node:stream');
const { native, KEY, PROTOCOL } = require('../native');
const { orphan } = require('../port');
const { own } = require('./own.js');
const { LINK_VARIABLE, quoted } = require('./traces.js');

const { process } = globalThis;
const { nextTick } = process;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/**
 * @typedef {object} Launch
 * @property {string} script
 * @property {string[]} args
 * @property {string} execPath
 * @property {string[]} execArgv
 * @property {NodeJS.ProcessEnv} env
 * @property {('inherit' | 'pipe' | 'ignore')[]} stdio
 * @property {string[]} preload  arguments that come first, also before those of NODE_OPTIONS: a preload of the user's already finds
 *   what they have made, and nothing of ours
 * @property {string} manners  see parent-link.js
 * @property {object} rest  what spawn reads and checks by itself
 */

/**
 * Our ends of two links, and the descriptors of the others; or why there are none, beside ends that nobody has the others of.
 * @typedef {{ key: number, ipc: number, descriptors: number[], failure: unknown }} Links
 */

/** What Node would take for a channel of its own, which no child of ours has. */
const NO_CHANNEL = { NODE_CHANNEL_FD: undefined, NODE_CHANNEL_SERIALIZATION_MODE: undefined };

/** Of what `--vfs-load` mounts Node runs the program in place of the script, which would start itself for ever; `--vfs-mount` only mounts. */
const ENTRY = /^--vfs-load(?==|$)/;

/** @returns {Links} */
function openLinks() {
  const [[key, far], [ipc, farIpc]] = [createChannel(), createChannel()];
  const open = [key, far, ipc, farIpc];
  /** @type {number[]} */
  const descriptors = [];
  try {
    for (const end of [far, farIpc]) {
      descriptors.push(native.intoDescriptor(end));
      open.splice(open.indexOf(end), 1);
    }
    return { key, ipc, descriptors, failure: undefined };
  } catch (error) {
    for (const end of open) native.close(end);
    closeDescriptors(descriptors);
    return { key: orphan(), ipc: orphan(), descriptors, failure: error };
  }
}

function createChannel() {
  const key = native.createChannel();
  return [key, native.control[KEY]];
}

/** @param {number[]} descriptors */
function closeDescriptors(descriptors) {
  for (const descriptor of descriptors.splice(0)) native.closeDescriptor(descriptor);
}

/**
 * What NODE_OPTIONS begins with, if it has any: Node reads them before its arguments. Other runtimes may not.
 * @param {string[]} preload
 * @param {NodeJS.ProcessEnv} env
 */
const inFront = (preload, env) => (`${env.NODE_OPTIONS ?? ''}`.trim() === '' ? '' : preload.map((argument) => `${quoted(argument)} `).join(''));

/**
 * The links are closed when it throws. Of what the system refuses at once `fail` is told later: Node throws some of that, emits
 * some, and makes a child without streams where there is no descriptor left. Where no process is, nobody may be killed, either:
 * Node would send the signal to our own process group.
 * @param {Launch} given
 * @param {Links} links
 * @param {(error: unknown) => void} fail
 * @returns {ChildProcess | null}
 */
function launch({ script, args, execPath, execArgv, env, stdio, preload, manners, rest }, { key, ipc, descriptors, failure }, fail) {
  if (failure !== undefined) return failLater(fail, failure);
  const front = inFront(preload, env);
  const traces = [PROTOCOL, ...descriptors.map((_, index) => stdio.length + index), manners, front.length, execPath === process.execPath ? native.lesson() : undefined];
  try {
    const child = spawn(execPath, [...preload, ...execArgv.map((argument) => argument.replace(ENTRY, '--vfs-mount')), script, ...args], own({
      ...rest,
      env: own({ ...env, ...NO_CHANNEL, ...(front !== '' && { NODE_OPTIONS: front + env.NODE_OPTIONS }), [LINK_VARIABLE]: traces.join() }),
      stdio: [...stdio, ...descriptors],
    }));
    if (child.stdout !== undefined) return child;
    child.once('error', fail);
    return null;
  } catch (error) {
    if (isSpawnFailure(error)) return failLater(fail, error);
    native.close(key);
    native.close(ipc);
    throw error;
  } finally {
    closeDescriptors(descriptors);
  }
}

/**
 * @param {(error: unknown) => void} fail
 * @param {unknown} error
 */
function failLater(fail, error) {
  nextTick(fail, error);
  return null;
}

/** Arguments that Node refuses are thrown as they are. */
const isSpawnFailure = (/** @type {any} */ error) => typeof error?.syscall === 'string' && error.syscall.startsWith('spawn');

/** Bytes: more than any system keeps in a pipe for who reads it. */
const PIPE = 1 << 20;

/**
 * Node throws away what nobody has read from a child that exits; what is read into a stream of ours stays.
 * @param {ChildProcess} child
 * @param {import('node:stream').Readable | null} stream  of it
 */
function keptReadable(child, stream) {
  if (stream === null) return null;
  const kept = new PassThrough();
  kept.once('close', () => stream.destroy());
  stream.on('error', (error) => kept.destroy(error));
  child.once('exit', () => takeIn(stream, kept));
  return stream.pipe(kept);
}

/**
 * Takes in what a process that has ended has left in its pipe, also where nobody reads: the pipe would stay open for good. Who has
 * inherited it may write on, but waits for a reader as before.
 * @param {import('node:stream').Readable} stream
 * @param {PassThrough} kept
 */
function takeIn(stream, kept) {
  let room = PIPE;
  const end = () => kept.end();
  const take = (/** @type {Buffer} */ chunk) => {
    kept.write(chunk);
    room -= chunk.length;
    if (room <= 0) stream.off('data', take).off('end', end).pipe(kept);
  };
  if (!stream.readableEnded) stream.unpipe(kept).on('data', take).on('end', end).resume();
}

/**
 * @param {ChildProcess | null} child
 * @returns {import('node:net').Socket[]}
 */
function pipes(child) {
  const streams = child === null ? [] : [child.stdin, child.stdout, child.stderr];
  return /** @type {import('node:net').Socket[]} */ (streams.filter((stream) => stream !== null));
}

module.exports = { openLinks, closeDescriptors, launch, keptReadable, pipes };
