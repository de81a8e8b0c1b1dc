//! Has the engine collect young buffers whose memory is ours.

use std::cell::Cell;
use std::ptr;

use napi::sys;

use crate::limits::YOUNG_BYTES;
use crate::node::js;

thread_local! {
    /// Bytes that became buffers in this thread since the engine was last made to look.
    static RECEIVED: Cell<usize> = const { Cell::new(0) };
}

/// A buffer of so many bytes has been made around memory that is there already.
///
/// Whenever V8 allocates the memory of a buffer itself, it looks how much the young ones hold, and collects those alone if
/// that is much. Where it is given the memory it does not look, and buffers pile up until it has to go through the whole
/// heap, for every 64 MiB that arrive. So it is made to look now and then: it allocates one byte.
pub fn received(env: sys::napi_env, length: usize) {
    let bytes = RECEIVED.get().saturating_add(length);
    RECEIVED.set(if bytes < YOUNG_BYTES { bytes } else { 0 });
    if bytes < YOUNG_BYTES {
        return;
    }
    let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live, and this is its thread.
    if unsafe { sys::napi_create_arraybuffer(env, 1, &mut data, &mut value) } != sys::Status::napi_ok {
        js::clear_exception(env);
    }
}
