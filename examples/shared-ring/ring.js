// Numbers from one thread or process to another through shared memory: one side pushes, the other takes. What either has done
// it says after every BATCH of them, and before it sleeps, so that they wake each other seldom.
const { sharedMemory } = require('../..');

const SIZE = 4096;
const BATCH = 256;
/** Words of the memory: how many were pushed and taken, and who sleeps. Each in a cache line of its own. */
const PUSHED = 0;
const TAKEN = 16;
const TAKER_SLEEPS = 32;
const PUSHER_SLEEPS = 48;
const FIRST = 64;

class Ring {
  #words;
  /** How many this side has pushed or taken, and the other has as far as this one knows. */
  #own = 0;
  #others = 0;

  /** @param {SharedArrayBuffer} memory */
  constructor(memory = sharedMemory.create(4 * (FIRST + SIZE))) {
    this.#words = new Int32Array(memory);
  }

  get memory() {
    return this.#words.buffer;
  }

  /** @param {number} value */
  push(value) {
    if (this.#own - this.#others === SIZE) {
      this.flush();
      this.#others = this.#sleepUntil(TAKEN, this.#others, PUSHER_SLEEPS);
    }
    this.#words[FIRST + (this.#own++ % SIZE)] = value;
    if (this.#own % BATCH === 0) this.flush();
  }

  /** The other side sees all that was pushed. */
  flush() {
    this.#say(PUSHED, TAKER_SLEEPS);
  }

  take() {
    if (this.#own === this.#others) {
      this.#say(TAKEN, PUSHER_SLEEPS);
      this.#others = this.#sleepUntil(PUSHED, this.#others, TAKER_SLEEPS);
    }
    const value = this.#words[FIRST + (this.#own++ % SIZE)];
    if (this.#own % BATCH === 0) this.#say(TAKEN, PUSHER_SLEEPS);
    return value;
  }

  #say(word, sleeps) {
    Atomics.store(this.#words, word, this.#own);
    if (Atomics.load(this.#words, sleeps) === 1) sharedMemory.notify(this.#words, word);
  }

  /** Says that it sleeps before it looks for the last time; the other side says what is new before it looks who sleeps. */
  #sleepUntil(word, known, sleeps) {
    let now = Atomics.load(this.#words, word);
    if (now !== known) return now;
    Atomics.store(this.#words, sleeps, 1);
    while ((now = Atomics.load(this.#words, word)) === known) sharedMemory.wait(this.#words, word, known);
    Atomics.store(this.#words, sleeps, 0);
    return now;
  }
}

module.exports = { Ring };
