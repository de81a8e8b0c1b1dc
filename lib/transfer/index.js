// The transfer room: what can be handed over, and whether it may leave now. It uses port and native.
// Invariant: reading a list changes nothing; what is claimed leaves with the message, or the post throws.
'use strict';

const { readTransfer, checkTransfer } = require('./list.js');

module.exports = { readTransfer, checkTransfer };
