// A pool whose third task is a fault of memory in a native addon: with threads that is the end of the whole program, with
// processes of one task. Not a line of the pool differs. The addon is compiled first, by `cc`.
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crashing-pool-'));
const addon = path.join(folder, 'fault.node');
execFileSync('cc', ['-shared', '-fPIC', '-o', addon, path.join(__dirname, 'fault.c')]);

const preload = path.join(__dirname, '../../worker-processes.js'); // message-channel-main/worker-processes, elsewhere
const inProcesses = process.argv[2] === 'process' ? ['--import', preload] : [];
const program = [...inProcesses, path.join(__dirname, 'pool.js'), addon];
const { signal } = spawnSync(process.execPath, program, { stdio: ['ignore', 'inherit', 'inherit'] });
console.log(signal === null ? 'the program went on' : `the program was ended by ${signal}`);
fs.rmSync(folder, { recursive: true });
