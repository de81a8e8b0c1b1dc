// A second decoder, written from docs/wire-format.md alone and for clarity alone: it keeps the page honest.
'use strict';

const crypto = require('node:crypto');
const net = require('node:net');

const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
const VIEWS = /** @type {any[]} */ ([
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, BigInt64Array, BigUint64Array, /** @type {any} */ (globalThis).Float16Array,
]);

class Reference {
  /**
   * @param {Buffer} body
   * @param {ArrayBuffer[]} parts
   */
  constructor(body, parts) {
    this.body = body;
    this.parts = parts;
    this.pos = 1;
    this.early = new Map();
    /** @type {string[][]} */
    this.shapes = [];
    /** @type {any[] | undefined} */
    this.table = undefined;
    /** Where the value and the table end. */
    this.end = body.length;
    this.texts = body[0] === 2 ? this.listedTexts() : [];
  }

  u8() { return this.body[this.pos++]; }

  /** @param {number} n */
  bytes(n) { return this.body.subarray(this.pos, (this.pos += n)); }

  varint() {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  /** @param {number} n */
  latin1(n) { return String.fromCharCode(...this.bytes(n)); }

  /** @param {number} n */
  utf16(n) {
    let text = '';
    for (let i = 0; i < n; i++) text += String.fromCharCode(this.bytes(2).readUInt16LE());
    return text;
  }

  magnitude() {
    let value = 0n;
    for (const byte of this.bytes(this.varint())) value = value * 256n + BigInt(byte);
    return value;
  }

  /** @returns {any} */
  value() {
    const offset = this.pos;
    const tag = this.u8();
    if (tag >= 0x80) return tag - 0x90;
    if (tag >= 0x60) return this.latin1(tag - 0x60);
    switch (tag) {
      case 0x40: return null;
      case 0x41: return undefined;
      case 0x42: return true;
      case 0x43: return false;
      case 0x44: return this.bytes(2).readInt16LE();
      case 0x45: return this.bytes(4).readInt32LE();
      case 0x46: return this.bytes(8).readDoubleLE();
      case 0x47: return this.bytes(8).readBigInt64LE();
      case 0x48: return this.magnitude();
      case 0x49: return -this.magnitude();
      case 0x4a: return this.latin1(this.varint());
      case 0x4b: return this.utf16(this.varint());
      case 0x4c: return this.early.get(this.varint());
      case 0x50: return this.texts.shift();
      default: return this.object(tag & 0x1f, (/** @type {any} */ object) => {
        if (tag & 0x20) this.early.set(offset, object);
        return object;
      });
    }
  }

  /**
   * @param {number} tag
   * @param {(object: any) => any} made
   */
  object(tag, made) {
    switch (tag) {
      case 0x00: return made({});
      case 0x01: this.shapes.push(this.shape()); return this.record(made({}), this.shapes[this.shapes.length - 1]);
      case 0x02: return this.record(made({}), this.shapes[this.varint()]);
      case 0x03: return this.dictionary(made({}));
      case 0x04: return this.elements(made([]));
      case 0x13: return this.numbers(made([]));
      case 0x15: { const object = made({}); return this.record(object, this.list(this.varint())); }
      case 0x14: return made(this.list(this.varint()));
      case 0x05: return this.dictionary(this.elements(made([])));
      case 0x06: { const map = made(new Map()); for (let n = this.varint(); n > 0; n--) map.set(this.value(), this.value()); return map; }
      case 0x07: { const set = made(new Set()); for (let n = this.varint(); n > 0; n--) set.add(this.value()); return set; }
      case 0x08: return made(new Date(this.bytes(8).readDoubleLE()));
      case 0x09: return made(new RegExp(this.value(), this.value()));
      case 0x0a: return this.error(made);
      case 0x0b: return this.domException(made);
      case 0x0c: return made(Object(this.value()));
      case 0x0d: case 0x0e: return made(this.view(tag === 0x0e));
      case 0x0f: return made(this.memory()[this.varint()].buffer);
      case 0x12: return made(this.valueOfClass(this.u8()));
      default: throw new Error(`tag ${tag}`);
    }
  }

  /** @param {number} number */
  valueOfClass(number) {
    switch (number) {
      case 0: return this.blob((/** @type {any[]} */ content, /** @type {string} */ type) => {
        const name = this.value();
        return new File(content, name, { type, lastModified: this.bytes(8).readDoubleLE() });
      });
      case 1: return this.blob((/** @type {any[]} */ content, /** @type {string} */ type) => new Blob(content, { type }));
      case 2: return this.key(this.u8());
      case 4: return new crypto.X509Certificate(this.bytes(this.varint()));
      case 5: return this.blockList(new net.BlockList());
      case 6: {
        const family = this.family();
        return new net.SocketAddress({ family, address: this.value(), port: this.varint(), flowlabel: this.varint() });
      }
      default: throw new Error(`value of class ${number}`);
    }
  }

  /** @param {(content: any[], type: string) => Blob} make */
  blob(make) {
    const type = this.value();
    if (this.u8() !== 0) throw new Error('a Blob that cannot be read');
    return make([this.memory()[this.varint()].buffer], type);
  }

  /** @param {number} type */
  key(type) {
    const key = this.bytes(this.varint());
    if (type === 0) return crypto.createSecretKey(key);
    return type === 1
      ? crypto.createPublicKey({ key, format: 'der', type: 'spki' }) : crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }

  /** @returns {'ipv4' | 'ipv6'} */
  family() { return this.u8() === 0 ? 'ipv4' : 'ipv6'; }

  /** @param {import('node:net').BlockList} list */
  blockList(list) {
    for (let n = this.varint(); n > 0; n--) {
      const kind = this.u8();
      const family = this.family();
      const [first, second] = [this.value(), this.value()];
      if (kind === 0) list.addAddress(first, family);
      else if (kind === 1) list.addRange(first, second, family);
      else list.addSubnet(first, Number(second), family);
    }
    return list;
  }

  shape() {
    this.bytes(4);
    return Array.from({ length: this.u8() }, () => {
      const head = this.u8();
      return head % 2 === 0 ? this.latin1(head / 2) : this.utf16((head - 1) / 2);
    });
  }

  /**
   * @param {any} object
   * @param {string} key
   */
  member(object, key) {
    if (this.body[this.pos] === 0x4d) this.pos++;
    else Object.defineProperty(object, key, { value: this.value(), writable: true, enumerable: true, configurable: true });
  }

  /**
   * @param {any} object
   * @param {string[]} keys
   */
  record(object, keys) {
    for (const key of keys) this.member(object, key);
    return object;
  }

  /** @param {any} object */
  dictionary(object) {
    for (let n = this.varint(); n > 0; n--) this.member(object, this.value());
    return object;
  }

  /** @param {any[]} array */
  numbers(array) {
    const form = this.u8();
    const length = this.varint();
    for (let i = 0; i < length; i++) {
      const bytes = this.bytes(2 ** form);
      array[i] = form === 3 ? bytes.readDoubleLE() : bytes.readIntLE(0, 2 ** form);
    }
    return array;
  }

  /** @param {any[]} array */
  elements(array) {
    const length = this.varint();
    for (let i = 0; i < length;) {
      if (this.body[this.pos] === 0x4e) {
        this.pos++;
        i += this.varint();
      } else this.member(array, String(i++));
    }
    array.length = length;
    return array;
  }

  /** @param {(object: any) => any} made */
  error(made) {
    const type = this.u8();
    const has = this.u8();
    const message = has & 1 ? this.value() : undefined;
    const error = made(type === 7 ? new AggregateError([], message) : new /** @type {any} */ (ERRORS[type])(message));
    delete error.errors;
    if (has & 2) error.stack = this.value();
    if (has & 4) this.hidden(error, 'cause');
    if (has & 8) this.hidden(error, 'errors');
    return error;
  }

  /** @param {(object: any) => any} made */
  domException(made) {
    const has = this.u8();
    const name = this.value();
    const message = this.value();
    const { QuotaExceededError } = /** @type {any} */ (globalThis);
    const [quota, requested] = has & 16 ? [this.value(), this.value()] : [null, null];
    const options = { ...quota !== null && { quota }, ...requested !== null && { requested } };
    const exception = made(has & 16 && QuotaExceededError !== undefined ? new QuotaExceededError(message, options) : new DOMException(message, name));
    if (has & 2) exception.stack = this.value();
    if (has & 4) this.hidden(exception, 'cause');
    return exception;
  }

  /**
   * @param {object} object
   * @param {string} name
   */
  hidden(object, name) {
    Object.defineProperty(object, name, { value: this.value(), writable: true, enumerable: false, configurable: true });
  }

  /** @param {boolean} tracking */
  view(tracking) {
    const type = VIEWS[this.u8()];
    const { buffer, origin } = this.memory()[this.varint()];
    const offset = this.varint() - origin;
    return tracking ? new type(buffer, offset) : new type(buffer, offset, this.varint() / (type.BYTES_PER_ELEMENT ?? 1));
  }

  memory() {
    if (this.table !== undefined) return this.table;
    const { pos } = this;
    this.pos = this.body.readUInt32LE(this.end - 4);
    /** @type {any[]} */
    const table = [];
    for (let n = this.varint(); n > 0; n--) table.push(this.entry(table));
    this.pos = pos;
    return (this.table = table);
  }

  listedTexts() {
    this.end = this.pos = this.body.readUInt32LE(this.body.length - 4);
    const texts = this.list(this.varint());
    this.pos = 1;
    return texts;
  }

  /** @param {number} count */
  list(count) {
    return Array.from({ length: count }, () => {
      const head = this.u8();
      const length = head % 0x80 === 0x7f ? this.bytes(2).readUInt16LE() : head % 0x80;
      return head >= 0x80 ? this.utf16(length) : this.latin1(length);
    });
  }

  /** @param {any[]} table */
  entry(table) {
    const kind = this.u8();
    const number = this.varint();
    if (kind === 2) return table[number];
    const origin = this.varint();
    const options = kind & 0x10 ? { maxByteLength: this.varint() } : undefined;
    const source = (kind & 0xf) === 0 ? this.bytes(number) : Buffer.from(this.parts[number]);
    const buffer = new ArrayBuffer(source.length, options);
    new Uint8Array(buffer).set(source);
    return { buffer, origin };
  }
}

/**
 * @param {Buffer} body
 * @param {ArrayBuffer[]} parts
 */
function decodeByThePage(body, parts) {
  return new Reference(body, parts).value();
}

module.exports = { decodeByThePage };
