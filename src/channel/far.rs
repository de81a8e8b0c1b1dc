//! An end whose peer is behind a socket: the socket, and what is queued before and behind it.

use std::io::{self, IoSlice};

use crate::error::Fault;
use crate::inbox::Inbox;
use crate::limits::{DISCARD_BYTES, READ_BYTES, READ_BYTES_LARGE, WRITE_BYTES};
use crate::sys::{self, Descriptor, Interest, Poller, Received, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;
use crate::wire::Malformed;

#[derive(Debug)]
pub struct Remote<P> {
    pub socket: Socket,
    /// Arrived while the peer was still in this process; delivered before anything from the socket.
    pub inbox: Inbox<P>,
    pub decoder: Decoder<Descriptor>,
    pub outbox: Outbox<Descriptor>,
    /// Posted but not yet in the outbox: their ports have still to be shipped. While there is one, every later post
    /// goes here too (rule 5).
    pub pending: Inbox<P>,
    /// What the home's poller watches it for.
    watched: Option<Interest>,
    /// The backstop has it on its list.
    pub entrusted: Option<Urgency>,
    /// The backstop's poller waits for it to become writable, for this job.
    pub blocked: Option<usize>,
    /// The peer has hung up; what it sent may still wait in the kernel.
    hung_up: bool,
    /// Nothing more will be read.
    ended: bool,
    fault: Option<Fault>,
}

/// What is at the front of a [`Remote`].
#[derive(Debug, PartialEq, Eq)]
pub enum Front {
    Nothing,
    /// So many bytes of whole messages without parts were copied.
    Run(usize),
    /// A message that has parts or does not fit.
    Parcel,
    /// The peer is gone and nothing is left.
    Over,
}

/// When the backstop is to flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Unless the poster does so itself, which it means to at the end of its turn.
    Soon,
    /// The poster has tried.
    Now,
}

/// How far a flush came.
#[derive(Debug, PartialEq, Eq)]
pub enum Flushed {
    Done,
    /// It has had its share, and could go on.
    Unfinished,
    /// The kernel's buffer is full.
    Blocked,
    /// The kernel wants us to try again later.
    Later,
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

impl<P> Remote<P> {
    pub fn new(socket: Socket) -> Remote<P> {
        Remote {
            socket,
            inbox: Inbox::default(),
            decoder: Decoder::default(),
            outbox: Outbox::default(),
            pending: Inbox::default(),
            watched: None,
            entrusted: None,
            blocked: None,
            hung_up: false,
            ended: false,
            fault: None,
        }
    }

    /// Bytes posted that have not left this process.
    pub fn weight(&self) -> usize {
        self.outbox.len() + self.pending.weight()
    }

    pub fn is_flushed(&self) -> bool {
        self.outbox.is_empty() && self.pending.is_empty()
    }

    /// Appends a message without parts.
    pub fn push_plain(&mut self, body: &[u8]) {
        if self.pending.is_empty() {
            crate::wire::frame::push_plain(self.outbox.bytes(), body);
        } else {
            self.pending.push_plain(body);
        }
    }

    /// Brings `poller` in line with what this end waits for.
    pub fn watch(&mut self, poller: &Poller, key: usize, started: bool) {
        let wanted = match (self.ended, started, self.hung_up) {
            (true, ..) => None,
            (_, true, _) => Some(Interest::Readable),
            // A level-triggered poller would report the hang-up for ever.
            (_, false, true) => None,
            (_, false, false) => Some(Interest::HangUp),
        };
        let done = match (self.watched, wanted) {
            (Some(now), Some(wanted)) if now == wanted => Ok(()),
            (Some(_), Some(interest)) => poller.modify(&self.socket, key, interest),
            (None, Some(interest)) => poller.add(&self.socket, key, interest),
            (_, None) => return self.unwatch(poller),
        };
        self.watched = wanted;
        if done.is_err() {
            self.watched = None;
            self.fail(Fault::Unwatchable);
        }
    }

    pub fn unwatch(&mut self, poller: &Poller) {
        if self.watched.take().is_some() {
            poller.delete(&self.socket);
        }
    }

    /// Ends this port, and only this port, for something that is not its peer's closing.
    pub fn fail(&mut self, fault: Fault) {
        self.fault = Some(fault);
        self.decoder = Decoder::default();
        self.ended = true;
        self.socket.shut_down();
    }

    pub fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Writes what the kernel takes of the outbox, up to a fair share; answers how many bytes that were, and how it ended.
    pub fn flush(&mut self) -> (usize, Flushed) {
        let mut moved = 0;
        while let Some((bytes, descriptors)) = self.outbox.peek() {
            if moved >= WRITE_BYTES {
                return (moved, Flushed::Unfinished);
            }
            match self.socket.send(&[IoSlice::new(bytes)], descriptors) {
                Ok(count) => {
                    self.outbox.advance(count);
                    moved += count;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (moved, Flushed::Blocked),
                Err(error) if sys::is_transient(&error) => return (moved, Flushed::Later),
                // The peer is gone: what was posted to it is lost, as it must be. Reading tells the rest.
                Err(_) => self.outbox = Outbox::default(),
            }
        }
        (moved, Flushed::Done)
    }

    /// Copies the next messages to `out`, `most` bytes of them or a single longer one, reading the socket when nothing whole is here.
    pub fn fill(&mut self, out: &mut [u8], most: usize, reader: &mut Reader) -> Result<Front, Fault> {
        if !self.inbox.is_empty() {
            return Ok(Front::of(self.inbox.plain(most.min(out.len()), out.len()), out).unwrap_or(Front::Parcel));
        }
        // The level-triggered poller calls again for what a turn leaves in the kernel.
        let mut budget = READ_BYTES_LARGE;
        loop {
            let run = self.decoder.plain(most.min(out.len()), out.len())?;
            if let Some(front) = Front::of(run, out) {
                return Ok(front);
            }
            if self.decoder.unit()?.is_some() {
                return Ok(Front::Parcel);
            }
            if self.ended {
                // Messages are atomic: what a dying peer left half said is not delivered.
                self.decoder = Decoder::default();
                return Ok(Front::Over);
            }
            if budget == 0 {
                return Ok(Front::Nothing);
            }
            match self.receive(reader)? {
                Received::Bytes(count) => budget = budget.saturating_sub(count),
                Received::Nothing => return Ok(Front::Nothing),
                Received::End => self.ended = true,
                Received::DescriptorsLost => return Err(Fault::DescriptorsLost),
                Received::Foreign => return Err(Malformed::Foreign.into()),
            }
        }
    }

    /// One read: small ones through the shared buffer, the rest of a giant straight to its place.
    fn receive(&mut self, reader: &mut Reader) -> Result<Received, Malformed> {
        let wants = self.decoder.wants()?;
        let Reader { buffer, descriptors } = reader;
        let received = if wants > buffer.len() {
            let socket = &self.socket;
            self.decoder.bytes().fill(wants.min(READ_BYTES_LARGE), |place| {
                let received = socket.receive(place, descriptors);
                let count = if let Received::Bytes(count) = received { count } else { 0 };
                (count, received)
            })
        } else {
            let received = self.socket.receive(buffer, descriptors);
            if let Received::Bytes(count) = received {
                self.decoder.bytes().push(&buffer[..count]);
            }
            received
        };
        self.decoder.push_descriptors(descriptors.drain(..))?;
        Ok(received)
    }

    /// Nobody will have what arrives from now on. If the peer went on writing, it and this end, while it has a backlog
    /// of its own, could wait for each other for ever; and what is in the kernel would keep its ports open.
    pub fn stop_reading(&mut self) {
        self.socket.shut_down_reading();
        let (mut buffer, mut descriptors) = ([0; DISCARD_BYTES], Vec::new());
        while let Received::Bytes(_) | Received::DescriptorsLost | Received::Foreign =
            self.socket.receive(&mut buffer, &mut descriptors)
        {
            descriptors.clear();
        }
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        if self.inbox.is_empty() {
            self.decoder.consume_plain(bytes);
        } else {
            self.inbox.consume_plain(bytes);
        }
    }

    /// Whether the peer is gone and nothing is left to deliver. Reads nothing: this end may not deliver yet.
    pub fn is_over(&mut self) -> bool {
        let nothing_whole = self.inbox.is_empty() && !matches!(self.decoder.wants(), Ok(0));
        if !self.ended {
            // In this order: a peer that hung up between the two looks would never be looked at again.
            let hung_up = self.socket.hung_up();
            self.ended = nothing_whole && self.socket.at_end();
            self.hung_up |= hung_up && !self.ended;
        }
        self.ended && nothing_whole
    }

    /// Whether delivery would find something without the socket's having to become readable.
    pub fn has_news(&self) -> bool {
        self.ended || !self.inbox.is_empty() || !self.decoder.is_empty()
    }
}

impl Front {
    /// Copies a run, unless it is empty.
    pub fn of(run: &[u8], out: &mut [u8]) -> Option<Front> {
        if run.is_empty() {
            return None;
        }
        out[..run.len()].copy_from_slice(run);
        Some(Front::Run(run.len()))
    }
}
