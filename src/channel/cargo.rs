//! What goes along when an end leaves the process, as far as it can be told before.

use super::{Handle, Part};
use crate::inbox::Weigh;
use crate::wire::tail::PART_ROOM;

/// Whether the other end of a channel leaves before, in the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Stays,
    /// It does, and what it had not read is what this one has yet to send.
    Split,
    /// It does, and takes along what it had not read.
    SplitWhole,
}

/// How an end will leave.
pub(crate) enum Road {
    /// Rule 1: a socketpair is needed, and nothing goes along. If its peer waits in some queue this is what the end has
    /// not read: if the peer is in there, that does go along.
    Split(Option<Cargo>),
    /// Rules 2 and 3: it has its socket, or will have it by then, and takes its queues along.
    Depart(Cargo),
    /// Somebody packs one of its messages: it leaves when that is done.
    Wait,
}

/// Bytes, those of the wire's own description of them included, and the ends in the messages among them, in the order
/// of the queues.
#[derive(Debug, Default)]
pub(crate) struct Cargo {
    pub bytes: usize,
    /// Of ends that have turned into them already, and of parts that are no ports.
    pub descriptors: usize,
    pub ends: Vec<Handle>,
}

impl Cargo {
    /// Of queues that weigh `weight` and have these parts.
    pub fn of_queues<'a>(weight: usize, parts: impl Iterator<Item = &'a Part>) -> Cargo {
        let mut cargo = Cargo { bytes: weight, ..Cargo::default() };
        parts.for_each(|part| cargo.add(part));
        cargo
    }

    /// Of the parts of one message.
    pub fn of_message<'a>(parts: impl Iterator<Item = &'a Part>) -> Cargo {
        let mut cargo = Cargo::default();
        for part in parts {
            cargo.bytes = cargo.bytes.saturating_add(part.weight());
            cargo.add(part);
        }
        cargo
    }

    fn add(&mut self, part: &Part) {
        self.bytes = self.bytes.saturating_add(PART_ROOM);
        self.descriptors = self.descriptors.saturating_add(part.descriptors());
        self.ends.extend(part.port().map(|end| end.handle().clone()));
    }
}
