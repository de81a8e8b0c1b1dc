//! Whether an object is nothing but its properties, by the type that V8 gives it: one look at what JavaScript would have to
//! ask two dozen questions about. It is what V8's own structured clone goes by.
//!
//! Every handle is the address of a tagged pointer, and every object on the heap begins with one to its map, which has the
//! type. V8's headers put these offsets into each addon that uses them, so that they are part of its ABI; but they differ
//! where pointers are compressed. So the types of some objects are read first in a way that cannot fail, and have to make
//! sense.

use napi::sys;
use once_cell::sync::OnceCell;

use super::probe;
use crate::node::js::{self, Thrown};
use crate::sys::peek;

/// `kHeapObjectMapOffset` and `kMapInstanceTypeOffset` of v8-internal.h, and the tag of a pointer.
const MAP: usize = 0;
const INSTANCE_TYPE: usize = 12;
const TAG: usize = 0b01;
const TAG_MASK: usize = 0b11;

/// Of one type, whatever became of them.
const ORDINARY: &str =
    "[{}, { a: 1, b: 2 }, new (class { a = 1; })(), Object.create(null), Object.setPrototypeOf({}, null),
    Object.create({ a: 1 }), Object.freeze({ a: 1 }), Object.defineProperty({}, 'a', { get() {} }), { 5: 1, 70000: 2 },
    (() => { const it = { a: 1, b: 2, c: 3 }; delete it.a; return it; })(), { [Symbol()]: 1 }]";

/// Of any other.
const OTHERS: &str = "[[], new Proxy({}, {}), new Proxy([], {}), new Map(), new Set(), new Date(0), /a/, new Error(), () => {},
    class {}, new Uint8Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), new SharedArrayBuffer(1), Object(1),
    Object('a'), Object(true), Object(1n), Object(Symbol()), (async () => {})(), new WeakMap(), new WeakSet(), new WeakRef({}),
    (function* () {})(), (async function* () {})(), [].keys(), new Map().keys(), new Set().keys(), 'a'.matchAll(/a/g),
    (function () { return arguments; })(), (function () { 'use strict'; return arguments; })(), globalThis,
    Object.setPrototypeOf(new Map(), Object.prototype)]";

/// The type of ordinary objects, by number.
static TYPE: OnceCell<Option<u16>> = OnceCell::new();

/// Whether an object has no internal slots and is no proxy. A `false` is no verdict: the engine may not tell.
pub fn is_ordinary(env: sys::napi_env, value: sys::napi_value) -> bool {
    let ordinary = TYPE.get_or_init(|| probe::tried(env, || type_of_empty(env), tells_apart));
    // SAFETY: that the layout is the one we know has been seen, and `value` is live, within a call from JS.
    ordinary.is_some_and(|ordinary| unsafe { type_of(value) } == Some(ordinary))
}

/// Whether two objects have the same shape: the same type, prototype and properties, hidden ones too. A `false` is no
/// verdict.
pub fn is_alike(env: sys::napi_env, one: sys::napi_value, other: sys::napi_value) -> bool {
    let known = TYPE.get_or_init(|| probe::tried(env, || type_of_empty(env), tells_apart)).is_some();
    // SAFETY: as above.
    known && unsafe { map_of(one).is_some_and(|map| Some(map) == map_of(other)) }
}

/// # Safety
/// The layout is the one above, and `value` is live: nothing moves while native code runs.
unsafe fn type_of(value: sys::napi_value) -> Option<u16> {
    // SAFETY: as above.
    unsafe { Some(*((map_of(value)? + INSTANCE_TYPE) as *const u16)) }
}

/// # Safety
/// As of `type_of`.
unsafe fn map_of(value: sys::napi_value) -> Option<usize> {
    // SAFETY: as above; what is not tagged as an object is not followed.
    unsafe { untagged(*((untagged(*value.cast::<usize>())? + MAP) as *const usize)) }
}

/// The same, whatever the layout is.
fn peek_type_of(value: sys::napi_value) -> Option<u16> {
    let object = untagged(peek(value as usize)?)?;
    let map = untagged(peek(object + MAP)?)?;
    peek(map + INSTANCE_TYPE).map(|word| word as u16)
}

fn untagged(word: usize) -> Option<usize> {
    (word & TAG_MASK == TAG).then(|| word - TAG)
}

fn type_of_empty(env: sys::napi_env) -> Option<u16> {
    peek_type_of(js::run(env, "({})").ok()?)
}

fn tells_apart(env: sys::napi_env, ordinary: &u16) -> Result<bool, Thrown> {
    let is = |value| peek_type_of(value).map(|its| its == *ordinary);
    let same = js::elements(env, js::run(env, ORDINARY)?)?;
    let mut others = js::elements(env, js::run(env, OTHERS)?)?;
    others.push(js::external(env)?);
    Ok(same.into_iter().all(|value| is(value) == Some(true))
        && others.into_iter().all(|value| is(value) == Some(false)))
}
