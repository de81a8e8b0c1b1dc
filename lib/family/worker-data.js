// worker_threads.workerData, with the ports in place.
'use strict';

const { worker_threads } = require('../native');
const { parentLink } = require('./parent-link.js');

const { workerData: opened } = parentLink;
if (opened !== undefined && opened.failure !== null) throw opened.failure;

const workerData = opened === undefined ? worker_threads.workerData : opened.message;

module.exports = { workerData };
