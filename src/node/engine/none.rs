//! No engine whose memory could be taken along: messages copy it.

use std::any::Any;
use std::sync::Arc;

use napi::sys;

use crate::message::Foreign;
use crate::node::js::JsResult;
use crate::slab::{Bytes, Slab};
use crate::sys::SharedMemory;

#[derive(Debug)]
pub enum Store {}

pub fn shares(_: sys::napi_env) -> bool {
    false
}

/// Whether an ArrayBuffer has memory that can be taken away from it. `None`: a WebAssembly.Memory's is not told apart.
pub fn is_detachable(env: sys::napi_env, value: sys::napi_value) -> Option<bool> {
    let mut is_detached = false;
    // SAFETY: `value` is an ArrayBuffer.
    unsafe { sys::napi_is_detached_arraybuffer(env, value, &mut is_detached) };
    is_detached.then_some(false)
}

/// There is nothing to try.
pub fn try_with(_: sys::napi_env, _: sys::napi_value) {}

/// Of what sort an object is: only JavaScript can tell.
pub fn told_of(_: sys::napi_value, _: &[sys::napi_value], _: bool) -> i32 {
    0
}

/// See above.
pub fn learn(_: sys::napi_env, _: sys::napi_value, _: sys::napi_value, _: sys::napi_value) -> bool {
    false
}

/// There is nothing to pass on ...
pub fn lesson() -> Option<String> {
    None
}

/// ... and nothing to take.
pub fn take_lesson(_: &str) -> bool {
    false
}

/// Whether two objects have the same shape: nobody can tell.
pub fn is_alike(_: sys::napi_value, _: sys::napi_value) -> bool {
    false
}

/// See above.
pub fn is_like(_: sys::napi_value, _: sys::napi_value) -> bool {
    false
}

/// Functions that are called without Node-API: there are none.
pub fn direct_sorts(_: sys::napi_env) -> Option<[sys::napi_value; 2]> {
    None
}

/// What is in a Map or a Set: JavaScript asks for each.
pub fn entries_of(_: sys::napi_value) -> Option<sys::napi_value> {
    None
}

/// See above.
pub fn copy_of(_: sys::napi_value) -> Option<sys::napi_value> {
    None
}

/// How a string is kept: that takes a look at its characters.
pub fn is_narrow(_: sys::napi_env, _: sys::napi_value) -> Option<bool> {
    None
}

/// How much stack a thread has: a flag says it.
pub fn set_stack(_: usize) -> bool {
    false
}

/// Where the characters of a string lie: nobody tells.
///
/// # Safety
/// None of these.
pub unsafe fn characters_of<'a>(_: sys::napi_env, _: sys::napi_value) -> Option<&'a [u8]> {
    None
}

impl Store {
    pub fn of_buffer(_: sys::napi_env, _: sys::napi_value) -> Option<Store> {
        None
    }

    pub fn copy_of(_: sys::napi_env, _: &[u8]) -> Option<Store> {
        None
    }

    /// # Safety
    /// None of these.
    pub unsafe fn of_slab(_: sys::napi_env, _: Arc<Slab>, _: *mut u8, _: usize) -> Option<Store> {
        None
    }

    pub fn of_memory(_: sys::napi_env, _: Arc<SharedMemory>) -> Option<Store> {
        None
    }

    pub fn memory(&self) -> Option<Arc<SharedMemory>> {
        match *self {}
    }

    pub fn of_shared(_: sys::napi_env, _: sys::napi_value) -> Option<Store> {
        None
    }

    pub fn into_value(self, _: sys::napi_env) -> JsResult {
        match self {}
    }

    pub fn is_buffer(&self) -> bool {
        match *self {}
    }
}

impl Foreign for Store {
    fn size(&self) -> usize {
        match *self {}
    }

    fn copy(&self) -> Option<Bytes> {
        match *self {}
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
