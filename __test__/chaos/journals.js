// What the journals of all participants say, and whether it may be.
const fs = require('node:fs');
const path = require('node:path');
const other = (id) => id.slice(0, -1) + (id.endsWith('a') ? 'b' : 'a');

class Journals {
  files = new Map();
  parts = new Map(); // name -> { pid, parent, kind, gone, killed, calm }
  ends = new Map(); // id -> { have: Map(hop -> name), left: Map(hop -> {by, id, n} | {by, to}), closes..., did, tries, got }
  streams = new Map();
  wrong = [];
  lines = 0;
  reports = [];
  starved = new Set();

  constructor(dir) { this.dir = dir; }

  part(name) { if (!this.parts.has(name)) this.parts.set(name, { name }); return this.parts.get(name); }
  end(id) {
    if (!this.ends.has(id)) this.ends.set(id, { id, have: new Map(), left: new Map(), tried: [], over: new Map(), did: 0, tries: 0, got: 0, need: new Map(), lost: new Set() });
    return this.ends.get(id);
  }
  stream(id) { if (!this.streams.has(id)) this.streams.set(id, { id }); return this.streams.get(id); }

  read() {
    let more = 0;
    for (const file of fs.readdirSync(this.dir)) {
      if (!file.endsWith('.log')) continue;
      const name = file.slice(0, -4);
      const known = this.files.get(file) ?? { at: 0, rest: '' };
      const fd = fs.openSync(path.join(this.dir, file), 'r');
      const size = fs.fstatSync(fd).size;
      const buffer = Buffer.alloc(size - known.at);
      fs.readSync(fd, buffer, 0, buffer.length, known.at);
      fs.closeSync(fd);
      known.at = size;
      const lines = (known.rest + buffer.toString()).split('\n');
      known.rest = lines.pop();
      this.files.set(file, known);
      for (const line of lines) this.hear(name, JSON.parse(line));
      more += lines.length;
    }
    this.lines += more;
    return more;
  }

  hear(name, w) {
    const part = this.part(name);
    const at = w.id !== undefined && w.t !== 'new' ? this.end(w.id) : undefined;
    switch (w.t) {
      case 'begin': part.pid = w.pid; break;
      case 'calm': part.calm = true; break;
      case 'wrong': this.wrong.push(w.text); break;
      case 'spawned': Object.assign(this.part(w.who), { parent: w.parent, kind: w.kind }); break;
      case 'gone': Object.assign(this.part(w.who), { gone: true, code: w.code, signal: w.signal }); break;
      case 'new': this.end(`${w.id}a`).have.set(0, name); this.end(`${w.id}b`).have.set(0, name); break;
      case 'have': if (at.have.has(w.hop) && w.hop !== 0) this.wrong.push(`${w.id} arrived twice at hop ${w.hop}: ${at.have.get(w.hop)}, ${name}`); at.have.set(w.hop, name); break;
      case 'lnk': at.left.set(w.hop, { by: name, to: w.to }); break;
      case 'start': break;
      case 'try': at.tries = Math.max(at.tries, w.n + 1); for (const one of w.carry) this.end(one.id).tried.push({ hop: one.hop, by: name, id: w.id, n: w.n }); break;
      case 'did': if (!at.final) at.did = Math.max(at.did, w.n + 1); for (const one of w.carry) this.end(one.id).left.set(one.hop, { by: name, id: w.id, n: w.n }); break;
      case 'threw': break;
      case 'got': at.gots ??= new Set(); if (at.gots.has(w.n)) this.wrong.push(`${w.id}: ${w.n} got twice, at ${name} too`); at.gots.add(w.n); at.got = Math.max(at.got, w.n + 1); break;
      case 'told': case 'close': case 'drop': {
        if (at.over.has(w.hop)) this.wrong.push(`${w.id} at hop ${w.hop}: ${w.t} after ${at.over.get(w.hop).t}`);
        at.over.set(w.hop, { t: w.t, by: name });
        if (w.t !== 'told') at.final = true;
        break;
      }
      case 'need': at.need.set(w.hop, name); break;
      case 'drained': at.need.delete(w.hop); break;
      case 'buffered': this.wrong.push(`${w.id}: ${w.amount} bytes are buffered when all has arrived`); break;
      case 'lostcarry': for (const one of w.carry) this.end(one.id).lost.add(one.hop + 1); break;
      case 'source': this.stream(w.stream).source = name; break;
      case 'sourceover': this.stream(w.stream).over = true; break;
      case 'reading': this.stream(w.stream).reader = name; break;
      case 'readall': this.stream(w.stream).read = true; break;
      case 'readerror': this.stream(w.stream).error = w.code; break;
      case 'report': this.reports.push({ name, ...w }); break;
      default: break;
    }
  }

  alive(pid) {
    try { return !/^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; }
  }

  dead(name) {
    const part = this.part(name);
    if (part.dead || name === 'main') return part.dead === true;
    if (part.gone || (part.pid !== undefined ? !this.alive(part.pid) : part.parent !== undefined && this.dead(part.parent))) part.dead = true;
    else if (part.parent !== undefined && part.kind.includes('thread') && this.dead(part.parent)) part.dead = true;
    return part.dead === true;
  }

  /** Whether what it had to say may be cut short. */
  killed(name) {
    const part = this.part(name);
    if (part.killed || this.starved.has(name)) return true;
    if (part.parent === undefined) return false;
    if (this.killed(part.parent)) return true;
    return !part.kind.includes('thread') && this.dead(part.parent); // its process goes with it
  }

  hops(end) { return Math.max(0, ...end.have.keys()); }

  /** @returns {{ what: 'open' | 'over' | 'dead' | 'lost' | 'flight', at?: string, how?: string, way?: any }} */
  status(id, seen = new Set()) {
    const end = this.end(id);
    const hop = this.hops(end);
    const at = end.have.get(hop);
    const left = end.left.get(hop);
    for (const [was, over] of end.over) if (was < hop) return { what: 'over', at, how: over.t }; // a closed port was passed on
    if (end.lost.has(hop + 1)) return { what: 'lost', way: { by: at, id } };
    if (left === undefined) {
      const over = end.over.get(hop);
      if (over !== undefined) return { what: 'over', at, how: over.t };
      if (at === undefined) return { what: 'lost', way: {} };
      if (!this.dead(at)) return { what: 'open', at };
      const tried = end.tried.filter((one) => one.hop === hop).at(-1);
      if (tried === undefined || this.end(tried.id).did > tried.n) return { what: 'dead', at };
      return { ...this.flight(tried, seen), maybe: true };
    }
    return this.flight(left, seen);
  }

  flight(way, seen) {
    if (way.to !== undefined) return { what: this.dead(way.to) ? 'dead' : 'flight', at: way.to, way };
    const to = other(way.id);
    if (this.end(to).got > way.n) { // received, and it says nowhere where
      const holder = this.end(to).have.get(this.hops(this.end(to)));
      if (this.dead(holder)) return { what: 'dead', at: holder, way };
      return { what: 'flight', way };
    }
    if (seen.has(to)) return { what: 'flight', way };
    seen.add(to);
    const status = this.status(to, seen);
    if (status.what === 'over' || status.what === 'dead' || status.what === 'lost') return { what: 'lost', way };
    return { what: 'flight', way };
  }

  /** Whether what was posted on it, or is on its way to it, may be cut short, since somebody was killed. */
  tainted(id, seen = new Set()) {
    if (seen.has(id)) return false;
    seen.add(id);
    const end = this.end(id);
    const hop = this.hops(end);
    const at = end.have.get(hop);
    if (this.status(id).what === 'lost') return true; // with what it had not written yet
    if (at !== undefined && this.killed(at)) return true;
    const ways = [end.left.get(hop), ...(end.left.has(hop) ? [] : end.tried.filter((one) => one.hop === hop))];
    for (const way of ways) {
      if (way === undefined) continue;
      if (way.by !== undefined && this.killed(way.by)) return true;
      if (way.to !== undefined) { if (this.killed(way.to)) return true; continue; }
      if (way.id !== undefined && end.left.has(hop) && (this.tainted(way.id, seen) || this.tainted(other(way.id), seen))) return true;
    }
    return false;
  }

  /** What has still to happen. */
  pending() {
    const list = [];
    for (const [id, end] of this.ends) {
      const mine = this.status(id);
      const peer = this.status(other(id));
      if (mine.what === 'flight' && !(mine.way.to === undefined && this.tainted(id))) list.push(`${id} is on its way by ${JSON.stringify(mine.way)}`);
      if (mine.what === 'open') {
        if (peer.what !== 'open' && peer.what !== 'flight') list.push(`${id} at ${mine.at}: not told that its peer is ${peer.what} ${peer.at ?? ''} ${peer.how ?? ''}`);
        const sent = this.end(other(id)).did;
        if (end.got < sent && !this.tainted(other(id)) && !this.tainted(id)) list.push(`${id} at ${mine.at}: has got ${end.got} of ${sent}`);
        if (end.need.has(this.hops(end)) && peer.what === 'open' && !this.tainted(other(id)) && !this.tainted(id)) list.push(`${id} at ${mine.at}: waits for 'drain'`);
      }
    }
    for (const stream of this.streams.values()) {
      if (stream.reader !== undefined && !this.dead(stream.reader) && !stream.read && stream.error === undefined) list.push(`stream ${stream.id} from ${stream.source}: ${stream.reader} still reads`);
      if (stream.source !== undefined && !this.dead(stream.source) && !stream.over && !(this.starved.size > 0)) list.push(`stream ${stream.id}: its source at ${stream.source} is not over, reader ${stream.reader} ${stream.read ?? stream.error}`);
    }
    return list;
  }

  /** What may not be, whatever still happens. */
  check() {
    const wrong = [...this.wrong];
    for (const [id, end] of this.ends) {
      const peer = this.end(other(id));
      if (end.got > peer.tries) wrong.push(`${id} got ${end.got}, and ${peer.tries} were posted`);
      const mine = this.status(id);
      if (mine.what === 'over' && mine.how === 'told') {
        if (!this.tainted(other(id)) && !this.tainted(id) && end.got < peer.did) wrong.push(`${id} at ${mine.at}: 'close' after ${end.got} of ${peer.did}; the peer: ${JSON.stringify(this.status(other(id)))}`);
        const theirs = this.status(other(id));
        if ((theirs.what === 'open' || (theirs.what === 'over' && theirs.how === 'told')) && this.starved.size === 0) wrong.push(`${id} at ${mine.at}: 'close', and the peer is ${JSON.stringify(theirs)}`);
      }
    }
    for (const stream of this.streams.values()) {
      if (stream.error !== undefined && !(stream.error === 'ERR_PEER_GONE' && this.dead(stream.source)) && this.starved.size === 0) wrong.push(`stream ${stream.id} from ${stream.source}: ${stream.reader} got ${stream.error}`);
    }
    return wrong;
  }
}

module.exports = { Journals };
