// What index.d.ts promises about ipcMain, ipcRenderer and webContents.
import { expectAssignable, expectError, expectType } from 'tsd';
import { Worker as NodeWorker } from 'node:worker_threads';
import {
  ErrorCode,
  IpcMain,
  IpcMainEvent,
  IpcRenderer,
  IpcRendererEvent,
  MessageChannelMain,
  MessagePort,
  MessagePortMain,
  WebContents,
  WebFrameMain,
  Worker,
  ipcMain,
  ipcRenderer,
  utilityProcess,
  webContents,
} from '../..';

type ToMain = { log(text: string): void; add(a: number, b: number): number; load(name: string): Promise<Uint8Array> };
type ToRenderer = { tick(n: number): void; size(): { width: number } };

const { port1 } = new MessageChannelMain();

// Without type arguments everything may be said.
ipcMain.on('anything', (event, ...args) => {
  expectType<IpcMainEvent>(event);
  expectType<WebContents>(event.sender);
  expectType<WebFrameMain>(event.senderFrame);
  expectType<MessagePortMain[]>(event.ports);
  expectType<number>(event.processId);
  expectType<'frame'>(event.type);
  expectType<any[]>(args);
  event.reply('other', 1, 2);
  event.returnValue = 1;
});
ipcMain.once('a', () => {}).removeAllListeners('a');
ipcMain.handle('anything', async (_event, n) => n);
ipcMain.handleOnce('anything', () => 1);
ipcMain.removeHandler('anything');
expectError(ipcMain.handle('anything'));
expectError(ipcMain.handle('anything', 1));

ipcRenderer.on('anything', (event) => {
  expectType<IpcRendererEvent>(event);
  expectType<IpcRenderer>(event.sender);
  expectType<MessagePort[]>(event.ports);
});
ipcRenderer.send('anything', 1, 'two');
expectType<any>(ipcRenderer.sendSync('anything'));
expectType<Promise<any>>(ipcRenderer.invoke('anything', {}));
ipcRenderer.postMessage('anything', null, [port1]);
ipcRenderer.handle('anything', (_event, n) => n);
ipcRenderer.syncTimeout = 1000;
expectError(ipcRenderer.send());
expectError(ipcRenderer.send(1));
expectError(ipcRenderer.postMessage('anything'));
expectError(ipcRenderer.postMessage('anything', null, port1));

// With them, only what was agreed.
const main = ipcMain as IpcMain<ToMain>;
main.on('log', (_event, text) => expectType<string>(text));
expectError(main.on('lag', () => {}));
main.handle('add', (_event, a, b) => a + b);
main.handle('add', async (_event, a, b) => a + b);
main.handle('load', async () => new Uint8Array(1));
expectError(main.handle('add', () => 'a string'));

const renderer = ipcRenderer as IpcRenderer<ToRenderer, ToMain>;
renderer.on('tick', (_event, n) => expectType<number>(n));
renderer.send('log', 'text');
expectError(renderer.send('log', 1));
expectError(renderer.send('lag'));
expectType<Promise<number>>(renderer.invoke('add', 1, 2));
expectType<Promise<Uint8Array>>(renderer.invoke('load', 'name'));
expectType<number>(renderer.sendSync('add', 1, 2));
expectError(renderer.invoke('add', 1));

// webContents
const contents = webContents.fromWorker<ToMain, ToRenderer>(new Worker('./renderer.js'));
expectType<WebContents<ToMain, ToRenderer>>(contents);
expectType<WebContents>(webContents.fromWorker(new NodeWorker('./renderer.js')));
expectType<WebContents>(webContents.fromProcess(utilityProcess.fork('./renderer.js')));
expectError(webContents.fromWorker('./renderer.js'));
expectType<WebContents | undefined>(webContents.fromId(1));
expectType<WebContents[]>(webContents.getAllWebContents());
expectType<number>(contents.id);
expectError(() => (contents.id = 1));
contents.ipc.on('log', (_event, text) => expectType<string>(text));
contents.mainFrame.ipc.handle('add', (_event, a, b) => a + b);
expectType<number>(contents.mainFrame.threadId);
contents.send('tick', 1);
contents.mainFrame.send('tick', 1);
contents.postMessage('tick', 1, [port1]);
expectError(contents.send('tick', 'one'));
expectType<Promise<{ width: number }>>(contents.invoke('size'));
expectType<boolean>(contents.isDestroyed());
contents.on('destroyed', () => {});
contents.on('ipc-message', (event, channel) => {
  expectType<IpcMainEvent>(event);
  expectType<string>(channel);
});
expectError(contents.on('destroy', () => {}));
expectAssignable<ErrorCode>('ERR_NO_PARENT');
