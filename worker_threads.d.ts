// `message-channel-main/worker_threads`: Node's worker_threads, over ports that cross processes.
// @ts-ignore: without @types/node the one error is in index.d.ts
import * as node from 'node:worker_threads';
import { TransferList, WorkerOptions as OurOptions } from './index.js';

// @ts-ignore: see above
export * from 'node:worker_threads';

export interface WorkerOptions extends OurOptions {
  /**
   * The worker is a child process: a crash of it, or of a native addon in it, ends it alone. It finds what it would find in
   * a thread. `env: SHARE_ENV` throws (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`). Default: false; after
   * `message-channel-main/worker-processes`, true.
   */
  process?: boolean | undefined;
}

/**
 * Node's Worker, in a thread or in a process. A process that a signal ends, of whatever cause, emits `'error'` with code
 * `ERR_WORKER_CRASHED` and a `signal`, then `'exit'` with 128 + the number of the signal. `terminate()` ends with 1, and
 * with 0 what does not run yet, as in Node.
 */
export class Worker extends node.Worker {
  constructor(filename: string | URL, options?: WorkerOptions);
  postMessage(value: any, transferList?: TransferList): void;
  postMessage(value: any, transferList?: Parameters<node.Worker['postMessage']>[1]): void;
}

/** Node's port, which takes also what our ports hand over beyond that: ports of every face, streams, signals, sockets. */
type Port = node.MessagePort & { postMessage(value: any, transferList?: TransferList): void };

/** Node's channel, whose ports cross threads and processes. */
export class MessageChannel {
  readonly port1: Port;
  readonly port2: Port;
}

/** Inside a worker, the way to whoever started it. */
export const parentPort: Port | null;
