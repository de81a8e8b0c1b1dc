// What listeners and handlers of the main side are given first: who sent it, with which ports, and how to answer.
'use strict';

/** @typedef {import('./web-contents.js').WebContents} WebContents */
/** @typedef {import('./frame.js').Request} Request */

class IpcMainEvent {
  /**
   * @param {WebContents} sender
   * @param {object[]} ports
   */
  constructor(sender, ports) {
    this.sender = sender;
    this.senderFrame = sender.mainFrame;
    this.processId = sender.mainFrame.processId;
    this.ports = ports;
    /** @param {string} channel @param {any[]} args */
    this.reply = (channel, ...args) => sender.send(channel, ...args);
  }

  /** Electron's other kind comes from service workers. */
  get type() {
    return 'frame';
  }
}

/** The sender's thread stands still until `returnValue` is set; the first value counts. */
class IpcMainSyncEvent extends IpcMainEvent {
  #reply;
  /** @type {unknown} */ #value;

  /**
   * @param {WebContents} sender
   * @param {Request} request
   */
  constructor(sender, { ports, reply }) {
    super(sender, ports);
    this.#reply = reply;
  }

  get returnValue() {
    return this.#value;
  }

  set returnValue(value) {
    this.#value = value;
    this.#reply.result(value);
  }
}

module.exports = { IpcMainEvent, IpcMainSyncEvent };
