// birpc, unmodified: calls in both directions over either face.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessagePort } = require('../../index.js');
const { scenario } = require('../helpers/scenario.js');

/** How birpc is told to use each face. */
const channels = {
  MessagePortMain: (port) => ({
    post: (data) => port.postMessage(data),
    on: (receive) => { port.on('message', ({ data }) => receive(data)); port.start(); },
  }),
  MessagePort: (port) => ({
    post: (data) => port.postMessage(data),
    on: (receive) => { port.onmessage = ({ data }) => receive(data); },
  }),
};

for (const [face, channel] of Object.entries(channels)) {
  const take = (port) => (face === 'MessagePort' ? MessagePort.from(port) : port);

  scenario(`birpc over ${face}`, {
    async left({ port: given }) {
      const { createBirpc } = await import('birpc');
      const port = take(given);
      const notes = [];
      const remote = createBirpc({ note: (text) => { notes.push(text); }, double: (x) => x * 2 }, channel(port));
      assert.strictEqual(await remote.add(1, 2), 3);
      assert.strictEqual(await remote.viaYou(21), 42);
      const cyclic = { map: new Map([[1, new Date(0)]]) };
      cyclic.self = cyclic;
      const back = await remote.echo(cyclic);
      assert.strictEqual(back.self, back);
      assert.deepStrictEqual(back.map, cyclic.map);
      await assert.rejects(remote.fail(), { message: 'on purpose' });
      assert.deepStrictEqual(await Promise.all(Array.from({ length: 100 }, (_, i) => remote.add(i, i))), Array.from({ length: 100 }, (_, i) => 2 * i));
      assert.deepStrictEqual(notes, ['viaYou was called']);
      port.close();
    },
    async right({ port: given }) {
      const { createBirpc } = await import('birpc');
      const port = take(given);
      const remote = createBirpc({
        add: (a, b) => a + b,
        echo: (value) => value,
        fail() { throw new Error('on purpose'); },
        async viaYou(x) {
          await remote.note('viaYou was called');
          return remote.double(x);
        },
      }, channel(port));
      await once(port, 'close');
    },
  });
}
