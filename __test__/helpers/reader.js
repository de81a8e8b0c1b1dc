// Reads a port: keeps what arrives until somebody asks for it, and knows when the port has closed.
class Reader {
  #events = [];
  #asking = null;
  #ended = null;

  /** @param {object} port is started */
  constructor(port) {
    port.on('message', (event) => { this.#events.push(event); this.#answer(); });
    port.on('messageerror', ({ error }) => { this.#ended ??= error; this.#answer(); });
    port.on('close', () => { this.#ended ??= 'close'; this.#answer(); });
    if (port.closed) this.#ended = 'close';
    port.start();
  }

  /** The next `{ data, ports }`; rejects when the port closes or fails instead. */
  async event() {
    await this.#until(() => this.#events.length > 0);
    if (this.#events.length > 0) return this.#events.shift();
    throw this.#ended === 'close' ? new Error('The port closed where a message was expected') : this.#ended;
  }

  /** The data of the next message. */
  async next() {
    return (await this.event()).data;
  }

  /** The data of the next `count` messages. */
  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** The data of everything that still arrives before 'close'. */
  async rest() {
    await this.#until(() => this.#ended);
    if (this.#ended !== 'close') throw this.#ended;
    return this.#events.splice(0).map(({ data }) => data);
  }

  #until(condition) {
    return new Promise((resolve) => {
      this.#asking = () => (condition() || this.#ended) && resolve();
      this.#answer();
    });
  }

  #answer() {
    this.#asking?.();
  }
}

/** The numbers 0 to `count` - 1. */
const range = (count) => Array.from({ length: count }, (_, i) => i);

module.exports = { Reader, range };
