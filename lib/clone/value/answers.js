// Asks an object what it is: a getter of the platform's throws for every object but its own, or there is none.
'use strict';

/**
 * @param {(object: any) => unknown} question
 * @param {object} object
 */
function answers(question, object) {
  try {
    return question(object) !== undefined;
  } catch {
    return false;
  }
}

module.exports = { answers };
