// BlockList and SocketAddress of node:net, by the rules and the fields that they show.
'use strict';

const { arrayIndexOf, bare, getter, ownValue, stringIndexOf, stringSlice } = require('../../native');
const { COST } = require('../limits.js');
const { answers } = require('./answers.js');
const { ownBySymbol } = require('./internals.js');

/** @typedef {import('./index.js').ValueClass} ValueClass */
/** @typedef {'ipv4' | 'ipv6'} Family */

/** Whoever has an address has loaded this; nobody else shall. */
const net = () => require('node:net');

const { Error } = globalThis;

/** By number on the wire. @type {Family[]} */
const FAMILIES = ['ipv4', 'ipv6'];
/** What a rule begins with, by number on the wire, and what stands between its two halves. */
const RULES = ['Address', 'Range', 'Subnet'];
const BETWEEN = ['', '-', '/'];

/** @type {ValueClass} */
const blockList = {
  is: (object) => answers(getter(net().BlockList.prototype, 'rules'), object),
  write(writer, object) {
    /** @type {string[]} */
    const rules = getter(net().BlockList.prototype, 'rules')(object);
    writer.reserve(8);
    writer.varint(rules.length);
    // The last that was added is shown first.
    for (let i = rules.length - 1; i >= 0; i--) {
      const rule = parseRule(rules[i]);
      writer.reserve(0);
      writer.byte(rule.kind);
      writer.byte(rule.family);
      writer.value(rule.first, 0);
      writer.value(rule.second, 0);
    }
  },
  read(reader) {
    reader.spend(COST.BLOB);
    const list = new (net().BlockList)();
    for (let left = reader.varint(); left > 0; left--) {
      reader.spend(COST.RULE);
      const kind = reader.byte();
      const family = familyAt(reader.byte());
      const first = reader.text();
      const second = reader.text();
      switch (kind) {
        case 0: list.addAddress(first, family); break;
        case 1: list.addRange(first, second, family); break;
        case 2: list.addSubnet(first, +second, family); break;
        default: throw new Error('an unknown rule of a BlockList');
      }
    }
    return list;
  },
};

/**
 * "Range: IPv4 10.0.0.1-10.0.0.9"
 * @param {string} rule
 */
function parseRule(rule) {
  const colon = stringIndexOf(rule, ':');
  const kind = arrayIndexOf(RULES, stringSlice(rule, 0, colon));
  const family = stringSlice(rule, colon + 2, colon + 6) === 'IPv6' ? 1 : 0;
  const text = stringSlice(rule, colon + 7);
  const middle = kind === 0 ? text.length : stringIndexOf(text, BETWEEN[kind]);
  return { kind, family, first: stringSlice(text, 0, middle), second: stringSlice(text, middle + 1) };
}

/** Of 20 bits. Node itself ends the process where one is larger. */
const MAX_FLOW_LABEL = 0xfffff;

/**
 * Deno has no getters for it: they are the object's own, and what they were made from.
 * @param {any} address
 * @param {string} key
 * @returns {any}
 */
function fieldOf(address, key) {
  const get = getter(net().SocketAddress.prototype, key);
  return get === undefined ? ownValue(ownBySymbol(address, 'kDetail'), key) : get(address);
}

/** @type {ValueClass} */
const socketAddress = {
  is: (object) => answers((address) => fieldOf(address, 'address'), object),
  write(writer, object) {
    writer.reserve(0);
    writer.byte(arrayIndexOf(FAMILIES, fieldOf(object, 'family')));
    writer.value(fieldOf(object, 'address'), 0);
    writer.reserve(0);
    writer.varint(fieldOf(object, 'port'));
    writer.varint(fieldOf(object, 'flowlabel'));
  },
  read(reader) {
    reader.spend(COST.BLOB);
    const family = familyAt(reader.byte());
    const [address, port, flowlabel] = [reader.text(), reader.varint(), reader.varint()];
    if (flowlabel > MAX_FLOW_LABEL) throw new Error('a flow label is too large');
    return new (net().SocketAddress)(bare({ family, address, port, flowlabel }));
  },
};

/** @param {number} number */
function familyAt(number) {
  const family = FAMILIES[number];
  if (family === undefined) throw new Error('an unknown family of addresses');
  return family;
}

module.exports = { blockList, socketAddress };
