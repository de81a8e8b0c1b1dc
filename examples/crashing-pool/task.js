// A task that works, or loads a native addon with a bug.
module.exports = ({ name, addon }) => {
  if (addon !== undefined) process.dlopen({ exports: {} }, addon);
  return `${name} is done`;
};
