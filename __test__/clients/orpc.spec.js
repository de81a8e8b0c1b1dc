// @orpc/server and @orpc/client, unmodified, by their message port adapter, which tells the two faces apart by itself.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessagePort } = require('../../index.js');
const { scenario } = require('../helpers/scenario.js');

async function serve(port) {
  const { os, ORPCError } = await import('@orpc/server');
  const { RPCHandler } = await import('@orpc/server/message-port');
  const router = {
    add: os.handler(({ input: [a, b] }) => a + b),
    echo: os.handler(({ input }) => input),
    fail: os.handler(() => { throw new ORPCError('NOT_FOUND', { message: 'on purpose', data: { id: 7 } }); }),
    count: os.handler(async function* ({ input }) {
      for (let i = 0; i < input; i++) yield i;
    }),
    never: os.handler(() => new Promise(() => {})),
  };
  new RPCHandler(router).upgrade(port, { context: {} });
  port.start();
}

async function connect(port) {
  const { createORPCClient } = await import('@orpc/client');
  const { RPCLink } = await import('@orpc/client/message-port');
  const client = createORPCClient(new RPCLink({ port }));
  port.start();
  return client;
}

for (const face of ['MessagePortMain', 'MessagePort']) {
  const take = (port) => (face === 'MessagePort' ? MessagePort.from(port) : port);

  scenario(`oRPC over ${face}`, {
    async left({ port: given }) {
      const port = take(given);
      const client = await connect(port);
      assert.strictEqual(await client.add([1, 2]), 3);
      const rich = { date: new Date(0), map: new Map([['a', 1n]]), set: new Set([1]), url: new URL('http://x/') };
      assert.deepStrictEqual(await client.echo(rich), rich);
      await assert.rejects(client.fail(), { code: 'NOT_FOUND', message: 'on purpose', data: { id: 7 } });
      const counted = [];
      for await (const i of await client.count(5)) counted.push(i);
      assert.deepStrictEqual(counted, [0, 1, 2, 3, 4]);
      const controller = new AbortController();
      const aborted = client.never(undefined, { signal: controller.signal });
      controller.abort();
      await assert.rejects(aborted, { name: 'AbortError' });
      port.close();
    },
    async right({ port: given }) {
      const port = take(given);
      await serve(port);
      await once(port, 'close');
    },
  });

  scenario(`oRPC over ${face}: a pending call is told when the other side closes`, {
    async left({ port: given }) {
      const client = await connect(take(given));
      const pending = client.never();
      await client.add([1, 1]); // the other one has arrived
      client.echo('close').catch(() => {});
      await assert.rejects(pending);
    },
    async right({ port: given }) {
      const port = take(given);
      await serve(port);
      await new Promise((resolve) => {
        const seen = [];
        const listener = ({ data }) => {
          if (seen.push(data) === 3) resolve();
        };
        if (port.on) port.on('message', listener);
        else port.addEventListener('message', listener);
      });
      port.close();
    },
  });
}
