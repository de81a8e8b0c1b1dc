//! The two sides of a channel under one lock, and what they tell each other and their homes.

use super::far::Far;
use super::link::Link;
use super::{Filled, Place, Posted, Reader};
use crate::home::Home;
use crate::limits::HIGH_WATER;
use crate::sync::{lock, Arc, Mutex};

#[derive(Debug)]
pub(super) struct Pair(Mutex<[Side; 2]>);

/// One of the two, whoever owns the end: where it is attached, what it is told, and how it reaches the other.
#[derive(Debug)]
pub(super) struct Side {
    /// Where it is attached; `None` while a message owns it.
    seat: Option<Seat>,
    /// Whether messages may be delivered.
    started: bool,
    /// Its home has been told of news that it has not looked at.
    announced: bool,
    /// The poster was told that `HIGH_WATER` is passed and is owed `drained`.
    full: bool,
    drained: bool,
    /// Somebody wants to hear of that. Nobody is woken for what nobody hears.
    heeds_drain: bool,
    /// A message in the queue of another end of this process owns it.
    pub queued: bool,
    /// Descriptors that have arrived for it and were not delivered, as they were counted last.
    descriptors: usize,
    /// Where it was made, if somebody wants to know.
    pub stack: Option<Box<str>>,
    pub link: Link,
}

#[derive(Debug)]
struct Seat {
    home: Arc<Home>,
    key: u32,
}

/// A home to wake once no lock is held.
#[must_use]
pub(super) struct Wake(Option<Arc<Home>>);

impl Wake {
    pub fn nobody() -> Wake {
        Wake(None)
    }
}

impl Pair {
    pub fn new([a, b]: [Link; 2]) -> Pair {
        Pair(Mutex::new([Side::new(a), Side::new(b)]))
    }

    /// Lets `change` see the side of that index and its peer under the lock, and wakes whom it names afterwards.
    pub fn with<T>(&self, side: usize, change: impl FnOnce(&mut Side, &mut Side) -> (T, Wake)) -> T {
        let mut sides = lock(&self.0);
        let [a, b] = &mut *sides;
        let (side, peer) = if side == 0 { (a, b) } else { (b, a) };
        let (found, wake) = change(side, peer);
        drop(sides);
        if let Some(home) = wake.0 {
            home.wake();
        }
        found
    }
}

impl Side {
    fn new(link: Link) -> Side {
        Side {
            seat: None,
            started: false,
            announced: false,
            full: false,
            drained: false,
            heeds_drain: false,
            queued: false,
            descriptors: 0,
            stack: None,
            link,
        }
    }

    pub fn take_seat(&mut self, home: &Arc<Home>, key: u32) {
        self.seat = Some(Seat { home: home.clone(), key });
        self.rewatch();
    }

    pub fn leave_seat(&mut self) {
        let seat = self.seat.take();
        if let (Some(far), Some(seat)) = (self.link.far(), &seat) {
            far.unwatch(&seat.home.poller);
        }
        self.started = false;
        self.announced = false;
        self.heeds_drain = false;
    }

    pub fn start(&mut self, started: bool) {
        self.started = started;
        self.rewatch();
    }

    pub fn is_started(&self) -> bool {
        self.started
    }

    /// Tells the poller what this end waits for now.
    pub fn rewatch(&mut self) {
        if let (Link::Far(far), Some(seat)) = (&mut self.link, &self.seat) {
            far.watch(&seat.home.poller, seat.key as usize, self.started);
        }
    }

    /// Tells its home, once until that looks, that this end has news.
    pub fn announce(&mut self) -> Wake {
        match &self.seat {
            Some(seat) if !self.announced => {
                self.announced = true;
                seat.home.announce(seat.key);
                Wake(Some(seat.home.clone()))
            }
            _ => Wake::nobody(),
        }
    }

    pub fn announce_if(&mut self, news: bool) -> Wake {
        if news {
            self.announce()
        } else {
            Wake::nobody()
        }
    }

    /// Its home looks: what comes from here on is announced again.
    pub fn see_news(&mut self) {
        self.announced = false;
    }

    /// Whether a look would find something without any further announcement.
    pub fn has_news(&self) -> bool {
        (self.drained && self.heeds_drain) || self.link.has_news()
    }

    pub fn fill(&mut self, out: &mut [u8], most: usize, reader: &mut Reader, started: bool) -> Filled {
        let filled = self.link.fill(out, most, reader, started);
        self.rewatch();
        filled
    }

    /// Counts the descriptors that have arrived and were not delivered: `note` is told if they have become more or less.
    pub fn count_descriptors(&mut self, note: impl FnOnce(usize)) {
        let count = self.link.descriptors_waiting();
        if std::mem::replace(&mut self.descriptors, count) != count {
            note(count);
        }
    }

    /// Notes what the poster is told about its backlog of `weight` bytes. If that has been low since it was told so before,
    /// and nobody has looked, it is not low any more.
    pub fn posted(&mut self, weight: usize) -> Posted {
        let full = weight > HIGH_WATER;
        self.full |= full;
        self.drained &= !full;
        Posted { full, ..Posted::default() }
    }

    /// The same where the backlog is behind a socket: what of it is left to flush.
    pub fn posted_far(&mut self) -> Posted {
        let Some(Far { outgoing, .. }) = self.link.far() else {
            return Posted::default();
        };
        let (coalesced, batch, weight) = (!outgoing.is_flushed(), outgoing.is_batch(), outgoing.weight());
        Posted { coalesced, batch, ..self.posted(weight) }
    }

    /// Whether the poster was told that its backlog is too large, and not yet that it has receded.
    pub fn owes_drain(&self) -> bool {
        self.full || self.drained
    }

    /// Tells the poster, if it waits for that, that its backlog is down to `weight` bytes.
    pub fn receded(&mut self, weight: usize) -> Wake {
        if !self.full || weight > HIGH_WATER {
            return Wake::nobody();
        }
        self.full = false;
        self.drained = true;
        self.announce_if(self.heeds_drain)
    }

    /// Whether the poster is to be told now. What nobody wants to hear is told by the look for something else.
    pub fn take_drained(&mut self) -> bool {
        std::mem::take(&mut self.drained) && self.heeds_drain
    }

    /// Somebody wants to hear of it from here on: of what is over, too, if nobody has looked since.
    pub fn heed_drain(&mut self) -> Wake {
        self.heeds_drain = true;
        self.announce_if(self.drained)
    }

    /// Where `peer` is, seen from here.
    pub fn place_of(&self, peer: &Side) -> Place {
        match (&self.link, &self.seat, &peer.seat) {
            (Link::Local(_), _, None) => Place::Queued,
            (Link::Local(_), Some(ours), Some(theirs)) if Arc::ptr_eq(&ours.home, &theirs.home) => Place::Here,
            (Link::Local(_), _, Some(_)) => Place::OtherThread,
            (Link::Far(_), ..) => Place::OtherProcess,
            (Link::Orphaned(_) | Link::Lingering(_) | Link::Gone, ..) => Place::Gone,
        }
    }

    /// By what its home knows it; 0 without one.
    pub fn key(&self) -> u32 {
        self.seat.as_ref().map_or(0, |seat| seat.key)
    }
}
