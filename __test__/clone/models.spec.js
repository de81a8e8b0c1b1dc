// Objects of a program's classes arrive as structuredClone() has them, however many there are of each, whatever each was given, and
// whatever a getter among them does to the others.
'use strict';

const test = require('ava').default;
const { markAsUncloneable } = require('../../lib/clone');
const { MODELED_CLASSES, MODELS_OF_CLASS } = require('../../lib/clone/limits.js');
const { MessageChannelMain } = require('../../index.js');
const { difference } = require('./same.js');
const { roundTrip } = require('./rig.js');

const MANY = 12;

/** @param {import('ava').ExecutionContext} t @param {() => unknown} make @param {string} [name] */
function arrives(t, make, name) {
  t.is(difference(roundTrip(make()), structuredClone(make())), undefined, name);
}

class Point {
  #hidden = 1;
  /** @param {number} x */
  constructor(x) {
    this.x = x;
    this.y = x / 2;
  }

  get sum() { return this.x + this.y + this.#hidden; }
}

test('many of one class, with members of every kind', (t) => {
  arrives(t, () => Array.from({ length: MANY }, (_, i) => new Point(i)));
  arrives(t, () => Array.from({ length: MANY }, (_, i) => Object.assign(new Point(i), { at: new Point(-i), list: [new Point(1)], none: undefined, text: 'text'.repeat(i) })));
  arrives(t, () => {
    const one = new Point(1);
    return [one, new Point(2), new Point(3), one, new Map([[one, new Point(4)], [new Point(5), one]]), new Point(6)];
  });
});

test('of a class that has members of the same names', (t) => {
  class Inheriting extends Point {}
  Object.assign(Inheriting.prototype, { x: 'inherited', z: 'inherited' });
  arrives(t, () => Array.from({ length: MANY }, (_, i) => {
    const object = new Inheriting(i);
    if (i % 3 === 0) Reflect.deleteProperty(object, 'x');
    return object;
  }));
});

test('of more classes, and in more ways, than are remembered', (t) => {
  const classes = Array.from({ length: MODELED_CLASSES + 2 }, () => class { });
  arrives(t, () => Array.from({ length: 20 * classes.length }, (_, i) => {
    const object = /** @type {any} */ (new classes[i % classes.length]());
    for (let k = 0; k <= i % (MODELS_OF_CLASS + 2); k++) object[`k${(i + k) % 7}`] = i;
    return object;
  }));
});

test('with getters, symbols, hidden members, elements, and without any', (t) => {
  const odd = [
    (/** @type {any} */ object, /** @type {number} */ i) => Object.defineProperty(object, 'got', { get: () => i, enumerable: true, configurable: true }),
    (/** @type {any} */ object) => { object[Symbol('symbol')] = 1; },
    (/** @type {any} */ object) => Object.defineProperty(object, 'x', { enumerable: false }),
    (/** @type {any} */ object, /** @type {number} */ i) => { object[i] = i; },
    (/** @type {any} */ object) => { delete object.x; delete object.y; },
    (/** @type {any} */ object) => Object.freeze(object),
    (/** @type {any} */ object) => { for (let k = 0; k < 200; k++) object[`key ${k}`] = k; },
    (/** @type {any} */ object) => Object.setPrototypeOf(object, null),
  ];
  for (const change of odd) {
    arrives(t, () => Array.from({ length: MANY }, (_, i) => {
      const object = new Point(i);
      if (i > 4) change(object, i);
      return object;
    }), String(change));
    arrives(t, () => Array.from({ length: MANY }, (_, i) => {
      const object = new Point(i);
      change(object, i);
      return object;
    }), String(change));
  }
});

test('what one of them is by more than its members is found out of each', (t) => {
  const refused = (/** @type {unknown} */ value) => t.throws(() => roundTrip(value), { any: true, name: 'DataCloneError' });
  const marked = new Point(9);
  markAsUncloneable(marked);
  refused([...Array.from({ length: MANY }, (_, i) => new Point(i)), marked]);
  const port = new MessageChannelMain().port1;
  const look = Object.getPrototypeOf(port);
  refused([...Array.from({ length: MANY }, (_, i) => new Point(i)), Object.setPrototypeOf(port, Point.prototype)]);
  refused([...Array.from({ length: MANY }, () => new Point(1)), Object.assign(new Point(1), { x: () => {} })]);
  Object.setPrototypeOf(port, look);
  port.close();
});

/** What a getter does to another object. @type {((object: any) => void)[]} */
const DEEDS = [
  (object) => delete object.x,
  (object) => delete object.b,
  (object) => { object.added = 'added'; },
  (object) => { object.y = { changed: true }; },
  (object) => Object.defineProperty(object, 'b', { get: () => 'got', enumerable: true, configurable: true }),
  (object) => Object.defineProperty(object, 'x', { enumerable: false }),
  (object) => Object.setPrototypeOf(object, { x: 'inherited', b: 'inherited' }),
  (object) => Object.setPrototypeOf(object, Object.prototype),
  (object) => Object.freeze(object),
  (object) => { delete object.x; object.x = 'at the end'; },
  (object) => { object[7] = 'an element'; },
];

/** Whether it could be done: what is frozen is not changed. @param {(object: any) => void} deed @param {any} object */
function tried(deed, object) {
  try {
    deed(object);
    return true;
  } catch {
    return false;
  }
}

/** @param {number} seed */
function family(seed) {
  let state = seed;
  const below = (/** @type {number} */ count) => {
    state = (state * 48271) % 0x7fffffff;
    return Math.floor(state / 0x7fffffff * count);
  };
  class Base { x = 1; }
  class Other extends Base { b = 'b'; }
  Object.assign(Base.prototype, { b: 'of the class' });
  const classes = [Point, Base, Other];
  /** @type {any[]} */
  const all = [];
  const make = () => {
    const object = /** @type {any} */ (new classes[below(3)](below(100)));
    all.push(object);
    if (below(4) === 0) object.b = below(10);
    if (below(6) === 0) object.c = make();
    if (below(5) === 0) {
      const [deed, whom] = [DEEDS[below(DEEDS.length)], below(40)];
      object.d = { get got() { return tried(deed, all[whom % all.length]); } };
    }
    if (below(8) === 0) object.e = [make(), new Map([[make(), make()]])];
    if (below(8) === 0) object.f = all[below(all.length)];
    return object;
  };
  return Array.from({ length: 25 }, make);
}

test('whatever getters do to others while they are written', (t) => {
  for (let seed = 1; seed <= 400; seed++) arrives(t, () => family(seed), `seed ${seed}`);
});
