// The scenarios of a spec file as a place sees them: by title, each with its two halves.
const halves = new Map();
let collecting = false;

/**
 * Loads a spec file for the halves of one of its scenarios; its tests are not run.
 * @param {string} spec
 * @param {string} title
 */
function load(spec, title) {
  collecting = true;
  require(spec);
  const found = halves.get(title);
  if (!found) throw new Error(`No scenario '${title}' in ${spec}`);
  return found;
}

module.exports = { halves, load, isCollecting: () => collecting };
