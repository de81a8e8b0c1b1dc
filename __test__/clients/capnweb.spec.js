// capnweb, unmodified: objects by reference, callbacks and pipelining over the web's ports.
const assert = require('node:assert');
const { scenario } = require('../helpers/scenario.js');
const { onWeb } = require('../helpers/web.js');

scenario('capnweb', {
  left: onWeb(async ({ port }) => {
    const { newMessagePortRpcSession } = require('capnweb');
    const remote = newMessagePortRpcSession(port);
    assert.strictEqual(await remote.add(1, 2), 3);
    await assert.rejects(async () => { await remote.fail(); }, { name: 'RangeError', message: 'on purpose' });

    const counter = remote.makeCounter(5); // not awaited: the next call is sent along
    assert.strictEqual(await counter.increment(2), 7);
    const seen = [];
    assert.strictEqual(await remote.each([1, 2, 3], (element) => { seen.push(element); }), 3);
    assert.deepStrictEqual(seen, [1, 2, 3]);
    assert.deepStrictEqual(await remote.echo({ date: new Date(0), big: 2n ** 70n }), { date: new Date(0), big: 2n ** 70n });
    remote[Symbol.dispose]();
  }),
  right: onWeb(async ({ port }) => {
    const { RpcTarget, newMessagePortRpcSession } = require('capnweb');

    class Counter extends RpcTarget {
      #value;
      constructor(from) {
        super();
        this.#value = from;
      }
      increment(by) { return (this.#value += by); }
    }
    class Api extends RpcTarget {
      add(a, b) { return a + b; }
      echo(value) { return value; }
      fail() { throw new RangeError('on purpose'); }
      makeCounter(from) { return new Counter(from); }
      async each(list, callback) {
        for (const element of list) await callback(element);
        return list.length;
      }
    }
    const remote = newMessagePortRpcSession(port, new Api());
    await new Promise((resolve) => { remote.onRpcBroken(resolve); });
  }),
});
