// npm run bench [-- name [arguments]]: runs the named benchmark, or all of them.
'use strict';

const { readdirSync } = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const all = readdirSync(__dirname).filter((file) => file.endsWith('.js') && file !== path.basename(__filename))
  .map((file) => path.basename(file, '.js'));
const [name, ...rest] = process.argv.slice(2);

if (name !== undefined && !all.includes(name)) {
  console.error(`There is no benchmark '${name}'; there are: ${all.join(', ')}`);
  process.exit(1);
}

for (const each of name === undefined ? all : [name]) {
  const { status } = spawnSync(process.execPath, [path.join(__dirname, `${each}.js`), ...rest], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
