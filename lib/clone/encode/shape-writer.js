// A function for each list of keys that comes often: it writes the members of an object. A loop over any object's keys goes, in V8,
// by what all objects of the process were like so far; of these each knows its own.
'use strict';

const { Credit, compile, isDue } = require('../compile.js');
const { propertyStep } = require('./path.js');
const { located } = require('./refusal.js');

/**
 * @typedef {import('./shapes.js').Shape} Shape
 * @typedef {import('./graph-writer.js').GraphWriter} GraphWriter
 * @typedef {(writer: GraphWriter, object: object, depth: number, place: number) => void} ShapeWriter
 */

const { hasOwn } = Object;
const { stringify } = JSON;
const objectPrototype = Object.prototype;

const credit = new Credit();

/**
 * @param {Shape} shape
 * @param {readonly string[]} keys
 * @returns {ShapeWriter | null} null: it has to earn one yet, or nothing may be compiled
 */
function writerOf(shape, keys) {
  return countUse(shape) && areOwnOnly(keys) && credit.take() ? (shape.write = prepare(keys, ifThere)) : null;
}

/**
 * For an object whose class may have members of these names, too; all its own are data.
 * @param {Shape} shape
 * @param {readonly string[]} keys
 * @returns {ShapeWriter | null} as above
 */
function ownWriterOf(shape, keys) {
  return countUse(shape) && credit.take() ? (shape.writeOwn = prepare(keys, ifOwn)) : null;
}

/** Counts another object of the shape. @param {Shape} shape @returns {boolean} whether there have been enough of them */
function countUse(shape) {
  credit.earn();
  return isDue(++shape.uses);
}

/**
 * None of them is to be found in every object: one that has been deleted meanwhile is there no more.
 * @param {readonly string[]} keys
 */
function areOwnOnly(keys) {
  for (let i = 0; i < keys.length; i++) if (keys[i] in objectPrototype) return false;
  return true;
}

/** How a member is read that need not be there any more. */
const ifThere = {
  first: 'let v;',
  member: (/** @type {string} */ name) => `v=object[${name}];if(v!==undefined||hasOwn(object,${name}))writer.value(v,depth);`,
};

/** The same where another may be inherited: before anything is begun that may have a getter, all are where they were. */
const ifOwn = {
  first: 'const {began}=writer;',
  member: (/** @type {string} */ name) => `if(writer.began===began||hasOwn(object,${name}))writer.value(object[${name}],depth);`,
};

/**
 * @param {readonly string[]} keys
 * @param {typeof ifThere} how
 * @returns {ShapeWriter | null}
 */
function prepare(keys, { first, member }) {
  let members = '';
  for (let i = 0; i < keys.length; i++) members += `i=${i};${member(stringify(keys[i]))}else writer.absent(place);`;
  const body = `return (writer,object,depth,place)=>{${first}let i;try{${members}}catch(error){throw failed(error,i)}}`;
  /** @param {unknown} error @param {number} i */
  const failed = (error, i) => located(error, propertyStep(keys[i]));
  return compile(['hasOwn', 'failed'], body)?.(hasOwn, failed) ?? null;
}

module.exports = { ownWriterOf, writerOf };
