//! Where ports are attached: one event loop's poller, its list of ports with news, and how to wake it.
//!
//! It stands alone because both sides of it are rooms: channels announce to it, and the layer above waits on it. It
//! knows ports by their keys only.

use std::io;

use crossbeam_channel::{unbounded, Receiver, Sender};

use crate::sync::{AtomicU8, Ordering};
use crate::sys::Poller;

#[derive(Debug)]
pub struct Home {
    pub poller: Poller,
    news: (Sender<u32>, Receiver<u32>),
    attention: AtomicU8,
}

/// What somebody with news finds. It waits, or is about to: it has to be woken.
const ASLEEP: u8 = 0;
/// Somebody has woken it since it last looked at its news.
const AWAKE: u8 = 1;
/// It looks by itself, again and again, and will not wait before it has said so: it need not be woken.
const WATCHING: u8 = 2;

impl Home {
    pub fn new() -> io::Result<Home> {
        Ok(Home { poller: Poller::new()?, news: unbounded(), attention: AtomicU8::new(ASLEEP) })
    }

    /// Announces that the port `key` has news. The caller then calls [`wake`](Self::wake), outside of any lock.
    pub(crate) fn announce(&self, key: u32) {
        // The receiver lives as long as the sender: both are ours.
        let _ = self.news.0.send(key);
    }

    /// Wakes the event loop, once for any number of announcements that it has not seen.
    pub fn wake(&self) {
        if self.attention.swap(AWAKE, Ordering::AcqRel) == ASLEEP {
            self.poller.wake();
        }
    }

    /// From here on this home asks [`is_awake`](Self::is_awake) instead of waiting, until
    /// [`stop_watching`](Self::stop_watching).
    pub fn watch(&self) {
        // If somebody has just woken it, that is seen first.
        let _ = self.attention.compare_exchange(ASLEEP, WATCHING, Ordering::AcqRel, Ordering::Relaxed);
    }

    /// It is about to wait. `false`: there are news, which nobody wakes it for any more.
    pub fn stop_watching(&self) -> bool {
        self.attention.compare_exchange(WATCHING, ASLEEP, Ordering::AcqRel, Ordering::Acquire) != Err(AWAKE)
    }

    /// Whether somebody has announced something since it last looked.
    pub fn is_awake(&self) -> bool {
        self.attention.load(Ordering::Acquire) == AWAKE
    }

    /// A wake-up has been seen, but not the news: the next announcement wakes again.
    pub fn sleep(&self) {
        // Not a store, which could become visible only after the news have been looked at: whoever announced in
        // between would take the home for awake.
        self.attention.swap(ASLEEP, Ordering::AcqRel);
    }

    /// The ports with news. Clears the flag first: what is announced from here on wakes again.
    pub fn take_news(&self) -> impl Iterator<Item = u32> + '_ {
        self.sleep();
        self.news()
    }

    /// The same without the flag: whoever was woken for them comes and looks all the same.
    pub fn news(&self) -> impl Iterator<Item = u32> + '_ {
        self.news.1.try_iter()
    }
}
