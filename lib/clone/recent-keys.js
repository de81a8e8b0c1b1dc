// Keys that came a moment ago: objects that come by turns have such keys, objects of unlike keys none.
'use strict';

const { charCodeAt } = require('../native');
const { HASHED_KEY, RECENT_KEYS } = require('./limits.js');

const { Int32Array } = globalThis;
const { imul } = Math;

/** Only their hashes are kept, so that to ask touches neither a string nor anything else far away: where all keys are unlike, that
 * is what takes the time. A key has one of two places side by side, and the one that came last stands first. */
class RecentKeys {
  constructor() {
    /** Made when it is needed first. */
    this.places = new Int32Array(0);
  }

  /**
   * Whether a key has not come lately; now it has. Another of the same hash, which peers can make, is taken for it: whoever asks
   * may take longer then, but must not depend on it.
   * @param {string} key
   */
  isNew(key) {
    if (this.places.length === 0) this.places = new Int32Array(RECENT_KEYS);
    const { places } = this;
    const hash = hashOf(key);
    const at = 2 * (hash ^ (hash >>> 12)) & (RECENT_KEYS - 1);
    const first = places[at];
    if (first === hash) return false;
    const isNew = places[at + 1] !== hash;
    places[at + 1] = first;
    places[at] = hash;
    return isNew;
  }
}

/**
 * Of its end, where keys mostly differ.
 * @param {string} key
 */
function hashOf(key) {
  const { length } = key;
  let hash = length + 1; // an empty place has 0
  for (let i = length > HASHED_KEY ? length - HASHED_KEY : 0; i < length; i++) hash = (imul(hash, 31) + charCodeAt(key, i)) | 0;
  return hash;
}

module.exports = { RecentKeys };
