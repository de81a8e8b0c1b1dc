//! The far side: the peer is behind a socket. What was posted to it is [`Outgoing`], what comes from it [`Incoming`].

use super::cargo::Cargo;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::{Filled, Part, Reader};
use crate::error::Fault;
use crate::sys::Poller;

#[derive(Debug)]
pub(super) struct Far {
    /// Owns the socket: it outlives the other half while the end lingers.
    pub outgoing: Outgoing,
    pub incoming: Incoming,
}

impl Far {
    /// What goes along when this end departs.
    pub fn cargo(&self) -> Cargo {
        self.along(self.outgoing.weight(), self.outgoing.descriptors(), self.outgoing.pending.parts())
    }

    /// The same for an end that departs in the first of its own messages.
    pub fn cargo_behind_first(&self) -> Cargo {
        let (weight, parts) = self.outgoing.pending.behind_first();
        self.along(weight, 0, parts)
    }

    /// What was not delivered here, and so much of what has not left.
    fn along<'a>(&'a self, weight: usize, descriptors: usize, parts: impl Iterator<Item = &'a Part>) -> Cargo {
        let weight = self.incoming.weight().saturating_add(weight);
        let descriptors = self.incoming.decoder.descriptors() + descriptors;
        Cargo { descriptors, ..Cargo::of_queues(weight, self.incoming.inbox.parts().chain(parts)) }
    }

    pub fn fill(&mut self, out: &mut [u8], most: usize, reader: &mut Reader, started: bool) -> Filled {
        self.incoming.fill(self.outgoing.socket(), out, most, reader, started)
    }

    /// Ends this end, if what was posted here can never be sent. `true`: whoever reads has to be told.
    pub fn heed_refusal(&mut self) -> bool {
        let is_refused = self.outgoing.take_refusal() && !self.incoming.has_ended();
        if is_refused {
            self.incoming.fail(self.outgoing.socket(), Fault::Unsendable);
        }
        is_refused
    }

    /// Descriptors that have arrived here and were not delivered.
    pub fn descriptors_waiting(&self) -> usize {
        self.incoming.decoder.descriptors() + self.outgoing.descriptors_brought()
    }

    pub fn is_over(&mut self) -> bool {
        self.incoming.is_over(self.outgoing.socket())
    }

    /// Brings the home's poller in line with what this end waits for.
    pub fn watch(&mut self, poller: &Poller, key: usize, started: bool) {
        self.incoming.watch(self.outgoing.socket(), poller, key, started);
    }

    pub fn unwatch(&mut self, poller: &Poller) {
        self.incoming.unwatch(self.outgoing.socket(), poller);
    }
}
