//! What objects of JavaScript own and Node does not end: descriptors that it does not know of are closed with their object, or with
//! its thread.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::HashMap;

use crate::sys::{from_raw, identity_of, Descriptor, Identity, Place};

thread_local! {
    /// Until the thread is really over.
    static PLACES: RefCell<Vec<Place>> = RefCell::default();
}

#[derive(Default)]
pub struct Owned {
    last: u32,
    /// Each under a number that no other gets, also when it is closed: the descriptor's own may be used again by then, and who
    /// remembers this one (lib/clone/value/blob-file.js does, until the garbage collector comes) would close another's.
    all: HashMap<u32, (i32, Identity)>,
}

impl Owned {
    /// The number for this open descriptor. `None`: there is none.
    pub fn add(&mut self, descriptor: i32) -> Option<u32> {
        let identity = identity_of(descriptor)?;
        loop {
            self.last = self.last % i32::MAX as u32 + 1;
            if let Entry::Vacant(free) = self.all.entry(self.last) {
                free.insert((descriptor, identity));
                return Some(self.last);
            }
        }
    }

    /// Whether the descriptor is still what it was.
    pub fn is_same(&self, number: u32) -> bool {
        self.all.get(&number).is_some_and(|&(descriptor, identity)| identity_of(descriptor) == Some(identity))
    }

    /// It is somebody else's from now on.
    pub fn release(&mut self, number: u32) {
        self.all.remove(&number);
    }

    /// The same, of whatever number.
    pub fn release_descriptor(&mut self, descriptor: i32) {
        self.all.retain(|_, (owned, _)| *owned != descriptor);
    }

    /// What has taken the place of one that was closed elsewhere stays open.
    pub fn close(&mut self, number: u32) {
        drop(self.take(number));
    }

    /// The environment ends. Node is about to close what `fs.openSync()` has opened in a thread of its own, by the number alone: until
    /// then nobody else may get that.
    pub fn close_all(&mut self) {
        let numbers: Vec<u32> = self.all.keys().copied().collect();
        let places = numbers.into_iter().filter_map(|number| Place::at(self.take(number)?));
        PLACES.with_borrow_mut(|kept| kept.extend(places));
    }

    fn take(&mut self, number: u32) -> Option<Descriptor> {
        let is_same = self.is_same(number);
        let (descriptor, _) = self.all.remove(&number)?;
        is_same.then(|| from_raw(descriptor)).flatten()
    }
}
