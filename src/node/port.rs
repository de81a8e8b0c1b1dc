//! The ports of one environment, by key, and whose turn it is to be delivered.

use std::collections::VecDeque;

use crate::channel::{End, Filled, Posted, Reader};
use crate::home::Home;
use crate::limits::{BATCH_BYTES, SHARE_LEAST};
use crate::look::Roster;
use crate::sync::Arc;

/// As many ports are attached, and it is looked which of them have news: in a thread that never comes to its turn nobody else looks.
const NEWS_KEPT: usize = 1024;

/// A port that is attached here.
#[derive(Debug)]
pub struct Port {
    pub end: End,
    /// The turn in which it last wrote: what else it posts in that turn is coalesced.
    wrote: u32,
    /// It stands in `dirty`, and in `full`: once each, however long a thread posts that never comes to the end of its turn.
    dirty: bool,
    full: bool,
    /// What it has had of its share of a turn, and of which, as `Ports::turns` counts them.
    share: (u32, usize),
}

/// Invariant: a key stands for one port from `insert` to `remove`; 0 stands for none.
#[derive(Debug)]
pub struct Ports {
    home: Arc<Home>,
    roster: Arc<Roster>,
    slots: Vec<Option<Port>>,
    free: Vec<u32>,
    /// Whether a key stands in `turn` or in `later`: once, however often news of its port come, and however many ports have had it since.
    listed: Vec<bool>,
    /// How many ports have been attached.
    attached: usize,
    /// Keys with news, in the order in which they are looked at in this turn.
    turn: VecDeque<u32>,
    /// Keys that had their share and may have more, for the next turn.
    later: Vec<u32>,
    /// Keys with something to flush at the end of the turn.
    dirty: Vec<u32>,
    /// Keys that were brought above the high-water mark, and JS does not know.
    full: Vec<u32>,
    /// Counts the stretches in which what a port posts is coalesced, and the turns of wakes.
    now: u32,
    turns: u32,
    waking: bool,
    reader: Reader,
}

impl Ports {
    pub fn new(home: Arc<Home>, roster: Arc<Roster>) -> Ports {
        Ports {
            home,
            roster,
            slots: vec![None],
            free: Vec::new(),
            listed: vec![false],
            attached: 0,
            turn: VecDeque::new(),
            later: Vec::new(),
            dirty: Vec::new(),
            full: Vec::new(),
            now: 1,
            turns: 0,
            waking: false,
            reader: Reader::default(),
        }
    }

    /// Attaches an end and answers with its key.
    pub fn insert(&mut self, end: End) -> u32 {
        let key = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.listed.push(false);
            (self.slots.len() - 1) as u32
        });
        self.roster.enter(key, end.handle().clone());
        end.attach(&self.home, key);
        self.slots[key as usize] = Some(Port { end, wrote: 0, dirty: false, full: false, share: (0, 0) });
        self.attached = self.attached.wrapping_add(1);
        if self.attached.is_multiple_of(NEWS_KEPT) {
            self.put_off_news();
        }
        key
    }

    pub fn get(&self, key: u32) -> Option<&Port> {
        self.slots.get(key as usize)?.as_ref()
    }

    /// Detaches an end; its key is free again.
    pub fn remove(&mut self, key: u32) -> Option<End> {
        let port = self.slots.get_mut(key as usize)?.take()?;
        self.free.push(key);
        self.roster.leave(key);
        port.end.detach();
        Some(port.end)
    }

    /// Closes every port.
    pub fn clear(&mut self) {
        self.slots.truncate(1);
        self.listed.truncate(1);
        self.free.clear();
    }

    /// Begins the turn of a wake: `keys` have news.
    pub fn begin_turn(&mut self, keys: impl Iterator<Item = u32>) {
        self.now = self.now.wrapping_add(1);
        self.turns = self.turns.wrapping_add(1);
        self.waking = true;
        self.turn.extend(self.later.drain(..));
        for key in keys {
            if self.list(key) {
                self.turn.push_back(key);
            }
        }
    }

    /// Takes a place in a list for a port. `false`: it has one already, or is gone.
    fn list(&mut self, key: u32) -> bool {
        match self.slots.get(key as usize) {
            Some(Some(_)) => !std::mem::replace(&mut self.listed[key as usize], true),
            _ => false,
        }
    }

    /// What there is of news is for the next turn: whoever never comes to one has each port in a list once.
    fn put_off_news(&mut self) {
        for told in Arc::clone(&self.home).news() {
            if self.list(told) {
                self.later.push(told);
            }
        }
    }

    /// The next event of this turn and the key it is for. Every port gets one message or batch before any gets a second.
    pub fn next(&mut self, inbox: &mut [u8]) -> Option<(u32, Filled)> {
        while let Some(key) = self.turn.pop_front() {
            let Some(Some(port)) = self.slots.get_mut(key as usize) else {
                self.unlist(key);
                continue;
            };
            let filled = port.end.fill(inbox, &mut self.reader);
            // Drained and faults are not its share of messages.
            if matches!(filled, Filled::Drained | Filled::Fault(_)) {
                self.turn.push_front(key);
            } else {
                self.unlist(key);
            }
            if filled != Filled::Nothing {
                return Some((key, filled));
            }
        }
        self.end_turn();
        None
    }

    /// It has left its list. The keys of ports that were closed all at once are no more.
    fn unlist(&mut self, key: u32) {
        if let Some(listed) = self.listed.get_mut(key as usize) {
            *listed = false;
        }
    }

    /// The next message of a port, started or not, outside of any turn. What comes after it is announced once more.
    pub fn fill_one(&mut self, key: u32, inbox: &mut [u8]) -> Filled {
        self.put_off_news();
        match self.slots.get(key as usize) {
            Some(Some(port)) => port.end.fill_one(inbox, &mut self.reader),
            _ => Filled::Nothing,
        }
    }

    /// Interrupts the turn.
    pub fn rest(&mut self) {
        self.waking = false;
        self.flush();
    }

    /// Goes on with it.
    pub fn go_on(&mut self) {
        self.waking = true;
    }

    fn end_turn(&mut self) {
        self.waking = false;
        self.flush();
        if !self.later.is_empty() {
            self.home.wake();
        }
    }

    /// Notes that a message of so many bytes and parts was taken by itself: its port may have more, now after the others, or in the next
    /// turn if that was its share.
    pub fn took(&mut self, key: u32, bytes: usize, parts: usize) {
        let (waking, turns) = (self.waking, self.turns);
        let Some(Some(port)) = self.slots.get_mut(key as usize) else {
            return;
        };
        let had = if port.share.0 == turns { port.share.1 } else { 0 };
        let has = had.saturating_add(bytes.max(SHARE_LEAST * parts.max(1)));
        port.share = (turns, has);
        if !waking || has >= BATCH_BYTES {
            self.look_again(key);
        } else if port.end.has_news() && self.list(key) {
            self.turn.push_back(key);
        }
    }

    /// Notes that a port which has had its share may have more.
    pub fn look_again(&mut self, key: u32) {
        if self.get(key).is_some_and(|port| port.end.has_news()) {
            if self.list(key) {
                self.later.push(key);
            }
            if !self.waking {
                self.home.wake();
            }
        }
    }

    /// Whether what `key` posts now is to wait for what follows.
    pub fn coalesces(&mut self, key: u32) -> bool {
        let now = self.now;
        match self.slots.get_mut(key as usize) {
            Some(Some(port)) => std::mem::replace(&mut port.wrote, now) == now,
            _ => false,
        }
    }

    /// Notes what a post left to do. `true`: JS is to call `flush` at the end of its tick.
    pub fn posted(&mut self, key: u32, posted: Posted) -> bool {
        if !posted.coalesced {
            return false;
        }
        let first = self.dirty.is_empty();
        if let Some(Some(port)) = self.slots.get_mut(key as usize) {
            if !std::mem::replace(&mut port.dirty, true) {
                self.dirty.push(key);
            }
        }
        if posted.batch {
            self.write_earlier();
        }
        first && !self.waking
    }

    /// Posts what JS has posted without a call, which means to flush.
    pub fn submitted(&mut self, key: u32, frames: &[u8]) {
        let Some(Some(port)) = self.slots.get_mut(key as usize) else {
            return;
        };
        let posted = port.end.handle().post_run(frames);
        if posted.full && !std::mem::replace(&mut port.full, true) {
            self.full.push(key);
        }
        self.posted(key, posted);
    }

    /// The ports that were brought above the high-water mark in that way, and not been told since that it has receded.
    pub fn take_full(&mut self) -> Vec<u32> {
        let mut full = std::mem::take(&mut self.full);
        full.retain(|&key| match self.slots.get_mut(key as usize) {
            Some(Some(port)) => std::mem::take(&mut port.full) && port.end.handle().owes_drain(),
            _ => false,
        });
        full
    }

    /// Ends the turn of what is coalesced.
    pub fn flush(&mut self) {
        self.now = self.now.wrapping_add(1);
        self.write_earlier();
    }

    /// Writes what posts have left to be coalesced, oldest first: before anything is written that was posted after it
    /// (rule 9).
    pub fn write_earlier(&mut self) {
        if self.dirty.is_empty() {
            return;
        }
        for key in std::mem::take(&mut self.dirty) {
            if let Some(Some(port)) = self.slots.get_mut(key as usize) {
                port.dirty = false;
                port.end.flush();
            }
        }
    }
}
