// The port room: a port without a face. Posting, delivering, what keeps a port and the event loop alive. It uses clone and
// native, and is told by the rooms above what to call and what a transfer list says.
// Invariant: a post that throws has changed nothing; a message is native's until it was decoded, and is delivered once.
'use strict';

const { registerCarried, registerJoiner } = require('./carried.js');
const { dependants, isHandingOut } = require('./delivery.js');
const { created, publishCreated } = require('./diagnostics.js');
const { Endpoint, endpointOf, orphan, registerTransferable } = require('./endpoint.js');
const { registerHanded } = require('./handed.js');
const { whenHeard } = require('./heard.js');
const { FACES, NO_FACE } = require('./notes.js');
const { closeAll } = require('./parcel.js');
const { post, prepare, canPost, registerDescriptors, registerTransferables } = require('./post.js');
const { receive, bytesReceived } = require('./receive.js');
const { pairForWorker } = require('./side-car.js');

module.exports = {
  Endpoint, endpointOf, whenHeard, orphan, registerTransferable, post, prepare, canPost, bytesReceived, receive, dependants, isHandingOut, closeAll, pairForWorker, FACES,
  NO_FACE, created, publishCreated, registerCarried, registerHanded, registerJoiner, registerDescriptors, registerTransferables,
};
