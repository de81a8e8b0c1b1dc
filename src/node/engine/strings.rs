//! The characters of a string where the engine keeps them: a call into it for each of many short ones takes longer than to copy them.
//!
//! A string that is one piece, with a byte for each character, is a pointer to its map, its hash and length, and then its characters. As with
//! the types in `sorts`, that is part of no promise. So strings are made first whose characters are known, and read in a way that cannot
//! fail; and the types of those that are kept in other ways have to be different ones.

use napi::sys;
use once_cell::sync::OnceCell;

use super::probe::{self, Trial};
use super::sorts::{peek_types, type_of, untagged};
use crate::node::js::{self, JsResult, Thrown};
use crate::sys::peek;

const LENGTH: usize = 12;
const CHARACTERS: usize = 16;

/// The types of those strings, of which the engine has one for each text, and of others.
type Types = [u16; 2];

static TYPES: OnceCell<Option<Types>> = OnceCell::new();

/// The characters of a string that is one piece with a byte for each. `None`: it is kept in another way, or nobody tells.
///
/// # Safety
/// `value` is live, and the slice is not used any more when the engine runs again: it moves strings.
pub unsafe fn characters_of<'a>(env: sys::napi_env, value: sys::napi_value) -> Option<&'a [u8]> {
    let types = TYPES.get_or_init(|| probe::tried(env, || types_of_pieces(env).ok()?, tells_apart)).as_ref()?;
    // SAFETY: that strings of these types are laid out like this has been seen, and nothing moves while native code runs.
    unsafe {
        if !types.contains(&type_of(value)?) {
            return None;
        }
        let place = untagged(*value.cast::<usize>())?;
        let length = *((place + LENGTH) as *const u32);
        Some(std::slice::from_raw_parts((place + CHARACTERS) as *const u8, length as usize))
    }
}

/// Of two kinds, and each of more than one length: the characters, and what lies around them, are to be there.
fn types_of_pieces(env: sys::napi_env) -> Result<Option<Types>, Thrown> {
    let texts = [&b"a piece of narrow text \xff"[..], &b"another, of which the length is a different one"[..]];
    let mut types = [0; 2];
    for (its, make) in types.iter_mut().zip([literal, js::from_latin1]) {
        let strings = [make(env, texts[0])?, make(env, texts[1])?];
        match peek_types(&strings).as_deref() {
            Some(&[one, other]) if one == other => *its = one,
            _ => return Ok(None),
        }
        if !strings.iter().zip(texts).all(|(&string, text)| lies_there(string, text)) {
            return Ok(None);
        }
    }
    Ok(Some(types))
}

/// As a program has it, of which there is one only.
fn literal(env: sys::napi_env, text: &[u8]) -> JsResult {
    js::run(env, &format!("'{}'", text.iter().map(|&byte| char::from(byte)).collect::<String>()))
}

/// Whether a string has this text where we would look for it, whatever the layout is.
fn lies_there(string: sys::napi_value, text: &[u8]) -> bool {
    let found = || {
        let place = untagged(*peek(&[string as usize])?.first()?)?;
        let words = text.len().div_ceil(size_of::<usize>());
        let addresses: Vec<usize> = (0..=words).map(|word| place + LENGTH - 4 + word * size_of::<usize>()).collect();
        let bytes: Vec<u8> = peek(&addresses)?.into_iter().flat_map(usize::to_ne_bytes).collect();
        let (length, characters) = bytes.get(4..)?.split_first_chunk::<4>()?;
        Some(u32::from_ne_bytes(*length) as usize == text.len() && characters.get(..text.len())? == text)
    };
    found() == Some(true)
}

fn tells_apart(env: sys::napi_env, types: &Types) -> Result<bool, Thrown> {
    let others = js::elements(env, Trial::OtherTexts.make(env)?)?;
    Ok(peek_types(&others).is_some_and(|found| found.iter().all(|its| !types.contains(its))))
}
