// Tells node:diagnostics_channel what becomes of ports: when they are made, leave, arrive and close. Whoever has something
// to tell looks first whether anybody hears it.
'use strict';

const { channel } = require('node:diagnostics_channel');
const { native } = require('../native');
const { FACES, NAMES, NO_FACE } = require('./notes.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */

const created = channel('message-channel-main:create');
const transferred = channel('message-channel-main:transfer');
const arrived = channel('message-channel-main:arrive');
const closed = channel('message-channel-main:close');

/**
 * What is said of every port. The links of the IPC have owners that nobody else knows.
 * @param {Endpoint} endpoint
 * @param {number} key  its own, or the one that it has just had
 */
function describe({ face: { kind }, owner }, key) {
  const { 0: id, 1: its } = native.numbers(key);
  const port = kind > FACES.UtilityProcess ? null : owner ?? null;
  return { port, face: NAMES[kind], id, channel: its };
}

/**
 * The ends of a new channel.
 * @param {Endpoint | undefined} one
 * @param {Endpoint | undefined} two
 */
function publishCreated(one, two) {
  if (one !== undefined && two !== undefined) created.publish({ ports: [describe(one, one.key), describe(two, two.key)] });
}

/**
 * Ports can be asked only before they leave, and told of only after.
 * @param {Endpoint} carrier
 * @param {Endpoint[]} moving
 * @returns {() => void}
 */
function departure(carrier, moving) {
  const { 0: to } = native.stats(carrier.key);
  const { 0: via } = native.numbers(carrier.key);
  /** @type {object[]} */
  const leaving = [];
  for (let i = 0; i < moving.length; i++) {
    if (moving[i].key !== 0 && moving[i].face.kind !== NO_FACE) leaving[leaving.length] = { ...describe(moving[i], moving[i].key), to, via };
  }
  return () => {
    for (let i = 0; i < leaving.length; i++) transferred.publish(leaving[i]);
  };
}

/** @param {Endpoint} endpoint  of a port that has come out of a message */
function publishArrived(endpoint) {
  arrived.publish(describe(endpoint, endpoint.key));
}

/**
 * @param {object} description
 * @param {'close' | 'peer' | 'garbage'} reason
 */
function publishClosed(description, reason) {
  closed.publish({ ...description, reason });
}

module.exports = { created, transferred, arrived, closed, describe, publishCreated, departure, publishArrived, publishClosed };
