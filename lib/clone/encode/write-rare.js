// Everything that is neither a plain object nor an array.
'use strict';

const types = require('node:util/types');
const { append, arrayIndexOf, getter, mapSize, setSize, uncurry } = require('../../native');
const { OBJECT, ERROR_HAS, ERROR_NAMES } = require('../tags.js');
const { KIND, isClonedByNode, isMarked, needsTransfer } = require('../kind');
const { answers } = require('../value/answers.js');
const { classes, numberOf } = require('../value/index.js');
const { MAX_RECURSION } = require('../limits.js');
const { Refusal, MissingTransfer, located } = require('./refusal.js');
const { MapFrame, SetFrame, ListFrame } = require('./write-frames.js');
const { writeBuffer, writeShared, writeView } = require('./write-memory.js');

/**
 * @typedef {import('./graph-writer.js').GraphWriter} GraphWriter
 * @typedef {import('./write-frames.js').Frame} Frame
 * @typedef {import('./graph-writer.js').Thing} Thing
 */

const { getOwnPropertyDescriptor, hasOwn } = Object;
const { DOMException, RegExp, String } = globalThis;

const regexpSource = getter(RegExp.prototype, 'source');
/** In the order of RegExp.prototype.flags. */
const regexpFlags = /** @type {[string, (object: object) => boolean][]} */ ([
  ['d', 'hasIndices'], ['g', 'global'], ['i', 'ignoreCase'], ['m', 'multiline'], ['s', 'dotAll'], ['u', 'unicode'],
  ['v', 'unicodeSets'], ['y', 'sticky'],
].map(([flag, name]) => [flag, getter(RegExp.prototype, name)]).filter(([, get]) => get !== undefined));
const domGetters = {
  name: getter(DOMException.prototype, 'name'),
  message: getter(DOMException.prototype, 'message'),
};
/** Missing before Node 26, where such an error is a DOMException of that name. */
const ofQuota = /** @type {any} */ (globalThis).QuotaExceededError?.prototype;
const quotaGetters = ofQuota === undefined ? null : { quota: getter(ofQuota, 'quota'), requested: getter(ofQuota, 'requested') };
/** Which box it is, and what is in it. */
const boxes = /** @type {[(object: unknown) => boolean, (boxed: object) => unknown][]} */ ([
  [types.isNumberObject, uncurry(Number.prototype.valueOf)],
  [types.isStringObject, uncurry(String.prototype.valueOf)],
  [types.isBooleanObject, uncurry(Boolean.prototype.valueOf)],
  [types.isBigIntObject, uncurry(BigInt.prototype.valueOf)],
]);

/** @type {((writer: GraphWriter, object: any, depth: number) => Frame | null)[]} by KIND */
const writers = [];
writers[KIND.REFUSED] = (writer, object) => {
  const thing = writer.context?.things?.get(object);
  if (thing !== undefined) return writeThing(writer, thing);
  const port = writer.context?.ports.get(object); // one of Node's
  if (port === undefined) throw needsTransfer(object) ? new MissingTransfer(object) : new Refusal(object, reasonFor(object));
  writer.tagged(OBJECT.PORT, port);
  return null;
};
writers[KIND.PLAIN] = (writer, object) => writer.openPlain(object, true);
writers[KIND.MAP] = (writer, map) => {
  writer.tagged(OBJECT.MAP, mapSize(map));
  return new MapFrame(map);
};
writers[KIND.SET] = (writer, set) => {
  writer.tagged(OBJECT.SET, setSize(set));
  return new SetFrame(set);
};
writers[KIND.DATE] = (writer, date) => {
  writer.date(date);
  return null;
};
writers[KIND.REGEXP] = (writer, regexp) => {
  writer.byte(OBJECT.REGEXP);
  writer.string(regexpSource(regexp));
  writer.reserve(0);
  let flags = '';
  for (let i = 0; i < regexpFlags.length; i++) if (regexpFlags[i][1](regexp)) flags += regexpFlags[i][0];
  writer.string(flags);
  return null;
};
writers[KIND.BOXED] = (writer, boxed) => {
  const primitive = unbox(boxed);
  writer.byte(OBJECT.BOXED);
  writer.value(primitive, 0);
  return null;
};
writers[KIND.PORT] = (writer, port) => {
  const thing = writer.context?.things?.get(port); // a descriptor
  if (thing !== undefined) return writeThing(writer, thing);
  const index = writer.context?.ports.get(port);
  if (index === undefined) throw new MissingTransfer(port);
  writer.tagged(OBJECT.PORT, index);
  return null;
};
writers[KIND.VALUE] = (writer, object) => {
  const number = numberOf(object);
  const place = writer.pos;
  writer.byte(OBJECT.VALUE);
  writer.byte(number);
  const other = classes()[number].write(writer, object);
  if (other === undefined) return null;
  writer.pos = place;
  if (typeof other === 'string') throw new Refusal(object, other);
  const index = writer.context?.hand?.(other);
  if (index === undefined) throw new Refusal(object, 'it leaves as a descriptor, which does not go this way');
  writer.tagged(OBJECT.CARRIED, index);
  return null;
};
writers[KIND.SHARED] = writeShared;
writers[KIND.BUFFER] = writeBuffer;
writers[KIND.VIEW] = writeView;
writers[KIND.ERROR] = unlessMarked(writeError);
writers[KIND.DOM_EXCEPTION] = unlessMarked(writeDOMException);

/**
 * Of what has internal slots, a mark counts for errors only, as with Node.
 * @param {(writer: GraphWriter, error: any, depth: number) => Frame | null} write
 * @returns {(writer: GraphWriter, error: any, depth: number) => Frame | null}
 */
function unlessMarked(write) {
  return (writer, error, depth) => {
    if (isMarked(error)) throw new Refusal(error);
    return write(writer, error, depth);
  };
}

/**
 * Writes the head of an object that is not known yet.
 * @param {GraphWriter} writer
 * @param {object} object
 * @param {number} kind
 * @param {number} depth  where it stands; at MAX_RECURSION nothing may recurse any further
 * @returns {Frame | null} the members that are still to be written
 */
function writeRare(writer, object, kind, depth) {
  return writers[kind](writer, object, depth);
}

/**
 * What an error has that is not enumerable.
 * @param {GraphWriter} writer
 * @param {PropertyDescriptor | undefined} cause
 * @param {PropertyDescriptor | undefined} errors
 * @param {number} depth  of the error
 * @returns {Frame | null} as of writeRare()
 */
function writeHidden(writer, cause, errors, depth) {
  if (cause === undefined && errors === undefined) return null;
  if (depth < MAX_RECURSION) {
    if (cause !== undefined) writeMember(writer, '.cause', cause.value, depth + 1);
    if (errors !== undefined) writeMember(writer, '.errors', errors.value, depth + 1);
    return null;
  }
  /** @type {[step: string, member: unknown][]} */
  const members = [];
  if (cause !== undefined) append(members, ['.cause', cause.value]);
  if (errors !== undefined) append(members, ['.errors', errors.value]);
  return new ListFrame(members);
}

/**
 * @param {GraphWriter} writer
 * @param {string} step
 * @param {unknown} member
 * @param {number} depth
 */
function writeMember(writer, step, member, depth) {
  try {
    writer.value(member, depth);
  } catch (error) {
    throw located(error, step);
  }
}

/**
 * Why a class of the platform's is refused, where that is no matter of course.
 * @param {object} object
 */
const reasonFor = (object) => (isClonedByNode(object) ? 'only Node\'s own ports carry it, between threads' : undefined);

/**
 * @param {object} boxed
 * @returns {unknown}
 */
function unbox(boxed) {
  for (let i = 0; i < boxes.length; i++) if (boxes[i][0](boxed)) return boxes[i][1](boxed);
  throw new Refusal(boxed);
}

/**
 * What an error has of its own under a name. Getters of all but its name and its stack do not run, as with structuredClone().
 * @param {object} error
 * @param {string} name
 */
function dataOf(error, name) {
  const property = getOwnPropertyDescriptor(error, name);
  return property !== undefined && hasOwn(property, 'value') ? property : undefined;
}

/**
 * @param {GraphWriter} writer
 * @param {any} error
 * @param {number} depth
 */
function writeError(writer, error, depth) {
  const name = arrayIndexOf(ERROR_NAMES, error.name);
  const message = dataOf(error, 'message');
  const text = message === undefined ? undefined : String(message.value);
  const stack = error.stack;
  let has = (text === undefined ? 0 : ERROR_HAS.MESSAGE) | (typeof stack === 'string' ? ERROR_HAS.STACK : 0);
  const cause = dataOf(error, 'cause');
  if (cause !== undefined) has |= ERROR_HAS.CAUSE;
  const errors = ERROR_NAMES[name] === 'AggregateError' ? dataOf(error, 'errors') : undefined;
  if (errors !== undefined) has |= ERROR_HAS.ERRORS;
  writer.byte(OBJECT.ERROR);
  writer.byte(name < 0 ? 0 : name);
  writer.byte(has);
  if (text !== undefined) writer.value(text, 0);
  if (typeof stack === 'string') writer.value(stack, 0);
  return writeHidden(writer, cause, errors, depth);
}

/**
 * @param {GraphWriter} writer
 * @param {any} exception
 * @param {number} depth
 */
function writeDOMException(writer, exception, depth) {
  const stack = exception.stack;
  const cause = dataOf(exception, 'cause');
  writer.byte(OBJECT.DOM_EXCEPTION);
  const quotas = quotaGetters !== null && answers(quotaGetters.quota, exception) ? quotaGetters : null;
  writer.byte((typeof stack === 'string' ? ERROR_HAS.STACK : 0) | (cause === undefined ? 0 : ERROR_HAS.CAUSE) | (quotas === null ? 0 : ERROR_HAS.QUOTA));
  writer.value(domGetters.name(exception), 0);
  writer.value(domGetters.message(exception), 0);
  if (quotas !== null) {
    writer.value(quotas.quota(exception), 0);
    writer.value(quotas.requested(exception), 0);
  }
  if (typeof stack === 'string') writer.value(stack, 0);
  return writeHidden(writer, cause, undefined, depth);
}

/**
 * What the transfer list names beside ports and memory.
 * @param {GraphWriter} writer
 * @param {Thing} thing
 */
function writeThing(writer, { tag, index, reason }) {
  if (tag !== OBJECT.ABORTED) {
    writer.tagged(tag, index);
    return null;
  }
  writer.byte(tag);
  return new ListFrame([['.reason', reason]]);
}

module.exports = { writeRare };
