//! Descriptors that have arrived and were not delivered: how many wait in each port, and which port ends when they are
//! more than the process can spare.

use std::collections::HashMap;

use super::Handle;
use crate::limits::DESCRIPTORS_SHARE;
use crate::sync::{lock, AtomicBool, Mutex, Ordering};
use crate::sys;

/// Invariant: its lock is the innermost of all.
#[derive(Debug)]
pub(super) struct Hoard {
    ports: Mutex<Ports>,
    /// There may be too many.
    over: AtomicBool,
}

#[derive(Debug, Default)]
struct Ports {
    waiting: HashMap<(usize, usize), (Handle, usize)>,
    total: usize,
}

impl Hoard {
    pub fn new() -> Hoard {
        Hoard { ports: Mutex::new(Ports::default()), over: AtomicBool::new(false) }
    }

    /// In this port there are so many now.
    pub fn note(&self, end: &Handle, count: usize) {
        let mut ports = lock(&self.ports);
        let before = match count {
            0 => ports.waiting.remove(&end.identity()),
            _ => ports.waiting.insert(end.identity(), (end.clone(), count)),
        };
        let before = before.map_or(0, |(_, count)| count);
        ports.total = ports.total - before + count;
        if count > before && ports.is_over() {
            self.over.store(true, Ordering::Release);
        }
    }

    /// The port with most of them, if they are too many.
    pub fn worst(&self) -> Option<Handle> {
        if !self.over.load(Ordering::Acquire) {
            return None;
        }
        let ports = lock(&self.ports);
        if ports.is_over() {
            return ports.waiting.values().max_by_key(|(_, count)| count).map(|(end, _)| end.clone());
        }
        self.over.store(false, Ordering::Release);
        None
    }
}

impl Ports {
    fn is_over(&self) -> bool {
        self.total > 0 && self.total > sys::descriptor_limit() / DESCRIPTORS_SHARE
    }
}
