//! What an object is, by the type that V8 gives it: one look at what JavaScript would have to ask two dozen questions about,
//! whether it is nothing but its properties say. It is what V8's own structured clone goes by.
//!
//! Every handle is the address of a tagged pointer, and every object on the heap begins with one to its map, which has the
//! type. V8's headers put these offsets into each addon that uses them, so that they are part of its ABI; but they differ
//! where pointers are compressed. So the types of some objects are read first in a way that cannot fail, and have to make
//! sense. A child that runs the same engine is told of them by its parent.

use napi::sys;
use once_cell::sync::OnceCell;

use super::probe;
use crate::node::js::{self, Thrown};
use crate::node::symbol;
use crate::sys::peek;

/// `kHeapObjectMapOffset` and `kMapInstanceTypeOffset` of v8-internal.h, and the tag of a pointer.
const MAP: usize = 0;
const INSTANCE_TYPE: usize = 12;
const TAG: usize = 0b01;
const TAG_MASK: usize = 0b11;
/// Behind the map of an object, where those of its properties are that have no room in it; or a small number.
const PROPERTIES: usize = 8;
/// Behind that, where its elements are, which begin with a map and how many have room, as an integer that is tagged: in the upper half.
const ELEMENTS: usize = 16;
const ROOM: usize = 8;

/// How many sorts are told; `lib/clone/kind/sort.js` has their names.
const SORTS: usize = 7;

/// The numbers of some of them.
pub const OF_ORDINARY: i32 = 1;
const OF_ARRAYS: i32 = 2;
pub const OF_MAPS: i32 = 3;
pub const OF_SETS: i32 = 4;
pub const OF_ERRORS: i32 = 7;
/// Two more, which are no types of their own.
const OF_FULL_ARRAYS: i32 = 8;
const OF_TABLES: i32 = 12;

struct Types {
    /// The type of each sort.
    of_sorts: [u16; SORTS],
    /// The type of what holds the properties of a table, if that and the room for elements tell which have a list of keys of their own.
    of_tables: Option<u16>,
}

static TYPES: OnceCell<Option<Types>> = OnceCell::new();

/// Sees from some objects of each sort, by its number less one, and of any other type, whether types tell them apart here: all of
/// a sort are to be of one. The same of ordinary ones that are tables, and of others. The first thread of the process does it for all.
pub fn learn(env: sys::napi_env, sorts: sys::napi_value, others: sys::napi_value, tables: sys::napi_value) -> bool {
    let find = || {
        let of_sorts = types_of_each(&js::elements(env, sorts).ok()?, env)?;
        Some(Types { of_sorts, of_tables: type_of_tables(&js::elements(env, tables).ok()?, env) })
    };
    TYPES.get_or_init(|| probe::tried(env, find, |env, types| tells_apart(env, &types.of_sorts, others))).is_some()
}

/// What has been seen, in words, for a process that runs the same engine: a child need not look at any object then.
pub fn lesson() -> Option<String> {
    let Types { of_sorts, of_tables } = types()?;
    let words = of_sorts.iter().copied().chain([of_tables.unwrap_or(NONE)]).map(|word| format!(".{word}"));
    Some(format!("{}{}", build()?, words.collect::<String>()))
}

/// Takes what another process has seen. `false`: that had another engine, or here nobody is to tell.
pub fn take_lesson(lesson: &str) -> bool {
    let mut words = lesson.split('.');
    let is_ours = words.next().and_then(|word| word.parse().ok()).is_some_and(|word: usize| Some(word) == build());
    let Ok(words) = words.map(str::parse).collect::<Result<Vec<u16>, _>>() else { return false };
    let Ok([of_sorts @ .., of_tables]) = <[u16; SORTS + 1]>::try_from(words) else { return false };
    let types = Types { of_sorts, of_tables: (of_tables != NONE).then_some(of_tables) };
    is_ours && probe::is_allowed() && TYPES.get_or_init(|| Some(types)).is_some()
}

/// The type of a text, which holds nobody's properties.
const NONE: u16 = 0;

/// How far two of the engine's functions lie apart: of another version, or one that was built in another way, they do otherwise.
fn build() -> Option<usize> {
    let [one, other] = [c"_ZN2v86Object15GetIdentityHashEv", c"_ZNK2v83Map7AsArrayEv"].map(symbol::find);
    Some((one? as usize).wrapping_sub(other? as usize))
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
    types.of_sorts.iter().position(|&of_sort| its == Some(of_sort)).map_or(0, |index| index as i32 + 1)
}

/// The same, and of an array whether it is like one of these, which have all their elements and nothing else: then it does,
/// too, and none of them is a getter. Of an ordinary object whether it is a table.
pub fn sort_among(value: sys::napi_value, full: &[sys::napi_value]) -> i32 {
    match sort_of(value) {
        OF_ORDINARY if is_table(value) => OF_TABLES,
        OF_ARRAYS if full.iter().any(|&one| is_alike(value, one)) => OF_FULL_ARRAYS,
        sort => sort,
    }
}

/// Whether an object has its properties in a table, or elements: its list of keys is no shape that others could have, too.
fn is_table(value: sys::napi_value) -> bool {
    // SAFETY: as above; `value` is an object.
    types().and_then(|types| types.of_tables).is_some_and(|of_tables| unsafe {
        untagged(*value.cast::<usize>()).is_some_and(|place| {
            type_of((place + PROPERTIES) as sys::napi_value) == Some(of_tables)
                || untagged(*((place + ELEMENTS) as *const usize)).is_some_and(|at| *((at + ROOM) as *const usize) != 0)
        })
    })
}

/// Whether two objects have the same shape: the same type, prototype and properties, hidden ones too. A `false` is no
/// verdict.
pub fn is_alike(one: sys::napi_value, other: sys::napi_value) -> bool {
    // SAFETY: as above.
    types().is_some() && unsafe { map_of(one).is_some_and(|map| Some(map) == map_of(other)) }
}

/// Whether two ordinary objects differ in nothing but values: the same shape, and no elements. A `false` is no verdict.
pub fn is_like(one: sys::napi_value, other: sys::napi_value) -> bool {
    types().is_some_and(|types| types.of_tables.is_some()) && is_alike(one, other) && !is_table(one)
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
    Some(peek_along(values, &[MAP, INSTANCE_TYPE])?.into_iter().map(|word| word as u16).collect())
}

/// The types of what these have their properties in.
fn peek_properties(objects: &[sys::napi_value]) -> Option<Vec<u16>> {
    Some(peek_along(objects, &[PROPERTIES, MAP, INSTANCE_TYPE])?.into_iter().map(|word| word as u16).collect())
}

/// How many elements these have room for.
fn peek_rooms(objects: &[sys::napi_value]) -> Option<Vec<usize>> {
    Some(peek_along(objects, &[ELEMENTS, ROOM])?.into_iter().map(|room| room >> (usize::BITS / 2)).collect())
}

/// The word at the end of this way from each: so far behind what is pointed to, and on from there.
fn peek_along(values: &[sys::napi_value], way: &[usize]) -> Option<Vec<usize>> {
    let handles = values.iter().map(|&value| value as usize).collect::<Vec<_>>();
    way.iter().try_fold(peek(&handles)?, |pointers, step| {
        peek(&pointers.into_iter().map(|word| Some(untagged(word)? + step)).collect::<Option<Vec<_>>>()?)
    })
}

pub fn untagged(word: usize) -> Option<usize> {
    (word & TAG_MASK == TAG).then(|| word - TAG)
}

/// Of the first of these lists, where it is one and none of the others has it; and only those of the third have room for elements.
fn type_of_tables(lists: &[sys::napi_value], env: sys::napi_env) -> Option<u16> {
    let lists = lists.iter().map(|&list| js::elements(env, list).ok()).collect::<Option<Vec<_>>>()?;
    let [tables, others, indexed] = &lists[..] else { return None };
    let found = peek_properties(tables)?;
    let its = *found.first()?;
    let is_one = found.iter().all(|&one| one == its);
    let differs = ![peek_properties(others)?, peek_properties(indexed)?].concat().contains(&its);
    let none_have_room = peek_rooms(others)?.iter().all(|&room| room == 0);
    let all_have_room = peek_rooms(indexed)?.iter().all(|&room| (1..1 << 20).contains(&room));
    (is_one && differs && none_have_room && all_have_room).then_some(its)
}

fn types_of_each(sorts: &[sys::napi_value], env: sys::napi_env) -> Option<[u16; SORTS]> {
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

fn tells_apart(env: sys::napi_env, types: &[u16; SORTS], others: sys::napi_value) -> Result<bool, Thrown> {
    let mut others = js::elements(env, others)?;
    others.push(js::external(env)?);
    let differ = (1..SORTS).all(|index| !types[..index].contains(&types[index]));
    Ok(differ && peek_types(&others).is_some_and(|found| !found.iter().any(|its| types.contains(its))))
}
