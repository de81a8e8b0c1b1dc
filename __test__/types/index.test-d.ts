// What index.d.ts promises to TypeScript users; tsd compiles it and runs nothing.
import { Socket as DatagramSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { MessageChannel as NodeMessageChannel, Worker as NodeWorker } from 'node:worker_threads';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import {
  DiagnosticsMessages,
  ErrorCode,
  ForkOptions,
  MessageChannel,
  MessageChannelMain,
  MessageErrorEvent,
  MessageEvent,
  MessagePort,
  MessagePortMain,
  ParentPort,
  PortHolder,
  PortReport,
  Transferable,
  TransferList,
  UtilityProcess,
  WebMessageEvent,
  Worker,
  inspectPorts,
  parentPort,
  receiveMessageOnPort,
  utilityProcess,
  workerData,
} from '../..';

// What can stand in a transfer list.
expectAssignable<Transferable>({} as Socket);
expectAssignable<Transferable>({} as Server);
expectAssignable<Transferable>({} as DatagramSocket);
expectAssignable<Transferable>({} as FileHandle);
expectNotAssignable<Transferable>({ fd: 1 });

type Question = { ask: string };
type Answer = { tell: number };

// Channels: what is received on one port is what the other one sends.
const { port1, port2 } = new MessageChannelMain<Answer, Question>();
expectType<MessagePortMain<Answer, Question>>(port1);
expectType<MessagePortMain<Question, Answer>>(port2);
expectType<MessagePortMain<any, any>>(new MessageChannelMain().port1);
expectNotAssignable<abstract new (...args: any) => MessagePortMain>(MessagePortMain);
expectError(() => (port1.closed = true));

// postMessage
port1.postMessage({ ask: 'why' });
port1.postMessage({ ask: 'why' }, [port2, new ArrayBuffer(8)]);
port1.postMessage({ ask: 'why' }, { transfer: [port2] });
port1.postMessage();
expectError(port1.postMessage({ tell: 1 }));
expectError(port1.postMessage({ ask: 'why' }, port2));
expectError(port1.postMessage({ ask: 'why' }, null));
expectError(port1.postMessage({ ask: 'why' }, [new Uint8Array(8)]));
port1.postMessage({ ask: 'why' }, [new NodeMessageChannel().port1]);
expectAssignable<Transferable>(new ArrayBuffer(8));
expectNotAssignable<Transferable>(new Uint8Array(8));
expectAssignable<TransferList>([port1, port2] as const);

// The events of a port, and no others.
port1.on('message', (event) => {
  expectType<MessageEvent<Answer>>(event);
  expectType<Answer>(event.data);
  expectType<MessagePortMain[]>(event.ports);
});
port1.once('messageerror', (event) => {
  expectType<MessageErrorEvent>(event);
  expectType<Error>(event.error);
});
port1.on('close', () => {}).on('drain', () => {}).off('close', () => {});
expectError(port1.on('messages', () => {}));
expectError(port1.on('close', (_reason: string) => {}));
expectError(port1.addEventListener('message', () => {}));
expectAssignable<EventEmitter<any>>(port1);

// The rest of a port
expectType<void>(port1.start());
expectType<void>(port1.close());
expectType<void>(port1[Symbol.dispose]());
expectType<MessagePortMain<Answer, Question>>(port1.ref().unref().setLowLatency().setLowLatency(false));
expectType<boolean>(port1.hasRef());
expectType<boolean>(port1.closed);
expectType<number>(port1.bufferedAmount);
expectType<boolean>(port1.writableNeedDrain);
void (async () => {
  const [event] = await EventEmitter.once(port1, 'message');
  expectType<any>(event);
});

// Workers
const worker = new Worker<Answer, Question>('./worker.js', { workerData: { port: port1 }, transferList: [port1, new ArrayBuffer(8)], name: 'w' });
expectAssignable<Worker>(new Worker(new URL('file:///worker.js')));
worker.postMessage({ ask: 'why' }, [port2]);
expectError(worker.postMessage({ tell: 1 }));
worker.postMessage({ ask: 'why' }, [new NodeMessageChannel().port1]);
worker.on('message', (data, event) => {
  expectType<Answer>(data);
  expectType<MessageEvent<Answer>>(event);
});
worker.once('exit', (code) => expectType<number>(code));
worker.on('error', (error) => expectType<Error>(error)).off('error', () => {});
expectType<Promise<number>>(worker.terminate());
expectType<number>(worker.threadId);
expectAssignable<Pick<NodeWorker, 'terminate' | 'threadId' | 'stdout'>>(worker);
expectType<any>(workerData);

// Children
const child = utilityProcess.fork<Answer, Question>('./child.js', ['--flag'], { stdio: ['ignore', 'pipe', 'inherit'], env: { A: 'b' }, killSignal: 'SIGKILL' });
expectType<UtilityProcess<Answer, Question>>(child);
expectType<UtilityProcess<any, any>>(utilityProcess.fork('./child.js'));
utilityProcess.fork(new URL('file:///child.js'));
expectNotAssignable<abstract new (...args: any) => UtilityProcess>(UtilityProcess);
utilityProcess.fork('./child.js', { cwd: '/', signal: new AbortController().signal, timeout: 1000 });
expectError(utilityProcess.fork());
expectError(utilityProcess.fork('./child.js', 'flag'));
expectNotAssignable<ForkOptions>({ stdio: 'ipc' });
child.postMessage({ ask: 'why' }, [port2]);
expectError(child.postMessage('why'));
child.on('spawn', () => {}).on('message', (data, event) => {
  expectType<Answer>(data);
  expectType<MessagePortMain[]>(event.ports);
});
child.on('messageerror', (error, event) => {
  expectType<Error>(error);
  expectType<MessagePortMain[]>(event.ports);
});
child.on('error', (error) => expectType<Error>(error));
child.on('exit', (code, signal) => {
  expectType<number>(code);
  expectType<NodeJS.Signals | undefined>(signal);
});
expectType<boolean>(child.kill());
child.kill('SIGKILL');
child.kill(9);
expectType<number | undefined>(child.pid);
expectType<Readable | null>(child.stdout);
expectType<Readable | null>(child.stderr);
expectType<Writable | null>(child.stdin);

// Inside
expectType<ParentPort | null>(parentPort);
parentPort?.on('message', ({ data, ports }) => {
  expectType<any>(data);
  expectType<MessagePortMain[]>(ports);
});
parentPort?.on('close', () => {});
parentPort?.postMessage({ tell: 1 }, [port1]);
const typed = parentPort as ParentPort<Question, Answer>;
typed.on('message', ({ data }) => expectType<Question>(data));
expectError(typed.postMessage({ ask: 'why' }));

// Errors
expectAssignable<ErrorCode>('ERR_MESSAGE_TOO_LARGE');
expectNotAssignable<ErrorCode>('ERR_UNKNOWN');

// The web face
const web = new MessageChannel<Answer, Question>();
expectType<MessagePort<Answer, Question>>(web.port1);
expectType<MessagePort<Question, Answer>>(web.port2);
expectNotAssignable<abstract new (...args: any) => MessagePort>(MessagePort);
expectAssignable<EventTarget>(web.port1);
web.port1.postMessage({ ask: 'why' });
web.port1.postMessage({ ask: 'why' }, [web.port2, new ArrayBuffer(8), port2]);
web.port1.postMessage({ ask: 'why' }, new Set([web.port2]));
web.port1.postMessage({ ask: 'why' }, { transfer: [web.port2] });
web.port1.postMessage({ ask: 'why' }, null);
expectError(web.port1.postMessage());
expectError(web.port1.postMessage({ tell: 1 }));
web.port1.postMessage({ ask: 'why' }, [new NodeMessageChannel().port1]);
web.port1.onmessage = function (event) {
  expectType<WebMessageEvent<Answer>>(event);
  expectType<Answer>(event.data);
  expectType<readonly MessagePort[]>(event.ports);
  expectAssignable<MessagePort<Answer, Question>>(this);
};
web.port1.onmessageerror = ({ data }) => expectType<null>(data);
web.port1.onclose = (event) => expectType<Event>(event);
web.port1.onmessage = null;
web.port1.addEventListener('message', ({ data }) => expectType<Answer>(data), { once: true });
web.port1.addEventListener('close', { handleEvent: (event) => expectType<Event>(event) });
web.port1.addEventListener('an event of the program', (event) => expectType<Event>(event));
expectError(web.port1.on('message', () => {}));
expectType<MessagePort<Answer, Question>>(web.port1.ref().unref().setLowLatency());
expectType<boolean>(web.port1.hasRef());
expectType<boolean>(web.port1.closed);
expectAssignable<Transferable>(web.port1);

// From face to face
expectType<MessagePortMain<Answer, Question>>(MessagePortMain.from(web.port1));
expectType<MessagePort<Answer, Question>>(MessagePort.from(port1));
expectError(MessagePort.from(web.port1));
expectError(MessagePortMain.from(new NodeMessageChannel().port1));

// Looking inside
expectType<PortReport[]>(inspectPorts());
expectType<number | null>(inspectPorts()[0].thread);
expectType<readonly PortHolder[]>(inspectPorts()[0].heldBy);
expectType<string | undefined>(inspectPorts()[0].stack);
expectError(() => (inspectPorts()[0].id = 1));

const published = {} as DiagnosticsMessages;
expectType<string>(published['message-channel-main:create'].ports[1].channel);
expectType<PortReport['peer']>(published['message-channel-main:transfer'].to);
expectType<number>(published['message-channel-main:arrive'].id);
expectType<'close' | 'peer' | 'garbage'>(published['message-channel-main:close'].reason);

// Reading
expectType<{ message: Answer; ports: MessagePortMain[] } | undefined>(receiveMessageOnPort(port1));
expectType<{ message: Answer; ports: MessagePort[] } | undefined>(receiveMessageOnPort(web.port1));
expectError(receiveMessageOnPort(new NodeMessageChannel().port1));
void (async () => {
  for await (const event of port1) expectType<MessageEvent<Answer>>(event);
});
