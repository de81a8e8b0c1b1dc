// The transfer room: what can be handed over, and whether it may leave now. It uses port, clone and native.
// Invariant: reading a list changes nothing; what is claimed leaves with the message, or the post throws.
'use strict';

const { CARRIED } = require('../clone');
const { HANDED } = require('../native');
const { registerCarried, registerDescriptors, registerHanded, registerJoiner, registerTransferables } = require('../port');
const { isTransferable } = require('./departure.js');
const { FileDescriptor, openDescriptor } = require('./file-descriptor.js');
const { isHanded } = require('./handed.js');
const { readTransfer, checkTransfer } = require('./list.js');
const { isSignal, openSignal } = require('./signal.js');

/** Loaded when one arrives: with them Node loads its own. */
const streams = () => require('./streams/index.js');

/** The same. */
const sockets = () => require('./sockets.js');

registerTransferables(isTransferable);
registerCarried(CARRIED.READABLE, (bearer) => streams().openReadable(bearer));
registerCarried(CARRIED.WRITABLE, (bearer) => streams().openWritable(bearer));
registerCarried(CARRIED.SIGNAL, openSignal);
registerDescriptors(isHanded);
registerHanded(HANDED.ANY, openDescriptor);
for (const kind of [HANDED.TCP_SOCKET, HANDED.UNIX_SOCKET]) registerHanded(kind, (fd, body) => sockets().openSocket(fd, body));
for (const kind of [HANDED.TCP_SERVER, HANDED.UNIX_SERVER]) registerHanded(kind, (fd, body) => sockets().openServer(fd, body));
registerJoiner((readable, writable) => streams().joinSides(readable, writable));

module.exports = { readTransfer, checkTransfer, isSignal, FileDescriptor };
