//! What V8 does with an object in one call: to list what is in a Map or a Set, to copy an error or an object, and to say how a string is kept.
//! JavaScript takes a call for each entry or character, and can make an error only from the beginning.

use napi::sys;
use once_cell::sync::OnceCell;

use super::functions::{Identities, Objects, Strings};
use super::probe;
use super::sorts::{sort_among, sort_of, told, OF_ERRORS, OF_MAPS, OF_ORDINARY, OF_SETS};

/// Whoever asks tries them first. An object has no sort where the engine's own functions are not to be used.
static OBJECTS: OnceCell<Option<Objects>> = OnceCell::new();

static IDENTITIES: OnceCell<Option<Identities>> = OnceCell::new();

static STRINGS: OnceCell<Option<Strings>> = OnceCell::new();

fn objects() -> Option<&'static Objects> {
    OBJECTS.get_or_init(Objects::find).as_ref()
}

/// Keys and values of a Map by turns, or the members of a Set, as an array. `None` for anything else, and where nobody tells what is
/// what.
pub fn entries_of(value: sys::napi_value) -> Option<sys::napi_value> {
    let list = match sort_of(value) {
        OF_MAPS => objects()?.map_entries,
        OF_SETS => objects()?.set_members,
        _ => return None,
    };
    // SAFETY: the object is of the type whose function this is, and live, within a call from JS.
    some(unsafe { list(value) })
}

/// An error or an ordinary object like this one: with the same prototype and the same properties, hidden ones too. `None` as above.
pub fn copy_of(value: sys::napi_value) -> Option<sys::napi_value> {
    if ![OF_ERRORS, OF_ORDINARY].contains(&sort_among(value, &[])) {
        return None;
    }
    // SAFETY: as above; both are among what the engine copies.
    some(unsafe { (objects()?.copy)(value) })
}

/// The engine makes numbers of 20 or 21 bits.
const HASH: i32 = (1 << 24) - 1;

/// Bits that a sort takes, as lib/clone/kind/sort.js has it.
const SORT_BITS: u32 = 4;

/// The sort of an object, as `sort_among` says it; and above that, if it is to be, a number by which it may be found again, if there is one.
pub fn told_of(value: sys::napi_value, full: &[sys::napi_value], hashed: bool) -> i32 {
    let sort = sort_among(value, full);
    let hash = if hashed && told() { hash_of(value, sort) } else { 0 };
    sort | hash << SORT_BITS
}

/// A number that an object of this sort keeps as long as it lives, and few others have. 0: it is no object, or nobody tells.
fn hash_of(value: sys::napi_value, sort: i32) -> i32 {
    let Some(v8) = IDENTITIES.get_or_init(Identities::find) else { return 0 };
    // SAFETY: `value` is live, within a call from JS; what has a sort is an object.
    unsafe {
        if sort != 0 || (v8.is_object)(value) {
            (v8.hash)(value) & HASH
        } else {
            0
        }
    }
}

/// Whether a string has a byte for each character. `None`: nobody tells.
pub fn is_narrow(env: sys::napi_env, value: sys::napi_value) -> Option<bool> {
    let strings = STRINGS.get_or_init(|| probe::tried(env, Strings::find, probe::strings)).as_ref()?;
    // SAFETY: `value` is live, and the function is one of strings.
    (kind_of(env, value) == sys::ValueType::napi_string).then(|| unsafe { (strings.is_one_byte)(value) })
}

fn kind_of(env: sys::napi_env, value: sys::napi_value) -> sys::napi_valuetype {
    let mut kind = sys::ValueType::napi_undefined;
    // SAFETY: `value` is live.
    unsafe { sys::napi_typeof(env, value, &mut kind) };
    kind
}

fn some(value: sys::napi_value) -> Option<sys::napi_value> {
    (!value.is_null()).then_some(value)
}
