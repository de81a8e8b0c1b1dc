// Puts work off, once for however many ask for it.
'use strict';

/**
 * @param {(callback: () => void) => unknown} schedule
 * @param {() => void} run
 * @returns {() => void} has `run` called later, unless that is to come already
 */
function onceLater(schedule, run) {
  let isDue = false;
  const now = () => {
    isDue = false;
    run();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    schedule(now);
  };
}

module.exports = { onceLater };
