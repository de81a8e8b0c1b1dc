//! How an end reaches its peer: the states, and what each of them answers to whoever owns the end.

use super::far::Far;
use super::outgoing::Outgoing;
use super::{Cargo, Filled, Handle, Part, Reader};
use crate::error::Fault;
use crate::inbox::Inbox;

/// Invariant: both sides of a channel are `Local`, or neither is.
#[derive(Debug)]
pub(super) enum Link {
    /// The peer is in this process: these are its posts, not yet delivered.
    Local(Inbox<Part>),
    /// The peer was in this process and has closed: these are its last posts.
    Orphaned(Inbox<Part>),
    /// The peer is behind a socket.
    Far(Box<Far>),
    /// Closed, but what was posted has not left yet. The backstop sends it, then the socket closes.
    Lingering(Box<Outgoing>),
    /// Closed or shipped away.
    Gone,
}

impl Link {
    /// Whether there is no socket yet, so that shipping this end takes one.
    pub fn is_local(&self) -> bool {
        matches!(self, Link::Local(_) | Link::Orphaned(_))
    }

    pub fn far(&mut self) -> Option<&mut Far> {
        match self {
            Link::Far(far) => Some(far),
            _ => None,
        }
    }

    /// What goes to a socket, whether or not the end is still open.
    pub fn outgoing(&mut self) -> Option<&mut Outgoing> {
        match self {
            Link::Far(far) => Some(&mut far.outgoing),
            Link::Lingering(outgoing) => Some(outgoing),
            Link::Local(_) | Link::Orphaned(_) | Link::Gone => None,
        }
    }

    /// The ports that wait to be delivered here: they are inside of this end, and close with it. What is pending is not: it
    /// leaves even if this end closes.
    pub fn contents(&self) -> Vec<Handle> {
        let inbox = match self {
            Link::Local(inbox) | Link::Orphaned(inbox) => inbox,
            Link::Far(far) => &far.incoming.inbox,
            Link::Lingering(_) | Link::Gone => return Vec::new(),
        };
        Cargo::of_message(inbox.parts()).ends
    }

    /// Whether the peer is gone and nothing is left to deliver: what an end is told even if it is not started.
    pub fn is_over(&mut self) -> bool {
        match self {
            Link::Local(_) => false,
            Link::Orphaned(inbox) => inbox.is_empty(),
            Link::Far(far) => far.is_over(),
            Link::Lingering(_) | Link::Gone => true,
        }
    }

    /// Whether [`fill`](Self::fill) would find something now, if only the end.
    pub fn has_news(&self) -> bool {
        match self {
            Link::Local(inbox) => !inbox.is_empty(),
            Link::Far(far) => far.incoming.has_news(),
            Link::Orphaned(_) | Link::Lingering(_) | Link::Gone => true,
        }
    }

    /// What is at the front: plain messages are copied to `out`, `most` bytes of them or a single longer one.
    pub fn fill(&mut self, out: &mut [u8], most: usize, reader: &mut Reader, started: bool) -> Filled {
        match self {
            Link::Orphaned(inbox) if inbox.is_empty() => Filled::Closed,
            Link::Local(inbox) if inbox.is_empty() => Filled::Nothing,
            Link::Local(_) | Link::Orphaned(_) if !started => Filled::Nothing,
            Link::Local(inbox) | Link::Orphaned(inbox) => Filled::front(inbox, out, most),
            Link::Far(far) => far.fill(out, most, reader, started),
            Link::Lingering(_) | Link::Gone => Filled::Closed,
        }
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        match self {
            Link::Local(inbox) | Link::Orphaned(inbox) => inbox.consume_plain(bytes),
            Link::Far(far) => far.incoming.consume_plain(bytes),
            Link::Lingering(_) | Link::Gone => {}
        }
    }

    /// Descriptors that have arrived and were not delivered, or are to leave again and have not.
    pub fn descriptors_waiting(&self) -> usize {
        match self {
            Link::Far(far) => far.descriptors_waiting(),
            Link::Lingering(outgoing) => outgoing.descriptors_brought(),
            Link::Local(_) | Link::Orphaned(_) | Link::Gone => 0,
        }
    }

    /// Ends what is behind a socket: nothing more is read, nothing more is written, and whoever reads is told why.
    pub fn fail(&mut self, fault: Fault) {
        match self {
            Link::Far(far) => {
                far.incoming.fail(far.outgoing.socket(), fault);
                far.outgoing.discard();
            }
            // Its socket is writable now, and the backstop finds nothing to write.
            Link::Lingering(outgoing) => {
                outgoing.socket().shut_down();
                outgoing.discard();
            }
            Link::Local(_) | Link::Orphaned(_) | Link::Gone => {}
        }
    }

    /// Bytes that have arrived and were not delivered.
    pub fn waiting(&self) -> usize {
        match self {
            Link::Local(inbox) | Link::Orphaned(inbox) => inbox.weight(),
            Link::Far(far) => far.incoming.weight(),
            Link::Lingering(_) | Link::Gone => 0,
        }
    }
}
