//! Long texts on their way from one thread to another: read out of one engine and given to the other, and copied no more than
//! that takes.

use std::any::Any;
use std::ffi::{c_char, c_void};
use std::mem::{self, MaybeUninit};
use std::ptr;

use napi::sys;

use crate::message::Foreign;
use crate::node::engine;
use crate::node::js::{self, check, JsResult};
use crate::node::symbol;
use crate::slab::Bytes;

/// The characters of a text: a byte each, if all are Latin-1, or two, as the machine has them.
#[derive(Debug)]
pub struct Text {
    bytes: Bytes,
    wide: bool,
}

impl Foreign for Text {
    fn size(&self) -> usize {
        self.bytes.len()
    }

    fn copy(&self) -> Option<Bytes> {
        Some(Bytes::copied(&self.bytes))
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// A string of this thread's, to be read within the same call from JS.
#[derive(Debug, Clone, Copy)]
pub struct Unread {
    env: sys::napi_env,
    value: sys::napi_value,
    characters: usize,
    /// `None`: nobody tells before they have been read.
    narrow: Option<bool>,
}

impl Unread {
    /// `None`: `value` is no string.
    pub fn of(env: sys::napi_env, value: sys::napi_value) -> Option<Unread> {
        let mut characters = 0;
        // SAFETY: without a buffer this asks for the length only, and fails for what is no string.
        check(unsafe { sys::napi_get_value_string_utf16(env, value, ptr::null_mut(), 0, &mut characters) }).ok()?;
        Some(Unread { env, value, characters, narrow: engine::is_narrow(env, value) })
    }

    /// How many bytes it takes, at most.
    pub fn size(&self) -> usize {
        if self.narrow == Some(true) {
            self.characters
        } else {
            2 * self.characters
        }
    }

    pub fn read(self) -> Text {
        match self.narrow {
            Some(true) => Text { bytes: self.read_narrow(), wide: false },
            Some(false) => Text { bytes: self.read_wide(), wide: true },
            None => Text { bytes: self.read_wide(), wide: true }.narrowed(),
        }
    }

    fn read_narrow(&self) -> Bytes {
        let read = |room: &mut [MaybeUninit<u8>]| {
            let mut read = 0;
            let place = room.as_mut_ptr().cast();
            // SAFETY: there is room for all of them and a zero; on failure `read` keeps its 0.
            unsafe { sys::napi_get_value_string_latin1(self.env, self.value, place, self.characters + 1, &mut read) };
            read
        };
        // SAFETY: Node-API writes as many as it says.
        unsafe { Bytes::written(self.characters + 1, read) }
    }

    fn read_wide(&self) -> Bytes {
        let read = |room: &mut [MaybeUninit<u8>]| {
            let (mut read, mut apart) = (0, Vec::new());
            let mut place = room.as_mut_ptr().cast::<u16>();
            if !place.is_aligned() {
                // Never seen of an allocator, and not forbidden.
                apart.resize(self.characters + 1, 0);
                place = apart.as_mut_ptr();
            }
            // SAFETY: there is room for all of them and a zero; on failure `read` keeps its 0.
            unsafe { sys::napi_get_value_string_utf16(self.env, self.value, place, self.characters + 1, &mut read) };
            for (byte, of) in room.iter_mut().zip(apart.iter().flat_map(|word| word.to_ne_bytes())) {
                byte.write(of);
            }
            2 * read
        };
        // SAFETY: Node-API writes as many as it says, or all of `apart` are written.
        unsafe { Bytes::written(2 * (self.characters + 1), read) }
    }
}

impl Text {
    /// The same in half of the memory, if that can be.
    fn narrowed(self) -> Text {
        let (words, _) = self.bytes.as_chunks::<2>();
        if words.iter().any(|&word| u16::from_ne_bytes(word) > 0xff) {
            return self;
        }
        let bytes: Vec<u8> = words.iter().map(|&word| u16::from_ne_bytes(word) as u8).collect();
        Text { bytes: bytes.into(), wide: false }
    }

    /// For whoever takes bytes: with which of the two it is, the length tells.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// A string of this thread's: around the memory itself where that is worth it and can be, or a copy.
    pub fn into_value(self, env: sys::napi_env) -> JsResult {
        let lies_even = self.bytes.as_ptr().cast::<u16>().is_aligned();
        if self.bytes.len() < WORTH_LENDING || !lies_even {
            return self.copied(env);
        }
        self.lent(env).or_else(|text| text.copied(env))
    }

    fn copied(&self, env: sys::napi_env) -> JsResult {
        if !self.wide {
            return js::from_latin1(env, &self.bytes);
        }
        let mut value = ptr::null_mut();
        let (data, length) = (self.bytes.as_ptr(), self.bytes.len());
        // SAFETY: so many units are there; the engine copies them.
        check(unsafe { sys::napi_create_string_utf16(env, data.cast(), (length / 2) as isize, &mut value) })?;
        Ok(value)
    }

    /// A string that gives the memory back when nobody has it any more. V8 is told how much that is, as Node tells it of the large
    /// strings that it makes: it does not look by itself, and would keep gigabytes of them.
    fn lent(self, env: sys::napi_env) -> Result<sys::napi_value, Text> {
        type Finalize = unsafe extern "C" fn(sys::napi_env, *mut c_void, *mut c_void);
        type Create = unsafe extern "C" fn(
            sys::napi_env,
            *const c_char,
            usize,
            Finalize,
            *mut c_void,
            *mut sys::napi_value,
            *mut bool,
        ) -> sys::napi_status;
        /// In the thread of the string.
        unsafe extern "C" fn give_back(env: sys::napi_env, _: *mut c_void, text: *mut c_void) {
            // SAFETY: it came from `Box::into_raw` below, and the engine calls this once.
            let text = unsafe { Box::from_raw(text.cast::<Text>()) };
            adjust(env, -(text.bytes.len() as i64));
        }
        fn adjust(env: sys::napi_env, change: i64) {
            let mut now = 0;
            // SAFETY: `env` is live, or null where it has ended before its string, and refused; a finalizer may call this.
            unsafe { sys::napi_adjust_external_memory(env, change, &mut now) };
        }
        let name = if self.wide {
            c"node_api_create_external_string_utf16"
        } else {
            c"node_api_create_external_string_latin1"
        };
        let Some(create) = symbol::find(name).filter(|_| !symbol::is_foreign()) else {
            return Err(self);
        };
        // SAFETY: this is its signature in Node-API, whatever the characters are.
        let create = unsafe { mem::transmute::<*mut c_void, Create>(create) };
        let length = self.bytes.len();
        let (characters, data) = (if self.wide { length / 2 } else { length }, self.bytes.as_ptr());
        let text = Box::into_raw(Box::new(self));
        let (mut value, mut copied) = (ptr::null_mut(), false);
        // SAFETY: the characters are there, lie even, and nobody writes to them, until the finalizer has dropped them.
        let status = unsafe { create(env, data.cast(), characters, give_back, text.cast(), &mut value, &mut copied) };
        if check(status).is_err() {
            js::clear_exception(env);
            // SAFETY: nobody else has it: there is no string whose end would be told.
            return Err(*unsafe { Box::from_raw(text) });
        }
        adjust(env, length as i64);
        Ok(value)
    }
}

/// From here on Node makes strings around memory of their own, too, where it reads them out of a Buffer.
const WORTH_LENDING: usize = 1 << 20;
