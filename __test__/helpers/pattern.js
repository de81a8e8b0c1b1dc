// Memory that can be told from any other: every byte follows from its place, with a period that divides no power of two.
const period = Buffer.from(Array.from({ length: 251 }, (_, i) => i));

/** @param {number} size @returns {ArrayBuffer} */
function pattern(size) {
  const buffer = new ArrayBuffer(size);
  if (size > 0) Buffer.from(buffer).fill(period);
  return buffer;
}

/** @param {ArrayBuffer | Uint8Array} memory @param {number} size */
function isPattern(memory, size) {
  const bytes = ArrayBuffer.isView(memory) ? memory : new Uint8Array(memory);
  return bytes.byteLength === size && (size === 0 || Buffer.alloc(size, period).equals(bytes));
}

module.exports = { pattern, isPattern };
