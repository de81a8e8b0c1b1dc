// vscode-jsonrpc, unmodified: its reader and writer for the web's ports.
const assert = require('node:assert');
const path = require('node:path');
const { scenario } = require('../helpers/scenario.js');
const { onWeb } = require('../helpers/web.js');

/** Its exports offer this module to bundlers only. */
const browser = path.join(path.dirname(require.resolve('vscode-jsonrpc')), '..', 'browser', 'main.js');

function connect(port) {
  const { BrowserMessageReader, BrowserMessageWriter, createMessageConnection } = require(browser);
  return createMessageConnection(new BrowserMessageReader(port), new BrowserMessageWriter(port));
}

scenario('vscode-jsonrpc', {
  left: onWeb(async ({ port }) => {
    const { CancellationTokenSource, ErrorCodes } = require(browser);
    const connection = connect(port);
    const noted = new Promise((resolve) => { connection.onNotification('note', resolve); });
    connection.onRequest('double', (x) => x * 2);
    connection.listen();
    assert.strictEqual(await connection.sendRequest('add', 1, 2), 3);
    assert.strictEqual(await connection.sendRequest('viaYou', 21), 42);
    assert.strictEqual(await noted, 'viaYou was called');
    await assert.rejects(connection.sendRequest('fail'), { code: 7, message: 'on purpose' });
    await assert.rejects(connection.sendRequest('unknown'), { code: ErrorCodes.MethodNotFound });
    const source = new CancellationTokenSource();
    const cancelled = connection.sendRequest('wait', source.token);
    source.cancel();
    assert.strictEqual(await cancelled, 'cancelled');
    await connection.sendNotification('exit');
    connection.dispose();
  }),
  right: onWeb(async ({ port }) => {
    const { ResponseError } = require(browser);
    const connection = connect(port);
    connection.onRequest('add', (a, b) => a + b);
    connection.onRequest('viaYou', async (x) => {
      await connection.sendNotification('note', 'viaYou was called');
      return connection.sendRequest('double', x);
    });
    connection.onRequest('fail', () => { throw new ResponseError(7, 'on purpose'); });
    connection.onRequest('wait', (token) => new Promise((resolve) => {
      token.onCancellationRequested(() => resolve('cancelled'));
    }));
    const exit = new Promise((resolve) => { connection.onNotification('exit', resolve); });
    connection.listen();
    await exit;
    connection.dispose();
  }),
});
