// The transfer room: what can be handed over, and whether it may leave now. It uses port, clone and native.
// Invariant: reading a list changes nothing; what is claimed leaves with the message, or the post throws.
'use strict';

const { CARRIED } = require('../clone');
const { dataClone } = require('../native');
const { registerCarried, registerDescriptors, registerJoiner, registerTransferables } = require('../port');
const { departureOf, isOursAlone, isTransferable } = require('./departure.js');
const { FileDescriptor } = require('./descriptors/file-descriptor.js');
const { isHanded } = require('./descriptors/index.js');
const { readTransfer, checkTransfer } = require('./list.js');
const { IN_LIST, detachable, isDetachable } = require('./memory.js');
const { forNode } = require('./node-port.js');
const { registerReading } = require('./passed-on.js');
const { openSignal } = require('./signal.js');

/** Loaded when one arrives: with them Node loads its own. */
const streams = () => require('./streams/index.js');

registerTransferables(isTransferable);
registerReading({ isTransferable, readList: (list) => checkTransfer(list, null, dataClone) });
registerCarried(CARRIED.READABLE, (bearer) => streams().openReadable(bearer));
registerCarried(CARRIED.WRITABLE, (bearer) => streams().openWritable(bearer));
registerCarried(CARRIED.SIGNAL, openSignal);
registerDescriptors(isHanded);
registerJoiner((readable, writable) => streams().joinSides(readable, writable));

module.exports = { readTransfer, checkTransfer, departureOf, IN_LIST, detachable, isDetachable, isOursAlone, forNode, FileDescriptor };
