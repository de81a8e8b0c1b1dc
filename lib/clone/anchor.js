// Keeps one object of each short-lived class alive. V8 throws optimized code away when a hidden class it relies on dies,
// and a hidden class dies in a garbage collection that finds no object of it: the codec would be compiled again and again.
'use strict';

/** @type {object[]} */
const anchors = [];

/** @param {object[]} objects */
function anchor(...objects) {
  for (let i = 0; i < objects.length; i++) anchors[anchors.length] = objects[i];
}

module.exports = { anchor };
