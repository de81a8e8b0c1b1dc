// What getters of a message do to it while it is cloned: it comes out as structuredClone() has it.
const test = require('ava');
const assert = require('node:assert');
const { LONG_ARRAY } = require('../../lib/clone/limits.js');
const { MessageChannelMain, receiveMessageOnPort } = require('../..');

/** @param {any} value */
function posted(value) {
  const { port1, port2 } = new MessageChannelMain();
  try {
    port1.postMessage(value);
    return receiveMessageOnPort(port2)?.message;
  } finally {
    port1.close();
  }
}

/** Each makes a value anew: what its getters do is done once. @type {Record<string, (log: string[]) => any>} */
const VALUES = {
  'a member that is deleted, and inherited': () => ({ get a() { delete this.toString; return 1; }, toString: 'own' }),
  'a member __proto__ that is deleted': () => ({ get a() { delete this.__proto__; return 1; }, ['__proto__']: 'own' }),
  'a member that is deleted, and a new prototype that has it'(log) {
    const prototype = { get b() { log.push('ran'); return 'inherited'; } };
    return { get a() { Object.setPrototypeOf(this, prototype); delete this.b; return 1; }, b: 2 };
  },
  'an error whose properties are getters'(log) {
    const error = new Error('message');
    for (const name of ['name', 'message', 'stack', 'cause']) Object.defineProperty(error, name, { get() { log.push(name); return name; } });
    return error;
  },
  'a prototype that is a proxy': (log) => ({
    get a() {
      Object.setPrototypeOf(this, new Proxy({}, { getPrototypeOf() { log.push('trap'); return null; }, get() { log.push('get'); return 1; } }));
      return 1;
    },
    b: 2,
  }),
  'an array whose prototype is a proxy': (log) => Object.setPrototypeOf([1, 2], new Proxy([], { getPrototypeOf() { log.push('trap'); throw new Error('trap'); } })),
};

for (const [name, length] of /** @type {const} */ ([['short', 9], ['long', LONG_ARRAY + 1], ['very long', 500]])) {
  const filled = () => {
    /** @type {any[]} */
    const array = new Array(length);
    for (let i = 0; i < length; i++) array[i] = 0;
    return array;
  };
  /** @param {any[]} array @param {number} index @param {() => any} get */
  const accessor = (array, index, get) => Object.defineProperty(array, index, { get, enumerable: true, configurable: true });
  Object.assign(VALUES, {
    [`${name}: elements that change and go`]() {
      const array = filled();
      array[0] = { get x() { array[3] = 'new'; delete array[4]; return 1; } };
      return array;
    },
    [`${name}: getters, in order`](/** @type {string[]} */ log) {
      const array = filled();
      array[0] = { get x() { log.push('x'); return 1; } };
      return accessor(array, 5, () => { log.push('5'); return 5; });
    },
    [`${name}: a getter, once`](/** @type {string[]} */ log) {
      const array = filled();
      return accessor(array, 1, () => { log.push('ran'); delete array[0]; delete array[3]; return 'one'; });
    },
    [`${name}: an element that becomes a getter, once and in order`](/** @type {string[]} */ log) {
      const array = filled().map((_, i) => ({ get i() { log.push(`i${i}`); return i; } }));
      array[0] = /** @type {any} */ ({
        get x() {
          for (const index of [3, length - 1]) accessor(array, index, () => { log.push(`${index}`); return { y: index }; });
          return 1;
        },
      });
      return array;
    },
    [`${name}: a getter that is gone, with all behind it, and was nothing`](/** @type {string[]} */ log) {
      const array = filled();
      return accessor(array, 1, () => { log.push('ran'); array.length = 1; return undefined; });
    },
    [`${name}: an element that is gone, where the prototype has one`](/** @type {string[]} */ log) {
      const array = filled();
      const prototype = { __proto__: Array.prototype, get 3() { log.push('inherited'); return 'inherited'; } };
      return accessor(array, 1, () => { delete array[3]; Object.setPrototypeOf(array, prototype); return 'one'; });
    },
    [`${name}: holes that close and open`]() {
      const array = filled();
      delete array[4];
      array[0] = 'zero';
      array[2] = 'two';
      return accessor(array, 1, () => { delete array[0]; array[4] = 'four'; return 'one'; });
    },
    [`${name}: a tag`](/** @type {string[]} */ log) {
      return Object.defineProperty(filled(), Symbol.toStringTag, { get() { log.push('ran'); return 'Tag'; } });
    },
    [`${name}: frozen`]: () => Object.freeze(filled()),
    [`${name}: names beside elements`]: () => Object.assign(filled(), { a: 1 }),
    [`${name}: numbers, once with holes`]: () => filled().fill(7),
  });
}

for (const [name, make] of Object.entries(VALUES)) {
  for (const deep of [false, true]) {
    test(`${name}${deep ? ', deep inside' : ''}`, (t) => {
      /** @param {any} value */
      const wrapped = (value) => {
        for (let i = 0; deep && i < 200; i++) value = { value };
        return value;
      };
      /** @type {string[][]} */
      const [ours, wanted] = [[], []];
      const got = posted(wrapped(make(ours)));
      t.notThrows(() => assert.deepStrictEqual(got, structuredClone(wrapped(make(wanted)))));
      t.deepEqual(ours, wanted);
    });
  }
}

test.serial('an enumerable property of Object.prototype that comes midway belongs to no object', (t) => {
  for (const second of [{ 5: 1, b: 1 }, { b: 1 }, {}]) {
    /** @type {any} */
    let got;
    try {
      got = posted([{ get a() { Object.defineProperty(Object.prototype, 'midway', { value: 1, enumerable: true, configurable: true }); return 0; } }, second, 'tail']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'midway');
    }
    t.deepEqual(got, [{ a: 0 }, second, 'tail']);
  }
});

test('a function in a long array is refused before getters behind it run', (t) => {
  const array = new Array(200).fill(0);
  let ran = false;
  array[0] = () => {};
  Object.defineProperty(array, 5, { get() { ran = true; return 1; }, enumerable: true });
  t.throws(() => posted(array), { any: true, name: 'DataCloneError' });
  t.false(ran);
});

test('what a getter throws is what the post throws, and nothing of it is asked', (t) => {
  let asked = 0;
  const thrown = new Proxy({}, { getPrototypeOf() { asked += 1; return null; }, has() { asked += 1; return false; }, get() { asked += 1; return undefined; } });
  let seen;
  const { port1 } = new MessageChannelMain();
  try {
    port1.postMessage([{ get a() { throw thrown; } }]);
  } catch (error) {
    seen = error;
  }
  port1.close();
  t.true(seen === thrown);
  t.is(asked, 0);
});

test('the list of an AggregateError is not asked for where it is a getter', (t) => {
  const error = new AggregateError([], 'all');
  Object.defineProperty(error, 'errors', { get() { throw new Error('ran'); } });
  t.false(Object.hasOwn(posted(error), 'errors'));
});

test('a view that follows the length of a buffer which ends inside an element', (t) => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  new Uint8Array(buffer).fill(7);
  const view = new Uint16Array(buffer, 2);
  buffer.resize(7);
  const got = posted([view, new Uint8Array(buffer)]);
  t.is(got[0].length, 2);
  t.is(got[0].buffer, got[1].buffer);
  t.deepEqual([...got[1]], [7, 7, 7, 7, 7, 7, 7]);
  got[0].buffer.resize(12);
  t.is(got[0].length, 5);
});
