//! Memory for what is large: slabs that were used lately are kept, so that a stream of large messages faults no pages.
//!
//! The pool belongs to the process, as its allocator does, and to no hub. It keeps at most [`SLABS_KEPT`] bytes, and
//! nothing that nobody has asked for in [`SLABS_IDLE`]: somebody has to [mind](mind_with) it, or it keeps nothing.

use std::fmt::{self, Debug, Formatter};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// Slabs of sizes that are powers of two, and no others.
struct Pool {
    classes: [Vec<Pages>; CLASSES],
    kept: usize,
    /// When one was last taken or given back.
    used: Option<Instant>,
    minder: Option<Box<dyn Fn() -> bool + Send>>,
    minded: bool,
}

const CLASSES: usize = (SLAB_MOST / SLAB_LEAST).ilog2() as usize + 1;

static POOL: Mutex<Pool> =
    Mutex::new(Pool { classes: [const { Vec::new() }; CLASSES], kept: 0, used: None, minder: None, minded: false });

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where slabs of this length are, if they are kept at all.
fn class_of(length: usize) -> Option<usize> {
    let is_one = length.is_power_of_two() && (SLAB_LEAST..=SLAB_MOST).contains(&length);
    is_one.then(|| (length / SLAB_LEAST).ilog2() as usize)
}

impl Slab {
    pub fn of(length: usize) -> Slab {
        if length < SLAB_LEAST {
            return Slab(Storage::Heap(vec![0; length].into_boxed_slice()));
        }
        let length = length.checked_next_power_of_two().unwrap_or(length);
        let kept = class_of(length).and_then(|class| pool().take(class));
        match kept.or_else(|| Pages::new(length)) {
            Some(pages) => Slab(Storage::Pages(Some(pages))),
            // The allocator's way to say that there is no memory.
            None => Slab(Storage::Heap(vec![0; length].into_boxed_slice())),
        }
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

impl Pool {
    fn take(&mut self, class: usize) -> Option<Pages> {
        let pages = self.classes[class].pop()?;
        self.kept -= pages.len();
        self.used = Some(Instant::now());
        Some(pages)
    }

    /// Keeps what there is room for, and answers with what there is not.
    fn keep(&mut self, pages: Pages) -> Option<Pages> {
        let Some(class) = class_of(pages.len()).filter(|_| self.kept + pages.len() <= SLABS_KEPT) else {
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
}

impl Debug for Pool {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("kept", &self.kept).finish_non_exhaustive()
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

impl Pool {
    fn empty(&mut self) -> Vec<Pages> {
        (self.kept, self.minded) = (0, false);
        self.classes.iter_mut().flat_map(std::mem::take).collect()
    }
}

/// Bytes that the pool keeps.
pub fn kept() -> usize {
    pool().kept
}
