// The public types of message-channel-main, by hand: what each member does, its limits, where the rule comes from.
//
// Where a rule's source is named, "Electron" means the page of that name under electronjs.org/docs/latest/api, "HTML"
// the HTML standard's section on channel messaging (html.spec.whatwg.org, 9.4), "Node" the worker_threads and
// child_process pages of nodejs.org/api.

// Without @types/node the next line is the one error of this file: the others would only say the same less plainly.
/// <reference types="node" />

// @ts-ignore: see above
import { EventEmitter } from 'node:events';
// @ts-ignore: see above
import { Readable, Writable } from 'node:stream';
// @ts-ignore: see above
import { ReadableStream, WritableStream } from 'node:stream/web';
// @ts-ignore: see above
import { MessagePort as NodeMessagePort, Worker as NodeWorker, WorkerOptions as NodeWorkerOptions } from 'node:worker_threads';

// @ts-ignore: see above
type Signals = NodeJS.Signals;

// ---------------------------------------------------------------- events

/**
 * An EventEmitter whose events are known: any other name, a misspelt one for instance, does not compile, whatever version
 * of @types/node is there.
 */
declare class Emitter<Events> extends EventEmitter {
  on<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  once<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  off<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  addListener<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  removeListener<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  prependListener<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
  prependOnceListener<Name extends keyof Events & string>(event: Name, listener: Listener<Events, Name>): this;
}

type Listener<Events, Name extends keyof Events> = (...args: Extract<Events[Name], any[]>) => void;

// ---------------------------------------------------------------- messages

/**
 * What a message may hand over instead of copying.
 *
 * After a successful `postMessage` the sender's object is detached: a port is inert (`closed` is true), a buffer has a
 * `byteLength` of 0. An `ArrayBuffer` may be transferred everywhere, which Electron's ports do not offer. One that
 * must not be detached (Node's `Buffer` pool, WebAssembly memory, one that is immutable or detached already) is a `DataCloneError`.
 *
 * - A stream is transferred as the Streams standard says: what stays is locked, and piped to or from the one that arrives.
 *   Backpressure holds from end to end; a reader that waits for chunks asks for up to 64 ahead, and 1 MiB of texts, buffers and
 *   views (objects count as chunks only). Chunks are cloned;
 *   those of a byte stream hand their memory over. Errors, `cancel()` and `abort()` reach the other side with their reason. When
 *   the thread or process there ends, reader and writer reject with `ERR_PEER_GONE`, the source is cancelled and the sink
 *   aborted. A read or write that waits for the other side holds the event loop. One that is locked is a `DataCloneError`. A
 *   stream that arrived is passed on with the port it came by, if nothing of it has been read ahead here. (Streams, 9)
 * - An `AbortSignal` stays usable; the one that arrives aborts with the same reason, or has already. Neither holds the event
 *   loop. A reason that cannot be cloned arrives as the `DataCloneError` that says so; of one that has aborted already it is part of
 *   the message, and the post throws.
 * - A `net.Socket` or `net.Server` (TCP and unix) arrives as the same class; an `http.Server` as a `net.Server`. A socket arrives
 *   paused until somebody listens for its `'data'`, pipes or resumes it, with its `allowHalfOpen` and all that it had read and not
 *   given to anybody. A server goes on accepting there, with its backlog whole and as it was told to (`noDelay`, `keepAlive`,
 *   `keepAliveInitialDelay`, `highWaterMark`, `pauseOnConnect`), and never removes its unix path. The sender's is destroyed, or closed. TLS, HTTP/2, connecting, ended or
 *   destroyed, an encoding, `writableLength > 0`, not listening: `DataCloneError` that says which.
 * - A `dgram.Socket` arrives bound as it was, connected if it was. It receives from its first `'message'` listener on; until then
 *   what comes waits in the system. Not bound, closed, or with datagrams to send: `DataCloneError`.
 * - A `FileHandle` of `fs/promises` arrives as one, at the same place in the file; the sender's is closed, as Node's own transfer
 *   leaves it. One that something reads, writes or closes is a `DataCloneError`; under Node's permission model each is.
 * - A {@link FileDescriptor} arrives as one: the same open file.
 * - A `MessagePort` of Node's arrives as a port with the face of the place, with its queue. This thread carries its messages on
 *   from then on, so the port ends with it; in a worker it holds the event loop until it closes. What one side cannot take
 *   is lost, with a process warning (`MESSAGE_PORT_LOST`).
 */
export type Transferable =
  | MessagePortMain | MessagePort | ArrayBuffer
  | AnyReadable | WritableStream | AnyTransform | AbortSignal | NodeMessagePort
  | FileDescriptor | NodeHandle | NodeFile;

/** A `ReadableStream`, be its type Node's or the DOM's: each lacks something that the other has. */
export type AnyReadable = Pick<ReadableStream, 'locked' | 'cancel'>;

/** A `TransformStream`, of either type. */
export interface AnyTransform { readonly readable: AnyReadable; readonly writable: WritableStream }

/** A `net.Socket`, a `net.Server` or a `dgram.Socket`, which these types do without. */
export interface NodeHandle { ref(): this; unref(): this; address(): {} | string | null }

/** A `FileHandle` of `fs/promises`, which these types do without. */
export interface NodeFile { readonly fd: number; close(): Promise<void>; sync(): Promise<void> }

/**
 * An open descriptor that is this object's: for pipes, devices, files and what other programs understand. It may be handed
 * over by any `postMessage`; the sender's is closed then. One that nobody has any more is closed when it is collected, or with
 * its thread. A number that somebody else has closed meanwhile is left alone, whatever is open there. What the kernel passes on to
 * nobody, such as an io_uring, is a `DataCloneError` when it is handed over. A number under which nothing is open is a `TypeError`
 * (`ERR_INVALID_ARG_VALUE`), one that can be no descriptor (-1, 1.5) a `RangeError` (`ERR_OUT_OF_RANGE`).
 * Deno has none: `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`.
 */
export class FileDescriptor {
  /** Takes the descriptor over: nobody else may close it. */
  constructor(fd: number);
  /** Its number; -1 once it was closed, released or handed over. */
  readonly fd: number;
  /** Gives the number up, open; -1 if there is none any more. */
  release(): number;
  /** Closes it, if that was not done before. */
  close(): void;
}

/**
 * The second argument of every `postMessage` here: the list itself, or an object that holds it.
 *
 * A transferred object may stand anywhere inside the message as well, any number of times, and stands there again on
 * arrival: `port.postMessage({ reply: port2 }, [port2])`. A port that stands in the message and not in the list is a
 * `DataCloneError`.
 */
export type TransferList = readonly Transferable[] | { readonly transfer?: readonly Transferable[] | undefined };

/** What a `'message'` listener is given. (Electron: MessagePortMain, event 'message') */
export interface MessageEvent<Data = any> {
  /**
   * The message: a structured clone of what was posted. Prototypes are lost and a `Buffer` arrives as `Uint8Array`;
   * Map, Set, Date, RegExp, BigInt, errors with their `cause`, typed arrays, cycles and shared references all survive.
   * So do, by value, `Blob` and `File`, `KeyObject`, `CryptoKey` and `X509Certificate`, `BlockList` and `SocketAddress`. A
   * Blob of `fs.openAsBlob()` goes by the descriptor of its file; once the file has changed, every read of it rejects with
   * `NotReadableError`. Under Node's permission model it arrives where `/proc/self/fd/` may be read (`--allow-fs-read`), and is
   * `'messageerror'` otherwise.
   * (HTML: StructuredSerializeWithTransfer)
   */
  readonly data: Data;
  /** The ports that came along, in transfer-list order, wherever in `data` they stand too. Not started. */
  readonly ports: MessagePortMain[];
}

/**
 * What a `'message'` listener of a {@link MessagePort} is given: a trusted `MessageEvent`, also by `instanceof`. In a
 * `'messageerror'` event `data` is `null`, and the ports are those that came with the message. (HTML: MessageEvent)
 */
export interface WebMessageEvent<Data = any> extends Event {
  /** The message, as in {@link MessageEvent}. */
  readonly data: Data;
  /** Frozen; in transfer-list order. */
  readonly ports: readonly MessagePort[];
  /** Always `''`. */
  readonly origin: string;
  /** Always `''`. */
  readonly lastEventId: string;
  /** Always `null`. */
  readonly source: null;
}

/** What a `'messageerror'` listener is given: a message arrived that could not be decoded. */
export interface MessageErrorEvent {
  /** Why. Its `code` is an {@link ErrorCode}, for instance `ERR_MESSAGE_MALFORMED`. */
  readonly error: Error;
  /** The ports that came with the message; they are sound, and yours to use or close. */
  readonly ports: MessagePortMain[];
}

// ---------------------------------------------------------------- channels and ports

/**
 * A new pair of entangled ports: what is posted on one arrives at the other, in order, exactly once.
 *
 * ```js
 * const { port1, port2 } = new MessageChannelMain();
 * port2.on('message', ({ data }) => console.log(data));
 * port2.start();
 * port1.postMessage('hello');
 * ```
 *
 * The type arguments are what travels towards `port1` and what travels towards `port2`. (Electron: MessageChannelMain)
 */
export class MessageChannelMain<ToPort1 = any, ToPort2 = any> {
  readonly port1: MessagePortMain<ToPort1, ToPort2>;
  readonly port2: MessagePortMain<ToPort2, ToPort1>;
}

/** The events of a {@link MessagePortMain} and the arguments of their listeners. */
export interface MessagePortMainEvents<In = any> {
  /**
   * A message has arrived. Only a started port delivers: see {@link MessagePortMain.start}. Each message is a task of
   * its own, so what one listener puts into `process.nextTick` or a promise runs before the next message. A listener
   * that throws causes an `'uncaughtException'`, and the messages after it still arrive.
   */
  message: [event: MessageEvent<In>];
  /** A message has arrived that cannot be decoded. The port stays usable, unless `'close'` follows. (HTML) */
  messageerror: [event: MessageErrorEvent];
  /**
   * The channel is gone: emitted once, and last. At once, from inside {@link MessagePortMain.close}, on the port that
   * was closed; later, and after everything posted before, on the other one. The end of the other port's process or
   * thread counts as closing it. Does not wait for `start()` when nothing is left to deliver; in Electron it does.
   */
  close: [];
  /** {@link MessagePortMain.bufferedAmount} has fallen back to 1 MiB or less after having been above it. */
  drain: [];
}

/**
 * One end of a channel. It may be posted to another thread or another process, any number of times, and the channel
 * stays whole: unread messages travel with it, and nothing is lost, doubled or reordered.
 *
 * Ports come out of a {@link MessageChannelMain} or out of a message; they cannot be constructed. This is the
 * EventEmitter face of a port and has no `addEventListener`. (Electron: MessagePortMain)
 *
 * A started port with a `'message'` listener keeps its thread alive until it closes or is transferred. A port that was
 * never started, or has no listener for `'message'` or `'close'`, is closed when it is garbage-collected, and the other
 * end gets its `'close'`.
 *
 * Listeners run in the async context (`AsyncLocalStorage`) in which the port was made or arrived. (Node: AsyncResource)
 *
 * The type arguments are what this port receives and what it sends.
 */
export class MessagePortMain<In = any, Out = any> extends Emitter<MessagePortMainEvents<In>> {
  private constructor();

  // Accepts nothing more than the next; by it the port passes for one whose list is an array of what another package's types have.
  postMessage(message: Out, transfer: never[]): void;
  /**
   * Sends a structured clone of `message` to the other end, and hands over what `transfer` lists. Never waits: what the
   * other end does not take yet is kept (see {@link bufferedAmount}), and messages leave this process also while this
   * thread is busy. With no argument at all, `null` is sent, as in Electron.
   *
   * On a port that is closed or was transferred away this does nothing and checks nothing.
   *
   * A call that throws has changed nothing: nothing was sent, nothing was detached. In the order of the checks:
   * - `TypeError` `ERR_INVALID_ARG_TYPE`: `transfer` is no list, or an element of it cannot be transferred
   * - `DOMException` `DataCloneError`: the list holds this very port, one that is transferred already, or one twice
   * - `DataCloneError`: the message holds what cannot be cloned (a function, a symbol, a promise, a Proxy, a WeakMap, a
   *   port that is not listed, a part of a file's Blob, towards another process a `CryptoKey` that is not extractable …);
   *   the text names the value and its path, as in `message.jobs[2].callback`
   * - whatever a getter inside the message throws
   * - `RangeError` `ERR_MESSAGE_TOO_LARGE`: more than 1 GiB of clone or of memory beside it, or more than 1 024 ports (1 000 are a
   *   promise, what is above may change); if the message leaves the process those that wait in the queues of its ports count too
   * - `Error` `ERR_DESCRIPTORS_EXHAUSTED`: a port has to leave the process, and the process may open no more files
   *
   * To post a port through its own channel, or a port in which the other end of this one waits unread, delivers to nobody: the ports
   * in the message close, with a process warning. (Electron: MessagePortMain; HTML: message port post message steps)
   */
  postMessage(message?: Out, transfer?: TransferList): void;

  /**
   * Begins delivery. Until then messages wait, and a listener alone does not start the port. A second call does
   * nothing. A started port without a `'message'` listener discards what arrives, and closes the ports in it. A port
   * that is transferred has to be started again where it arrives. (Electron: MessagePortMain.start)
   */
  start(): void;

  /**
   * Closes the channel. What was posted here before is still delivered over there; what has arrived here and was not
   * delivered is dropped. `'close'` is emitted on this port before the call returns, and later on the other one. A
   * second call does nothing. (Electron: MessagePortMain.close)
   */
  close(): void;

  /**
   * Gives a port this face: the new object takes over the queue, not the listeners, and is not started; `port` is
   * detached. One that was closed comes out as if its peer had closed: it emits `'close'`, and is `closed` from then on.
   *
   * `TypeError` `ERR_INVALID_ARG_TYPE` for anything but a port of this package with another face, `DataCloneError` for a
   * transferred one.
   */
  static from<In, Out>(port: MessagePort<In, Out>): MessagePortMain<In, Out>;

  /**
   * Starts the port and reads it: `for await (const { data } of port)`. The loop ends when the port closes and throws
   * what `'messageerror'` says. Messages wait in the port between two steps, and `break` leaves it open and paused. A
   * step that waits for a message holds the event loop; `return()` ends its wait with `{ done: true }`. Several loops over one
   * port share its messages: each goes to the one that has waited longest. `removeAllListeners()` ends none of them. (Node:
   * events.on)
   */
  [Symbol.asyncIterator](): AsyncGenerator<MessageEvent<In>, void, undefined>;

  /** The same as {@link close}, for `using port = …`. */
  // @ts-ignore: see above
  [Symbol.dispose](): void;

  /** Lets this port hold its event loop again after {@link unref}. (Node: port.ref) */
  ref(): this;

  /** Stops this port from holding its event loop, whatever listeners it has, until {@link ref}. (Node: port.unref) */
  unref(): this;

  /**
   * Whether this port keeps its event loop alive right now: started, with a `'message'` listener, and not unref'ed.
   * (Node: port.hasRef)
   */
  hasRef(): boolean;

  /**
   * Asks the thread of this port to look for messages for up to 200 µs after it has heard or posted something, before it
   * sleeps. Where the other side answers sooner than that, nobody has to wake a sleeping core, which takes longest of a
   * short round trip. Timers and all else of the event loop go on meanwhile. Off by default, because it costs processor
   * time: up to 200 µs after each message, and nothing once messages come too late for it to have been of use (it learns that
   * and looks for less; where nothing comes, it sleeps). Both sides have to ask for a round trip to gain from both ways.
   *
   * It is the thread's: one port that asks is enough, until that is closed, transferred or asks no more. It does not travel.
   * `MESSAGE_PORTS_LOW_LATENCY=1` in the environment asks for all threads of a process, and of its children. Without
   * libuv (Bun, Deno) it does nothing.
   */
  setLowLatency(on?: boolean): this;

  /**
   * Whether this object will never send or deliver again: it was closed, it was transferred away, or the other end is
   * gone and everything from it was delivered (true from `'close'` on, not before).
   */
  readonly closed: boolean;

  /**
   * Bytes that were posted here and have not left this process; inside one process, bytes not delivered yet. There is
   * no limit at which `postMessage` fails: a sender that can outrun its reader watches {@link writableNeedDrain}.
   */
  readonly bufferedAmount: number;

  /**
   * Whether {@link bufferedAmount} is above 1 MiB. `'drain'` is emitted when it no longer is.
   * (Node: writable.writableNeedDrain)
   */
  readonly writableNeedDrain: boolean;
}

/**
 * A new pair of entangled ports with the web's face; a {@link MessageChannelMain} in everything else.
 *
 * ```js
 * const { port1, port2 } = new MessageChannel();
 * port2.onmessage = ({ data }) => console.log(data);
 * port1.postMessage('hello');
 * ```
 *
 * `require('message-channel-main/global')` makes it and {@link MessagePort} the global ones, for libraries that make
 * channels of their own. (HTML: MessageChannel)
 */
export class MessageChannel<ToPort1 = any, ToPort2 = any> {
  readonly port1: MessagePort<ToPort1, ToPort2>;
  readonly port2: MessagePort<ToPort2, ToPort1>;
}

/** The events of a {@link MessagePort}. */
export interface MessagePortEvents<In = any> {
  /** A message has arrived. Only a started port delivers. */
  message: WebMessageEvent<In>;
  /** A message has arrived that cannot be decoded. The port stays usable. */
  messageerror: WebMessageEvent<null>;
  /** The other end is gone, and everything from it was delivered. Not for a {@link MessagePort.close} on this port. */
  close: Event;
}

type EventListenerOf<Target, Name extends keyof Events, Events> =
  | ((this: Target, event: Events[Name]) => any)
  | { handleEvent(event: Events[Name]): any };

/**
 * The web's face of a port: an EventTarget that behaves as in a browser, on the same native port as a
 * {@link MessagePortMain}, and as mobile: what is said there of the event loop, of garbage and of the async context holds
 * here. What arrives through it has this face too. (HTML: MessagePort)
 *
 * The type arguments are what this port receives and what it sends.
 */
export class MessagePort<In = any, Out = any> extends EventTarget {
  private constructor();

  /**
   * Gives a port this face: the new object takes over the queue, not the listeners, and is not started; `port` is
   * detached. One that was closed comes out as if its peer had closed: it emits `'close'`, and is `closed` from then on.
   *
   * `TypeError` `ERR_INVALID_ARG_TYPE` for anything but a port of this package with another face, `DataCloneError` for a
   * transferred one.
   */
  static from<In, Out>(port: MessagePortMain<In, Out>): MessagePort<In, Out>;

  postMessage(message: Out, transfer: never[]): void; // see MessagePortMain; and as one of the DOM's, by the next, too
  postMessage(message: Out, options: { transfer?: never[] }): void;
  /**
   * Sends a structured clone of `message` to the other end, and hands over what `transfer` lists. As
   * {@link MessagePortMain.postMessage}, but for the web's manners: `transfer` may be any iterable, or `null`; without
   * any argument this is a `TypeError`; what cannot be transferred is a `DataCloneError`. What is detached, and a port that was
   * closed here is, comes to light after the message was cloned: a getter's error goes first. (HTML: postMessage,
   * StructuredSerializeWithTransfer)
   */
  postMessage(message: Out, transfer?: Iterable<Transferable> | { transfer?: Iterable<Transferable> | undefined } | null): void;

  /** Begins delivery; to set {@link onmessage} does the same, `addEventListener` does not. (HTML: start) */
  start(): void;

  /** Closes the channel. The other end gets `'close'` after what was posted here; this one gets no event. (HTML: close) */
  close(): void;

  // What is read says less than what is set: so the port passes for the DOM's, whose handlers have that for `this` and other events.
  get onmessage(): ((event: any) => any) | null;
  /** To set this starts the port. (HTML: onmessage) */
  set onmessage(handler: ((this: this, event: WebMessageEvent<In>) => any) | null);
  get onmessageerror(): ((event: any) => any) | null;
  set onmessageerror(handler: ((this: this, event: WebMessageEvent<null>) => any) | null);
  get onclose(): ((event: any) => any) | null;
  set onclose(handler: ((this: this, event: Event) => any) | null);

  addEventListener<Name extends keyof MessagePortEvents>(
    type: Name,
    listener: EventListenerOf<this, Name, MessagePortEvents<In>> | null,
    options?: boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal },
  ): void;
  /** Events of your own, by `dispatchEvent`. (DOM: EventTarget) */
  addEventListener(
    type: string,
    listener: EventListenerOf<any, string, Record<string, Event>> | null,
    options?: boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal },
  ): void;
  removeEventListener<Name extends keyof MessagePortEvents>(
    type: Name,
    listener: EventListenerOf<this, Name, MessagePortEvents<In>> | null,
    options?: boolean | { capture?: boolean },
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOf<any, string, Record<string, Event>> | null,
    options?: boolean | { capture?: boolean },
  ): void;

  /** Lets this port hold its event loop again after {@link unref}. (Node: port.ref) */
  ref(): this;
  /** Stops this port from holding its event loop, whatever listeners it has, until {@link ref}. (Node: port.unref) */
  unref(): this;
  /** Whether this port keeps its event loop alive right now. (Node: port.hasRef) */
  hasRef(): boolean;
  /** Asks the thread of this port to look for messages before it sleeps; see {@link MessagePortMain.setLowLatency}. */
  setLowLatency(on?: boolean): this;
  /** Whether this object will never send or deliver again; see {@link MessagePortMain.closed}. */
  readonly closed: boolean;
}

/**
 * Takes the next message out of a port at once, whether it is started or not, from its socket if need be, and without
 * an event. `undefined` when there is none. A message that cannot be decoded is taken too, and the error thrown.
 * (Node: worker.receiveMessageOnPort)
 */
export function receiveMessageOnPort<In>(port: MessagePortMain<In>): { message: In; ports: MessagePortMain[] } | undefined;
export function receiveMessageOnPort<In>(port: MessagePort<In>): { message: In; ports: MessagePort[] } | undefined;

// ---------------------------------------------------------------- looking inside

/**
 * What keeps a port from being garbage-collected, beside your own references to it:
 *
 * - `'message listener'`: it is started and has one; with `hasRef` it holds the event loop of its thread too
 * - `'close listener'`: somebody waits for `'close'`
 * - `'drain'`: it is above 1 MiB and owes a `'drain'` that somebody has asked for, by a listener or `writableNeedDrain`
 * - `'this tick'`: it was made or has arrived in the present tick of its thread
 * - `'message'`: a message that nobody has taken yet; `inside` says where that waits
 * - `'parked'`: it is on its way to a worker that has not taken it yet, or belongs to an `ipcRenderer` or a
 *   {@link WebContents} that nobody has used
 */
export type PortHolder = 'message listener' | 'close listener' | 'drain' | 'this tick' | 'message' | 'parked';

/** One open port, as {@link inspectPorts} found it. */
export interface PortReport {
  /**
   * No other port of this process ever has this number. A port that moves between its threads keeps it, and
   * `console.log(port)` shows it.
   */
  readonly id: number;
  /**
   * The same for both ends of a channel, and in every process that an end has been sent to; only the links of a
   * {@link parentPort} and an {@link ipcRenderer} have another one in each process.
   */
  readonly channel: string;
  /** As what it is used; `null` while no thread has it. */
  readonly face: 'MessagePortMain' | 'MessagePort' | 'parentPort' | 'Worker' | 'UtilityProcess' | 'ipcRenderer' | 'WebContents' | null;
  /** The `threadId` of the thread that has it (0: the main thread); `null` while none has. */
  readonly thread: number | null;
  /** The `id` of the port in whose queue it waits as part of a message; otherwise `null`. */
  readonly inside: number | null;
  /** Where the other end is. A socket may even lead back to this process. */
  readonly peer: 'gone' | 'this thread' | 'another thread' | 'in transit' | 'behind a socket';
  /** The `id` of the other end, if that is open and reached without a socket. */
  readonly peerId: number | null;
  /** Bytes that have arrived here and were not delivered. */
  readonly queued: number;
  /** {@link MessagePortMain.bufferedAmount}: bytes that were posted here and have not left, or were not delivered. */
  readonly buffered: number;
  readonly started: boolean;
  /** Whether it holds the event loop of its thread right now. */
  readonly hasRef: boolean;
  /** Empty: only your own references keep it; without any it will be collected, and close, unless it is one of `worker_threads`' face. */
  readonly heldBy: readonly PortHolder[];
  /**
   * The lines that made it, or took it out of the message that it arrived with from another process. Only with
   * `MESSAGE_PORTS_TRACE=1` in the environment when this package is loaded; every port is slower to make then.
   */
  readonly stack?: string;
}

/**
 * Every open port of this process (`npx message-channel-main inspect <pid>`: of another one): those of all its threads, also of one that is busy or blocked, and those that wait
 * inside of queued messages. Looking changes nothing and keeps nothing alive. It is no snapshot: each port is as it was
 * when it was looked at.
 *
 * ```js
 * const leaked = inspectPorts().filter(({ heldBy }) => heldBy.includes('message listener'));
 * ```
 */
export function inspectPorts(): PortReport[];

/** What is published on `node:diagnostics_channel` about a port. {@link PortReport} says what the numbers mean. */
export interface PortDiagnostics {
  /** What its user sees: the port, {@link parentPort}, the Worker …; `null` if it was collected, or is a link of the IPC. */
  readonly port: object | null;
  readonly face: NonNullable<PortReport['face']>;
  readonly id: number;
  readonly channel: string;
}

/**
 * The messages that this package publishes on `node:diagnostics_channel`, by the names of the channels. Without a
 * subscriber they cost nothing to speak of. What a subscriber throws is an `'uncaughtException'` and reaches nobody else.
 *
 * ```js
 * diagnostics_channel.subscribe('message-channel-main:close', ({ id, reason }) => console.log(id, reason));
 * ```
 */
export interface DiagnosticsMessages {
  /** A channel was made; these are its ends. */
  'message-channel-main:create': { readonly ports: readonly [PortDiagnostics, PortDiagnostics] };
  /**
   * A message has taken a port along; `port` is the object that is detached now. `to` says where the receiver of the
   * message is, `via` is the `id` of the port that it was posted to.
   */
  'message-channel-main:transfer': PortDiagnostics & { readonly to: PortReport['peer']; readonly via: number };
  /** A port has come out of a message. Inside of one process it has the `id` that it had before. */
  'message-channel-main:arrive': PortDiagnostics;
  /** A port has closed, be it a link to a parent or child: by `close()`, with its peer, or because nobody held it. */
  'message-channel-main:close': PortDiagnostics & { readonly reason: 'close' | 'peer' | 'garbage' };
}

// ---------------------------------------------------------------- worker threads

/** Node's options for a worker; `transferList` takes our ports too, and `workerData` may then contain them. */
export interface WorkerOptions extends Omit<NodeWorkerOptions, 'transferList'> {
  /** The ports and other objects in `workerData` that are handed over to the worker. */
  transferList?: readonly (Transferable | NonNullable<NodeWorkerOptions['transferList']>[number])[] | undefined;
}

/** The events of a {@link Worker} and the arguments of their listeners: Node's, with an event beside the data. */
export interface WorkerEvents<In = any> {
  /** The worker posted a message: the raw data first, as in Node and Electron, then the event with its ports. */
  message: [data: In, event: MessageEvent<In>];
  /** A message from the worker could not be decoded; the event has the ports that came with it. */
  messageerror: [error: Error, event: MessageErrorEvent];
  /** The worker's script runs. */
  online: [];
  /** An exception that the worker did not catch has ended it. */
  error: [error: Error];
  /** The worker has ended. What it posted before is delivered first. */
  exit: [exitCode: number];
}

/**
 * Node's `Worker`, whose messages follow our rules: ports may be posted to it and arrive from it, and may stand in its
 * `workerData`. Inside the worker, {@link parentPort} and {@link workerData} are the other side of it.
 *
 * The type arguments are what is received from the worker and what is sent to it. (Node: Class: Worker)
 */
export class Worker<In = any, Out = any> extends NodeWorker {
  /** Starts a thread that runs `filename`; everything as in Node, but for ports in `workerData`. */
  constructor(filename: string | URL, options?: WorkerOptions);

  /**
   * Sends a message to the worker's {@link parentPort} of this package, and to that only; Node's own `parentPort` does
   * not see it. Messages posted before the worker listens are kept. Rules and errors of
   * {@link MessagePortMain.postMessage}.
   */
  postMessage(message?: Out, transfer?: TransferList): void;
  /** The list as Node's types have it. What this package cannot hand over yet is a `TypeError`. */
  postMessage(message: Out, transfer?: Parameters<NodeWorker['postMessage']>[1]): void;

  on<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  once<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  off<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  addListener<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  removeListener<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  prependListener<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
  prependOnceListener<Name extends keyof WorkerEvents<In>>(event: Name, listener: Listener<WorkerEvents<In>, Name>): this;
}

/**
 * The worker's `workerData`, with the ports in place that its constructor's `transferList` named. `null` where Node's
 * own is `null`: in the main thread, and in a worker that was given none. If it has ports and cannot be opened (`ERR_MESSAGE_MALFORMED`),
 * to load this package throws, each time. (Node: worker.workerData)
 */
export const workerData: any;

// ---------------------------------------------------------------- child processes

/** A child's standard stream: `'inherit'` shares ours, `'pipe'` gives us a stream, `'ignore'` is /dev/null. */
export type StdioMode = 'inherit' | 'pipe' | 'ignore';

/**
 * The options of {@link utilityProcess}.fork. (Electron: utilityProcess.fork; those marked Node: child_process.fork)
 */
export interface ForkOptions {
  /** The child's whole environment. Left out or `{}`: ours is inherited. */
  env?: Record<string, string | undefined> | undefined;
  /** Arguments for node itself, before the script, such as `--max-old-space-size=512`. Default: ours. (Node) */
  execArgv?: readonly string[] | undefined;
  /** The program that runs the script. Default: the one that runs this process; a single executable runs its own script. (Node) */
  execPath?: string | undefined;
  /** The child's working directory. Default: ours. */
  cwd?: string | undefined;
  /**
   * One mode for stdout and stderr, stdin then being ignored, or one mode for each of the three. Default: `'inherit'`.
   */
  stdio?: StdioMode | readonly StdioMode[] | undefined;
  /** The name under which `ps` and the like list the child. Default: that of the program. */
  serviceName?: string | undefined;
  /** Aborting it kills the child; it then emits `'error'` and `'exit'`. (Node) */
  signal?: AbortSignal | undefined;
  /** What `kill()`, `signal` and `timeout` send. Default: `'SIGTERM'`. (Node) */
  killSignal?: Signals | number | undefined;
  /** Milliseconds after which the child is killed. Default: never. (Node) */
  timeout?: number | undefined;
  /** Without effect, for code written for Electron: of macOS. */
  allowLoadingUnsignedLibraries?: boolean | undefined;
  /** Without effect, for code written for Electron: of macOS. */
  disclaim?: boolean | undefined;
  /** Without effect, for code written for Electron: of its `net` module. */
  respondToAuthRequestsFromMainProcess?: boolean | undefined;
}

/** The events of a {@link UtilityProcess} and the arguments of their listeners. */
export interface UtilityProcessEvents<In = any> {
  /** The child runs and `pid` is set. */
  spawn: [];
  /** The child posted a message: the raw data first, as in Electron, then the event with its ports. */
  message: [data: In, event: MessageEvent<In>];
  /** A message from the child could not be decoded; the event has the ports that came with it. */
  messageerror: [error: Error, event: MessageErrorEvent];
  /**
   * The child could not be started (a bad `cwd` or `execPath`) or was ended by the `signal` option; `'exit'` with code
   * 1 follows. Unlike other `'error'` events it does not throw for want of a listener. A script that does not exist is
   * no error but an exit with code 1.
   */
  error: [error: Error];
  /**
   * The child has ended: once, after all of its messages if there is a `'message'` listener. `(code)` as the script
   * ended, `(0, signal)` after our own `kill()`, `(128 + n)` with the signal after somebody else's.
   */
  exit: [code: number, signal?: Signals];
}

/**
 * A child process that was forked by {@link utilityProcess}; it cannot be constructed. The type arguments are what is
 * received from the child and what is sent to it. (Electron: Class: UtilityProcess)
 */
export class UtilityProcess<In = any, Out = any> extends Emitter<UtilityProcessEvents<In>> {
  private constructor();

  postMessage(message: Out, transfer: never[]): void; // see MessagePortMain
  /**
   * Sends a message to the child's {@link parentPort}. What is posted before `'spawn'` is kept; after the exit this
   * does nothing. Rules and errors of {@link MessagePortMain.postMessage}.
   */
  postMessage(message?: Out, transfer?: TransferList): void;
  /**
   * Ends the child with `signal` (default: the `killSignal` option). True the first time it reaches a live process,
   * false ever after. `kill(0)` sends nothing: it says whether the process is there. (Node)
   */
  kill(signal?: Signals | number): boolean;
  /** Lets the child hold our event loop again after {@link unref}. */
  ref(): void;
  /** Stops the child from holding our event loop. */
  unref(): void;
  /** The child's process id; `undefined` before `'spawn'` and from `'exit'` on. */
  readonly pid: number | undefined;
  /** What the child prints, if `stdio` says `'pipe'`; stays readable after the exit until it is drained. */
  readonly stdout: Readable | null;
  /** What the child prints to stderr, if `stdio` says `'pipe'`. */
  readonly stderr: Readable | null;
  /** The child's standard input, if `stdio` is an array whose first element is `'pipe'`. */
  readonly stdin: Writable | null;
}

/** Electron's `utilityProcess`, on plain Node. */
export const utilityProcess: {
  /**
   * Runs a script in a new Node process that has a {@link parentPort}. Its `argv`, `execArgv`, `NODE_OPTIONS` and
   * environment show nothing of ours, and children that it starts by other means have no `parentPort`.
   *
   * ```js
   * const child = utilityProcess.fork('./worker.js', ['--verbose']);
   * child.postMessage({ port: port2 }, [port2]);
   * child.on('message', (data) => console.log(data));
   * ```
   *
   * `TypeError` `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for arguments that are no good ("Missing
   * UtilityProcess entry script."), and Node's own errors for a `URL`, `signal`, `killSignal` or `timeout` that is none; a
   * script or directory that does not exist is an event, not an exception.
   * (Electron: utilityProcess.fork)
   */
  fork<In = any, Out = any>(modulePath: string | URL, options?: ForkOptions): UtilityProcess<In, Out>;
  fork<In = any, Out = any>(
    modulePath: string | URL,
    args?: readonly string[],
    options?: ForkOptions,
  ): UtilityProcess<In, Out>;
};

// ---------------------------------------------------------------- inside a worker or a child

/** The events of {@link parentPort} and the arguments of their listeners. */
export interface ParentPortEvents<In = any> {
  /** The parent posted a message. Delivery begins with the first listener and pauses when the last one goes. */
  message: [event: MessageEvent<In>];
  /** A message from the parent could not be decoded. */
  messageerror: [event: MessageErrorEvent];
  /** The parent is gone. */
  close: [];
}

/**
 * The type of {@link parentPort}; the type arguments are what the parent sends and what it is sent. (Electron:
 * parentPort)
 */
export interface ParentPort<In = any, Out = any> extends Emitter<ParentPortEvents<In>> {
  /**
   * Sends a message to the parent's Worker or UtilityProcess object. Rules and errors of
   * {@link MessagePortMain.postMessage}.
   */
  postMessage(message?: Out, transfer?: TransferList): void;
}

/**
 * The way to whoever started this thread with our {@link Worker} or this process with {@link utilityProcess}; `null` in
 * any other. In a forked child it is also `process.parentPort`, before the script runs, for code written for Electron.
 * A `'message'` listener on it holds the event loop.
 */
export const parentPort: ParentPort | null;

// @ts-ignore: Electron's types, where they are there too; otherwise any
type ElectronParentPort = Electron.ParentPort;

declare global {
  namespace NodeJS {
    interface Process {
      /**
       * In a child of {@link utilityProcess}, {@link parentPort}; elsewhere `undefined`, of which its type in Electron says nothing.
       * Beside Electron's types it has theirs, as two declarations must agree. (Electron: process.parentPort)
       */
      parentPort: [0] extends [1 & ElectronParentPort] ? ParentPort : ElectronParentPort;
    }
  }
}

// ---------------------------------------------------------------- ipcMain, ipcRenderer, webContents

/**
 * What one side says to the other, for the type arguments below: by channel, what a listener or handler for it takes
 * and, if it is invoked, what the handler returns.
 *
 * ```ts
 * type ToMain = { log(text: string): void; add(a: number, b: number): number };
 * (ipcMain as IpcMain<ToMain>).handle('add', (event, a, b) => a + b);
 * const sum = await (ipcRenderer as IpcRenderer<any, ToMain>).invoke('add', 1, 2); // a number
 * ```
 */
export type IpcChannels = Record<string, (...args: any[]) => any>;

type Channel<Map> = keyof Map & string;
type IpcEvents<Event, Map extends IpcChannels> = {
  [Name in keyof Map]: [event: Event, ...args: Parameters<Map[Name]>];
};
type IpcHandler<Event, Method extends (...args: any[]) => any> = (
  event: Event,
  ...args: Parameters<Method>
) => ReturnType<Method> | Promise<Awaited<ReturnType<Method>>>;

/**
 * What answers {@link IpcRenderer.invoke} and {@link WebContents.invoke}: at most one handler for each channel.
 *
 * The caller gets what the handler returns or resolves to. What it throws, the caller's promise rejects with: an error
 * with its own message, name, stack, `cause` and other properties, as far as each of them can be read and cloned
 * (Electron keeps a text). Something else that is thrown becomes the `cause` of an `Error` `ERR_HANDLER_FAILED` with its
 * text: the caller always gets an Error. A result that cannot be cloned rejects, and so does a handler whose promise is
 * garbage-collected before it settles ("reply was never sent"): a caller never waits for ever.
 *
 * One failure carries at most 1 000 errors, and of each at most 1 000 properties.
 */
export interface IpcHandlers<Event, In extends IpcChannels = IpcChannels> {
  /**
   * Answers calls on `channel`. `Error` `ERR_HANDLER_EXISTS` if something does already; `TypeError` for a handler that
   * is no function. (Electron: ipcMain.handle)
   */
  handle<Name extends Channel<In>>(channel: Name, listener: IpcHandler<Event, In[Name]>): void;
  /** Answers the next call on `channel`, and is removed before it runs. (Electron: ipcMain.handleOnce) */
  handleOnce<Name extends Channel<In>>(channel: Name, listener: IpcHandler<Event, In[Name]>): void;
  /** Removes the handler, if there is one. (Electron: ipcMain.removeHandler) */
  removeHandler(channel: Channel<In>): void;
}

/** What listeners and handlers of the parent's side are given first. (Electron: IpcMainEvent, IpcMainInvokeEvent) */
export interface IpcMainEvent {
  /** The worker or child that sent it: the very object that {@link webContents} gives. */
  readonly sender: WebContents;
  /** Its {@link WebContents.mainFrame}. */
  readonly senderFrame: WebFrameMain;
  /** The ports that came along, in transfer-list order. Not started. Empty but for what `postMessage` has sent. */
  readonly ports: MessagePortMain[];
  /** The sender's process id. */
  readonly processId: number;
  /** There are no service workers here, whose events Electron tells apart by this. */
  readonly type: 'frame';
  /** Sends to the sender: what {@link WebContents.send} does. */
  readonly reply: (channel: string, ...args: any[]) => void;
  /**
   * What {@link IpcRenderer.sendSync} returns, in a listener for it; the sender's thread stands still until it is set,
   * which need not be at once. The first value counts.
   */
  returnValue?: any;
}

/** What handlers of the parent's side are given first, by the name that Electron has for it. */
export type IpcMainInvokeEvent = IpcMainEvent;

/**
 * What workers and children send with their {@link ipcRenderer}, heard from all of them ({@link ipcMain}) or from one
 * ({@link WebContents.ipc}, {@link WebFrameMain.ipc}).
 *
 * One message runs the listeners of `mainFrame.ipc`, then of the contents' `ipc`, then of `ipcMain`, with the same
 * event object; a call goes to the first of them that has a handler. The type argument is what is sent here.
 * (Electron: ipcMain)
 */
export interface IpcMain<In extends IpcChannels = IpcChannels>
  extends Emitter<IpcEvents<IpcMainEvent, In>>, IpcHandlers<IpcMainEvent, In> {}

/**
 * The parent's side of the IPC with all workers and children of this thread that {@link webContents} was asked for.
 *
 * ```js
 * ipcMain.handle('double', (event, n) => 2 * n);
 * webContents.fromWorker(new Worker('./renderer.js')); // there: await ipcRenderer.invoke('double', 21)
 * ```
 */
export const ipcMain: IpcMain;

/** What listeners and handlers of {@link ipcRenderer} are given first. (Electron: IpcRendererEvent) */
export interface IpcRendererEvent {
  /** {@link ipcRenderer}. */
  readonly sender: IpcRenderer;
  /** The ports that came along, in transfer-list order, with the web's face as in Electron. */
  readonly ports: MessagePort[];
}

/**
 * The child's side of the IPC: in a forked child, and in every worker, also one that was started with Node's own
 * `Worker`. What it sends is kept until the parent has asked {@link webContents} for it, and has had one turn to
 * listen. In any other process its sends throw `ERR_NO_PARENT`; when the parent is gone they do nothing.
 *
 * What the parent sends on a channel that nobody listens to is kept until the main module here has finished loading, its
 * top-level await included, and one turn has passed; then it is dropped, its ports are closed, and calls are refused.
 * Where the end of loading cannot be known (a main module that is preceded by `--import` or `--loader`, or that is a link with
 * `--preserve-symlinks`, or a worker made from a `data:` URL or from text that is an ES module), the first listener or handler
 * counts as it.
 *
 * A listener, a handler and a pending `invoke()` hold the event loop. The type arguments are what the parent sends and
 * what it is sent. (Electron: ipcRenderer)
 */
export interface IpcRenderer<In extends IpcChannels = IpcChannels, Out extends IpcChannels = IpcChannels>
  extends Emitter<IpcEvents<IpcRendererEvent, In>>, IpcHandlers<IpcRendererEvent, In> {
  /**
   * Sends clones of `args`; ports and buffers cannot be handed over. `DataCloneError` for what cannot be cloned,
   * `RangeError` `ERR_MESSAGE_TOO_LARGE` for more than 1 000 arguments, here and in {@link invoke} and {@link sendSync}.
   */
  send<Name extends Channel<Out>>(channel: Name, ...args: Parameters<Out[Name]>): void;
  /**
   * Sends one value and hands over what `transfer` lists; the listener's event has the ports. The checks of
   * {@link MessagePortMain.postMessage}; a transfer argument that is no good is a `TypeError` "Invalid value for
   * transfer".
   */
  postMessage<Name extends Channel<Out>>(channel: Name, message: Parameters<Out[Name]>[0], transfer?: TransferList): void;
  /**
   * Calls the parent's handler. Rejects with what the handler throws, with `ERR_NO_HANDLER` if there is none, with
   * `ERR_REPLY_NEVER_SENT` if it was forgotten and with `ERR_IPC_CHANNEL_CLOSED` if the parent is gone.
   */
  invoke<Name extends Channel<Out>>(channel: Name, ...args: Parameters<Out[Name]>): Promise<Awaited<ReturnType<Out[Name]>>>;
  /**
   * Sends, and blocks this thread (only this one) until the parent's listener has set `event.returnValue`. What
   * arrives meanwhile is delivered afterwards. Throws what {@link invoke} rejects with, and `ERR_IPC_TIMEOUT` after
   * {@link syncTimeout}.
   */
  sendSync<Name extends Channel<Out>>(channel: Name, ...args: Parameters<Out[Name]>): ReturnType<Out[Name]>;
  /** How many milliseconds {@link sendSync} waits for a parent that is silent: 30 000, unless you set another number; `Infinity` is for ever. */
  syncTimeout: number;
}

/** The way to the parent's {@link ipcMain}. */
export const ipcRenderer: IpcRenderer;

/** The events of a {@link WebContents} and the arguments of their listeners. */
export interface WebContentsEvents {
  /** The worker or child has ended, and all it sent was delivered. Comes before its `'exit'`. */
  destroyed: [];
  /** A `send()` has arrived, before the listeners of its channel are called. */
  'ipc-message': [event: IpcMainEvent, channel: string, ...args: any[]];
  /** A `sendSync()` has arrived; a listener may set `event.returnValue`. */
  'ipc-message-sync': [event: IpcMainEvent, channel: string, ...args: any[]];
}

/** What can be sent to a worker or child. */
export interface IpcSender<Out extends IpcChannels = IpcChannels> {
  /**
   * Sends clones of `args` to the listeners of its {@link ipcRenderer}. Ports and buffers cannot be handed over.
   * `TypeError` `ERR_OBJECT_DESTROYED` once it is destroyed, here and below.
   */
  send<Name extends Channel<Out>>(channel: Name, ...args: Parameters<Out[Name]>): void;
  /** Sends one value and hands over what `transfer` lists: see {@link IpcRenderer.postMessage}. */
  postMessage<Name extends Channel<Out>>(channel: Name, message: Parameters<Out[Name]>[0], transfer?: TransferList): void;
}

/** The one frame that a worker or child has, for code that checks `event.senderFrame`. (Electron: WebFrameMain) */
export interface WebFrameMain<In extends IpcChannels = IpcChannels, Out extends IpcChannels = IpcChannels>
  extends IpcSender<Out> {
  /** Hears and answers this frame only, and first. */
  readonly ipc: IpcMain<In>;
  /** The id of its process: our own for a worker, `undefined` while a child has none. */
  readonly processId: number | undefined;
  /** The same; in Electron the other one is Chromium's. */
  readonly osProcessId: number | undefined;
  /** The worker's thread id; 0 for a child. */
  readonly threadId: number;
  /** Always `null`: it is the main frame. */
  readonly parent: WebFrameMain | null;
  /** Itself. */
  readonly top: WebFrameMain | null;
  /** Always empty. */
  readonly frames: WebFrameMain[];
  /** Itself alone. */
  readonly framesInSubtree: WebFrameMain[];
  /** Whether the worker or child has ended. */
  isDestroyed(): boolean;
}

/**
 * A worker or a child as its parent sees it; {@link webContents} gives them. The type arguments are what it sends and
 * what it is sent. (Electron: webContents, class WebContents)
 */
export interface WebContents<In extends IpcChannels = IpcChannels, Out extends IpcChannels = IpcChannels>
  extends Emitter<WebContentsEvents>, IpcSender<Out> {
  /** A number that no other WebContents of this thread ever has. */
  readonly id: number;
  /** Hears and answers this worker or child only. */
  readonly ipc: IpcMain<In>;
  readonly mainFrame: WebFrameMain<In, Out>;
  /** Calls the handler that its {@link ipcRenderer} has: see {@link IpcRenderer.invoke}. Electron lacks this direction. */
  invoke<Name extends Channel<Out>>(channel: Name, ...args: Parameters<Out[Name]>): Promise<Awaited<ReturnType<Out[Name]>>>;
  /** Whether the worker or child has ended. */
  isDestroyed(): boolean;
}

/** What stands in for Electron's windows: the IPC view of workers and children. */
export const webContents: {
  /**
   * The contents of a worker, be it Node's or ours; the same object every time. From one turn after the first call on,
   * what its {@link ipcRenderer} sends is delivered, beginning with what it sent before. For a worker that has ended
   * already they are destroyed. One of `message-channel-main/worker_threads` is a `TypeError`, although its type is Node's: it may be a
   * process, and has no IPC.
   */
  fromWorker<In extends IpcChannels = IpcChannels, Out extends IpcChannels = IpcChannels>(worker: Worker | NodeWorker): WebContents<In, Out>;
  /** The contents of a child, in the same way. */
  fromProcess<In extends IpcChannels = IpcChannels, Out extends IpcChannels = IpcChannels>(child: UtilityProcess): WebContents<In, Out>;
  /** The contents with this id; `undefined` if there are none or they are destroyed. */
  fromId(id: number): WebContents | undefined;
  /** Those of this thread that are not destroyed. */
  getAllWebContents(): WebContents[];
};

// ---------------------------------------------------------------- shared memory

/**
 * Memory that processes share. A `SharedArrayBuffer` from {@link create}, or a view of it anywhere in a message, is never listed
 * and never copied: every thread and process that it is posted to maps the same memory. It is freed when the last has let go of
 * it. Posted to a process twice, it arrives as two objects over the same memory; within one message it is one.
 *
 * `Atomics` works on it except for its `wait`, `waitAsync` and `notify`, which the engine keeps within a process. Any other
 * `SharedArrayBuffer` is a `DataCloneError` between processes. A `WebAssembly.Memory` makes its own memory, and stays in its
 * process. Linux, with Node.js on x86-64 or one whose Node-API makes shared buffers; elsewhere `create` throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`.
 */
export const sharedMemory: {
  /**
   * New memory, all zero. It is sealed: nobody can shrink or grow it.
   *
   * `TypeError` `ERR_INVALID_ARG_TYPE` for what is no number, `RangeError` `ERR_OUT_OF_RANGE` for what is no integer from 1 to
   * 4 GiB; `ERR_DESCRIPTORS_EXHAUSTED` and `ERR_MEMORY_ALLOCATION_FAILED` if the system has none.
   */
  create(byteLength: number): SharedArrayBuffer;
  /**
   * Blocks this thread while the word is `value`, until somebody calls {@link notify} for it in any thread or process. As
   * `Atomics.wait`: `timeout` is in milliseconds, without one it waits for ever, and `'ok'` says that it was woken, not why: now and then for
   * somebody else. Look at the word again.
   *
   * `TypeError` `ERR_INVALID_ARG_TYPE` for anything but an `Int32Array` over memory of {@link create}, `RangeError`
   * `ERR_OUT_OF_RANGE` for an index outside of it; so do the others.
   */
  wait(view: Int32Array, index: number, value: number, timeout?: number): 'ok' | 'not-equal' | 'timed-out';
  /**
   * The same without blocking. It is also `'ok'` if the word has changed meanwhile. It does not hold the event loop, as
   * `Atomics.waitAsync` does not. Rejects with `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` where the kernel is older than Linux 5.16
   * or a container keeps it from `futex_waitv`.
   */
  waitAsync(view: Int32Array, index: number, value: number, timeout?: number): Promise<'ok' | 'not-equal' | 'timed-out'>;
  /**
   * Wakes up to `count` of those who sleep for the word, or all (the default, and `Infinity`), in whatever process, and says how many
   * it woke. As with `Atomics.notify`, of a fraction its whole part counts, and below 0 is none. A count
   * only saves waking the others now, and does not keep them asleep: a {@link wait} of theirs is `'ok'` within half a second too, and
   * all calls of {@link waitAsync} in one process are at once. Who was just about to sleep is not counted, and hears of it all the same.
   */
  notify(view: Int32Array, index: number, count?: number): number;
};

// ---------------------------------------------------------------- errors

/**
 * The `code` of the errors that this package throws or hands to a listener. They are stable; texts are not. The one
 * kind without a code in this list is `DataCloneError`, a `DOMException` whose `code` is 25 everywhere. What Node itself refuses
 * on the way, such as a signal that does not exist or the path of a worker, has Node's own code.
 *
 * - `ERR_INVALID_ARG_TYPE`: an argument has a type that is not accepted (`TypeError`)
 * - `ERR_INVALID_ARG_VALUE`: the type is right and the value is not (`TypeError`)
 * - `ERR_INVALID_THIS`: a getter of MessageEvent was asked of something else (`TypeError`)
 * - `ERR_ILLEGAL_CONSTRUCTOR`: a class that only this package makes objects of was constructed (`TypeError`)
 * - `ERR_MESSAGE_TOO_LARGE`: a message above 1 GiB or with more than 1 GiB of memory, with too many ports or with too many arguments (`RangeError`)
 * - `ERR_MESSAGE_MALFORMED`: what arrived is no message of ours; from `'messageerror'`. If the stream itself is broken,
 *   `'close'` follows
 * - `ERR_PROTOCOL_VERSION`: the other process speaks a version of the protocol that this one does not; from
 *   `'messageerror'`, and `'close'` follows; from `require`, another copy in this program, or the one that started this
 *   worker or child, does
 * - `ERR_DESCRIPTORS_EXHAUSTED`: no file descriptor left for a port that leaves the process or enters it (`EMFILE`,
 *   `ENFILE`), or no thread for the first that does (`EAGAIN`); from `require`, none for what wakes this thread
 * - `ERR_SEND_REFUSED`: what was posted cannot be sent to the other process, now or ever, although that is there: a security
 *   module refuses it, or somebody has closed the port's descriptor; from `'messageerror'`, and `'close'` follows
 * - `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`: this needs Linux, or Node.js itself (not Bun or Deno), for now; or a thread, where a process stands for one
 * - `ERR_ADDON_MISSING`: `require` found no native addon that loads here; the text says what was tried and what to run
 * - `ERR_DLOPEN_DISABLED`: Node may load no addons (`--no-addons`, or `--permission` without `--allow-addons`); Node's own code
 * - `ERR_NO_PARENT`: an {@link ipcRenderer} sends in a process that nobody forked
 * - `ERR_OBJECT_DESTROYED`: a {@link WebContents} is used whose worker or child has ended (`TypeError`)
 * - `ERR_HANDLER_EXISTS`: a second handler for a channel
 * - `ERR_NO_HANDLER`: a call on a channel that nobody answers
 * - `ERR_HANDLER_FAILED`: the handler of a call threw something that is no error; it is the `cause`
 * - `ERR_REPLY_NEVER_SENT`: the handler of a call, or the listener of a `sendSync()`, was forgotten before it answered
 * - `ERR_IPC_CHANNEL_CLOSED`: the other side of a call is gone
 * - `ERR_IPC_TIMEOUT`: `sendSync()` got no reply in time
 * - `ERR_OUT_OF_RANGE`: a size, an index or a value of {@link sharedMemory} is out of range, or the number of a
 *   {@link FileDescriptor} (`RangeError`)
 * - `ERR_MEMORY_ALLOCATION_FAILED`: the system has no memory to share
 * - `ERR_PEER_GONE`: the other end of a stream is gone: its process or thread has ended, or nobody has it any more
 * - `ERR_MISSING_ARGS`, `ERR_CONSTRUCT_CALL_INVALID`, `ERR_CONSTRUCT_CALL_REQUIRED` (`TypeError`), `ERR_WORKER_NOT_RUNNING`,
 *   `ERR_WORKER_INIT_FAILED`, `ERR_WORKER_INVALID_EXEC_ARGV`, `ERR_HEAP_PROFILE_HAVE_BEEN_STARTED`,
 *   `ERR_WORKER_MESSAGING_FAILED`, `ERR_WORKER_MESSAGING_ERRORED`, `ERR_WORKER_MESSAGING_TIMEOUT`,
 *   `ERR_INVALID_TRANSFER_OBJECT`, `ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST` (`TypeError`, Node 20 only),
 *   `ERR_CLOSED_MESSAGE_PORT`: as in Node, from `message-channel-main/worker_threads`
 * - `ERR_WORKER_CRASHED`: the process of a worker was ended by a signal, its `signal`; with `'error'`
 * - `ERR_WORKER_OUT_OF_MEMORY`: as in Node, the process of a worker has reached the limit of its memory; with `'error'`
 *
 * Printed by `message-channel-main inspect <pid>`, and thrown by nothing:
 * - `ERR_NO_SUCH_PROCESS`: no process has this id
 * - `ERR_PROCESS_NOT_OURS`: it belongs to another user
 * - `ERR_PROCESS_NOT_INSPECTABLE`: it has not loaded this package, has another handler for our signal, or lives in another
 *   container
 * - `ERR_PROCESS_SILENT`: it did not answer within three seconds, because all of its threads are blocked, or not in whole
 * - `ERR_INSPECT_FAILED`: the system refuses what it takes
 */
export type ErrorCode =
  | 'ERR_INVALID_ARG_TYPE'
  | 'ERR_INVALID_ARG_VALUE'
  | 'ERR_INVALID_THIS'
  | 'ERR_ILLEGAL_CONSTRUCTOR'
  | 'ERR_MESSAGE_TOO_LARGE'
  | 'ERR_MESSAGE_MALFORMED'
  | 'ERR_PROTOCOL_VERSION'
  | 'ERR_DESCRIPTORS_EXHAUSTED'
  | 'ERR_SEND_REFUSED'
  | 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'
  | 'ERR_ADDON_MISSING'
  | 'ERR_DLOPEN_DISABLED'
  | 'ERR_NO_PARENT'
  | 'ERR_OBJECT_DESTROYED'
  | 'ERR_HANDLER_EXISTS'
  | 'ERR_NO_HANDLER'
  | 'ERR_HANDLER_FAILED'
  | 'ERR_REPLY_NEVER_SENT'
  | 'ERR_IPC_CHANNEL_CLOSED'
  | 'ERR_IPC_TIMEOUT'
  | 'ERR_PEER_GONE'
  | 'ERR_OUT_OF_RANGE'
  | 'ERR_MEMORY_ALLOCATION_FAILED'
  | 'ERR_MISSING_ARGS'
  | 'ERR_INVALID_TRANSFER_OBJECT'
  | 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST'
  | 'ERR_CONSTRUCT_CALL_INVALID'
  | 'ERR_CONSTRUCT_CALL_REQUIRED'
  | 'ERR_WORKER_NOT_RUNNING'
  | 'ERR_WORKER_INIT_FAILED'
  | 'ERR_WORKER_INVALID_EXEC_ARGV'
  | 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED'
  | 'ERR_WORKER_MESSAGING_FAILED'
  | 'ERR_WORKER_MESSAGING_ERRORED'
  | 'ERR_WORKER_MESSAGING_TIMEOUT'
  | 'ERR_CLOSED_MESSAGE_PORT'
  | 'ERR_WORKER_CRASHED'
  | 'ERR_WORKER_OUT_OF_MEMORY'
  | 'ERR_NO_SUCH_PROCESS'
  | 'ERR_PROCESS_NOT_OURS'
  | 'ERR_PROCESS_NOT_INSPECTABLE'
  | 'ERR_PROCESS_SILENT'
  | 'ERR_INSPECT_FAILED';

export {};
