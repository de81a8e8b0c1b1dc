//! What comes from a peer behind a socket: read when it may be delivered, and not before.

use super::{Filled, Part};
use crate::error::Fault;
use crate::inbox::Inbox;
use crate::limits::{READ_BYTES, READ_BYTES_LARGE, ROOM_AHEAD};
use crate::sys::{Descriptor, Interest, Poller, Received, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::frame::HEADER;
use crate::wire::Malformed;

#[derive(Debug)]
pub(super) struct Incoming {
    /// Arrived while the peer was still in this process; delivered before anything from the socket.
    pub inbox: Inbox<Part>,
    pub decoder: Decoder<Descriptor>,
    /// The last message was large, and the next may be: nothing of it but its header is read before its place is known.
    large: bool,
    /// What the home's poller watches the socket for.
    watched: Option<Interest>,
    source: Source,
}

/// What the socket has still to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Open,
    /// The peer has hung up; what it sent may still wait in the kernel.
    HungUp,
    /// Nothing more will be read.
    Ended,
    /// Nothing more will be read, and whoever reads has still to be told why.
    Failed(Fault),
}

/// What an event loop reads its sockets into, one after the other.
#[derive(Debug)]
pub struct Reader {
    buffer: Box<[u8]>,
    descriptors: Vec<Descriptor>,
}

impl Default for Reader {
    fn default() -> Self {
        Reader { buffer: vec![0; READ_BYTES].into_boxed_slice(), descriptors: Vec::new() }
    }
}

impl Incoming {
    pub fn new(inbox: Inbox<Part>, decoder: Decoder<Descriptor>) -> Incoming {
        Incoming { inbox, decoder, large: false, watched: None, source: Source::Open }
    }

    /// Bytes that have arrived and were not delivered.
    pub fn weight(&self) -> usize {
        self.inbox.weight() + self.decoder.len()
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.source, Source::Ended | Source::Failed(_))
    }

    pub fn watch(&mut self, socket: &Socket, poller: &Poller, key: usize, started: bool) {
        // Who pauses is told of the hang-up once more: what was left then may have been read since.
        if !started && self.source == Source::HungUp && self.watched == Some(Interest::Readable) {
            self.source = Source::Open;
        }
        let wanted = match self.source {
            Source::Ended | Source::Failed(_) => None,
            Source::Open | Source::HungUp if started => Some(Interest::Readable),
            // A level-triggered poller would report the hang-up for ever.
            Source::HungUp => None,
            Source::Open => Some(Interest::HangUp),
        };
        let done = match (self.watched, wanted) {
            (Some(now), Some(wanted)) if now == wanted => Ok(()),
            (Some(_), Some(interest)) => poller.modify(socket, key, interest),
            (None, Some(interest)) => poller.add(socket, key, interest),
            (_, None) => return self.unwatch(socket, poller),
        };
        self.watched = wanted;
        if done.is_err() {
            self.watched = None;
            self.fail(socket, Fault::Unwatchable);
        }
    }

    pub fn unwatch(&mut self, socket: &Socket, poller: &Poller) {
        if self.watched.take().is_some() {
            poller.delete(socket);
        }
    }

    /// Ends this port, and only this port, for something that is not its peer's closing.
    pub fn fail(&mut self, socket: &Socket, fault: Fault) {
        self.source = Source::Failed(fault);
        self.decoder = Decoder::default();
        socket.shut_down();
    }

    /// Puts back what was lent out, unless this port has failed meanwhile.
    pub fn take_back(&mut self, decoder: Decoder<Descriptor>) {
        if !matches!(self.source, Source::Failed(_)) {
            self.decoder = decoder;
        }
    }

    /// The next event; of plain messages `most` bytes are copied to `out`, or a single longer one.
    pub fn fill(&mut self, socket: &Socket, out: &mut [u8], most: usize, reader: &mut Reader, started: bool) -> Filled {
        if let Source::Failed(fault) = self.source {
            self.source = Source::Ended;
            return Filled::Fault(fault);
        }
        if !started {
            return if self.is_over(socket) { Filled::Closed } else { Filled::Nothing };
        }
        self.next(socket, out, most, reader).unwrap_or_else(|fault| {
            self.fail(socket, fault);
            self.source = Source::Ended;
            Filled::Fault(fault)
        })
    }

    /// Reads the socket when nothing whole is here.
    fn next(&mut self, socket: &Socket, out: &mut [u8], most: usize, reader: &mut Reader) -> Result<Filled, Fault> {
        if !self.inbox.is_empty() {
            return Ok(Filled::front(&self.inbox, out, most));
        }
        // The level-triggered poller calls again for what a turn leaves in the kernel.
        let mut budget = READ_BYTES_LARGE;
        loop {
            let run = self.decoder.plain(most.min(out.len()), out.len())?;
            if let Some(filled) = Filled::run(run, out) {
                return Ok(filled);
            }
            if self.decoder.unit()?.is_some() {
                return Ok(Filled::Parcel);
            }
            if self.has_ended() {
                // Messages are atomic: what a dying peer left half said is not delivered.
                self.decoder = Decoder::default();
                return Ok(Filled::Closed);
            }
            if budget == 0 {
                return Ok(Filled::Nothing);
            }
            match self.receive(socket, reader)? {
                Received::Bytes(count) => budget = budget.saturating_sub(count),
                Received::Nothing => return Ok(Filled::Nothing),
                Received::End => self.source = Source::Ended,
                Received::DescriptorsLost => return Err(Fault::DescriptorsLost),
                Received::Foreign => return Err(Malformed::Foreign.into()),
            }
        }
    }

    /// One read: small ones through the shared buffer, what is known to belong to a giant straight to its place.
    fn receive(&mut self, socket: &Socket, reader: &mut Reader) -> Result<Received, Malformed> {
        let wants = self.decoder.wants()?;
        let Reader { buffer, descriptors } = reader;
        // Once descriptors have come, no more is read than the message that they are for: the next one's stay outside.
        let most = match self.decoder.descriptors() {
            0 if self.large && self.decoder.is_empty() => HEADER,
            0 => buffer.len(),
            _ => wants.min(buffer.len()),
        };
        // What has come of a message that is not whole is all of it.
        let is_large = self.decoder.len().saturating_add(wants) > buffer.len();
        self.large = is_large || (self.large && most == HEADER);
        let received = if is_large {
            let log = self.decoder.bytes();
            let count = wants.min(READ_BYTES_LARGE);
            log.reserve(count, wants.min(ROOM_AHEAD.max(log.len())), wants);
            log.fill(count, |place| {
                let received = socket.receive(place, descriptors);
                let count = if let Received::Bytes(count) = received { count } else { 0 };
                (count, received)
            })
        } else {
            let received = socket.receive(&mut buffer[..most], descriptors);
            if let Received::Bytes(count) = received {
                self.decoder.bytes().push(&buffer[..count]);
            }
            received
        };
        self.decoder.push_descriptors(descriptors.drain(..))?;
        Ok(received)
    }

    /// Drops `bytes` of delivered messages without parts. Where this port has failed since they were copied, nothing is left of them.
    pub fn consume_plain(&mut self, bytes: usize) {
        if self.inbox.is_empty() {
            self.decoder.consume_plain(bytes.min(self.decoder.len()));
        } else {
            self.inbox.consume_plain(bytes);
        }
    }

    /// Whether the peer is gone and nothing is left to deliver. Reads nothing: this end may not deliver yet.
    pub fn is_over(&mut self, socket: &Socket) -> bool {
        let nothing_whole = self.inbox.is_empty() && !matches!(self.decoder.wants(), Ok(0));
        if !self.has_ended() {
            // In this order: a peer that hung up between the two looks would never be looked at again.
            let hung_up = socket.hung_up();
            if nothing_whole && socket.at_end() {
                self.source = Source::Ended;
            } else if hung_up {
                self.source = Source::HungUp;
            }
        }
        self.has_ended() && nothing_whole
    }

    /// Whether delivery would find something without the socket's having to become readable. What has hung up is not watched where
    /// it may not deliver: whoever takes messages out all the same has to look whether one was the last.
    pub fn has_news(&self) -> bool {
        self.source != Source::Open || !self.inbox.is_empty() || !self.decoder.is_empty()
    }
}
