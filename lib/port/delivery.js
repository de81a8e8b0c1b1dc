// Hands out what has arrived: one task per message, in the order in which native gives them.
'use strict';

const { native, onWake, KEY, LENGTH, DELIVERED, LIVE, NONE, SafeWeakMap, withCode } = require('../native');
const { slept } = require('../shared');
const { decode } = require('../clone');
const { endpoints } = require('./endpoint.js');
const { setDelivering } = require('./flush.js');
const { MESSAGES, PARCEL, CLOSE, DRAIN, FAULT, SLEPT, HEADER, BODY_LENGTH, bytes, view, words } = require('./inbox.js');
const { openParcel, abandon, closeAll } = require('./parcel.js');
const { discard } = require('./side-car.js');
const { drain } = require('./ticks.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('./carried.js').Carried} Carried */
/** @typedef {import('./handed.js').Handed} Handed */

/** Of a batch that was begun in another turn. */
const BEGUN = -1;

const { Error, setImmediate } = globalThis;
const { control } = native;

/** @param {number} length  of a body */
const frameSize = (length) => (HEADER + length + 7) & ~7;

/**
 * Ends a task that threw nothing yet: whatever it throws becomes an 'uncaughtException'.
 * @param {() => void} emit
 */
function task(emit) {
  try {
    emit();
  } catch (error) {
    native.fatal(error);
  }
  return drain();
}

/** Whose message is being handed out, and what that has scheduled runs. @type {Endpoint | null} */
let handing = null;

/** A batch of which the next message waits for the next turn of the loop. @type {{ endpoint: Endpoint, offset: number, end: number } | null} */
let begun = null;

/** The loop calls this, in one callback scope for all that has arrived. */
function deliver() {
  setDelivering(true);
  try {
    for (;;) {
      const kind = begun === null ? native.next() : BEGUN;
      if (kind === 0) return endTurn();
      let goesOn = true;
      try {
        goesOn = begun === null ? deliverEvent(kind) : goOn(begun);
      } catch (error) {
        native.fatal(error); // what listeners throw never comes here: a message was lost, and not silently
      }
      handing = null;
      if (!goesOn) return native.rest();
    }
  } finally {
    setDelivering(false);
  }
}

/** Whatever wakes the loop next, it has come round first. */
function endTurn() {
  if (native.byThread) setImmediate(native.waitAgain);
}

/** @param {{ endpoint: Endpoint, offset: number, end: number }} batch */
function goOn({ endpoint, offset, end }) {
  begun = null;
  // Somebody has read the port meanwhile, or closed it, or given it away.
  if (endpoint.key === 0 || control[LIVE] !== endpoint.key) return true;
  return deliverBatch(endpoint, offset, end);
}

/**
 * @param {number} kind
 * @returns {boolean} whether the next task may follow in this turn
 */
function deliverEvent(kind) {
  if (kind === SLEPT) return task(() => slept(control[KEY], control[LENGTH]));
  const endpoint = endpoints[control[KEY]];
  if (endpoint === undefined) {
    // Native knows no port that we do not; should it ever, its messages must not stay in the way of the others.
    if (kind === PARCEL) native.discard();
    else if (kind === MESSAGES) control[DELIVERED] = control[LENGTH];
  } else if (kind === MESSAGES) return deliverBatch(endpoint, 0, control[LENGTH]);
  else if (kind === PARCEL) return deliverParcel(endpoint);
  else if (kind === CLOSE) return task(() => endpoint.ended());
  else if (kind === DRAIN) return task(() => endpoint.drained());
  else if (kind === FAULT) return deliverFault(endpoint);
  return true;
}

/**
 * @param {Endpoint} endpoint
 * @param {number} start
 * @param {number} end
 */
function deliverBatch(endpoint, start, end) {
  const { key } = endpoint;
  const owner = endpoint.receiving ? endpoint.owner : undefined;
  if (owner === undefined) {
    control[DELIVERED] = end;
    return true;
  }
  handing = endpoint;
  for (let offset = start; offset < end;) {
    const body = offset + HEADER;
    const length = words[(offset >> 2) + BODY_LENGTH];
    offset += frameSize(length);
    control[DELIVERED] = offset;
    const isRead = deliverBody(endpoint, owner, bytes, view, body, body + length);
    const drained = drain();
    // What cannot be read costs far more than its few bytes, so the rest of the batch is for the next turn.
    if (control[LIVE] !== key || !isRead) return drained;
    if (!endpoint.receiving) {
      control[DELIVERED] = end;
      return drained;
    }
    if (!drained) {
      if (offset < end) begun = { endpoint, offset, end };
      return false;
    }
  }
  return true;
}

/**
 * @param {Endpoint} endpoint
 * @param {object} owner
 * @param {Uint8Array} from
 * @param {DataView} over
 * @param {number} start
 * @param {number} end
 * @param {object[]} ports
 * @param {(ArrayBuffer | string)[]} memories
 * @param {unknown[]} shared
 * @param {(Carried | Handed)[]} carried
 * @returns {boolean} whether it could be read
 */
function deliverBody(endpoint, owner, from, over, start, end, ports = [], memories = NONE, shared = NONE, carried = NONE) {
  let data;
  try {
    data = decode(from, over, start, end, ports, memories, shared, carried);
    abandon(carried, false);
  } catch (error) {
    abandon(carried, true);
    deliverError(endpoint, owner, /** @type {Error} */ (error), ports);
    return false;
  }
  try {
    endpoint.hear(owner, data, ports);
  } catch (error) {
    native.fatal(error);
  }
  return true;
}

/**
 * @param {Endpoint} endpoint
 * @param {object} owner
 * @param {Error} error
 * @param {object[]} ports  closed when nobody hears of them
 */
function deliverError(endpoint, owner, error, ports) {
  try {
    if (!endpoint.run(endpoint.face.messageerror, owner, error, ports)) closeAll(ports);
  } catch (thrown) {
    native.fatal(thrown);
  }
}

/** @param {Endpoint} endpoint */
function deliverParcel(endpoint) {
  const owner = endpoint.receiving ? endpoint.owner : undefined;
  if (owner === undefined) {
    discard(endpoint);
    return true;
  }
  const opened = openParcel(endpoint);
  if (opened === null) return true;
  const { from, over, start, end, ports, memories, shared, carried } = opened;
  handing = endpoint;
  deliverBody(endpoint, owner, from, over, start, end, ports, memories, shared, carried);
  return drain();
}

/** Who is told, beside its owner, of what has ended a port. @type {WeakMap<Endpoint, (error: Error) => void>} */
const dependants = new SafeWeakMap();

/** @param {Endpoint} endpoint */
function deliverFault(endpoint) {
  const { owner } = endpoint;
  const dependant = dependants.get(endpoint);
  if (owner === undefined && dependant === undefined) return true;
  const { 0: code, 1: text } = native.faultText();
  const error = withCode(new Error(text), code);
  if (owner !== undefined) deliverError(endpoint, owner, error, NONE);
  if (dependant !== undefined) task(() => dependant(error));
  return drain();
}

onWake(deliver);

module.exports = { dependants, isHandingOut: (/** @type {Endpoint} */ endpoint) => handing === endpoint };
