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

/// How many sorts are told; `lib/clone/kind/sort.js` has their names.
const SORTS: usize = 7;

/// The numbers of some of them.
const OF_ARRAYS: i32 = 2;
pub const OF_MAPS: i32 = 3;
pub const OF_SETS: i32 = 4;
pub const OF_ERRORS: i32 = 7;
/// One more, which is no type of its own.
const OF_FULL_ARRAYS: i32 = 8;

type Types = [u16; SORTS];

/// The type of each sort.
static TYPES: OnceCell<Option<Types>> = OnceCell::new();

/// Sees from some objects of each sort, by its number less one, and of any other type, whether types tell them apart here: all of
/// a sort are to be of one. The first thread of the process does it for all.
pub fn learn(env: sys::napi_env, sorts: sys::napi_value, others: sys::napi_value) -> bool {
    let find = || types_of_each(&js::elements(env, sorts).ok()?, env);
    TYPES.get_or_init(|| probe::tried(env, find, |env, types| tells_apart(env, types, others))).is_some()
}

fn types() -> Option<&'static Types> {
    TYPES.get()?.as_ref()
}

/// Whether they are told.
pub fn told() -> bool {
    types().is_some()
}

/// The number of an object's sort, the first of them 1. A 0 is no verdict: it is of none, or the engine does not tell.
pub fn sort_of(value: sys::napi_value) -> i32 {
    let Some(types) = types() else { return 0 };
    // SAFETY: that the layout is the one we know has been seen, and `value` is live, within a call from JS.
    let its = unsafe { type_of(value) };
    types.iter().position(|&of_sort| its == Some(of_sort)).map_or(0, |index| index as i32 + 1)
}

/// The same, and of an array whether it is like one of these, which have all their elements and nothing else: then it does,
/// too, and none of them is a getter.
pub fn sort_among(value: sys::napi_value, full: &[sys::napi_value]) -> i32 {
    match sort_of(value) {
        OF_ARRAYS if full.iter().any(|&one| is_alike(value, one)) => OF_FULL_ARRAYS,
        sort => sort,
    }
}

/// Whether two objects have the same shape: the same type, prototype and properties, hidden ones too. A `false` is no
/// verdict.
pub fn is_alike(one: sys::napi_value, other: sys::napi_value) -> bool {
    // SAFETY: as above.
    types().is_some() && unsafe { map_of(one).is_some_and(|map| Some(map) == map_of(other)) }
}

/// # Safety
/// The layout is the one above, and `value` is live: nothing moves while native code runs.
pub unsafe fn type_of(value: sys::napi_value) -> Option<u16> {
    // SAFETY: as above.
    unsafe { Some(*((map_of(value)? + INSTANCE_TYPE) as *const u16)) }
}

/// # Safety
/// As of `type_of`.
unsafe fn map_of(value: sys::napi_value) -> Option<usize> {
    // SAFETY: as above; what is not tagged as an object is not followed.
    unsafe { untagged(*((untagged(*value.cast::<usize>())? + MAP) as *const usize)) }
}

/// The types of all these, whatever the layout is.
pub fn peek_types(values: &[sys::napi_value]) -> Option<Vec<u16>> {
    let handles: Vec<usize> = values.iter().map(|&value| value as usize).collect();
    let objects = peek(&handles)?.into_iter().map(|word| Some(untagged(word)? + MAP)).collect::<Option<Vec<_>>>()?;
    let maps =
        peek(&objects)?.into_iter().map(|word| Some(untagged(word)? + INSTANCE_TYPE)).collect::<Option<Vec<_>>>()?;
    Some(peek(&maps)?.into_iter().map(|word| word as u16).collect())
}

pub fn untagged(word: usize) -> Option<usize> {
    (word & TAG_MASK == TAG).then(|| word - TAG)
}

fn types_of_each(sorts: &[sys::napi_value], env: sys::napi_env) -> Option<Types> {
    let mut types = [0; SORTS];
    for (its, &of_sort) in types.iter_mut().zip(sorts) {
        let found = peek_types(&js::elements(env, of_sort).ok()?)?;
        *its = *found.first()?;
        if found.iter().any(|one| one != its) {
            return None;
        }
    }
    (sorts.len() == SORTS).then_some(types)
}

fn tells_apart(env: sys::napi_env, types: &Types, others: sys::napi_value) -> Result<bool, Thrown> {
    let mut others = js::elements(env, others)?;
    others.push(js::external(env)?);
    let differ = (1..SORTS).all(|index| !types[..index].contains(&types[index]));
    Ok(differ && peek_types(&others).is_some_and(|found| !found.iter().any(|its| types.contains(its))))
}
