//! Memory for what is large: slabs that were used lately are kept, so that a stream of large messages faults no pages.
//!
//! The pool belongs to the process, as its allocator does, and to no hub. It keeps at most [`SLABS_KEPT`] bytes, and
//! nothing that nobody has asked for in [`SLABS_IDLE`]: somebody has to [mind](mind_with) it, or it keeps nothing.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::{SLABS_IDLE, SLABS_KEPT, SLAB_LEAST, SLAB_MOST};
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
        let (length, class) = class_of(length);
        let kept = class.and_then(|class| pool().take(class));
        Some(Slab(Storage::Pages(Some(kept.or_else(|| Pages::new(length))?))))
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
            let _over = pages.take().and_then(|pages| pool().keep(pages));
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

/// Four sizes between a power of two and the next: no slab is more than a fourth too large.
struct Pool {
    classes: [Vec<Pages>; CLASSES],
    kept: usize,
    /// When one was last taken or given back.
    used: Option<Instant>,
    minder: Option<Box<dyn Fn() -> bool + Send>>,
    minded: bool,
}

const CLASSES: usize = (SLAB_MOST / SLAB_LEAST).ilog2() as usize * 4 + 1;

static POOL: Mutex<Pool> =
    Mutex::new(Pool { classes: [const { Vec::new() }; CLASSES], kept: 0, used: None, minder: None, minded: false });

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The length of the slab for so many bytes, and where those are kept; `None`: nowhere.
fn class_of(bytes: usize) -> (usize, Option<usize>) {
    let power = bytes.max(SLAB_LEAST).ilog2();
    let step = 1 << (power - 2);
    let quarters = bytes.max(SLAB_LEAST).div_ceil(step);
    // Where four quarters more are twice as much.
    let class = (power - SLAB_LEAST.ilog2()) as usize * 4 + quarters - 4;
    (quarters.saturating_mul(step), Some(class).filter(|&class| class < CLASSES))
}

impl Pool {
    fn take(&mut self, class: usize) -> Option<Pages> {
        let pages = self.classes[class].pop()?;
        self.kept -= pages.len();
        self.used = Some(Instant::now());
        Some(pages)
    }

    /// Keeps what there is room for, and answers with what there is not.
    fn keep(&mut self, pages: Pages) -> Option<Pages> {
        let (_, class) = class_of(pages.len());
        let Some(class) = class.filter(|_| self.kept + pages.len() <= SLABS_KEPT) else {
            return Some(pages);
        };
        self.minded = self.minded || self.minder.as_ref().is_some_and(|minder| minder());
        if !self.minded {
            return Some(pages);
        }
        self.kept += pages.len();
        self.used = Some(Instant::now());
        self.classes[class].push(pages);
        None
    }

    fn empty(&mut self) -> Vec<Pages> {
        (self.kept, self.minded) = (0, false);
        self.classes.iter_mut().flat_map(std::mem::take).collect()
    }
}

/// Who sees to it that what is idle is given back: `minder` is told when there is something to mind, and calls
/// [`give_back_idle`] until nothing is left. `false`: it cannot. It is called under a lock.
pub fn mind_with(minder: impl Fn() -> bool + Send + 'static) {
    let mut pool = pool();
    pool.minder = Some(Box::new(minder));
    pool.minded = false;
}

/// Gives everything back if nobody has taken or given anything for a while. Answers when to ask again; `None`: nothing is
/// left, and the minder is told anew.
pub fn give_back_idle(now: Instant) -> Option<Instant> {
    let mut pool = pool();
    let due = pool.used.filter(|_| pool.kept > 0).map(|used| used + SLABS_IDLE);
    if due.is_some_and(|due| due > now) {
        return due;
    }
    let over = pool.empty();
    drop(pool);
    drop(over);
    None
}

/// Gives everything back: nobody minds it any more.
pub fn give_back_all() {
    let over = pool().empty();
    drop(over);
}

/// Bytes that the pool keeps.
pub fn kept() -> usize {
    pool().kept
}
