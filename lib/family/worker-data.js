// worker_threads.workerData, with the ports in place.
'use strict';

const { worker_threads } = require('../native');
const { parentLink } = require('./parent-link.js');

const workerData = parentLink.workerData === undefined ? worker_threads.workerData : parentLink.workerData.message;

module.exports = { workerData };
