//! A queue of messages inside the process: frames as on the wire, with the parts beside them instead of in a tail.

use std::collections::VecDeque;

use crate::wire::frame::{self, Header, HEADER};
use crate::wire::log::ByteLog;

/// Invariant: the frames' part counts, in order, partition `parts`.
#[derive(Debug)]
pub struct Inbox<P> {
    frames: ByteLog,
    parts: VecDeque<P>,
    memory: usize,
}

impl<P> Default for Inbox<P> {
    fn default() -> Self {
        Inbox { frames: ByteLog::default(), parts: VecDeque::new(), memory: 0 }
    }
}

/// What a part adds to the weight of its queue.
pub trait Weigh {
    fn weight(&self) -> usize;
}

impl<P> Inbox<P> {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes queued, the memory that travels with the messages included.
    pub fn weight(&self) -> usize {
        self.frames.len() + self.memory
    }

    pub fn push_plain(&mut self, body: &[u8]) {
        frame::push_plain(&mut self.frames, body);
    }

    pub fn push(&mut self, body: &[u8], parts: Vec<P>)
    where
        P: Weigh,
    {
        let header = Header::Message { body: body.len(), parts: parts.len(), tail: 0 };
        self.frames.push(&header.to_bytes());
        frame::push_padded(&mut self.frames, body);
        self.memory += parts.iter().map(Weigh::weight).sum::<usize>();
        self.parts.extend(parts);
    }

    /// The longest run of messages without parts at the front; see [`frame::plain_run`].
    pub fn plain(&self, most: usize, most_single: usize) -> &[u8] {
        let bytes = self.frames.as_slice();
        &bytes[..frame::plain_run(bytes, most, most_single)]
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        self.frames.consume(bytes);
    }

    /// The body and the parts of the message at the front.
    pub fn peek(&self) -> Option<(&[u8], impl Iterator<Item = &P>)> {
        let (body, parts) = frame::queued(self.frames.as_slice())?;
        let body = &self.frames.as_slice()[HEADER..HEADER + body];
        Some((body, self.parts.iter().take(parts)))
    }

    /// Takes the message at the front; `take` reads the body in place and gets the parts.
    pub fn pop<T>(&mut self, take: impl FnOnce(&[u8], Vec<P>) -> T) -> Option<T>
    where
        P: Weigh,
    {
        let (body, parts) = frame::queued(self.frames.as_slice())?;
        let parts: Vec<P> = self.parts.drain(..parts).collect();
        self.memory -= parts.iter().map(Weigh::weight).sum::<usize>();
        let taken = take(&self.frames.as_slice()[HEADER..HEADER + body], parts);
        self.frames.consume(HEADER + frame::padded(body));
        Some(taken)
    }

    /// The parts of all queued messages.
    pub fn parts(&self) -> impl Iterator<Item = &P> {
        self.parts.iter()
    }

    /// The queue with its parts turned into something else.
    pub fn map_parts<Q>(self, map: impl FnMut(P) -> Q) -> Inbox<Q> {
        Inbox { frames: self.frames, parts: self.parts.into_iter().map(map).collect(), memory: self.memory }
    }

    pub fn into_parts(self) -> VecDeque<P> {
        self.parts
    }
}
