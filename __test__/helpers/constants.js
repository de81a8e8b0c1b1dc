// The constants of a limits.rs or limits.js, with the values that its language gives them.
const vm = require('node:vm');

/**
 * `value` is a count, or, of a `Duration`, nanoseconds.
 * @typedef {{ value: bigint, isTime: boolean }} Quantity
 */

const BITS = { u8: 8, u16: 16, u32: 32, u64: 64, u128: 128, usize: 64 };
const SIGNED = { i8: 8, i16: 16, i32: 32, i64: 64, i128: 128, isize: 64 };
const NANOSECONDS = { from_secs: 10n ** 9n, from_millis: 10n ** 6n, from_micros: 1000n, from_nanos: 1n };

const count = (value) => ({ value, isTime: false });

/** What is left of a value in an integer type. */
function cast(value, type) {
  if (Object.hasOwn(BITS, type)) return BigInt.asUintN(BITS[type], value);
  if (Object.hasOwn(SIGNED, type)) return BigInt.asIntN(SIGNED[type], value);
  throw new Error(`no integer type: ${type}`);
}

/** The value of what may stand on the right of a Rust constant: numbers, other constants, their arithmetic, Durations. */
class Expression {
  #tokens;
  #constants;

  /** @param {string} text  @param {Map<string, Quantity>} constants */
  constructor(text, constants) {
    this.#tokens = text.match(/\d\w*|[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*|<<|>>|\S/g) ?? [];
    this.#constants = constants;
  }

  /** @returns {Quantity} */
  whole() {
    const value = this.#shift();
    if (this.#tokens.length > 0) throw new Error(`not understood: ${this.#tokens.join(' ')}`);
    return value;
  }

  #next() {
    return this.#tokens.shift() ?? '';
  }

  #expect(token) {
    const next = this.#next();
    if (next !== token) throw new Error(`'${next}' where '${token}' was expected`);
  }

  /** From the left, as all of these do. @param {() => Quantity} operand  @param {Record<string, (a: bigint, b: bigint) => bigint>} operators */
  #chain(operand, operators) {
    let left = operand();
    while (Object.hasOwn(operators, this.#tokens[0] ?? '')) {
      const operator = operators[this.#next()];
      const right = operand();
      if (left.isTime || right.isTime) throw new Error('Durations are not reckoned with');
      left = count(operator(left.value, right.value));
    }
    return left;
  }

  #shift() {
    return this.#chain(() => this.#sum(), { '<<': (a, b) => a << b, '>>': (a, b) => a >> b });
  }

  #sum() {
    return this.#chain(() => this.#product(), { '+': (a, b) => a + b, '-': (a, b) => a - b });
  }

  #product() {
    return this.#chain(() => this.#cast(), { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b });
  }

  #cast() {
    let operand = this.#operand();
    while (this.#tokens[0] === 'as') {
      this.#next();
      if (operand.isTime) throw new Error('a Duration is no integer');
      operand = count(cast(operand.value, this.#next()));
    }
    return operand;
  }

  #operand() {
    const token = this.#next();
    if (/^\d/.test(token)) return count(BigInt(token.replace(/_?[iu](8|16|32|64|128|size)$/, '').replaceAll('_', '')));
    if (token === '(') {
      const inside = this.#shift();
      this.#expect(')');
      return inside;
    }
    const [, type, name] = /^(\w+)::(\w+)$/.exec(token) ?? [];
    if (name === 'MAX' && Object.hasOwn(BITS, type)) return count((1n << BigInt(BITS[type])) - 1n);
    if (name === 'MAX' && Object.hasOwn(SIGNED, type)) return count((1n << BigInt(SIGNED[type] - 1)) - 1n);
    if (type === 'Duration' && Object.hasOwn(NANOSECONDS, name)) {
      this.#expect('(');
      const { value } = this.#shift();
      this.#expect(')');
      return { value: value * NANOSECONDS[name], isTime: true };
    }
    const known = this.#constants.get(token);
    if (known === undefined) throw new Error(`not understood: '${token}'`);
    return known;
  }
}

/** @param {string} source  @returns {Map<string, Quantity>} */
function constantsOfRust(source) {
  const text = source.replace(/\/\/.*|\/\*[^]*?\*\//g, '');
  /** @type {Map<string, Quantity>} */
  const constants = new Map();
  const declared = [...text.matchAll(/\bconst\s+([A-Z][A-Z0-9_]*)\s*:\s*([\w:]+)\s*=([^;]+);/g)];
  const all = text.match(/\bconst\s+(?!_\b)/g) ?? [];
  if (declared.length !== all.length) throw new Error(`${all.length - declared.length} of its constants cannot be read`);
  for (const [, name, type, expression] of declared) {
    if (constants.has(name)) throw new Error(`${name} is there twice`);
    let quantity;
    try {
      quantity = new Expression(expression, constants).whole();
      if (quantity.isTime !== (type === 'Duration')) throw new Error(`that is no ${type}`);
      if (!quantity.isTime && cast(quantity.value, type) !== quantity.value) throw new Error(`${quantity.value} does not fit into ${type}`);
    } catch (error) {
      throw new Error(`${name} = ${expression.trim()}: ${error.message}`, { cause: error });
    }
    constants.set(name, quantity);
  }
  return constants;
}

/**
 * As in a process whose environment says nothing.
 * @param {string} source  @returns {Map<string, Quantity>}
 */
function constantsOfJs(source) {
  const module = { exports: /** @type {Record<string, any>} */ ({}) };
  vm.compileFunction(source, ['module', 'globalThis'])(module, { process: { env: {} } });
  const flat = Object.entries(module.exports).flatMap(([name, value]) => (
    typeof value === 'object' ? Object.entries(value).map(([inner, one]) => [`${name}.${inner}`, one]) : [[name, value]]
  ));
  return new Map(flat.map(([name, value]) => [name, count(BigInt(value))]));
}

/** @param {string} file  @param {string} source */
const constantsOf = (file, source) => (file.endsWith('.rs') ? constantsOfRust(source) : constantsOfJs(source));

module.exports = { constantsOf };
