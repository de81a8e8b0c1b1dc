// Takes one message out of a port, now, in place of its listeners.
'use strict';

const { native, LENGTH, DELIVERED, NONE, bytesSet, bytesSlice, onceLater, askForRoom, isOverflow } = require('../native');
const { decode, isReading, readsAgain } = require('../clone');
const { PARCEL, CLOSE, HEADER, BODY_LENGTH, bytes, view, words } = require('./inbox.js');
const { openParcel, isOpening, opensAgain, abandon, bytesOf, closeAll } = require('./parcel.js');

/** @typedef {import('./endpoint.js').Carrier} Carrier */

const { nextTick } = globalThis.process;
const { control } = native;

/**
 * What cannot be decoded throws, and the ports that came with it close. Where the
 * stack is about to end, that throws, and the message stays.
 * @param {Carrier} carrier
 * @returns {{ message: any, ports: object[] } | null | undefined}  undefined: there is none; null: and never will be
 */
function receive(carrier) {
  return isOpening() || isReading() ? receiveMeanwhile(carrier) : receiveNext(carrier);
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
  const wasOpening = isOpening();
  const wasReading = isReading();
  try {
    return receiveNext(carrier);
  } finally {
    bytesSet(bytes, before);
    opensAgain(wasOpening);
    readsAgain(wasReading);
  }
}

/** Where the engine has ended the reading at once, for a vm's timeout, nothing has said so: by the next tick none is read any more. */
const recoverLater = onceLater(nextTick, () => {
  opensAgain(false);
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

module.exports = { receive, bytesReceived: () => bytesReceived };
