// The clone room: structured clone, to bytes and back; docs/wire-format.md has the format. It uses native.
// Invariant: encoding runs getters of the message and no other code of a program's, decoding runs none; what arrives is
// either what structuredClone would have given, or an error.
'use strict';

const { decode, isReading, readsAgain, carriedIn } = require('./decode');
const { Encoder } = require('./encode');
const { describe } = require('./encode/refusal.js');
const { isClonedByNode } = require('./kind');
const { registerHost } = require('./kind/host.js');
const { markAsUncloneable } = require('./kind/marks.js');
const { CARRIED, OBJECT } = require('./tags.js');
const { answers } = require('./value/answers.js');
const { openFileBlob } = require('./value/index.js');
const { madeByNode, ownBySymbol, symbolOf } = require('./value/internals.js');

module.exports = {
  Encoder, answers, decode, isReading, readsAgain, carriedIn, describe, isClonedByNode, markAsUncloneable, registerHost, CARRIED, OBJECT,
  openFileBlob, madeByNode, ownBySymbol, symbolOf,
};
