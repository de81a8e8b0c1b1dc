//! Functions that V8 calls itself: with Node-API in between, a short one takes three times as long.
//!
//! Where V8 puts the arguments is in its headers, whose offsets are built into every addon that uses them, but other versions
//! have it elsewhere. So it is looked at first, in a way that cannot fail, in a call whose arguments are known.

use napi::sys;
use once_cell::sync::OnceCell;

use super::functions::{Callback, Makers};
use super::objects::told_of;
use super::probe;
use crate::node::js::{self, Thrown};
use crate::sys::peek;

/// `v8::FunctionCallbackInfo`.
#[derive(Clone, Copy)]
enum Layout {
    /// Up to V8 13: a pointer to what is V8's own, one to the arguments, and how many these are.
    Pointers,
    /// Everything one behind the other, their number first.
    Words,
}

const LAYOUTS: [Layout; 2] = [Layout::Pointers, Layout::Words];

/// Of what is V8's own: where `Layout::Pointers` has the isolate and the result ...
const ISOLATE: usize = 1;
const RESULT: usize = 3;
/// ... and `Layout::Words`, with the arguments.
const ISOLATE_WORD: usize = 5;
const RESULT_WORD: usize = 6;
const FIRST_WORD: usize = 10;

/// How many arguments all of these functions have: an object, and three that it may be like.
const COUNT: usize = 4;

struct Direct {
    v8: Makers,
    layout: Layout,
}

static DIRECT: OnceCell<Option<Direct>> = OnceCell::new();

/// Functions that do what `sortOf` and `hashedSortOf` do. `None` where V8 does not call them so.
pub fn sorts(env: sys::napi_env) -> Option<[sys::napi_value; 2]> {
    let find = || {
        let v8 = Makers::find()?;
        let layout = layout_of(env, &v8)?;
        Some(Direct { v8, layout })
    };
    // SAFETY: called on the thread of a live environment, as what tries is.
    let direct =
        DIRECT.get_or_init(|| probe::tried(env, find, |env, direct| unsafe { works(env, direct) })).as_ref()?;
    // SAFETY: as above, and the layout has been seen.
    unsafe { direct.sorts() }
}

impl Direct {
    /// # Safety
    /// The layout is that of this V8, on the thread of an isolate.
    unsafe fn sorts(&self) -> Option<[sys::napi_value; 2]> {
        let [plain, hashed]: [Callback; 2] = match self.layout {
            Layout::Pointers => [sort::<false, false>, sort::<false, true>],
            Layout::Words => [sort::<true, false>, sort::<true, true>],
        };
        // SAFETY: as above.
        unsafe { Some([made(&self.v8, plain)?, made(&self.v8, hashed)?]) }
    }
}

/// A function of JavaScript's that calls this one.
///
/// # Safety
/// On the thread of an isolate, and the callback may be called with what this V8 gives it.
unsafe fn made(v8: &Makers, callback: Callback) -> Option<sys::napi_value> {
    // SAFETY: as above. No data, no length, not to be constructed.
    let function = unsafe { (v8.function)((v8.context)((v8.isolate)()), callback, std::ptr::null_mut(), 0, 0, 0) };
    (!function.is_null()).then_some(function)
}

/// # Safety
/// V8 calls it, with the layout that `WORDS` says.
unsafe extern "C" fn sort<const WORDS: bool, const HASHED: bool>(info: *const usize) {
    // SAFETY: as above.
    let (count, first, result) = unsafe {
        if WORDS {
            (*info, info.add(FIRST_WORD), info.add(RESULT_WORD).cast_mut())
        } else {
            (*info.add(2) as u32 as usize, *info.add(1) as *const usize, (*info as *mut usize).add(RESULT))
        }
    };
    if count != COUNT {
        return;
    }
    // SAFETY: so many arguments are there; a handle is the address of a value.
    let [object, full @ ..]: [sys::napi_value; COUNT] = [0, 1, 2, 3].map(|index| unsafe { first.add(index) } as _);
    let told = told_of(object, &full, HASHED);
    // SAFETY: it is there for the result, which is a small integer: that needs no memory of the engine's.
    unsafe { *result = small_integer(told) };
}

/// As V8 has it where pointers are not compressed.
fn small_integer(value: i32) -> usize {
    ((value as isize) << 32) as usize
}

/// What the arguments of the trial are.
const TRIED: [i32; 3] = [0x1234_5678, -2, 0x0bad_cafe];

/// Its result, by which it says what it has seen.
const fn answer(layout: Layout) -> i32 {
    4711 + layout as i32
}

/// The layout with which this V8 calls a function.
fn layout_of(env: sys::napi_env, v8: &Makers) -> Option<Layout> {
    // SAFETY: on the thread of an isolate; what is called looks before it touches anything.
    let trial = unsafe { made(v8, see) }?;
    let arguments = TRIED.iter().map(|&value| js::from_int(env, value)).collect::<Result<Vec<_>, Thrown>>().ok()?;
    let result = js::int(env, js::call(env, trial, &arguments).ok()?);
    LAYOUTS.into_iter().find(|&layout| answer(layout) == result)
}

/// Answers, if everything is where one of the layouts has it.
///
/// # Safety
/// V8 calls it.
unsafe extern "C" fn see(info: *const usize) {
    // SAFETY: on the thread of an isolate.
    let Some(isolate) = Makers::find().map(|v8| unsafe { (v8.isolate)() } as usize) else { return };
    let place = |layout| Some((layout, seen(info as usize, layout, isolate)?));
    if let Some((layout, result)) = LAYOUTS.into_iter().find_map(place) {
        // SAFETY: everything beside it is where it should be, and so is this.
        unsafe { *(result as *mut usize) = small_integer(answer(layout)) };
    }
}

/// Where the result goes, if it is this layout.
fn seen(info: usize, layout: Layout, isolate: usize) -> Option<usize> {
    let word = |place: usize, index: usize| peek(&[place.checked_add(index * size_of::<usize>())?])?.first().copied();
    let (count, first, its, result) = match layout {
        Layout::Pointers => {
            let (own, first) = (word(info, 0)?, word(info, 1)?);
            (word(info, 2)? as u32 as usize, first, word(own, ISOLATE)?, own + RESULT * size_of::<usize>())
        }
        Layout::Words => {
            let at = |index: usize| info + index * size_of::<usize>();
            (word(info, 0)?, at(FIRST_WORD), word(info, ISOLATE_WORD)?, at(RESULT_WORD))
        }
    };
    let are_there = (0..TRIED.len()).all(|index| word(first, index) == Some(small_integer(TRIED[index])));
    (count == TRIED.len() && its == isolate && are_there).then_some(result)
}

/// Whether both tell of an array and of an object what Node-API's tell.
///
/// # Safety
/// On the thread of an isolate; the layout has been seen.
unsafe fn works(env: sys::napi_env, direct: &Direct) -> Result<bool, Thrown> {
    // SAFETY: as above.
    let Some([plain, hashed]) = (unsafe { direct.sorts() }) else { return Ok(false) };
    let empty = js::array(env, std::iter::empty())?;
    for object in [empty, js::external(env)?] {
        let arguments = [object, empty, empty, empty];
        for (function, hashes) in [(plain, false), (hashed, true)] {
            if js::int(env, js::call(env, function, &arguments)?) != told_of(object, &arguments[1..], hashes) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
