//! The slabs that nobody uses. They belong to the process, as its allocator does, and to no hub.
//!
//! At most [`SLABS_KEPT`] bytes are kept, and of each size no more than were needed at once in the last [`SLABS_IDLE`]:
//! somebody has to [mind](mind_with) them, or none are.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::heap;
use crate::limits::{SLABS_IDLE, SLABS_KEPT, SLAB_LEAST, SLAB_MOST};
use crate::sys::Pages;

/// Four sizes between a power of two and the next: no slab is more than a fourth too large.
struct Pool {
    /// The last that was used is the first to be used again.
    classes: [Vec<Pages>; CLASSES],
    /// How many of each class nobody has needed since the last look.
    unneeded: [usize; CLASSES],
    kept: usize,
    /// What the heap had freed at the last look.
    loose: Option<usize>,
    /// When somebody last looked what nobody needs.
    looked: Option<Instant>,
    minder: Option<Box<dyn Fn() -> bool + Send>>,
    minded: bool,
}

const CLASSES: usize = (SLAB_MOST / SLAB_LEAST).ilog2() as usize * 4 + 1;

static POOL: Mutex<Pool> = Mutex::new(Pool {
    classes: [const { Vec::new() }; CLASSES],
    unneeded: [0; CLASSES],
    kept: 0,
    loose: None,
    looked: None,
    minder: None,
    minded: false,
});

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The length of the slab for so many bytes, and where those are kept; `None`: nowhere.
pub(super) fn class_of(bytes: usize) -> (usize, Option<usize>) {
    let power = bytes.max(SLAB_LEAST).ilog2();
    let step = 1 << (power - 2);
    let quarters = bytes.max(SLAB_LEAST).div_ceil(step);
    // Where four quarters more are twice as much.
    let class = (power - SLAB_LEAST.ilog2()) as usize * 4 + quarters - 4;
    (quarters.saturating_mul(step), Some(class).filter(|&class| class < CLASSES))
}

/// One for so many bytes.
pub(super) fn take(bytes: usize) -> Option<Pages> {
    let (_, class) = class_of(bytes);
    pool().take(class?)
}

/// Keeps what there is room for, and answers with what there is not.
pub(super) fn keep(pages: Pages) -> Option<Pages> {
    pool().keep(pages)
}

impl Pool {
    fn take(&mut self, class: usize) -> Option<Pages> {
        let pages = self.classes[class].pop()?;
        self.unneeded[class] = self.unneeded[class].min(self.classes[class].len());
        self.kept -= pages.len();
        Some(pages)
    }

    fn keep(&mut self, pages: Pages) -> Option<Pages> {
        let (_, class) = class_of(pages.len());
        let Some(class) = class.filter(|_| self.kept + pages.len() <= SLABS_KEPT) else {
            return Some(pages);
        };
        if !self.mind() {
            return Some(pages);
        }
        self.kept += pages.len();
        self.classes[class].push(pages);
        None
    }

    /// Whether somebody minds it from now on.
    fn mind(&mut self) -> bool {
        if !self.minded {
            self.minded = self.minder.as_ref().is_some_and(|minder| minder());
            self.looked = Some(Instant::now());
        }
        self.minded
    }

    /// Whether the heap has freed much, and no more since the last look.
    fn is_heap_idle(&mut self) -> bool {
        let loose = heap::loose();
        loose.is_some() && std::mem::replace(&mut self.loose, loose) == loose
    }

    /// What nobody has needed since the last look.
    fn take_unneeded(&mut self) -> Vec<Pages> {
        let classes = self.classes.iter_mut().zip(&mut self.unneeded);
        let over: Vec<Pages> = classes
            .flat_map(|(class, unneeded)| {
                let over: Vec<Pages> = class.drain(..*unneeded).collect();
                *unneeded = class.len();
                over
            })
            .collect();
        self.kept -= over.iter().map(|pages| pages.len()).sum::<usize>();
        over
    }

    fn take_all(&mut self) -> Vec<Pages> {
        (self.kept, self.minded, self.unneeded) = (0, false, [0; CLASSES]);
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

/// Notes that so many bytes of the heap are being freed, in one of many small pieces.
pub fn freed(bytes: usize) {
    if heap::note(bytes) {
        pool().mind();
    }
}

/// Gives back what nobody has needed for a while. Answers when to ask again; `None`: nothing is left, and the minder is told
/// anew.
pub fn give_back_idle(now: Instant) -> Option<Instant> {
    let mut pool = pool();
    let due = pool.looked.filter(|_| pool.kept > 0 || heap::loose().is_some()).map(|looked| looked + SLABS_IDLE);
    let (over, trims) = match due {
        Some(due) if due > now => return Some(due),
        Some(_) => (pool.take_unneeded(), pool.is_heap_idle()),
        None => (Vec::new(), false),
    };
    let next = if pool.kept > 0 || (heap::loose().is_some() && !trims) {
        pool.looked = Some(now);
        Some(now + SLABS_IDLE)
    } else {
        pool.minded = false;
        None
    };
    drop(pool);
    drop(over);
    if trims {
        heap::trim();
    }
    next
}

/// Gives everything back: nobody minds it any more.
pub fn give_back_all() {
    let over = pool().take_all();
    drop(over);
}

/// Bytes that are kept.
pub fn kept() -> usize {
    pool().kept
}
