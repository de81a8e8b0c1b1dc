// A contender's process, as the conductor has it: a command is answered, or the contender is out.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { entries, launch } = require('./contenders');

const PATIENCE = 180_000; // ms; who has lost a message waits for it for ever
const runner = path.join(__dirname, 'runner.js');
const root = path.join(__dirname, '..', '..');

/** @typedef {{ label: string, name: string, root?: string }} Member  name 'floor' is none of the entries */

class Team {
  #child;
  #complaints = '';
  /** Why it will not answer any more. @type {{ error: string } | null} */
  #over = null;
  /** @type {(answer: any) => void} */
  #settle = () => {};

  /** @param {Member} member @param {string} between @param {string[]} prefix @param {string} folder  for its sockets */
  constructor(member, between, prefix, folder) {
    const command = [...prefix, ...launch(entries[member.name] ?? {}), runner, member.name, between];
    this.#child = spawn(command[0], command.slice(1), {
      cwd: root,
      env: { ...process.env, ...entries[member.name]?.env, BENCH_CONTENDER: member.name, BENCH_PACKAGE: member.root ?? root, BENCH_FOLDER: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // with its children a group, that ends together
    });
    this.#child.stdin.on('error', () => {}); // it has ended: 'close' says so
    this.#child.stderr.on('data', (text) => {
      this.#complaints += text;
    });
    this.#child.on('error', ({ message }) => this.#fail(message));
    this.#child.on('close', (code, signal) => (
      this.#fail(`its process ended with ${signal ?? code}: ${this.#complaints.trim().split('\n').slice(-6).join('\n')}`)
    ));
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle(JSON.parse(line)));
  }

  /** @param {string} error */
  #fail(error) {
    this.#over ??= { error };
    this.#settle(this.#over);
  }

  /** @param {object} command @returns {Promise<any>} */
  async ask(command) {
    if (this.#over !== null) return this.#over;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#settle({ error: `no answer in ${PATIENCE / 1000} s: a message was lost, or it is too slow` }), PATIENCE);
      this.#settle = (answer) => {
        clearTimeout(late);
        resolve(answer);
      };
      this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    });
  }

  /** Ends the process and all it has started. */
  end() {
    try {
      process.kill(-Number(this.#child.pid), 'SIGKILL');
    } catch {
      // it is gone already
    }
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined
      ? new Promise((resolve) => this.#child.once('close', resolve)) : undefined;
  }
}

module.exports = { Team };
