// A function for each list of keys that comes often: it writes the members of an object. A loop over any object's keys goes, in V8,
// by what all objects of the process were like so far; of these each knows its own.
'use strict';

const { COMPILE_AFTER, EARNS_COMPILING, MAX_COMPILED } = require('../limits.js');
const { compile } = require('../compile.js');
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

/** How many may be compiled now; objects that are written without earn the next. */
let credit = MAX_COMPILED;

/**
 * @param {Shape} shape
 * @param {readonly string[]} keys
 * @returns {ShapeWriter | null} null: it has to earn one yet, or nothing may be compiled
 */
function writerOf(shape, keys) {
  if (credit < MAX_COMPILED) credit += 1 / EARNS_COMPILING;
  const uses = ++shape.uses;
  // Tried again now and then, should there have been no credit.
  if (uses < COMPILE_AFTER || (uses & (uses - 1)) !== 0 || credit < 1 || !areOwnOnly(keys)) return null;
  credit--;
  return (shape.write = prepare(keys));
}

/**
 * None of them is to be found in every object: one that has been deleted meanwhile is there no more.
 * @param {readonly string[]} keys
 */
function areOwnOnly(keys) {
  for (let i = 0; i < keys.length; i++) if (keys[i] in objectPrototype) return false;
  return true;
}

/**
 * @param {readonly string[]} keys
 * @returns {ShapeWriter | null}
 */
function prepare(keys) {
  let members = '';
  for (let i = 0; i < keys.length; i++) {
    const name = stringify(keys[i]);
    members += `i=${i};v=object[${name}];if(v!==undefined||hasOwn(object,${name}))writer.value(v,depth);else writer.absent(place);`;
  }
  const body = `return (writer,object,depth,place)=>{let i,v;try{${members}}catch(error){throw failed(error,i)}}`;
  /** @param {unknown} error @param {number} i */
  const failed = (error, i) => located(error, propertyStep(keys[i]));
  return compile(['hasOwn', 'failed'], body)?.(hasOwn, failed) ?? null;
}

module.exports = { writerOf };
