//! What is still to be sent: bytes, and descriptors each tied to the byte they must go with.

use std::collections::VecDeque;

use super::frame::said;
use super::log::ByteLog;

/// Bytes from this length on stay where they are until they are sent; below, a piece of its own costs more than the copy.
pub const WORTH_TAKING: usize = 32 << 10;

/// Descriptors that go with the byte at `at`, counted from the first byte ever queued.
#[derive(Debug)]
struct Mark<D> {
    at: u64,
    descriptors: Vec<D>,
}

/// Invariants: marks are in order, none lies before `sent`, and a mark's descriptors leave with the very send that
/// starts at its byte. A send never reaches past the next mark. No piece but the last is empty.
#[derive(Debug)]
pub struct Outbox<D> {
    /// What was appended together, and between it what was given away in one piece.
    pieces: VecDeque<ByteLog>,
    /// Bytes in all pieces but the last, which [`bytes`](Self::bytes) lends out.
    before_last: usize,
    sent: u64,
    marks: VecDeque<Mark<D>>,
}

impl<D> Default for Outbox<D> {
    fn default() -> Self {
        Outbox { pieces: VecDeque::new(), before_last: 0, sent: 0, marks: VecDeque::new() }
    }
}

impl<D> Outbox<D> {
    pub fn len(&self) -> usize {
        self.before_last + self.pieces.back().map_or(0, ByteLog::len)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Descriptors that have not left.
    pub fn descriptors(&self) -> usize {
        self.marks.iter().map(|mark| mark.descriptors.len()).sum()
    }

    /// The log to append to.
    pub fn bytes(&mut self) -> &mut ByteLog {
        if self.pieces.is_empty() {
            self.pieces.push_back(ByteLog::default());
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }

    /// Appends bytes, at least one, without copying them.
    pub fn push_piece(&mut self, bytes: Vec<u8>) {
        self.push_log(bytes.into());
    }

    fn push_log(&mut self, bytes: ByteLog) {
        debug_assert!(!bytes.is_empty());
        if let Some(last) = self.pieces.pop_back().filter(|last| !last.is_empty()) {
            self.before_last += last.len();
            self.pieces.push_back(last);
        }
        self.before_last += bytes.len();
        self.pieces.push_back(bytes);
        self.pieces.push_back(ByteLog::default());
    }

    /// Appends all that is in another one.
    pub fn append(&mut self, other: Outbox<D>) {
        debug_assert_eq!(other.sent, 0);
        let at = self.sent + self.len() as u64;
        self.marks.extend(other.marks.into_iter().map(|mark| Mark { at: at + mark.at, ..mark }));
        for piece in other.pieces {
            if piece.len() < WORTH_TAKING {
                self.bytes().push(piece.as_slice());
            } else {
                self.push_log(piece);
            }
        }
    }

    /// Ties `descriptors` to the byte that is appended next.
    pub fn mark(&mut self, descriptors: Vec<D>) {
        debug_assert!(!descriptors.is_empty());
        self.marks.push_back(Mark { at: self.sent + self.len() as u64, descriptors });
    }

    /// What the next send may carry: bytes, and the descriptors that go with the first of them.
    pub fn peek(&self) -> Option<(&[u8], &[D])> {
        let bytes = self.pieces.front()?.as_slice();
        if bytes.is_empty() {
            return None;
        }
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
        let is_last = self.pieces.len() == 1;
        if let Some(first) = self.pieces.front_mut() {
            first.consume(count);
            if !is_last {
                self.before_last -= count;
                if first.is_empty() {
                    self.pieces.pop_front();
                }
            }
        }
        self.sent += count as u64;
    }

    /// Takes everything, as luggage: the bytes (the tail of a half-sent frame included), where descriptors belong among
    /// them, and the descriptors.
    pub fn into_luggage(self) -> (ByteLog, Vec<(u32, u32)>, Vec<D>) {
        let mut places = Vec::with_capacity(self.marks.len());
        let mut descriptors = Vec::new();
        for mark in self.marks {
            let at = usize::try_from(mark.at - self.sent).unwrap_or(usize::MAX);
            places.push((said(at), said(mark.descriptors.len())));
            descriptors.extend(mark.descriptors);
        }
        let mut bytes = ByteLog::default();
        self.pieces.iter().for_each(|piece| bytes.push(piece.as_slice()));
        (bytes, places, descriptors)
    }

    /// The outbox that [`into_luggage`](Self::into_luggage) took apart.
    pub fn from_luggage(bytes: &[u8], marks: Vec<(u32, Vec<D>)>) -> Self {
        let mut outbox = Outbox::default();
        outbox.bytes().push(bytes);
        outbox.marks = marks.into_iter().map(|(at, descriptors)| Mark { at: at.into(), descriptors }).collect();
        outbox
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, take_all, Stream};
    use super::*;
    use crate::wire::decoder::Decoder;
    use crate::wire::frame::{Header, HEADER};

    /// Every place that a whole drain shows: each descriptor frame and what must go with its first byte.
    fn announced(stream: &Stream) -> Vec<(usize, usize)> {
        let mut announced = Vec::new();
        let mut at = 0;
        while let Some(header) = Header::parse(&stream.bytes[at..]).unwrap() {
            if let Header::Descriptors(count) = header {
                announced.push((at, count));
            }
            at += header.frame_len();
        }
        assert_eq!(at, stream.bytes.len());
        announced
    }

    /// What is given away in pieces comes out like what was appended, marks and all, however it is sent.
    #[test]
    fn pieces_are_sent_in_order_between_what_is_appended() {
        for most in [1, 3, 7, 100] {
            let mut outbox: Outbox<u32> = Outbox::default();
            outbox.push_piece(vec![1; 5]);
            outbox.bytes().push(&[2; 3]);
            outbox.mark(vec![7]);
            outbox.push_piece(vec![3; 4]);
            outbox.push_piece(vec![4; 1]);
            outbox.mark(vec![8, 9]);
            outbox.bytes().push(&[5; 2]);
            assert_eq!(outbox.len(), 15);
            let stream = Stream::drain(&mut outbox, most);
            assert_eq!(stream.bytes, [1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 5, 5]);
            assert_eq!(stream.descriptors, [(8, vec![7]), (13, vec![8, 9])]);
            assert!(outbox.is_empty());
            outbox.bytes().push(&[6]);
            assert_eq!(Stream::drain(&mut outbox, most).bytes, [6]);
        }
    }

    #[test]
    fn descriptors_leave_with_the_first_byte_of_the_frame_that_announces_them_whatever_the_kernel_takes() {
        let whole = Stream::drain(&mut samples::outbox(), usize::MAX);
        let places: Vec<(usize, usize)> = whole.descriptors.iter().map(|(at, list)| (*at, list.len())).collect();
        assert_eq!(places, announced(&whole));
        for most in samples::some(1..=whole.bytes.len()) {
            assert_eq!(Stream::drain(&mut samples::outbox(), most), whole, "sends of {most} bytes");
        }
    }

    #[test]
    fn no_send_reaches_past_the_next_mark() {
        let marks: Vec<usize> =
            Stream::drain(&mut samples::outbox(), usize::MAX).descriptors.iter().map(|(at, _)| *at).collect();
        let mut outbox = samples::outbox();
        let mut start = 0;
        while let Some((bytes, descriptors)) = outbox.peek() {
            let count = bytes.len();
            assert_eq!(marks.contains(&start), !descriptors.is_empty());
            assert!(!marks.iter().any(|mark| (start + 1..start + count).contains(mark)));
            outbox.advance(count);
            start += count;
        }
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_send_that_took_nothing_keeps_the_descriptors() {
        let mut outbox = Outbox::default();
        outbox.mark(vec![1, 2]);
        outbox.bytes().push(b"frame");
        outbox.advance(0);
        assert_eq!(outbox.peek(), Some((&b"frame"[..], &[1, 2][..])));
        outbox.advance(1);
        assert_eq!(outbox.peek(), Some((&b"rame"[..], &[][..])));
    }

    #[test]
    fn what_is_appended_after_a_partial_send_is_marked_where_it_lies() {
        for sent in 0..=HEADER {
            let mut outbox = Outbox::default();
            outbox.bytes().push(&[0; HEADER]);
            let mut stream = Stream::default();
            while stream.bytes.len() < sent {
                stream.send(&mut outbox, 1);
            }
            for (at, descriptors) in [(0, vec![1]), (7, vec![2, 3]), (20, vec![4])] {
                let end = outbox.sent as usize + outbox.len();
                outbox.bytes().push_zeros(HEADER + at - end);
                outbox.mark(descriptors);
            }
            outbox.bytes().push(b"end");
            while stream.send(&mut outbox, 5) > 0 {}
            assert_eq!(stream.descriptors, vec![(16, vec![1]), (23, vec![2, 3]), (36, vec![4])], "{sent} bytes sent");
        }
    }

    #[test]
    fn luggage_goes_on_where_sending_stopped_at_every_offset() {
        let whole = Stream::drain(&mut samples::outbox(), usize::MAX);
        for sent in samples::some(0..=whole.bytes.len()) {
            let mut outbox = samples::outbox();
            let mut stream = Stream::default();
            while stream.bytes.len() < sent {
                let left = sent - stream.bytes.len();
                stream.send(&mut outbox, left);
            }
            let (bytes, places, descriptors) = outbox.into_luggage();
            let mut descriptors = descriptors.into_iter();
            let marks = places.into_iter().map(|(at, count)| (at, descriptors.by_ref().take(count as usize).collect()));
            let mut outbox = Outbox::from_luggage(bytes.as_slice(), marks.collect());
            assert_eq!(descriptors.next(), None);
            while stream.send(&mut outbox, usize::MAX) > 0 {}
            assert_eq!(stream, whole, "moved after {sent} bytes");
        }
    }

    #[test]
    fn a_decoder_reads_what_any_sends_bring_in_any_reads() {
        let whole = Stream::drain(&mut samples::outbox(), usize::MAX);
        let mut decoder = Decoder::default();
        whole.feed(&mut decoder, 0, whole.bytes.len());
        let expected = take_all(&mut decoder).unwrap();
        for (sends, reads) in [(1, 7), (7, 1), (13, 64), (64, 13), (4096, 4096)] {
            let stream = Stream::drain(&mut samples::outbox(), sends);
            let mut seen = Vec::new();
            for from in (0..stream.bytes.len()).step_by(reads) {
                stream.feed(&mut decoder, from, stream.bytes.len().min(from + reads));
                seen.extend(take_all(&mut decoder).unwrap());
            }
            assert_eq!(seen, expected);
            assert!(decoder.is_empty());
        }
    }
}
