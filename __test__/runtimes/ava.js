// As much of ava as our spec files use, for runtimes in which ava does not run: one test after the other, in this process.
const assert = require('node:assert');
const { isDeepStrictEqual } = require('node:util');
const { pathToFileURL } = require('node:url');

/** What ava lets a test take. */
const PATIENCE = 60_000;

const meets = (error, { instanceOf, name, code, message }) => (
  (instanceOf === undefined || error instanceof instanceOf)
  && (name === undefined || error?.name === name)
  && (code === undefined || error?.code === code)
  && (message === undefined || (message instanceof RegExp ? message.test(error?.message) : error?.message === message))
);

/** What a test gets. */
class Run {
  #undo = [];
  #late;
  #timer;

  /** @param {string} title */
  constructor(title) {
    this.title = title;
    this.late = new Promise((_, reject) => { this.#late = reject; });
    this.late.catch(() => {});
    this.timeout(PATIENCE);
  }

  timeout(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(new Error(`it took longer than ${milliseconds} ms`)), milliseconds);
  }

  teardown(undo) {
    this.#undo.unshift(undo);
  }

  async end() {
    clearTimeout(this.#timer);
    for (const undo of this.#undo) await undo();
  }

  pass() {}
  fail(text = 'failed') { assert.fail(text); }
  is(actual, expected, text) { if (!Object.is(actual, expected)) assert.strictEqual(actual, expected, text); }
  not(actual, expected, text) { assert.notStrictEqual(actual, expected, text); }
  true(actual, text) { assert.strictEqual(actual, true, text); }
  false(actual, text) { assert.strictEqual(actual, false, text); }
  truthy(actual, text) { assert.ok(actual, text); }
  deepEqual(actual, expected, text) { if (!isDeepStrictEqual(actual, expected)) assert.deepStrictEqual(actual, expected, text ?? undefined); }
  regex(actual, pattern, text) { assert.match(actual, pattern, text); }
  notRegex(actual, pattern, text) { assert.doesNotMatch(actual, pattern, text); }

  like(actual, expected) {
    for (const [key, value] of Object.entries(expected)) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) this.like(actual[key], value);
      else this.deepEqual(actual[key], value);
    }
  }

  throws(call, expected = {}) {
    try {
      call();
    } catch (error) {
      return this.#met(error, expected);
    }
    return assert.fail('it throws nothing');
  }

  async throwsAsync(promise, expected = {}) {
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (error) {
      return this.#met(error, expected);
    }
    return assert.fail('it throws nothing');
  }

  notThrows(call) { call(); }
  async notThrowsAsync(promise) { await (typeof promise === 'function' ? promise() : promise); }

  #met(error, expected) {
    if (!meets(error, expected)) throw new assert.AssertionError({ message: `it throws something else: ${error?.stack ?? error}`, actual: error, expected });
    return error;
  }
}

/**
 * @param {string} file  the spec that is to be loaded next
 * @returns {{ test: Function, play: (report: (result: { title: string, error?: any }) => void, chosen: (title: string) => boolean) => Promise<void> }}
 */
function collect(file) {
  const tests = { before: [], serial: [], after: [] };
  const into = (list) => (first, ...rest) => {
    const [title, body, args] = typeof first === 'string' ? [first, rest[0], rest.slice(1)] : [undefined, first, rest];
    const exec = typeof body === 'function' ? body : body.exec;
    list.push({ title: typeof body === 'function' ? title : body.title(title, ...args), exec: (t) => exec(t, ...args) });
  };
  const test = Object.assign(into(tests.serial), {
    serial: into(tests.serial),
    before: into(tests.before),
    after: { always: into(tests.after) },
    macro: (macro) => macro,
    skip: () => {},
    meta: { file: pathToFileURL(file).href },
  });
  Object.assign(test, { default: test });
  /** @param {(result: { title: string, error?: any }) => void} report  @param {(title: string) => boolean} chosen */
  const play = async (report, chosen) => {
    for (const { title, exec } of [...tests.before, ...tests.serial, ...tests.after].filter((one) => chosen(one.title))) {
      const t = new Run(title);
      let error;
      try {
        await Promise.race([exec(t), t.late]);
      } catch (thrown) {
        error = thrown ?? new Error('nothing was thrown');
      }
      await Promise.race([t.end(), t.late]).catch((thrown) => { error ??= thrown; });
      report({ title, error });
    }
  };
  return { test, play };
}

module.exports = { collect };
