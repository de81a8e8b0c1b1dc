//! What an object is, by the type that V8 gives it: one look at what JavaScript would have to ask two dozen questions about,
//! whether it is nothing but its properties say. It is what V8's own structured clone goes by.
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

/// Objects of each sort that is told, by its number less one; those of a sort are of one type, whatever became of them.
/// `lib/clone/kind/sort.js` has the names.
const SORTS: [&str; 7] = [
    "[{}, { a: 1, b: 2 }, new (class { a = 1; })(), Object.create(null), Object.setPrototypeOf({}, null),
    Object.create({ a: 1 }), Object.freeze({ a: 1 }), Object.defineProperty({}, 'a', { get() {} }), { 5: 1, 70000: 2 },
    (() => { const it = { a: 1, b: 2, c: 3 }; delete it.a; return it; })(), { [Symbol()]: 1 }]",
    "[[], [1], [1.5, 2], ['a', {}], [, 1], new Array(5), Object.freeze([1]), Object.assign([], { 5: 1, 70000000: 2 }),
    Object.assign([1], { a: 1 }), new (class extends Array {})(), Object.setPrototypeOf([], Object.prototype)]",
    "[new Map(), new Map([[1, 2]]), Object.assign(new Map(), { a: 1 }), Object.freeze(new Map()),
    new (class extends Map {})(), Object.setPrototypeOf(new Map(), Object.prototype)]",
    "[new Set(), new Set([1, 2]), Object.assign(new Set(), { a: 1 }), Object.freeze(new Set()),
    new (class extends Set {})(), Object.setPrototypeOf(new Set(), Map.prototype)]",
    "[new Date(0), new Date(NaN), Object.assign(new Date(), { a: 1 }), new (class extends Date {})(),
    Object.setPrototypeOf(new Date(), null)]",
    "[/a/, new RegExp('b', 'g'), Object.assign(/c/, { a: 1 }), new (class extends RegExp {})(),
    Object.setPrototypeOf(/d/, Object.prototype)]",
    "[new Error(), new TypeError('a', { cause: 1 }), new AggregateError([]), Object.assign(new RangeError(), { a: 1 }),
    new (class extends Error {})(), Object.setPrototypeOf(new Error(), Object.prototype)]",
];

/// Of any other type.
const OTHERS: &str = "[new Proxy({}, {}), new Proxy([], {}), new Proxy(new Map(), {}), new Proxy(new Error(), {}), () => {},
    class {}, new Uint8Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), new SharedArrayBuffer(1), Object(1),
    Object('a'), Object(true), Object(1n), Object(Symbol()), (async () => {})(), new WeakMap(), new WeakSet(), new WeakRef({}),
    (function* () {})(), (async function* () {})(), [].keys(), new Map().keys(), new Set().keys(), 'a'.matchAll(/a/g),
    (function () { return arguments; })(), (function () { 'use strict'; return arguments; })(), globalThis,
    Object.setPrototypeOf(new Promise(() => {}), Map.prototype)]";

type Types = [u16; SORTS.len()];

/// The type of each sort.
static TYPES: OnceCell<Option<Types>> = OnceCell::new();

fn types(env: sys::napi_env) -> Option<&'static Types> {
    let told = || {
        let mut types = Types::default();
        probe::tried(env, || Some(()), |env, ()| tells_apart(env, &mut types)).map(|()| types)
    };
    TYPES.get_or_init(told).as_ref()
}

/// The number of an object's sort, the first of them 1. A 0 is no verdict: it is of none, or the engine does not tell.
pub fn sort_of(env: sys::napi_env, value: sys::napi_value) -> i32 {
    let Some(types) = types(env) else { return 0 };
    // SAFETY: that the layout is the one we know has been seen, and `value` is live, within a call from JS.
    let its = unsafe { type_of(value) };
    types.iter().position(|&of_sort| its == Some(of_sort)).map_or(0, |index| index as i32 + 1)
}

/// Whether two objects have the same shape: the same type, prototype and properties, hidden ones too. A `false` is no
/// verdict.
pub fn is_alike(env: sys::napi_env, one: sys::napi_value, other: sys::napi_value) -> bool {
    // SAFETY: as above.
    types(env).is_some() && unsafe { map_of(one).is_some_and(|map| Some(map) == map_of(other)) }
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

/// Notes the type of each sort, and looks whether that tells all of the sort from everything else. Each object is looked at once,
/// and all of them are one script's: a process that begins waits for this.
fn tells_apart(env: sys::napi_env, types: &mut Types) -> Result<bool, Thrown> {
    let lists = js::elements(env, js::run(env, &format!("[{}, {OTHERS}]", SORTS.join(", ")))?)?;
    for (index, &list) in lists.iter().enumerate() {
        let mut objects = js::elements(env, list)?;
        if index == SORTS.len() {
            objects.push(js::external(env)?);
        }
        let (told, untold) = types.split_at_mut(index);
        let its: Option<Vec<u16>> = objects.into_iter().map(peek_type_of).collect();
        let Some(its) = its.filter(|its| its.iter().all(|its| !told.contains(its))) else {
            return Ok(false);
        };
        if let (Some(of_sort), Some(first)) = (untold.first_mut(), its.first()) {
            *of_sort = *first;
            if its.iter().any(|other| other != first) {
                return Ok(false);
            }
        }
    }
    Ok(lists.len() == SORTS.len() + 1)
}
