// Hands out what has arrived: one task per message, in the order in which native gives them.
'use strict';

const {
  native, onWake, KEY, LENGTH, DELIVERED, LIVE, NONE, SafeDataView, SafeWeakMap, append, bytesSet, bytesSlice, withCode, onceLater, askForRoom, isOverflow,
} = require('../native');
const { slept } = require('../shared');
const { decode, isReading, readsAgain, carriedIn } = require('../clone');
const { Carried } = require('./carried.js');
const { Handed } = require('./handed.js');
const { arrived, publishArrived } = require('./diagnostics.js');
const { endpoints, endpointOf, orphan } = require('./endpoint.js');
const { setDelivering } = require('./flush.js');
const { collect } = require('./side-car.js');
const { drain } = require('./ticks.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('./endpoint.js').Carrier} Carrier */

/** What `native.next()` says. */
const MESSAGES = 1;
const PARCEL = 2;
const CLOSE = 3;
const DRAIN = 4;
const FAULT = 5;
const SLEPT = 6;

/** Of a batch that was begun in another turn. */
const BEGUN = -1;

/** A frame: its header (kind, body length, two words that are not ours), its body, padding to the next multiple of 8. */
const HEADER = 16;
const BODY_LENGTH = 1;

const { isArray } = Array;
const { Error, process, setImmediate } = globalThis;
const { nextTick } = process;
const { control } = native;
const bytes = new Uint8Array(native.inbox);
const view = new SafeDataView(native.inbox);
const words = new Uint32Array(native.inbox);

/** The ports of a message are made, whose bytes stand in the inbox. */
let opening = false;

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

/** @param {object[]} ports */
function closeAll(ports) {
  for (let i = 0; i < ports.length; i++) endpointOf(ports[i])?.close();
}

/** @param {Endpoint} endpoint */
function deliverParcel(endpoint) {
  const owner = endpoint.receiving ? endpoint.owner : undefined;
  if (owner === undefined) {
    native.discard();
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

/**
 * Takes the message that was announced. Null when it turned out malformed: a FAULT follows.
 * @param {Carrier} carrier
 */
function openParcel(carrier) {
  const taken = native.take();
  if (taken === null) return null;
  opening = true;
  try {
    return unpack(carrier, taken);
  } finally {
    opening = false;
  }
}

/**
 * @param {Carrier} carrier
 * @param {NonNullable<ReturnType<typeof native.take>>} taken
 */
function unpack(carrier, taken) {
  if (!isArray(taken)) return { from: bytes, over: view, start: 0, end: control[LENGTH], ports: [], memories: [taken], shared: NONE, carried: NONE };
  const { 0: body, 1: keys, 2: memories, 3: shared, 4: handed } = taken;
  const over = body === null ? view : new SafeDataView(body.buffer, body.byteOffset, body.byteLength);
  const end = body === null ? control[LENGTH] : body.byteLength;
  const from = body ?? bytes;
  const { ports, carried: borne } = shareOut(carrier, keys, carriedIn(from, 0, end));
  collect(carrier, shared, ports, borne);
  /** @type {(Carried | Handed)[]} */
  const carried = borne;
  for (let i = 0; i < handed.length; i += 4) append(carried, new Handed(handed[i], handed[i + 1], handed[i + 2], handed[i + 3]));
  if (arrived.hasSubscribers) announce(ports);
  return { from, over, start: 0, end, ports, memories, shared, carried };
}

/**
 * The first of the ports are those that the user sees, the last carry something.
 * @param {Carrier} carrier
 * @param {number[]} keys
 * @param {import('../clone/encode/graph-writer.js').CarriedEntry[]} entries
 */
function shareOut(carrier, keys, entries) {
  const own = entries.length > keys.length ? keys.length : keys.length - entries.length;
  /** @type {object[]} */
  const ports = [];
  /** @type {Carried[]} */
  const carried = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] === 0 ? orphan() : keys[i];
    if (i < own) ports[i] = carrier.face.wrap(key);
    else carried[i - own] = new Carried(key, entries[i - own]);
  }
  return { ports, carried };
}

/**
 * Closes what nothing in the message refers to: nobody would ever get hold of it.
 * @param {(Carried | Handed)[]} carried
 * @param {boolean} all  the message is no good
 */
function abandon(carried, all) {
  for (let i = 0; i < carried.length; i++) carried[i].abandon(all);
}

/** @param {object[]} ports */
function announce(ports) {
  for (let i = 0; i < ports.length; i++) {
    const endpoint = endpointOf(ports[i]);
    if (endpoint !== undefined && endpoint.key !== 0) publishArrived(endpoint);
  }
}

/**
 * Takes one message out of a port, now; what cannot be decoded throws, and the ports that came with it close. Where the
 * stack is about to end, that throws, and the message stays.
 * @param {Carrier} carrier
 * @returns {{ message: any, ports: object[] } | null | undefined}  undefined: there is none; null: and never will be
 */
function receive(carrier) {
  return opening || isReading() ? receiveMeanwhile(carrier) : receiveNext(carrier);
}

/**
 * While another message is read, whose bytes stand in the inbox: what is made for it is told to async hooks and subscribers, which
 * may receive. It is taken, and its bytes stand there again afterwards.
 * @param {Carrier} carrier
 */
function receiveMeanwhile(carrier) {
  askForRoom();
  recoverLater();
  native.consume();
  const before = bytesSlice(bytes);
  const wasOpening = opening;
  const wasReading = isReading();
  try {
    return receiveNext(carrier);
  } finally {
    bytesSet(bytes, before);
    opening = wasOpening;
    readsAgain(wasReading);
  }
}

/** Where the engine has ended the reading at once, for a vm's timeout, nothing has said so: by the next tick none is read any more. */
const recoverLater = onceLater(nextTick, () => {
  opening = false;
  readsAgain(false);
});

/**
 * @param {Carrier} carrier
 * @returns {ReturnType<typeof receive>}
 */
function receiveNext(carrier) {
  const kind = native.read(carrier.key);
  if (kind === 0) return undefined;
  if (kind === CLOSE) return null;
  return kind === PARCEL ? receiveParcel(carrier) : receiveFrame();
}

/** Of the last message that was taken so. */
let bytesReceived = 0;

/** Counts the messages that were looked at, so that one knows whether another has been since. */
let looks = 0;

function receiveFrame() {
  const length = control[LENGTH];
  const look = ++looks;
  try {
    control[DELIVERED] = length; // it is gone if its port leaves meanwhile
    const message = decode(bytes, view, HEADER, HEADER + words[BODY_LENGTH], NONE, NONE, NONE, NONE);
    if (look === looks) native.consume();
    bytesReceived = length;
    return { message, ports: [] };
  } catch (error) {
    if (look !== looks) throw error; // it is taken
    control[DELIVERED] = 0; // it stays ...
    if (!isOverflow(error)) {
      control[DELIVERED] = length; // ... unless it is no good
      native.consume();
    }
    throw error;
  }
}

/** @param {Carrier} carrier */
function receiveParcel(carrier) {
  askForRoom();
  const opened = openParcel(carrier);
  if (opened === null) return undefined;
  const { from, over, start, end, ports, memories, shared, carried } = opened;
  const size = end - start + bytesOf(memories);
  try {
    const message = decode(from, over, start, end, ports, memories, shared, carried);
    abandon(carried, false);
    bytesReceived = size;
    return { message, ports };
  } catch (error) {
    abandon(carried, true);
    closeAll(ports);
    throw error;
  }
}

/** @param {(ArrayBuffer | string)[]} memories  a text counts by its characters */
function bytesOf(memories) {
  let bytes = 0;
  for (let i = 0; i < memories.length; i++) {
    const memory = memories[i];
    bytes += typeof memory === 'string' ? memory.length : memory.byteLength;
  }
  return bytes;
}

onWake(deliver);

module.exports = { receive, dependants, bytesReceived: () => bytesReceived, isHandingOut: (/** @type {Endpoint} */ endpoint) => handing === endpoint, closeAll };
