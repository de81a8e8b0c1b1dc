// The web's face in the tests: a Reader for it, and the faces of a scenario's ports.
const { MessagePort } = require('../../index.js');
const { Reader } = require('./reader.js');

/** Reads a MessagePort of the web as Reader reads a MessagePortMain. */
const webReader = (port) => new Reader({
  on: (type, listener) => port.addEventListener(type, listener),
  start: () => port.start(),
});

/** A half whose `port` has the web's face; it is closed when the half is done, unless the half says otherwise. */
const onWeb = (half, { close = true } = {}) => async ({ port, ...rest }) => {
  const web = MessagePort.from(port);
  const value = await half({ port: web, ...rest });
  if (close) web.close();
  return value;
};

module.exports = { webReader, onWeb };
