//! Memory shared with JS: the buffers that messages are encoded to and decoded from, and the control words.

use std::cell::Cell;
use std::ptr;

use napi::sys;

use super::js::{self, check, JsResult, Thrown};
use super::symbol;

/// An ArrayBuffer that both sides use for as long as the environment lives.
#[derive(Debug)]
pub struct SharedBuffer {
    data: Cell<*mut u8>,
    length: Cell<usize>,
    reference: Cell<sys::napi_ref>,
}

impl SharedBuffer {
    pub fn none() -> SharedBuffer {
        SharedBuffer { data: Cell::new(ptr::null_mut()), length: Cell::new(0), reference: Cell::new(ptr::null_mut()) }
    }

    /// Makes a new buffer.
    pub fn create(env: sys::napi_env, length: usize) -> Result<(SharedBuffer, sys::napi_value), Thrown> {
        let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: `env` is live.
        check(unsafe { sys::napi_create_arraybuffer(env, length, &mut data, &mut value) })?;
        Ok((SharedBuffer::of(env, value)?, value))
    }

    /// One that JS has made.
    pub fn of(env: sys::napi_env, value: sys::napi_value) -> Result<SharedBuffer, Thrown> {
        let Some((data, length)) = js::array_buffer(env, value) else {
            return Err(js::throw(env, js::Kind::TypeError, "ERR_INVALID_ARG_TYPE", "not an ArrayBuffer"));
        };
        let mut reference = ptr::null_mut();
        // SAFETY: `value` is an object; the reference keeps it, and so its memory, alive.
        check(unsafe { sys::napi_create_reference(env, value, 1, &mut reference) })?;
        Ok(SharedBuffer { data: Cell::new(data), length: Cell::new(length), reference: Cell::new(reference) })
    }

    /// The first `length` bytes, or fewer if there are not so many.
    pub fn bytes(&self, length: usize) -> &[u8] {
        let length = length.min(self.length.get());
        if length == 0 {
            return &[];
        }
        // SAFETY: the reference keeps the memory alive; only this thread's JS writes to it, and none runs while the
        // borrow lasts: no caller keeps it across a call into JS.
        unsafe { std::slice::from_raw_parts(self.data.get(), length) }
    }

    /// All of it.
    pub fn all(&self) -> &[u8] {
        self.bytes(self.length.get())
    }

    /// Uses the other buffer from now on, and lets its own go.
    pub fn replace(&self, env: sys::napi_env, other: SharedBuffer) {
        let old = self.reference.replace(other.reference.get());
        if !old.is_null() {
            // SAFETY: `old` came from napi_create_reference and is forgotten here.
            unsafe { sys::napi_delete_reference(env, old) };
        }
        self.data.set(other.data.get());
        self.length.set(other.length.get());
    }

    /// All of it, to write to.
    #[allow(clippy::mut_from_ref)]
    pub fn bytes_mut(&self) -> &mut [u8] {
        // SAFETY: as above; each caller borrows it for one copy and calls nothing meanwhile that borrows it again.
        unsafe { std::slice::from_raw_parts_mut(self.data.get(), self.length.get()) }
    }
}

/// The words of `control`, at the places where JS looks for them.
#[derive(Debug)]
pub struct Control(SharedBuffer);

#[derive(Clone, Copy)]
pub enum Word {
    Key = 0,
    Length = 1,
    Delivered = 2,
    Live = 3,
}

impl Control {
    const WORDS: usize = 16;

    /// Makes the words and the Int32Array that JS sees them through.
    pub fn create(env: sys::napi_env) -> Result<(Control, sys::napi_value), Thrown> {
        let (buffer, value) = SharedBuffer::create(env, Self::WORDS * 4)?;
        let mut view = ptr::null_mut();
        let int32 = sys::TypedarrayType::int32_array;
        // SAFETY: the view covers the buffer just made.
        check(unsafe { sys::napi_create_typedarray(env, int32, Self::WORDS, value, 0, &mut view) })?;
        Ok((Control(buffer), view))
    }

    pub fn get(&self, word: Word) -> u32 {
        let at = word as usize * 4;
        match self.0.bytes(at + 4)[at..] {
            [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]),
            _ => 0,
        }
    }

    pub fn set(&self, word: Word, value: u32) {
        let at = word as usize * 4;
        self.0.bytes_mut()[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }
}

/// An ArrayBuffer of the engine's own memory with these bytes: it belongs to no thread, so that it can be handed on and
/// outlive this one. (Node ties what `napi_create_external_arraybuffer` makes to the receiving environment.)
pub fn to_array_buffer(env: sys::napi_env, bytes: &[u8]) -> JsResult {
    /// From here on, a Buffer's memory, which need not be cleared first, is made faster than an ArrayBuffer's.
    const WORTH_A_BUFFER: usize = 4 << 10;
    let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
    // Only Node.js is known to make a Buffer of an ArrayBuffer: elsewhere that may come later, with the bytes somewhere else.
    if bytes.len() < WORTH_A_BUFFER || symbol::is_foreign() {
        // SAFETY: `env` is live.
        check(unsafe { sys::napi_create_arraybuffer(env, bytes.len(), &mut data, &mut value) })?;
    } else {
        let (mut view, skip) = (ptr::null_mut(), ptr::null_mut::<usize>());
        // SAFETY: `env` is live; a Buffer with memory of its own begins where that begins.
        unsafe {
            check(sys::napi_create_buffer(env, bytes.len(), &mut data, &mut view))?;
            check(sys::napi_get_typedarray_info(env, view, ptr::null_mut(), skip, ptr::null_mut(), &mut value, skip))?;
        }
    }
    if !bytes.is_empty() {
        // SAFETY: `data` has room for as many bytes as were asked for, and is new.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast(), bytes.len()) };
    }
    Ok(value)
}
