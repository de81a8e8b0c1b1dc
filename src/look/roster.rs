//! The ports of one event loop as any thread may look at them: the way to each, and what only its JavaScript knows.

use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::channel::Handle;
use crate::sync::{lock, Mutex};

/// A port of an event loop, and the byte that its JavaScript has noted about it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub port: Handle,
    pub note: u8,
}

/// Invariant: it names a port from `enter` to `leave`, and holds nothing of one that has left.
#[derive(Debug)]
pub struct Roster {
    /// The number of the thread.
    pub thread: u32,
    seats: Mutex<Seats>,
}

#[derive(Debug)]
struct Seats {
    /// By key.
    ports: Vec<Option<Handle>>,
    /// A byte for each key below `length`, which the loop's own thread writes without asking anybody.
    notes: *const AtomicU8,
    length: usize,
}

// SAFETY: the bytes are atomics, and whoever lends them takes them back under the lock.
unsafe impl Send for Seats {}

impl Seats {
    fn note(&self, key: usize) -> Option<&AtomicU8> {
        // SAFETY: whoever lent them has said that so many are there until they are taken back, under this lock.
        (key < self.length).then(|| unsafe { &*self.notes.add(key) })
    }
}

impl Roster {
    pub fn new(thread: u32) -> Roster {
        Roster { thread, seats: Mutex::new(Seats { ports: Vec::new(), notes: ptr::null(), length: 0 }) }
    }

    /// Lends the bytes that JavaScript writes its notes to, instead of those before.
    ///
    /// # Safety
    /// There are `length` of them at `notes`, and they stay until others are lent or the roster is cleared.
    pub unsafe fn lend(&self, notes: *const u8, length: usize) {
        let mut seats = lock(&self.seats);
        seats.notes = notes.cast();
        seats.length = length;
    }

    /// A port takes the seat of that key; nothing is noted of it yet.
    pub fn enter(&self, key: u32, port: Handle) {
        let key = key as usize;
        let mut seats = lock(&self.seats);
        if key >= seats.ports.len() {
            seats.ports.resize(key + 1, None);
        }
        seats.ports[key] = Some(port);
        if let Some(note) = seats.note(key) {
            note.store(0, Ordering::Relaxed);
        }
    }

    pub fn leave(&self, key: u32) {
        // Dropped when the lock is released.
        let _left = lock(&self.seats).ports.get_mut(key as usize).and_then(Option::take);
    }

    /// The loop ends: its ports are gone, and the bytes will be.
    pub fn clear(&self) {
        let mut seats = lock(&self.seats);
        seats.notes = ptr::null();
        seats.length = 0;
        let _left = std::mem::take(&mut seats.ports);
        drop(seats);
    }

    /// The way to the port of that key.
    pub fn port(&self, key: u32) -> Option<Handle> {
        lock(&self.seats).ports.get(key as usize)?.clone()
    }

    pub fn list(&self) -> Vec<Listed> {
        let seats = lock(&self.seats);
        let listed = seats.ports.iter().enumerate().filter_map(|(key, port)| {
            let note = seats.note(key).map_or(0, |note| note.load(Ordering::Relaxed));
            port.clone().map(|port| Listed { port, note })
        });
        listed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Hub;

    #[test]
    fn it_names_who_is_there_with_what_was_noted_and_nobody_else() {
        let (a, b) = Hub::default().channel();
        let roster = Roster::new(0);
        let notes = [AtomicU8::new(9), AtomicU8::new(9)];
        // SAFETY: the array outlives the roster's use of it.
        unsafe { roster.lend(notes.as_ptr().cast(), notes.len()) };
        roster.enter(1, a.handle().clone());
        roster.enter(5, b.handle().clone());
        let listed: Vec<_> = roster.list().into_iter().map(|it| (it.port.numbers(), it.note)).collect();
        assert_eq!(listed, [(a.handle().numbers(), 0), (b.handle().numbers(), 0)], "a new port has no notes");
        roster.leave(1);
        roster.leave(7);
        assert_eq!(roster.list().len(), 1);
        roster.clear();
        assert!(roster.list().is_empty());
        roster.leave(5);
    }
}
