//! What is still to be sent: bytes, and descriptors each tied to the byte they must go with.

use std::collections::VecDeque;

use super::log::ByteLog;

/// Descriptors that go with the byte at `at`, counted from the first byte ever queued.
#[derive(Debug)]
struct Mark<D> {
    at: u64,
    descriptors: Vec<D>,
}

/// Invariant: marks are in order, none lies before `sent`, and a mark's descriptors leave with the very send that
/// starts at its byte. A send never reaches past the next mark.
#[derive(Debug)]
pub struct Outbox<D> {
    bytes: ByteLog,
    sent: u64,
    marks: VecDeque<Mark<D>>,
}

impl<D> Default for Outbox<D> {
    fn default() -> Self {
        Outbox { bytes: ByteLog::default(), sent: 0, marks: VecDeque::new() }
    }
}

impl<D> Outbox<D> {
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The log to append whole frames to.
    pub fn bytes(&mut self) -> &mut ByteLog {
        &mut self.bytes
    }

    /// Ties `descriptors` to the byte that is appended next.
    pub fn mark(&mut self, descriptors: Vec<D>) {
        debug_assert!(!descriptors.is_empty());
        self.marks.push_back(Mark { at: self.sent + self.bytes.len() as u64, descriptors });
    }

    /// What the next send may carry: bytes, and the descriptors that go with the first of them.
    pub fn peek(&self) -> Option<(&[u8], &[D])> {
        if self.bytes.is_empty() {
            return None;
        }
        let bytes = self.bytes.as_slice();
        let mut marks = self.marks.iter();
        let until = |mark: Option<&Mark<D>>| match mark {
            Some(mark) => bytes.len().min((mark.at - self.sent) as usize),
            None => bytes.len(),
        };
        match marks.next() {
            Some(mark) if mark.at == self.sent => Some((&bytes[..until(marks.next())], &mark.descriptors)),
            first => Some((&bytes[..until(first)], &[])),
        }
    }

    /// The kernel took `count` bytes of what [`peek`](Self::peek) showed, and with the first of them every descriptor.
    pub fn advance(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        if self.marks.front().is_some_and(|mark| mark.at == self.sent) {
            self.marks.pop_front();
        }
        self.bytes.consume(count);
        self.sent += count as u64;
    }

    /// Takes everything, as luggage: the bytes (the tail of a half-sent frame included), where descriptors belong among
    /// them, and the descriptors.
    pub fn into_luggage(self) -> (ByteLog, Vec<(u32, u32)>, Vec<D>) {
        let mut places = Vec::with_capacity(self.marks.len());
        let mut descriptors = Vec::new();
        for mark in self.marks {
            places.push(((mark.at - self.sent) as u32, mark.descriptors.len() as u32));
            descriptors.extend(mark.descriptors);
        }
        (self.bytes, places, descriptors)
    }

    /// The outbox that [`into_luggage`](Self::into_luggage) took apart.
    pub fn from_luggage(bytes: &[u8], marks: Vec<(u32, Vec<D>)>) -> Self {
        let mut outbox = Outbox::default();
        outbox.bytes.push(bytes);
        outbox.marks = marks.into_iter().map(|(at, descriptors)| Mark { at: at.into(), descriptors }).collect();
        outbox
    }
}
