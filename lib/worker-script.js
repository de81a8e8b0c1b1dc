// The main module of a process worker that was made from text, or from a data: URL.
'use strict';

require('./core.js').workers.runScript();
