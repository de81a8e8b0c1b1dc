//! The short texts of a message, which stand together at its end: strings of all of them, for fewer calls than there are strings.

use std::ptr;

use napi::sys;

use crate::node::js::{self, check, Handles, JsResult, Thrown};

/// So many strings are handed over at once: as arguments, which the engine puts into an array in less time than one by one.
const AT_ONCE: usize = 128;

/// In the byte that tells a length: the text has two bytes a character.
const WIDE: u8 = 0x80;

/// Up to this length a text has one byte for it. See `LISTED_TEXT` of lib/clone/limits.js.
const LONGEST: usize = 127;

calls! {
    /// Hands `collect` strings of `count` texts, in order and many at once. `bytes` has their lengths from `lengths` on, and their characters
    /// from `characters` on. Whether all were there: otherwise the message is malformed, and `collect` has got those that were.
    fn texts as "textsIn" (env, bytes, lengths, count, characters, collect) {
        let view = js::byte_view(env.raw, bytes);
        let found = view.and_then(|(data, length)| {
            // SAFETY: the view shows so many bytes, which are the inbox's: nobody writes to them before the message has been read.
            let bytes = unsafe { std::slice::from_raw_parts(data, length) };
            let [lengths, count, characters] = [lengths, count, characters].map(|value| js::uint(env.raw, value) as usize);
            Some((bytes.get(lengths..)?.get(..count)?, bytes.get(characters..)?))
        });
        let Some((lengths, characters)) = found else {
            return js::from_bool(env.raw, false);
        };
        js::from_bool(env.raw, hand_over(env.raw, lengths, characters, collect)?)
    }
}

/// Returns whether all of the texts were there.
fn hand_over(
    env: sys::napi_env,
    lengths: &[u8],
    mut characters: &[u8],
    collect: sys::napi_value,
) -> Result<bool, Thrown> {
    for lengths in lengths.chunks(AT_ONCE) {
        let _handles = Handles::open(env)?;
        let mut strings = [ptr::null_mut(); AT_ONCE];
        for (string, &length) in strings.iter_mut().zip(lengths) {
            let wide = length & WIDE != 0;
            let size = usize::from(length & !WIDE) * if wide { 2 } else { 1 };
            let Some((text, rest)) = characters.split_at_checked(size) else {
                return Ok(false);
            };
            characters = rest;
            *string = if wide { wide_string(env, text)? } else { narrow_string(env, text)? };
        }
        js::call(env, collect, &strings[..lengths.len()])?;
    }
    Ok(true)
}

fn narrow_string(env: sys::napi_env, text: &[u8]) -> JsResult {
    let mut string = ptr::null_mut();
    // SAFETY: so many characters are there; the engine copies them.
    check(unsafe { sys::napi_create_string_latin1(env, text.as_ptr().cast(), text.len() as isize, &mut string) })?;
    Ok(string)
}

/// `text` may lie anywhere.
fn wide_string(env: sys::napi_env, text: &[u8]) -> JsResult {
    let mut units = [0; LONGEST];
    let (pairs, _) = text.as_chunks::<2>();
    for (unit, &pair) in units.iter_mut().zip(pairs) {
        *unit = u16::from_le_bytes(pair);
    }
    let mut string = ptr::null_mut();
    // SAFETY: so many units are there; the engine copies them.
    check(unsafe { sys::napi_create_string_utf16(env, units.as_ptr().cast(), pairs.len() as isize, &mut string) })?;
    Ok(string)
}
