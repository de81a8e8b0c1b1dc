// What real encodings look like: bodies of all small values of the battery.
'use strict';

const { battery } = require('../../__test__/clone/battery.js');
const { encode } = require('../../__test__/clone/rig.js');

const MAX_LENGTH = 4096;

/** Twice each: a shape looks different the second time. */
function* fromBattery() {
  for (const { make } of battery) {
    for (let i = 0; i < 2; i++) {
      const { body } = encode(make());
      if (body.length <= MAX_LENGTH) yield body;
    }
  }
}

module.exports = { fromBattery };
