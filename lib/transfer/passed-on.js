// Finds what a message has to list, for who passes it on and has not written it.
'use strict';

const { isAnyArrayBuffer, isMap, isSet } = require('node:util/types');
const { SafeSet, append, arraySlice, getPrototypeOf, mapForEach, objectKeys, setForEach } = require('../native');

const { isView } = ArrayBuffer;

/** What most objects are. @type {(object | null)[]} */
const [OBJECT, ARRAY] = [Object.prototype, Array.prototype];

/** How those who pass on read a list. @type {{ isTransferable: (object: object) => boolean, readList: import('./end.js').ReadList }} */
let reading;

/** @param {typeof reading} how */
function registerReading(how) {
  reading = how;
}

/** @type {import('./end.js').ReadList} */
const readList = (list) => reading.readList(list);

/**
 * @param {unknown} message  that has arrived: no getter and no proxy is in there
 * @param {readonly object[]} ports  that it came with
 * @returns {object[]} these, and what else has to be listed
 */
function listFor(message, ports) {
  const list = arraySlice(ports);
  /** @type {Set<object>} */
  const found = new SafeSet();
  const add = (/** @type {unknown} */ value) => {
    if (typeof value === 'object' && value !== null && !isView(value) && !isAnyArrayBuffer(value)) found.add(value);
  };
  for (let i = 0; i < ports.length; i++) found.add(ports[i]);
  add(message);
  let known = ports.length;
  // What is added meanwhile is visited, too.
  setForEach(found, (/** @type {any} */ object) => {
    if (known-- > 0) return;
    const prototype = getPrototypeOf(object);
    if (prototype !== OBJECT && prototype !== ARRAY && reading.isTransferable(object)) return append(list, object);
    const keys = objectKeys(object);
    for (let i = 0; i < keys.length; i++) add(object[keys[i]]);
    if (isSet(object)) setForEach(object, add);
    else if (isMap(object)) {
      mapForEach(object, (/** @type {unknown} */ value, /** @type {unknown} */ key) => {
        add(key);
        add(value);
      });
    }
  });
  return list;
}

module.exports = { listFor, readList, registerReading };
