// Plays every case with all its contenders by turns, and keeps each round's figures.
'use strict';

const { placed } = require('./cores.js');
const { entries } = require('./contenders');
const { Team } = require('./team.js');

/**
 * One contender in one case.
 * @typedef {object} Entrant
 * @property {string} label
 * @property {number} count  in each round
 * @property {import('./plays.js').Round[]} rounds
 * @property {string} [problem]  why there are none, or not all
 *
 * @typedef {object} Played
 * @property {string} workload
 * @property {import('./talk.js').Between} between
 * @property {import('./workloads.js').Case} case
 * @property {Entrant[]} entrants  in the order of the command line; those that have nothing of the kind are not here
 */

/**
 * Slow ones get fewer messages, but where the count is the point or a median is taken.
 * @param {import('./workloads.js').Case} it @param {import('./team.js').Member} member
 */
function countOf(it, member) {
  const burst = it.params?.burst ?? 1;
  const slow = it.cores !== undefined || it.play.endsWith('Memory') ? 1 : entries[member.name]?.slow ?? 1;
  return Math.max(burst, Math.floor(it.count / slow / burst) * burst);
}

/**
 * @param {object} plan
 * @param {string} plan.workload
 * @param {import('./talk.js').Between} plan.between
 * @param {import('./workloads.js').Case} plan.case
 * @param {boolean} [plan.fresh]
 * @param {import('./team.js').Member[]} plan.members
 * @param {number} plan.rounds
 * @param {string} plan.folder  for sockets
 * @returns {Promise<Played>}
 */
async function play({ workload, between, case: it, fresh = false, members, rounds, folder }) {
  const { prefix, problem } = placed(it.cores);
  const players = members.map((member) => ({
    member, able: true, team: /** @type {Team | null} */ (null),
    entrant: /** @type {Entrant} */ ({ label: member.label, count: countOf(it, member), rounds: [], ...(problem && { problem }) }),
  }));
  const command = { play: it.play, params: it.params };

  /** @param {typeof players[number]} player @param {any} answer */
  const note = (player, answer) => {
    if (answer.error !== undefined) player.entrant.problem = answer.error;
    if (answer.able === false) player.able = false;
    return answer.error === undefined && answer.able !== false;
  };
  /** @param {typeof players[number]} player */
  const start = async (player) => {
    player.team = new Team(player.member, between, prefix, folder);
    return note(player, await player.team.ask({ do: 'prepare', ...command }));
  };
  const playing = () => players.filter(({ able, entrant }) => able && entrant.problem === undefined);
  /** @param {typeof players[number]} player @param {number} count */
  const once = async (player, count) => {
    if (player.team === null && !await start(player)) return null;
    const round = await /** @type {Team} */ (player.team).ask({ do: 'round', count, ...command });
    const fine = note(player, round);
    if (fresh) {
      await player.team?.end();
      player.team = null;
    }
    return fine ? round : null;
  };

  try {
    if (!fresh) for (const player of playing()) await once(player, player.entrant.count); // to warm up
    for (let round = 0; round < rounds; round++) {
      const order = playing();
      for (const player of [...order.slice(round % order.length), ...order.slice(0, round % order.length)]) {
        const result = await once(player, player.entrant.count);
        if (result !== null) player.entrant.rounds.push(result);
      }
    }
  } finally {
    await Promise.all(players.map(({ team }) => team?.end()));
  }
  return { workload, between, case: it, entrants: players.filter(({ able }) => able).map(({ entrant }) => entrant) };
}

module.exports = { play };
