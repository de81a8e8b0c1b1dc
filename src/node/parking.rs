//! Where one thread leaves a port for another thread of the process to take.

use std::collections::{HashMap, HashSet};

use crate::channel::{End, Handle, Place};

/// Places at which somebody may wait before those are looked through whose first comer is gone.
const KEPT: usize = 64;

#[derive(Debug, Default)]
pub struct Parking {
    last_id: u32,
    parked: HashMap<u32, End>,
    /// By place: the far end of a channel whose near end somebody who came first has taken.
    waiting: HashMap<u32, End>,
}

/// What a thread leaves for others only for as long as it lives.
#[derive(Debug, Default)]
pub struct Left {
    /// By the ids under which they are parked.
    pub parked: HashSet<u32>,
    /// The places of its own threads, which end before it does.
    pub places: HashSet<u32>,
    /// Its own place, if it has been there: what it has said waits for its parent, who may still ask.
    pub own: Option<u32>,
}

impl Parking {
    /// Leaves a port to whoever is told the id.
    pub fn park(&mut self, end: End) -> u32 {
        self.last_id += 1;
        self.parked.insert(self.last_id, end);
        self.last_id
    }

    pub fn claim(&mut self, id: u32) -> Option<End> {
        self.parked.remove(&id)
    }

    /// Gives the first who comes to `place` one end of a new channel, and the second the other.
    pub fn meet(&mut self, place: u32, channel: impl FnOnce() -> (End, End)) -> End {
        self.waiting.remove(&place).unwrap_or_else(|| {
            let (near, far) = channel();
            self.forget_the_gone();
            self.waiting.insert(place, far);
            near
        })
    }

    /// Who came first may be gone by now, and nobody may ever come after it. What it has sent is kept for a while all
    /// the same: there is no telling when somebody comes.
    fn forget_the_gone(&mut self) {
        if self.waiting.len() >= KEPT {
            self.waiting.retain(|_, far| far.stats().place != Place::Gone);
        }
    }

    /// The way to everything that is here.
    pub fn handles(&self) -> Vec<Handle> {
        self.parked.values().chain(self.waiting.values()).map(|end| end.handle().clone()).collect()
    }

    /// The thread has ended: whoever it was left for is gone or will not come.
    pub fn take_back(&mut self, left: Left) -> Vec<End> {
        let silent = left.own.filter(|own| self.waiting.get(own).is_some_and(|far| far.stats().waiting == 0));
        let parked = left.parked.iter().filter_map(|id| self.parked.remove(id));
        let waiting = left.places.iter().chain(&silent).filter_map(|place| self.waiting.remove(place));
        parked.chain(waiting).collect()
    }

    /// Nobody will come to `place` any more.
    pub fn part(&mut self, place: u32) -> Option<End> {
        self.waiting.remove(&place)
    }
}
