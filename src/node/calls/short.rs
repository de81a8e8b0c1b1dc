//! The short texts of a message, many of which stand together: they are read and written in fewer calls than there are texts.

use std::ptr;

use napi::sys;

use crate::node::engine;
use crate::node::js::{self, check, Handles, JsResult, Thrown};

/// So many strings are handed over at once: as arguments, which the engine takes out of an array, and puts into one, in less time than one
/// by one. lib/clone/limits.js has it, too.
const AT_ONCE: usize = 128;

/// The number that says how many were written, and where they end, has so many places for the first.
const COUNTS: usize = 256;

/// In the byte that tells a length: the text has two bytes a character.
const WIDE: u8 = 0x80;

/// In place of a length: it stands behind, as two bytes.
const LONGER: u8 = 0x7f;

/// A longer text does not stand among these. lib/clone/limits.js has it, too.
const LONGEST: usize = 4096;

calls! {
    /// Hands `collect` strings of `count` texts, which stand from `place` on and before `end`, in order and many at once. Where they end;
    /// undefined if they are not there: then `collect` has got those that were.
    fn texts_in as "textsIn" (env, bytes, place, end, count, collect) {
        let [place, end, mut count] = [place, end, count].map(|value| js::uint(env.raw, value) as usize);
        let mut left = Left { place, end, units: Vec::new() };
        while count > 0 {
            let some = count.min(AT_ONCE);
            if !left.hand_over(env.raw, bytes, some, collect)? {
                return js::undefined(env.raw);
            }
            count -= some;
        }
        js::from_number(env.raw, left.place as f64)
    }

    /// Writes texts from `place` on: those of them that are short strings, up to the first that is not, or for which there is no room.
    /// COUNTS times where they end, and how many there were.
    fn texts_out as "textsOut" (env, bytes, place; texts: AT_ONCE) {
        let mut place = js::uint(env.raw, place) as usize;
        let mut count = 0;
        if let Some((data, length)) = js::byte_view(env.raw, bytes).filter(|&(data, _)| !data.is_null()) {
            // SAFETY: the view shows so many bytes, which are the writer's own, and no JS runs before they are written.
            let bytes = unsafe { std::slice::from_raw_parts_mut(data.cast_mut(), length) };
            let mut units = Vec::new();
            for &text in texts {
                let Some(written) = bytes.get_mut(place..).and_then(|room| write(env.raw, text, room, &mut units)) else {
                    break;
                };
                place += written;
                count += 1;
            }
        }
        js::from_number(env.raw, (COUNTS * place + count) as f64)
    }
}

/// Writes one text, and returns how many bytes it takes.
fn write(env: sys::napi_env, text: sys::napi_value, room: &mut [u8], units: &mut Vec<u16>) -> Option<usize> {
    // SAFETY: `text` is live, and its characters are copied at once.
    if let Some(characters) = unsafe { engine::characters_of(env, text) } {
        let start = write_length(room, characters.len(), 0)?;
        let end = start + characters.len();
        room.get_mut(start..end)?.copy_from_slice(characters);
        return Some(end);
    }
    let mut length = 0;
    // SAFETY: without a buffer this asks for the length only, and fails for what is no string.
    check(unsafe { sys::napi_get_value_string_utf16(env, text, ptr::null_mut(), 0, &mut length) }).ok()?;
    if length > LONGEST {
        return None;
    }
    units.resize(length + 1, 0);
    let mut read = 0;
    // SAFETY: there is room for so many and a zero.
    check(unsafe { sys::napi_get_value_string_utf16(env, text, units.as_mut_ptr(), length + 1, &mut read) }).ok()?;
    let units = units.get(..read)?;
    if units.iter().all(|&unit| unit <= 0xff) {
        let start = write_length(room, read, 0)?;
        for (byte, &unit) in room.get_mut(start..start + read)?.iter_mut().zip(units) {
            *byte = unit as u8;
        }
        return Some(start + read);
    }
    let start = write_length(room, read, WIDE)?;
    let (pairs, _) = room.get_mut(start..start + 2 * read)?.as_chunks_mut::<2>();
    for (pair, &unit) in pairs.iter_mut().zip(units) {
        *pair = unit.to_le_bytes();
    }
    Some(start + 2 * read)
}

/// Writes the length of a text, and returns how many bytes that takes.
fn write_length(room: &mut [u8], length: usize, wide: u8) -> Option<usize> {
    if length > LONGEST {
        return None;
    }
    let [low, high] = (length as u16).to_le_bytes();
    if length < usize::from(LONGER) {
        *room.first_mut()? = low | wide;
        return Some(1);
    }
    *room.first_chunk_mut()? = [LONGER | wide, low, high];
    Some(3)
}

/// Those that are left: places in the bytes, which are asked for anew after each call, since that may give them away.
struct Left {
    place: usize,
    end: usize,
    /// Those of a wide text, where units may lie.
    units: Vec<u16>,
}

impl Left {
    /// Hands over the next ones. `false`: they are not there.
    fn hand_over(
        &mut self,
        env: sys::napi_env,
        bytes: sys::napi_value,
        count: usize,
        collect: sys::napi_value,
    ) -> Result<bool, Thrown> {
        let _handles = Handles::open(env)?;
        let mut strings = [ptr::null_mut(); AT_ONCE];
        let strings = strings.get_mut(..count).ok_or(Thrown)?;
        if !self.make(env, bytes, strings)? {
            return Ok(false);
        }
        js::call(env, collect, strings).map(|_| true)
    }

    /// Makes strings of the next ones. `false` as above.
    fn make(
        &mut self,
        env: sys::napi_env,
        bytes: sys::napi_value,
        strings: &mut [sys::napi_value],
    ) -> Result<bool, Thrown> {
        let Some((data, length)) = js::byte_view(env, bytes).filter(|&(data, _)| !data.is_null()) else {
            return Ok(false);
        };
        // SAFETY: the view shows so many bytes until JS runs again, which making strings does not; and they are the inbox's, to
        // which nobody writes before the message has been read.
        let bytes = unsafe { std::slice::from_raw_parts(data, length) };
        let Some(mut rest) = bytes.get(self.place..self.end) else {
            return Ok(false);
        };
        for string in strings {
            let Some((text, wide, behind)) = next_of(rest) else {
                return Ok(false);
            };
            *string = if wide { wide_string(env, text, &mut self.units)? } else { js::from_latin1(env, text)? };
            rest = behind;
        }
        self.place = self.end - rest.len();
        Ok(true)
    }
}

/// The characters of the text that these bytes begin with, whether it is wide, and what follows. `None`: it is not there.
fn next_of(bytes: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    let (&head, rest) = bytes.split_first()?;
    let (length, rest) = match head & !WIDE {
        LONGER => {
            let (&pair, rest) = rest.split_first_chunk::<2>()?;
            (u16::from_le_bytes(pair).into(), rest)
        }
        length => (usize::from(length), rest),
    };
    let wide = head & WIDE != 0;
    let (text, rest) = rest.split_at_checked(if wide { 2 * length } else { length })?;
    Some((text, wide, rest))
}

/// `text` may lie anywhere: it is copied to where units may.
fn wide_string(env: sys::napi_env, text: &[u8], units: &mut Vec<u16>) -> JsResult {
    let (pairs, _) = text.as_chunks::<2>();
    units.clear();
    units.extend(pairs.iter().map(|&pair| u16::from_le_bytes(pair)));
    let mut string = ptr::null_mut();
    // SAFETY: so many units are there; the engine copies them.
    check(unsafe { sys::napi_create_string_utf16(env, units.as_ptr().cast(), units.len() as isize, &mut string) })?;
    Ok(string)
}
