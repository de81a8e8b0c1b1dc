// What worker_threads.d.ts promises: Node's own types, and `process` among the options of a Worker.
import { MessagePort as NodePort, Worker as NodeWorker } from 'node:worker_threads';
import { expectAssignable, expectError, expectType } from 'tsd';
import { MessageChannel, Worker, isMainThread, parentPort, receiveMessageOnPort } from '../../worker_threads';

expectAssignable<NodeWorker>(new Worker('./worker.js', { process: true, workerData: 1, env: { A: 'b' } }));
expectError(new Worker('./worker.js', { process: 1 }));
expectType<NodePort>(new MessageChannel().port1);
expectType<NodePort | null>(parentPort);
expectType<boolean>(isMainThread);
receiveMessageOnPort(new MessageChannel().port2);
