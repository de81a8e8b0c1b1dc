// The duty to answer a call: it is done once, and to forget it is an answer too.
'use strict';

const { withCode } = require('../native');

/** @typedef {import('./peer.js').IpcPeer} IpcPeer */

/**
 * @param {string} channel
 * @param {string} text
 * @param {string} code
 */
const remoteError = (channel, text, code) => withCode(new Error(`Error invoking remote method '${channel}': ${text}`), code);

/** Replies that were collected before anything was sent. @type {FinalizationRegistry<Addressee>} */
const unsent = new FinalizationRegistry(({ peer, channel, id }) => {
  peer.answerFailure(id, remoteError(channel, 'reply was never sent', 'ERR_REPLY_NEVER_SENT'));
});

/** @typedef {{ peer: IpcPeer, channel: string, id: number }} Addressee */

/** The first answer counts. */
class Reply {
  /** Null when it was answered, or none is expected. @type {Addressee | null} */
  #addressee;

  /** @param {Addressee | null} addressee */
  constructor(addressee) {
    this.#addressee = addressee;
    if (addressee !== null) unsent.register(this, addressee, this);
  }

  /** @param {unknown} value */
  result(value) {
    const addressee = this.#answered();
    addressee?.peer.answerResult(addressee.id, value);
  }

  /** @param {unknown} error */
  failure(error) {
    const addressee = this.#answered();
    addressee?.peer.answerFailure(addressee.id, error);
  }

  #answered() {
    const addressee = this.#addressee;
    this.#addressee = null;
    unsent.unregister(this);
    return addressee;
  }
}

const NO_REPLY = new Reply(null);

/**
 * Calls a handler and answers with what becomes of it. While the handler is at work, only its promise holds the reply.
 * @param {(event: any, ...args: any[]) => unknown} handler
 * @param {object} event
 * @param {any[]} args
 * @param {Reply} reply
 */
function answerWith(handler, event, args, reply) {
  new Promise((resolve) => resolve(handler(event, ...args)))
    .then((value) => reply.result(value), (error) => reply.failure(error));
}

module.exports = { Reply, NO_REPLY, remoteError, answerWith };
