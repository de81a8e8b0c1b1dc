// comlink, unmodified: classes, callbacks and transfers over our ports, its own channels being ours.
const assert = require('node:assert');
require('../../global.js');
const Comlink = require('comlink');
const { scenario } = require('../helpers/scenario.js');
const { onWeb } = require('../helpers/web.js');

class Counter {
  constructor(from) { this.value = from; }
  increment(by = 1) { return (this.value += by); }
}

const api = {
  Counter,
  nested: { greet: (name) => `Hello ${name}` },
  add: (a, b) => a + b,
  fail() { throw new RangeError('on purpose'); },
  async each(list, callback) {
    for (const element of list) await callback(element);
    callback[Comlink.releaseProxy]();
  },
  sum: (buffer) => new Uint8Array(buffer).reduce((a, b) => a + b, 0),
};

scenario('comlink', {
  left: onWeb(async ({ port }) => {
    const remote = Comlink.wrap(port);
    assert.strictEqual(await remote.add(1, 2), 3);
    assert.strictEqual(await remote.nested.greet('there'), 'Hello there');
    await assert.rejects(remote.fail(), { name: 'RangeError', message: 'on purpose' });

    const counter = await new remote.Counter(5);
    assert.strictEqual(await counter.increment(2), 7);
    counter.value = 40;
    assert.strictEqual(await counter.increment(), 41);
    counter[Comlink.releaseProxy]();

    const seen = [];
    await remote.each([1, 2, 3], Comlink.proxy((element) => { seen.push(element); }));
    assert.deepStrictEqual(seen, [1, 2, 3]);

    const { buffer } = new Uint8Array(1000).fill(3);
    assert.strictEqual(await remote.sum(Comlink.transfer(buffer, [buffer])), 3000);
    assert.strictEqual(buffer.byteLength, 0);
    remote[Comlink.releaseProxy]();
  }),
  right: onWeb(({ port }) => new Promise((resolve) => {
    Comlink.expose({ ...api, [Comlink.finalizer]: resolve }, port);
  })),
});
