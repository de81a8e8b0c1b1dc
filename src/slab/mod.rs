//! Memory for what is large: slabs that were used lately are kept, so that a stream of large messages faults no pages.
//!
//! - [`Slab`] is such memory, [`Lent`] a part of it that whoever needs it longer can keep where it lies
//! - [`Bytes`] are bytes that nobody writes to any more, in whosever memory
//! - `pool` has the slabs that nobody uses
//! - `heap` has the allocator give back what was freed in many small pieces

mod bytes;
mod heap;
mod pool;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

pub use bytes::{Bytes, Hold};
pub use pool::{freed, give_back_all, give_back_idle, kept, mind_with};

use crate::limits::{SLAB_HUGE, SLAB_LEAST};
use crate::sys::Pages;

/// Initialized memory of at least as many bytes as were asked for; what is in it is whatever was in there before.
#[derive(Debug)]
pub struct Slab(Storage);

#[derive(Debug)]
enum Storage {
    Heap(Box<[u8]>),
    /// `None` only while it is dropped.
    Pages(Option<Pages>),
}

impl Slab {
    pub fn of(length: usize) -> Slab {
        // What the system refuses, the allocator refuses in its own way.
        Slab::paged(length).unwrap_or_else(|| Slab(Storage::Heap(vec![0; length].into_boxed_slice())))
    }

    /// One by the page; `None` if so little is wanted that the heap has it, or there is none.
    pub fn paged(length: usize) -> Option<Slab> {
        if length < SLAB_LEAST {
            return None;
        }
        let kept = Slab::kept(length);
        kept.or_else(|| Some(Slab(Storage::Pages(Some(Pages::new(pool::class_of(length).0)?)))))
    }

    /// One that was used before, if there is one: however much of it is used, it takes no more memory than it has.
    pub fn kept(length: usize) -> Option<Slab> {
        pool::take(length).map(|pages| Slab(Storage::Pages(Some(pages))))
    }

    /// Makes it longer without copying what is in it. `false`: it cannot be, and is what it was.
    pub fn grow(&mut self, length: usize) -> bool {
        match &mut self.0 {
            Storage::Pages(Some(pages)) => pages.grow(pool::class_of(length).0),
            Storage::Pages(None) | Storage::Heap(_) => false,
        }
    }

    /// All of it is about to be used.
    pub fn expect_use(&self) {
        match &self.0 {
            Storage::Pages(Some(pages)) if pages.len() >= SLAB_HUGE => pages.advise_huge(),
            Storage::Pages(_) | Storage::Heap(_) => {}
        }
    }

    /// Where it begins, for whoever has it alone to write to.
    fn raw(&self) -> Option<*mut u8> {
        match &self.0 {
            Storage::Pages(pages) => pages.as_ref().map(Pages::raw),
            Storage::Heap(_) => None,
        }
    }

    /// Whether it is memory by the page, and not of the heap.
    pub fn is_paged(&self) -> bool {
        matches!(self.0, Storage::Pages(_))
    }
}

impl From<Vec<u8>> for Slab {
    fn from(bytes: Vec<u8>) -> Slab {
        Slab(Storage::Heap(bytes.into_boxed_slice()))
    }
}

impl Deref for Slab {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Storage::Heap(bytes) => bytes,
            Storage::Pages(Some(pages)) => pages,
            Storage::Pages(None) => &[],
        }
    }
}

impl DerefMut for Slab {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Storage::Heap(bytes) => bytes,
            Storage::Pages(Some(pages)) => pages,
            Storage::Pages(None) => &mut [],
        }
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        if let Storage::Pages(pages) = &mut self.0 {
            // What is not kept goes when the lock is released.
            let _over = pages.take().and_then(pool::keep);
        }
    }
}

/// A part of a slab that whoever needs it longer can keep as it is.
#[derive(Debug, Clone)]
pub struct Lent<'a> {
    bytes: &'a [u8],
    /// `None`: of other memory, which stays where it is.
    slab: Option<&'a Arc<Slab>>,
}

impl<'a> Lent<'a> {
    /// `bytes` lie in the slab.
    pub fn new(bytes: &'a [u8], slab: Option<&'a Arc<Slab>>) -> Lent<'a> {
        Lent { bytes, slab }
    }

    /// What keeps these bytes where they are for as long as it lives, if so much of it is in use that this is no waste; and
    /// where that is.
    pub fn keep(&self) -> Option<(Arc<Slab>, *mut u8)> {
        let slab = self.slab.filter(|slab| self.bytes.len() >= slab.len() / 4)?;
        let at = (self.bytes.as_ptr() as usize).checked_sub(slab.as_ptr() as usize)?;
        Some((slab.clone(), slab.raw()?.wrapping_add(at)))
    }
}

impl Deref for Lent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes
    }
}
