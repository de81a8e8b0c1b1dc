// Both sides' way of speaking over any line: what is measured goes through as it is, orders are texts that begin with '!'.
'use strict';

/**
 * One end of a channel, whatever carries it.
 * @typedef {object} Line
 * @property {(message: any, transfer?: ArrayBuffer[]) => void} send
 * @property {(listener: (message: any) => void) => void} listen  called once
 * @property {() => unknown} close
 *
 * What a contender opens: one far side, a thread or a process.
 * @typedef {object} Place
 * @property {Line} line  the first channel to it
 * @property {() => Line | Promise<Line>} [channel]  another one
 *
 * @typedef {object} Contender
 * @property {(between: Between, far: string) => Place | Promise<Place>} open
 * @property {(serve: (line: Line) => void) => void} accept  the far side: hands over each line that comes
 * @property {() => [Line, Line]} [pair]  both ends of a channel in this thread
 *
 * @typedef {'threads' | 'processes'} Between
 */

const BANG = '!'.charCodeAt(0);

/** @param {any} message */
const isOrder = (message) => typeof message === 'string' && message.charCodeAt(0) === BANG;

/** @param {Line} line @param {object} order */
const order = (line, order) => line.send(`!${JSON.stringify(order)}`);

/** The near end of a line: what it asks is answered, one by one; other messages go to the listener of the moment. */
class Talk {
  /** @type {((answer: any) => void)[]} */
  #waiting = [];
  /** @type {(message: any) => void} */
  hear = () => {};

  /** @param {Line} line */
  constructor(line) {
    this.line = line;
    line.listen((message) => {
      if (isOrder(message)) this.#waiting.shift()?.(JSON.parse(message.slice(1)));
      else this.hear(message);
    });
  }

  /** The next answer. @returns {Promise<any>} */
  answer() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param {object} question */
  ask(question) {
    order(this.line, question);
    return this.answer();
  }
}

module.exports = { Talk, isOrder, order };
