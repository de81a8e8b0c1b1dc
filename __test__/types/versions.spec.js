// The types hold beside every supported @types/node and in every compiler from TypeScript 5.0 on, under the strictest options, and
// beside Electron's; without @types/node they say what is missing.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');
const { bring } = require('../../scripts/bring.js');

const root = path.join(__dirname, '..', '..');
const inModules = (name) => path.join(root, 'node_modules', name);

const fixture = (name) => fs.readFileSync(path.join(__dirname, '..', 'fixtures', name), 'utf8');
const program = fixture('types.ts');

const TSC = inModules('typescript/bin/tsc');

/** What tsc says of the program in a project that has this @types/node. */
async function compiled(t, types, options, source = program, compiler = TSC, files = {}) {
  t.timeout(120_000);
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'mcm-'));
  t.teardown(() => fs.rmSync(project, { recursive: true, force: true }));
  const us = path.join(project, 'node_modules', 'message-channel-main');
  fs.mkdirSync(us, { recursive: true });
  for (const name of fs.readdirSync(root)) {
    if (name.endsWith('.d.ts') || name === 'package.json') fs.copyFileSync(path.join(root, name), path.join(us, name));
  }
  if (types !== null) {
    fs.mkdirSync(path.join(project, 'node_modules', '@types'));
    fs.symlinkSync(inModules(types), path.join(project, 'node_modules', '@types', 'node'));
  }
  for (const [name, text] of Object.entries({ ...files, 'program.ts': source })) fs.writeFileSync(path.join(project, name), text);
  const tsc = [compiler, '--noEmit', '--strict', '--target', 'es2022', '--module', 'node16', ...options, 'program.ts'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, tsc, { cwd: project });
    return stdout;
  } catch ({ stdout }) {
    return stdout;
  }
}

for (const types of ['@types/node', 'types-node-22', 'types-node-24', 'types-node-26']) {
  const { version } = require(`${types}/package.json`);
  test(`beside @types/node ${version.split('.')[0]}`, async (t) => {
    t.is(await compiled(t, types, ['--exactOptionalPropertyTypes', '--types', 'node', '--skipLibCheck']), '');
  });
}

test('with the oldest compiler that understands it, which checks the declarations too', async (t) => {
  const oldest = bring('compilers', 'typescript', '5.0.4', 'bin/tsc');
  for (const compiler of [oldest, TSC]) {
    t.is(await compiled(t, '@types/node', ['--exactOptionalPropertyTypes', '--types', 'node'], program, compiler), '', compiler);
  }
});

test('beside the types of the DOM, whose streams lack what those of Node have', async (t) => {
  t.is(await compiled(t, '@types/node', ['--lib', 'es2022,dom', '--types', 'node', '--skipLibCheck']), '');
});

test('without @types/node there is one error, which says so, and the events of ports are known all the same', async (t) => {
  const source = "import { MessageChannelMain } from 'message-channel-main';\nnew MessageChannelMain().port1.on('mesage', () => {});\n";
  const lines = (await compiled(t, null, [], source)).split('\n');
  const ours = lines.filter((line) => line.includes('message-channel-main/index.d.ts'));
  t.is(ours.length, 1, ours.join('\n'));
  t.regex(ours[0], /Cannot find type definition file for 'node'/);
  t.regex(lines.find((line) => line.startsWith('program.ts')) ?? '', /^program\.ts\(2,.*"mesage"/);
});

/** Of Electron's types what stands beside ours in the globals, and what takes a port of ours. */
const ELECTRON = `
declare const NodeEventEmitter: typeof import('events').EventEmitter;
declare namespace Electron {
  interface MessageEvent { data: any; ports: MessagePortMain[] }
  class MessagePortMain extends NodeEventEmitter {
    on(event: 'close', listener: () => void): this;
    on(event: 'message', listener: (messageEvent: MessageEvent) => void): this;
    close(): void;
    postMessage(message: any, transfer?: MessagePortMain[]): void;
    start(): void;
  }
  class UtilityProcess extends NodeEventEmitter {
    on(event: 'exit', listener: (code: number) => void): this;
    on(event: 'message', listener: (message: any) => void): this;
    kill(): boolean;
    postMessage(message: any, transfer?: MessagePortMain[]): void;
    pid: (number) | (undefined);
  }
  interface ParentPort extends NodeJS.EventEmitter {
    on(event: 'message', listener: (messageEvent: MessageEvent) => void): this;
    postMessage(message: any): void;
  }
}
declare namespace NodeJS {
  interface Process { parentPort: Electron.ParentPort }
}
`;

test('a program that is typed for Electron', async (t) => {
  t.is(await compiled(t, '@types/node', ['--exactOptionalPropertyTypes', '--types', 'node', '--skipLibCheck'], fixture('electron-types.ts')), '');
});

test("beside Electron's types, which take ports and children of ours for theirs", async (t) => {
  const source = `/// <reference path="./electron.d.ts" />
    import { MessageChannelMain, parentPort, utilityProcess } from 'message-channel-main';
    const port: Electron.MessagePortMain = new MessageChannelMain().port1;
    const child: Electron.UtilityProcess = utilityProcess.fork('x');
    const above: (Electron.ParentPort | null)[] = [parentPort, process.parentPort];
    export { port, child, above };
  `;
  const files = { 'electron.d.ts': ELECTRON };
  t.is(await compiled(t, '@types/node', ['--types', 'node', '--lib', 'es2022,esnext.disposable,dom'], source, TSC, files), '');
});

test("a port of the web face passes for the DOM's where a library asks for one, and takes nothing more for that", async (t) => {
  const source = `import { MessageChannel } from 'message-channel-main';
    interface Endpoint { postMessage(message: any, transfer?: globalThis.Transferable[]): void; start?: () => void }
    const { port1 } = new MessageChannel();
    export const endpoint: Endpoint = port1;
    export const port: globalThis.MessagePort = port1;
    // @ts-expect-error it cannot be handed over
    port1.postMessage(0, [new Date()]);
    // @ts-expect-error
    port1.postMessage(0, { transfer: [new Date()] });
    port1.onmessage = function ({ ports }) { this.setLowLatency(); ports[0].ref(); };
  `;
  t.is(await compiled(t, '@types/node', ['--types', 'node', '--lib', 'es2022,dom', '--skipLibCheck'], source), '');
});
