// npm run bench [-- options]: compares ports; 'npm run bench -- clone' compares the codec alone, '-- transfer' what is handed over,
// '-- pools' pools of workers, '-- large' a GiB to a child, '-- idle' what is given back afterwards.
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { UsageError, run } = require('./compare/run.js');

const [name, ...rest] = process.argv.slice(2);

/** @type {Record<string, string>} */
const others = {
  clone: 'clone.js', transfer: 'transfer/index.js', pools: 'pools/index.js', large: 'large/index.js', idle: 'large/idle.js',
};

if (name !== undefined && Object.hasOwn(others, name)) {
  process.exitCode = spawnSync(process.execPath, [path.join(__dirname, others[name]), ...rest], { stdio: 'inherit' }).status ?? 1;
} else if (name !== undefined && !name.startsWith('-')) {
  console.error(`There is no benchmark '${name}'; there are: ${Object.keys(others).join(', ')}, and without a name the comparison of ports (--help)`);
  process.exitCode = 1;
} else {
  run(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 1;
  });
}
