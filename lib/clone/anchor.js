// Keeps one object of each short-lived class alive. V8 throws optimized code away when a hidden class it relies on dies,
// and a hidden class dies in a garbage collection that finds no object of it: the codec would be compiled again and again.
'use strict';

const { setImmediate } = globalThis;

/** @type {object[][]} */
const anchors = [];

/** @type {(() => object[])[]} */
const makers = [];

function make() {
  while (anchors.length < makers.length) anchors[anchors.length] = makers[anchors.length]();
}

/** @param {() => object[]} maker  is called once the program has begun: in a start it would count */
function anchor(maker) {
  if (anchors.length === makers.length) setImmediate(make).unref?.(); // a bare number in another runtime
  makers[makers.length] = maker;
}

module.exports = { anchor };
