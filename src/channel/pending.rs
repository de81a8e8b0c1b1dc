//! What waits to go into the outbox of an end behind a socket: messages whose ports have still to be shipped, the one
//! that is being packed, and everything that was posted after them (rule 5).

use std::borrow::Cow;

use super::cargo::Cargo;
use super::{Handle, Part};
use crate::inbox::Inbox;
use crate::limits::WRITE_BYTES;
use crate::sys::Descriptor;
use crate::wire::frame;
use crate::wire::outbox::Outbox;
use crate::wire::tail;

/// Invariant: while a message is packed nobody else takes one out of the queue, and the end does not leave the process:
/// whoever packs holds no lock, and puts the message where it belongs afterwards.
#[derive(Debug, Default)]
pub(super) struct Pending {
    queue: Inbox<Part>,
    /// What the message weighs that is being packed.
    packing: Option<usize>,
    /// Ends whose next message takes this one along, once it may leave.
    waiting: Vec<Handle>,
}

/// What is at the front.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// Nothing, or what somebody packs.
    Nothing,
    /// It has moved to the outbox, and there may be more.
    Moved,
    /// A message that is to be packed.
    Parts,
}

impl Pending {
    pub fn new(queue: Inbox<Part>) -> Pending {
        Pending { queue, ..Pending::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.packing.is_none()
    }

    pub fn weight(&self) -> usize {
        self.queue.weight().saturating_add(self.packing.unwrap_or(0))
    }

    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.queue.parts()
    }

    pub fn push(&mut self, body: Cow<'_, [u8]>, parts: Vec<Part>) {
        self.queue.push(body, parts);
    }

    /// The message that is posted now is packed before anything else, if nothing is in front of it.
    pub fn claim(&mut self, weight: usize) -> bool {
        let is_free = self.is_empty();
        if is_free {
            self.packing = Some(weight);
        }
        is_free
    }

    /// What the message at the front takes along, unless one is being packed.
    pub fn first(&self) -> Option<Cargo> {
        match self.packing {
            None => Some(Cargo::of_message(self.queue.first_parts()?)),
            Some(_) => None,
        }
    }

    /// Takes that message out to be packed.
    pub fn claim_first(&mut self) -> Option<(Vec<u8>, Vec<Part>)> {
        if self.packing.is_some() {
            return None;
        }
        let before = self.queue.weight();
        let message = self.queue.pop(|body, parts| (body.into_owned(), parts))?;
        self.packing = Some(before - self.queue.weight());
        Some(message)
    }

    /// The message is packed: answers with the ends that have waited for that.
    pub fn release(&mut self) -> Vec<Handle> {
        self.packing = None;
        std::mem::take(&mut self.waiting)
    }

    /// Whether this end has to stay until a message is packed; then `carrier` is settled again.
    pub fn holds_back(&mut self, carrier: Option<&Handle>) -> bool {
        let holds = self.packing.is_some();
        if holds {
            self.waiting.extend(carrier.cloned());
        }
        holds
    }

    /// Moves what needs no packing to the outbox, at most so much as is written at once.
    pub fn forward(&mut self, outbox: &mut Outbox<Descriptor>) -> Front {
        if self.packing.is_some() {
            return Front::Nothing;
        }
        let run = self.queue.plain(WRITE_BYTES, usize::MAX);
        if !run.is_empty() {
            let length = run.len();
            outbox.bytes().push(run);
            self.queue.consume_plain(length);
            return Front::Moved;
        }
        match self.queue.first_parts().map(|mut parts| parts.next().is_some()) {
            None => Front::Nothing,
            Some(true) => Front::Parts,
            Some(false) => {
                self.queue.pop(|body, _| tail::write(outbox, body, Vec::new()));
                Front::Moved
            }
        }
    }

    /// Appends a message without parts where it belongs: here, behind others, or in the outbox.
    pub fn post(&mut self, body: Cow<'_, [u8]>, outbox: &mut Outbox<Descriptor>) {
        match body {
            body if !self.is_empty() => self.push(body, Vec::new()),
            Cow::Borrowed(body) => frame::push_plain(outbox.bytes(), body),
            body => tail::write(outbox, body, Vec::new()),
        }
    }

    /// Rule 2: all of it goes along.
    pub fn into_queue(self) -> Inbox<Part> {
        debug_assert!(self.packing.is_none());
        self.queue
    }
}
