//! What was freed in small pieces: the allocator keeps the pages between the few pieces that are still in use, until it is
//! asked to give them back.
//!
//! That takes a while, so nobody asks while pieces are being freed, nor for little.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::limits::LOOSE_BYTES;
use crate::sys;

/// Bytes that were freed since the allocator was asked last.
static FREED: AtomicUsize = AtomicUsize::new(0);

/// Notes that so many bytes are being freed. `true`: from here on there is enough to ask for.
pub(super) fn note(bytes: usize) -> bool {
    let before = FREED.fetch_add(bytes, Ordering::Relaxed);
    before < LOOSE_BYTES && before + bytes >= LOOSE_BYTES
}

/// So many, if there is enough to ask for.
pub(super) fn loose() -> Option<usize> {
    Some(FREED.load(Ordering::Relaxed)).filter(|&freed| freed >= LOOSE_BYTES)
}

/// Has the allocator give back what it keeps.
pub(super) fn trim() {
    FREED.store(0, Ordering::Relaxed);
    sys::trim_heap();
}
