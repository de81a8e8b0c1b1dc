// What worker_threads.d.ts promises: Node's own types, and `process` among the options of a Worker.
import { MessagePort as NodePort, Worker as NodeWorker } from 'node:worker_threads';
import { expectAssignable, expectError, expectType } from 'tsd';
import { FileDescriptor, MessageChannelMain, Worker as OurWorker } from '../..';
import { MessageChannel, MessagePort, Worker, isMainThread, parentPort, receiveMessageOnPort } from '../../worker_threads';

expectAssignable<NodeWorker>(new Worker('./worker.js', { process: true, workerData: 1, env: { A: 'b' } }));
expectError(new Worker('./worker.js', { process: 1 }));
expectAssignable<NodePort>(new MessageChannel().port1);
expectAssignable<NodePort | null>(parentPort);
expectAssignable<MessagePort | null>(parentPort);
expectAssignable<typeof MessagePort>(NodePort);
expectType<NodePort>({} as MessagePort);

// What is handed over may be of any face, and whatever our ports carry, in either direction.
const { port1 } = new MessageChannelMain();
const { port2 } = new MessageChannel();
const all = [port1, port2, new AbortController().signal, new FileDescriptor(0), new ArrayBuffer(1)];
new Worker('./worker.js', { workerData: port1, transferList: all }).postMessage(port1, all);
new Worker('./worker.js').postMessage(port2, [port2]);
parentPort?.postMessage(all, all);
port2.postMessage(0, { transfer: all });
port1.postMessage(port2, [port2]);
new OurWorker('./worker.js').postMessage(port2, [port2]);
expectError(port2.postMessage(0, [0]));
expectError(new Worker('./worker.js').postMessage(0, [{}]));
expectType<boolean>(isMainThread);
receiveMessageOnPort(new MessageChannel().port2);
