//! Where ports are attached: one event loop's poller, its list of ports with news, and how to wake it.
//!
//! It stands alone because both sides of it are rooms: channels announce to it, and the layer above waits on it. It
//! knows ports by their keys only.

use std::io;

use crossbeam_channel::{unbounded, Receiver, Sender};

use crate::sync::{AtomicBool, Ordering};
use crate::sys::Poller;

#[derive(Debug)]
pub struct Home {
    pub poller: Poller,
    news: (Sender<u32>, Receiver<u32>),
    /// Somebody has woken this home since it last looked at its news.
    awake: AtomicBool,
}

impl Home {
    pub fn new() -> io::Result<Home> {
        Ok(Home { poller: Poller::new()?, news: unbounded(), awake: AtomicBool::new(false) })
    }

    /// Announces that the port `key` has news. The caller then calls [`wake`](Self::wake), outside of any lock.
    pub(crate) fn announce(&self, key: u32) {
        // The receiver lives as long as the sender: both are ours.
        let _ = self.news.0.send(key);
    }

    /// Wakes the event loop, once for any number of announcements that it has not seen.
    pub fn wake(&self) {
        if !self.awake.swap(true, Ordering::AcqRel) {
            self.poller.wake();
        }
    }

    /// A wake-up has been seen, but not the news: the next announcement wakes again.
    pub fn sleep(&self) {
        // Not a store, which could become visible only after the news have been looked at: whoever announced in
        // between would take the home for awake.
        self.awake.swap(false, Ordering::AcqRel);
    }

    /// The ports with news. Clears the flag first: what is announced from here on wakes again.
    pub fn take_news(&self) -> impl Iterator<Item = u32> + '_ {
        self.sleep();
        self.news.1.try_iter()
    }
}
