//! The short texts of a message, which stand together at its end: strings of all of them, for fewer calls than there are strings.

use std::ops::Range;
use std::ptr;

use napi::sys;

use crate::node::js::{self, check, Handles, JsResult, Thrown};

/// So many strings are handed over at once: as arguments, which the engine puts into an array in less time than one by one.
const AT_ONCE: usize = 128;

/// In the byte that tells a length: the text has two bytes a character.
const WIDE: u8 = 0x80;

/// In place of a length: it stands behind, as two bytes.
const LONGER: u8 = 0x7f;

calls! {
    /// Hands `collect` strings of all texts whose lengths stand from `lengths` on, and their characters from `characters` to `end`, in
    /// order and many at once. Whether all were there: otherwise the message is malformed, and `collect` has got those that were.
    fn texts as "textsIn" (env, bytes, lengths, characters, end, collect) {
        let [lengths, characters, end] = [lengths, characters, end].map(|value| js::uint(env.raw, value) as usize);
        let mut left = Left { lengths: lengths..characters, characters: characters..end, units: Vec::new() };
        let mut fine = true;
        while fine && !left.lengths.is_empty() {
            fine = left.hand_over(env.raw, bytes, collect)?;
        }
        js::from_bool(env.raw, fine && left.characters.is_empty())
    }
}

/// Where those stand that are left: places in the bytes, which are asked for anew after each call, since that may give them away.
struct Left {
    lengths: Range<usize>,
    characters: Range<usize>,
    /// Those of a wide text, where units may lie.
    units: Vec<u16>,
}

impl Left {
    /// Hands over the next ones. `false`: they are not there.
    fn hand_over(
        &mut self,
        env: sys::napi_env,
        bytes: sys::napi_value,
        collect: sys::napi_value,
    ) -> Result<bool, Thrown> {
        let _handles = Handles::open(env)?;
        let mut strings = [ptr::null_mut(); AT_ONCE];
        match self.make(env, bytes, &mut strings)? {
            None => Ok(false),
            Some(count) => js::call(env, collect, &strings[..count]).map(|_| true),
        }
    }

    /// Makes strings of the next ones, and returns how many. `None` as above.
    fn make(
        &mut self,
        env: sys::napi_env,
        bytes: sys::napi_value,
        strings: &mut [sys::napi_value],
    ) -> Result<Option<usize>, Thrown> {
        let Some((data, length)) = js::byte_view(env, bytes).filter(|&(data, _)| !data.is_null()) else {
            return Ok(None);
        };
        // SAFETY: the view shows so many bytes until JS runs again, which making strings does not; and they are the inbox's, to
        // which nobody writes before the message has been read.
        let bytes = unsafe { std::slice::from_raw_parts(data, length) };
        let (lengths, characters) = (bytes.get(self.lengths.clone()), bytes.get(self.characters.clone()));
        let (Some(lengths), Some(characters)) = (lengths, characters) else {
            return Ok(None);
        };
        let mut texts = Texts { lengths, characters };
        let mut count = 0;
        while count < strings.len() && !texts.lengths.is_empty() {
            let Some((text, wide)) = texts.next() else {
                return Ok(None);
            };
            strings[count] = if wide { wide_string(env, text, &mut self.units)? } else { narrow_string(env, text)? };
            count += 1;
        }
        self.lengths.start = self.lengths.end - texts.lengths.len();
        self.characters.start = self.characters.end - texts.characters.len();
        Ok(Some(count))
    }
}

/// Lengths and characters of texts.
struct Texts<'a> {
    lengths: &'a [u8],
    characters: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The next one, and whether it is wide. `None`: it is not there, or there are no more.
    fn next(&mut self) -> Option<(&'a [u8], bool)> {
        let (&head, rest) = self.lengths.split_first()?;
        let (length, rest) = match head & !WIDE {
            LONGER => {
                let (&pair, rest) = rest.split_first_chunk::<2>()?;
                (u16::from_le_bytes(pair).into(), rest)
            }
            length => (usize::from(length), rest),
        };
        let wide = head & WIDE != 0;
        let (text, characters) = self.characters.split_at_checked(if wide { 2 * length } else { length })?;
        (self.lengths, self.characters) = (rest, characters);
        Some((text, wide))
    }
}

fn narrow_string(env: sys::napi_env, text: &[u8]) -> JsResult {
    let mut string = ptr::null_mut();
    // SAFETY: so many characters are there; the engine copies them.
    check(unsafe { sys::napi_create_string_latin1(env, text.as_ptr().cast(), text.len() as isize, &mut string) })?;
    Ok(string)
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
