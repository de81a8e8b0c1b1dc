// The same where V8's own functions are not to be had.
process.env.MESSAGE_PORTS_ENGINE = 'none';
require('../transfer/texts.spec.js');
