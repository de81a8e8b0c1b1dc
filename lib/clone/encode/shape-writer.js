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
  credit.earn();
  if (!isDue(++shape.uses) || !areOwnOnly(keys) || !credit.take()) return null;
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
