//! What somebody who looks at the whole process sees of an end, whoever owns it.

use super::link::Link;
use super::{Handle, Place};

/// An open end at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// No other end that this process ever has gets this number.
    pub id: u64,
    pub channel: u64,
    /// The number of its peer, if that is in this process and open.
    pub peer: Option<u64>,
    pub place: Place,
    /// Bytes that have arrived and were not delivered.
    pub queued: usize,
    /// Bytes posted that have not left or, inside the process, were not delivered.
    pub buffered: usize,
    pub started: bool,
    /// Where it was made, if that was noted.
    pub stack: Option<Box<str>>,
}

impl Handle {
    fn number(&self, side: usize) -> u64 {
        self.channel.serial * 2 + side as u64
    }

    /// `None` if it is closed.
    pub fn sight(&self) -> Option<Sight> {
        self.look(|side, peer| {
            let (peer_id, buffered) = match (&side.link, &peer.link) {
                (Link::Local(_), Link::Local(inbox)) => (Some(self.number(1 - self.side)), inbox.weight()),
                (Link::Far(far), _) => (None, far.outgoing.weight()),
                (Link::Lingering(_) | Link::Gone, _) => return None,
                _ => (None, 0),
            };
            Some(Sight {
                id: self.number(self.side),
                channel: self.channel.id,
                peer: peer_id,
                place: side.place_of(peer),
                queued: side.link.waiting(),
                buffered,
                started: side.is_started(),
                stack: side.stack.clone(),
            })
        })
    }

    /// The number by which reports know this end, and its channel's id.
    pub fn numbers(&self) -> (u64, u64) {
        (self.number(self.side), self.channel.id)
    }

    /// Notes where this end was made, unless that is known: it keeps that while it moves within the process.
    pub fn note_stack(&self, stack: &str) {
        self.look(|side, _| {
            side.stack.get_or_insert_with(|| stack.into());
        });
    }
}
