// The command line of the comparison, and what is wrong with it.
'use strict';

const { parseArgs } = require('node:util');
const { entries } = require('./contenders');
const { workloads } = require('./workloads.js');

const usage = `npm run bench -- [options]       compares ports, ours with others
npm run bench -- clone [name]     compares the codec alone with others

  --only ours,node-port    these contenders: ${Object.keys(entries).join(', ')}
  --work W1,W2             these workloads: ${Object.keys(workloads).join(', ')}
                           (without it W1 to W7; the last three are for the plots)
  --between threads        or processes; without it both
  --rounds 5               how many rounds
  --scale 0.1              a tenth of the messages in each
  --against <git ref>      another build of ours besides, of this commit
  --json <file>            all figures, as JSON
  --publish                everything, and benchmark/README.md and its plots are written anew
  --page                   plays nothing: the same page from the figures of the last run, when what is said of them has changed
  --quick                  very few messages: shows that it works, its figures mean nothing`;

/** What is said to the user instead of a stack. */
class UsageError extends Error {}

/** @template {string} Name @param {string | undefined} list @param {Name[]} all @param {string} what @returns {Name[]} */
function named(list, all, what) {
  if (list === undefined) return all;
  return list.split(',').map((name) => {
    const found = all.find((each) => each.toLowerCase() === name.trim().toLowerCase());
    if (found === undefined) throw new UsageError(`There is no ${what} '${name}'; there are: ${all.join(', ')}`);
    return found;
  });
}

/** @param {string} name @param {string} text @param {(value: number) => boolean} holds @param {string} wanted */
function number(name, text, holds, wanted) {
  const value = Number(text);
  if (text.trim() === '' || !holds(value)) throw new UsageError(`--${name} takes ${wanted}, not '${text}'`);
  return value;
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' }, work: { type: 'string' }, between: { type: 'string' }, against: { type: 'string' }, json: { type: 'string' },
        rounds: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' },
        publish: { type: 'boolean', default: false }, page: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${/** @type {Error} */ (error).message}\n\n${usage}`);
  }
}

/** @param {string[]} args */
function options(args) {
  const { only, work, between, rounds = '', scale = '', ...rest } = parsed(args);
  const works = Object.keys(workloads);
  if (rest.publish && (only ?? work ?? between ?? rest.against) !== undefined) {
    throw new UsageError('--publish is of everything: it takes no --only, --work, --between and no --against');
  }
  return {
    ...rest,
    only: named(only, Object.keys(entries), 'contender'),
    work: work === undefined && !rest.publish ? works.filter((name) => !workloads[name].plotted) : named(work, works, 'workload'),
    between: named(between, /** @type {import('./talk.js').Between[]} */ (['threads', 'processes']), 'place'),
    rounds: number('rounds', rounds, (value) => Number.isInteger(value) && value > 0, 'a whole number from 1'),
    scale: number('scale', scale, (value) => value > 0 && value <= 1, 'a number above 0 and up to 1'),
  };
}

module.exports = { UsageError, options, usage };
