//! What is still to be sent: bytes, and descriptors each tied to the byte they must go with.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::frame::said;
use super::log::ByteLog;
use crate::slab::Bytes;

/// Bytes from this length on stay where they are until they are sent; below, a piece of its own costs more than the copy.
pub const WORTH_TAKING: usize = 32 << 10;

/// Descriptors that go with the byte at `at`, counted from the first byte ever queued.
#[derive(Debug)]
struct Mark<D> {
    at: u64,
    descriptors: Vec<D>,
}

/// Some of the bytes, one after the other in memory.
#[derive(Debug)]
enum Piece {
    /// What was appended together.
    Log(ByteLog),
    /// What was given away in one piece, and how much of it has left.
    Given(Bytes, usize),
}

/// Invariants: marks are in order, none lies before `sent`, and a mark's descriptors leave with the very send that
/// starts at its byte. A send never reaches past the next mark. No piece but the last is empty, and that is a log.
#[derive(Debug)]
pub struct Outbox<D> {
    pieces: VecDeque<Piece>,
    /// Bytes in all pieces but the last, which [`bytes`](Self::bytes) lends out.
    before_last: usize,
    sent: u64,
    marks: VecDeque<Mark<D>>,
}

impl Piece {
    fn as_slice(&self) -> &[u8] {
        match self {
            Piece::Log(log) => log.as_slice(),
            Piece::Given(bytes, sent) => &bytes[*sent..],
        }
    }

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn consume(&mut self, count: usize) {
        match self {
            Piece::Log(log) => log.consume(count),
            Piece::Given(_, sent) => *sent += count,
        }
    }
}

impl<D> Default for Outbox<D> {
    fn default() -> Self {
        Outbox { pieces: VecDeque::new(), before_last: 0, sent: 0, marks: VecDeque::new() }
    }
}

impl<D> Outbox<D> {
    pub fn len(&self) -> usize {
        self.before_last + self.pieces.back().map_or(0, Piece::len)
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
            self.pieces.push_back(Piece::Log(ByteLog::default()));
        }
        match self.pieces.back_mut() {
            Some(Piece::Log(log)) => log,
            _ => unreachable!("the last piece is a log"),
        }
    }

    /// Appends bytes, at least one, without copying them.
    pub fn push_piece(&mut self, bytes: Bytes) {
        self.push(Piece::Given(bytes, 0));
    }

    fn push(&mut self, piece: Piece) {
        debug_assert!(piece.len() > 0);
        if let Some(last) = self.pieces.pop_back().filter(|last| last.len() > 0) {
            self.before_last += last.len();
            self.pieces.push_back(last);
        }
        self.before_last += piece.len();
        self.pieces.push_back(piece);
        self.pieces.push_back(Piece::Log(ByteLog::default()));
    }

    /// Appends all that is in another one of which nothing was sent but bytes.
    pub fn append(&mut self, other: Outbox<D>) {
        let at = self.sent + self.len() as u64;
        let sent = other.sent;
        self.marks.extend(other.marks.into_iter().map(|mark| Mark { at: at + mark.at - sent, ..mark }));
        for piece in other.pieces {
            if piece.len() < WORTH_TAKING {
                self.bytes().push(piece.as_slice());
            } else {
                self.push(piece);
            }
        }
    }

    /// Copies the last `most` bytes that are only lent: the first may leave meanwhile. `false`: nothing is lent any more.
    pub fn own_last(&mut self, most: usize) -> bool {
        let is_lent = |piece: &Piece| matches!(piece, Piece::Given(bytes, _) if bytes.is_loan());
        let Some(index) = self.pieces.iter().rposition(is_lent) else {
            return false;
        };
        let Piece::Given(bytes, sent) = &mut self.pieces[index] else {
            return false;
        };
        let from = bytes.len().saturating_sub(most).max(*sent);
        let copy = Piece::Given(Bytes::copied(&bytes[from..]), 0);
        if from == *sent {
            self.pieces[index] = copy;
        } else {
            bytes.shorten_loan(from);
            self.pieces.insert(index + 1, copy);
        }
        true
    }

    /// Ties `descriptors` to the byte that is appended next.
    pub fn mark(&mut self, descriptors: Vec<D>) {
        debug_assert!(!descriptors.is_empty());
        self.marks.push_back(Mark { at: self.sent + self.len() as u64, descriptors });
    }

    /// How many bytes the next send may carry, and the descriptors that go with the first of them.
    fn until_mark(&self) -> (usize, &[D]) {
        let mut marks = self.marks.iter();
        let until = |mark: Option<&Mark<D>>| mark.map_or(usize::MAX, |mark| (mark.at - self.sent) as usize);
        match marks.next() {
            Some(mark) if mark.at == self.sent => (until(marks.next()), &mark.descriptors),
            first => (until(first), &[]),
        }
    }

    /// What the next send may carry, as far as it is in one piece: bytes, and the descriptors that go with the first of them.
    pub fn peek(&self) -> Option<(&[u8], &[D])> {
        let bytes = self.pieces.front()?.as_slice();
        let (most, descriptors) = self.until_mark();
        (!bytes.is_empty()).then(|| (&bytes[..bytes.len().min(most)], descriptors))
    }

    /// What the next send may carry, in as many pieces as there is `room` for: how many those are, how many bytes, and the
    /// descriptors that go with the first of them.
    pub fn gather<'a>(&'a self, room: &mut [IoSlice<'a>]) -> Option<(usize, usize, &'a [D])> {
        let (most, descriptors) = self.until_mark();
        let (mut count, mut length) = (0, 0);
        for (place, piece) in room.iter_mut().zip(&self.pieces) {
            let bytes = piece.as_slice();
            let bytes = &bytes[..bytes.len().min(most - length)];
            if bytes.is_empty() {
                break;
            }
            *place = IoSlice::new(bytes);
            count += 1;
            length += bytes.len();
        }
        (length > 0).then_some((count, length, descriptors))
    }

    /// The kernel took `count` bytes of what [`peek`](Self::peek) or [`gather`](Self::gather) showed, and with the first of
    /// them every descriptor.
    pub fn advance(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        if self.marks.front().is_some_and(|mark| mark.at == self.sent) {
            self.marks.pop_front();
        }
        self.sent += count as u64;
        let mut left = count;
        while let Some(first) = self.pieces.front_mut() {
            let part = left.min(first.len());
            first.consume(part);
            left -= part;
            let is_empty = first.len() == 0;
            if self.pieces.len() == 1 {
                return;
            }
            self.before_last -= part;
            if !is_empty {
                return;
            }
            self.pieces.pop_front();
        }
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
            outbox.push_piece(vec![1; 5].into());
            outbox.bytes().push(&[2; 3]);
            outbox.mark(vec![7]);
            outbox.push_piece(vec![3; 4].into());
            outbox.push_piece(vec![4; 1].into());
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

    /// Several pieces in one send are the same bytes, with the same descriptors at the same places.
    #[test]
    fn what_is_gathered_is_what_is_sent_piece_by_piece() {
        let outbox = || {
            let mut outbox: Outbox<u32> = Outbox::default();
            outbox.bytes().push(&[1; 3]);
            outbox.push_piece(vec![2; 5].into());
            outbox.bytes().push(&[3; 2]);
            outbox.mark(vec![7]);
            outbox.bytes().push(&[4; 2]);
            outbox.push_piece(vec![5; 4].into());
            outbox.push_piece(vec![6; 1].into());
            outbox
        };
        let expected = Stream::drain(&mut outbox(), usize::MAX);
        for (pieces, most) in [(1, 100), (2, 100), (8, 100), (2, 4), (8, 1), (8, 7)] {
            let (mut outbox, mut stream) = (outbox(), Stream::default());
            loop {
                let mut room = [IoSlice::new(&[]); 8];
                let Some((count, length, descriptors)) = outbox.gather(&mut room[..pieces]) else {
                    break;
                };
                assert!(count <= pieces && length == room[..count].iter().map(|slice| slice.len()).sum());
                if !descriptors.is_empty() {
                    stream.descriptors.push((stream.bytes.len(), descriptors.to_vec()));
                }
                let bytes: Vec<u8> = room[..count].iter().flat_map(|slice| slice.iter().copied()).collect();
                stream.bytes.extend(&bytes[..length.min(most)]);
                outbox.advance(length.min(most));
            }
            assert_eq!(stream, expected, "{pieces} pieces, {most} bytes");
            assert!(outbox.is_empty());
        }
    }

    #[test]
    fn what_is_lent_is_copied_before_it_can_change() {
        let mut lent = [1; 10];
        let mut outbox: Outbox<u32> = Outbox::default();
        outbox.bytes().push(&[0; 2]);
        // SAFETY: it is owned before `lent` is written to.
        outbox.push_piece(unsafe { Bytes::loan(&lent) });
        outbox.bytes().push(&[0; 2]);
        let mut stream = Stream::default();
        for _ in 0..3 {
            stream.send(&mut outbox, 2);
            assert!(outbox.own_last(2), "some of what has not left is lent");
        }
        assert!(!outbox.own_last(3));
        lent.fill(9);
        while stream.send(&mut outbox, usize::MAX) > 0 {}
        assert_eq!(stream.bytes, [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
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
