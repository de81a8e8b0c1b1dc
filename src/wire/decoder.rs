//! What has arrived and is not delivered: raw bytes, their descriptors, and where the next whole message lies in them.
//!
//! Nothing is taken apart before it is delivered, so what is left when a port moves on is simply these bytes and
//! descriptors again. A *unit* is a message frame and the descriptor frames before it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;

use super::frame::{self, Header, HEADER};
use super::log::ByteLog;
use super::Malformed;
use crate::limits::DESCRIPTORS_WAITING;
use crate::slab::Slab;

#[derive(Debug)]
pub struct Decoder<D> {
    bytes: ByteLog,
    descriptors: VecDeque<D>,
    /// The descriptor frames at the front that have been looked at: a unit that arrives in many small pieces is not parsed
    /// from its beginning with every piece.
    seen: Cell<Announced>,
}

/// How many bytes of descriptor frames, and how many descriptors they announce.
#[derive(Debug, Default, Clone, Copy)]
struct Announced {
    bytes: usize,
    descriptors: usize,
}

/// A whole message at the front of a decoder.
#[derive(Debug)]
pub struct Unit<'a> {
    pub body: &'a [u8],
    pub parts: usize,
    pub tail: &'a [u8],
    /// Bytes of the unit, to be consumed with its delivery.
    pub len: usize,
    /// Descriptors that its descriptor frames announced.
    pub descriptors: usize,
    /// What all of it lies in, if nothing else does.
    pub slab: Option<&'a Arc<Slab>>,
}

/// How much of the unit at the front is there.
enum Progress {
    Whole {
        start: usize,
        descriptors: usize,
        header: Header,
    },
    /// At least so many more bytes are needed.
    Wants(usize),
}

impl Progress {
    /// How long the unit is, if it is whole.
    fn len(&self) -> Option<usize> {
        match self {
            Progress::Whole { start, header, .. } => Some(start + header.frame_len()),
            Progress::Wants(_) => None,
        }
    }

    /// The unit, if it is whole, in the bytes that this was found in.
    fn unit(self, bytes: &[u8]) -> Option<Unit<'_>> {
        let Progress::Whole { start, descriptors, header: header @ Header::Message { body, parts, tail } } = self
        else {
            return None;
        };
        let body_at = start + HEADER;
        let tail_at = body_at + frame::padded(body);
        Some(Unit {
            body: &bytes[body_at..body_at + body],
            parts,
            tail: &bytes[tail_at..tail_at + tail],
            len: start + header.frame_len(),
            descriptors,
            slab: None,
        })
    }
}

impl<D> Default for Decoder<D> {
    fn default() -> Self {
        Decoder::with(VecDeque::new())
    }
}

impl<D> Decoder<D> {
    fn with(descriptors: VecDeque<D>) -> Self {
        Decoder { bytes: ByteLog::default(), descriptors, seen: Cell::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Descriptors that have arrived.
    pub fn descriptors(&self) -> usize {
        self.descriptors.len()
    }

    /// The log that received bytes are appended to.
    pub fn bytes(&mut self) -> &mut ByteLog {
        &mut self.bytes
    }

    /// Takes in what one receive brought beside its bytes.
    pub fn push_descriptors(&mut self, descriptors: impl IntoIterator<Item = D>) -> Result<(), Malformed> {
        self.descriptors.extend(descriptors);
        if self.descriptors.len() > DESCRIPTORS_WAITING {
            return Err(Malformed::SpareDescriptors);
        }
        Ok(())
    }

    /// Keeps descriptors that go with the frame that is appended next.
    pub fn keep_descriptors(&mut self, descriptors: impl IntoIterator<Item = D>) {
        self.descriptors.extend(descriptors);
    }

    /// The longest run of whole messages without parts, at most `most` bytes (`most_single` if it is one message).
    pub fn plain(&self, most: usize, most_single: usize) -> Result<&[u8], Malformed> {
        let bytes = self.bytes.as_slice();
        let run = frame::plain_run(bytes, most, most_single);
        if run == bytes.len() && !self.descriptors.is_empty() {
            return Err(Malformed::SpareDescriptors);
        }
        Ok(&bytes[..run])
    }

    /// The message at the front, if it is there whole.
    pub fn unit(&self) -> Result<Option<Unit<'_>>, Malformed> {
        Ok(self.progress(self.descriptors.len())?.unit(self.bytes.as_slice()))
    }

    /// How many bytes the message at the front lacks at least; 0 if it is whole.
    pub fn wants(&self) -> Result<usize, Malformed> {
        Ok(match self.progress(self.descriptors.len())? {
            Progress::Whole { .. } => 0,
            Progress::Wants(bytes) => bytes,
        })
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        self.seen.take();
        self.bytes.consume(bytes);
    }

    /// Takes the message at the front, if it is there whole: `read` sees it and takes all its descriptors.
    pub fn take<T>(
        &mut self,
        read: impl FnOnce(&Unit<'_>, &mut dyn Iterator<Item = D>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        // Set aside, so that the unit can be borrowed from the bytes meanwhile.
        let mut descriptors = std::mem::take(&mut self.descriptors);
        let progress = self.progress(descriptors.len())?;
        let len = progress.len();
        // One that lies alone may stay where it is.
        let alone = if len == Some(self.bytes.len()) { self.bytes.give_away() } else { None };
        let alone = alone.map(|(slab, range)| (Arc::new(slab), range));
        let unit = match &alone {
            Some((slab, range)) => progress.unit(&slab[range.clone()]).map(|unit| Unit { slab: Some(slab), ..unit }),
            None => progress.unit(self.bytes.as_slice()),
        };
        let Some(unit) = unit else {
            self.descriptors = descriptors;
            return Ok(None);
        };
        let mut rights = descriptors.drain(..unit.descriptors);
        let taken = read(&unit, &mut rights)?;
        if rights.next().is_some() {
            return Err(Malformed::SpareDescriptors);
        }
        drop(rights);
        let len = unit.len;
        self.seen.take();
        if alone.is_none() {
            self.bytes.consume(len);
        }
        self.descriptors = descriptors;
        Ok(Some(taken))
    }

    /// Appends what was left in another decoder.
    pub fn append(&mut self, other: Decoder<D>) {
        self.bytes.push(other.bytes.as_slice());
        self.descriptors.extend(other.descriptors);
    }

    /// Takes everything, as luggage.
    pub fn into_luggage(self) -> (ByteLog, VecDeque<D>) {
        (self.bytes, self.descriptors)
    }

    /// The decoder that [`into_luggage`](Self::into_luggage) took apart.
    pub fn from_luggage(bytes: &[u8], descriptors: VecDeque<D>) -> Self {
        let mut decoder = Decoder::with(descriptors);
        decoder.bytes.push(bytes);
        decoder
    }

    fn progress(&self, arrived: usize) -> Result<Progress, Malformed> {
        let bytes = self.bytes.as_slice();
        let Announced { bytes: mut start, mut descriptors } = self.seen.get();
        if descriptors > arrived {
            return Err(Malformed::MissingDescriptors); // an error has taken them
        }
        loop {
            match Header::parse(&bytes[start..])? {
                None => return Ok(Progress::Wants(start + HEADER - bytes.len())),
                Some(Header::Descriptors(count)) => {
                    descriptors += count;
                    start += HEADER;
                    if descriptors > DESCRIPTORS_WAITING {
                        return Err(Malformed::SpareDescriptors);
                    }
                    // They come with the frame's first byte, and that has been read.
                    if descriptors > arrived {
                        return Err(Malformed::MissingDescriptors);
                    }
                    self.seen.set(Announced { bytes: start, descriptors });
                }
                Some(header) => {
                    let end = start + header.frame_len();
                    return Ok(if end <= bytes.len() {
                        Progress::Whole { start, descriptors, header }
                    } else {
                        Progress::Wants(end - bytes.len())
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, closed_port, take, take_all, write, Descriptors, Seen, SeenPart, Stream};
    use super::*;
    use crate::wire::outbox::Outbox;
    use crate::wire::tail::Item;
    use proptest::prelude::*;

    fn stream() -> Stream {
        Stream::drain(&mut samples::outbox(), usize::MAX)
    }

    fn fed(stream: &Stream) -> Decoder<samples::D> {
        let mut decoder = Decoder::default();
        stream.feed(&mut decoder, 0, stream.bytes.len());
        decoder
    }

    fn messages(stream: &Stream) -> Vec<Seen> {
        take_all(&mut fed(stream)).unwrap()
    }

    /// Parsing from the front with every piece would take 2³³ steps here.
    #[test]
    #[cfg_attr(miri, ignore = "a hundred thousand steps")]
    fn many_descriptor_frames_in_small_pieces_are_parsed_once_each() {
        let mut decoder = Decoder::default();
        for index in 0..DESCRIPTORS_WAITING {
            decoder.push_descriptors([index as samples::D]).unwrap();
            decoder.bytes().push(&Header::Descriptors(1).to_bytes());
            assert_eq!(decoder.wants().unwrap(), HEADER);
            assert!(decoder.unit().unwrap().is_none());
        }
        // And the message behind them takes too few, or is none at all.
        frame::push_plain(decoder.bytes(), b"message");
        assert!(decoder.take(|_, _| Ok(())).is_err());
    }

    #[test]
    fn every_message_comes_out_as_it_went_in() {
        let seen = messages(&stream());
        let bodies: Vec<&[u8]> = seen.iter().map(|message| &message.body[..]).collect();
        let expected: [&[u8]; 9] =
            [b"", b"a", b"", b"exactly8", b"a port", b"two sends", b"luggage", b"a descriptor", b"the end"];
        assert_eq!(bodies, expected);
        let [SeenPart::Bare(handed), SeenPart::Port { port: 15, .. }] = &seen[7].parts[..] else {
            panic!("{:?}", seen[7]);
        };
        assert_eq!(handed, "Descriptor { kind: 1, body: [107, 110, 111, 119, 110], descriptor: 14 }");
        let memory = |bytes: &[u8]| SeenPart::Memory(bytes.to_vec());
        assert_eq!(seen[2].parts, [memory(b"12345"), closed_port(), memory(b"")]);
        assert_eq!(ports(&seen[4].parts), [1]);
        assert_eq!(ports(&seen[5].parts), [2, 3, 4]);
        let [SeenPart::Bare(_), SeenPart::Port { channel: 8, inbound, half, outbound, .. }, SeenPart::Port { .. }] =
            &seen[6].parts[..]
        else {
            panic!("{:?}", seen[6]);
        };
        assert_eq!(inbound[0].body, b"unread");
        let [SeenPart::Port { channel: 7, inbound: deep, .. }, SeenPart::Memory(_), SeenPart::Port { .. }] =
            &inbound[1].parts[..]
        else {
            panic!("{inbound:?}");
        };
        assert_eq!(deep[0].body, b"deep");
        assert_eq!(half, &(stream_of(b"cut off here")[..21].to_vec(), vec![]));
        assert_eq!(outbound.descriptors.iter().map(|(_, list)| list.len()).collect::<Vec<_>>(), [2, 1]);
    }

    /// The descriptors of the ports among `parts`.
    fn ports(parts: &[SeenPart]) -> Vec<samples::D> {
        let port = |part: &SeenPart| match part {
            SeenPart::Port { port, .. } => Some(*port),
            SeenPart::Memory(_) | SeenPart::Bare(_) => None,
        };
        parts.iter().filter_map(port).collect()
    }

    fn stream_of(body: &[u8]) -> Vec<u8> {
        let mut outbox = Outbox::default();
        write(&mut outbox, body, vec![]);
        Stream::drain(&mut outbox, usize::MAX).bytes
    }

    #[test]
    fn a_cut_anywhere_changes_nothing() {
        let stream = stream();
        let expected = messages(&stream);
        for cut in samples::some(0..=stream.bytes.len()) {
            let mut decoder = Decoder::default();
            stream.feed(&mut decoder, 0, cut);
            let mut seen = take_all(&mut decoder).unwrap();
            stream.feed(&mut decoder, cut, stream.bytes.len());
            seen.extend(take_all(&mut decoder).unwrap());
            assert_eq!(seen, expected, "cut at {cut}");
            assert!(decoder.is_empty());
        }
    }

    #[test]
    fn a_message_is_there_with_its_last_byte_and_not_before() {
        let stream = stream();
        let ends = stream.ends();
        let mut decoder = Decoder::default();
        let mut next = 0;
        for at in 0..stream.bytes.len() {
            let wants = decoder.wants().unwrap();
            assert!(wants > 0 && at + wants <= ends[next], "at {at} it wants {wants}");
            stream.feed(&mut decoder, at, at + 1);
            assert_eq!(decoder.unit().unwrap().is_some(), at + 1 == ends[next], "after byte {at}");
            if take(&mut decoder).unwrap().is_some() {
                next += 1;
            }
        }
        assert_eq!(next, ends.len());
    }

    #[test]
    fn luggage_goes_on_where_reading_stopped_at_every_offset() {
        let stream = stream();
        let expected = messages(&stream);
        for cut in samples::some(0..=stream.bytes.len()) {
            for taken in [0, usize::MAX] {
                let mut decoder = Decoder::default();
                stream.feed(&mut decoder, 0, cut);
                let mut seen = if taken == 0 { Vec::new() } else { take_all(&mut decoder).unwrap() };
                let (bytes, descriptors) = decoder.into_luggage();
                let mut decoder = Decoder::from_luggage(bytes.as_slice(), descriptors);
                stream.feed(&mut decoder, cut, stream.bytes.len());
                seen.extend(take_all(&mut decoder).unwrap());
                assert_eq!(seen, expected, "moved at {cut}");
            }
        }
    }

    #[test]
    fn what_arrived_later_follows_what_was_there() {
        let stream = stream();
        let expected = messages(&stream);
        for cut in samples::some(0..=stream.bytes.len()) {
            let (mut first, mut second) = (Decoder::default(), Decoder::default());
            stream.feed(&mut first, 0, cut);
            stream.feed(&mut second, cut, stream.bytes.len());
            first.append(second);
            assert_eq!(take_all(&mut first).unwrap(), expected, "appended at {cut}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "a hundred thousand steps")]
    fn a_message_of_a_thousand_ports_in_any_pieces() {
        let mut fresh = Descriptors::default();
        let mut outbox = Outbox::default();
        write(&mut outbox, b"many", (0..1000).map(|_| fresh.bare_port()).collect());
        let stream = Stream::drain(&mut outbox, usize::MAX);
        assert_eq!(stream.descriptors.len(), 1000usize.div_ceil(crate::limits::DESCRIPTORS_PER_SEND));
        for piece in [1, 15, 16, 17, 1000] {
            let mut decoder = Decoder::default();
            for from in (0..stream.bytes.len()).step_by(piece) {
                assert!(decoder.unit().unwrap().is_none());
                stream.feed(&mut decoder, from, stream.bytes.len().min(from + piece));
            }
            let parts = take(&mut decoder).unwrap().unwrap().parts;
            assert_eq!(ports(&parts), (1..=1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_run_holds_whole_messages_without_parts_and_no_others() {
        let stream = stream();
        let mut decoder = fed(&stream);
        let first = stream_of(b"").len() + stream_of(b"a").len();
        assert_eq!(decoder.plain(usize::MAX, usize::MAX).unwrap(), &stream.bytes[..first]);
        assert_eq!(decoder.plain(first - 1, 0).unwrap(), &stream.bytes[..16]);
        assert_eq!(decoder.plain(0, 16).unwrap(), &stream.bytes[..16]);
        assert_eq!(decoder.plain(0, 15).unwrap(), b"");
        decoder.consume_plain(first);
        assert_eq!(decoder.plain(usize::MAX, usize::MAX).unwrap(), b"", "the next one has parts");
        assert_eq!(take(&mut decoder).unwrap().unwrap().parts.len(), 3);
        assert_eq!(decoder.plain(usize::MAX, usize::MAX).unwrap(), stream_of(b"exactly8"));
    }

    #[test]
    fn descriptors_that_no_frame_announces_are_an_error() {
        // Beside a message without parts.
        let mut decoder = Decoder::default();
        decoder.bytes().push(&stream_of(b"plain"));
        decoder.push_descriptors([1]).unwrap();
        assert_eq!(decoder.plain(usize::MAX, usize::MAX), Err(Malformed::SpareDescriptors));

        // Announced before a message that has no use for them.
        let mut decoder = Decoder::default();
        decoder.bytes().push(&Header::Descriptors(1).to_bytes());
        decoder.bytes().push(&stream_of(b"plain"));
        decoder.push_descriptors([1]).unwrap();
        assert_eq!(take(&mut decoder), Err(Malformed::SpareDescriptors));

        // One more than the parts take.
        let mut outbox = Outbox::default();
        write(&mut outbox, b"", vec![Descriptors::default().bare_port()]);
        let mut stream = Stream::drain(&mut outbox, usize::MAX);
        stream.bytes[8] += 1;
        stream.descriptors[0].1.push(99);
        assert_eq!(take(&mut fed(&stream)), Err(Malformed::SpareDescriptors));
    }

    #[test]
    fn announced_descriptors_that_did_not_come_are_an_error() {
        let mut stream = stream();
        stream.descriptors[1].1.pop();
        let mut decoder = fed(&Stream { descriptors: stream.descriptors[..2].to_vec(), ..stream.clone() });
        let before = take_all(&mut decoder).unwrap_err();
        assert_eq!(before, Malformed::MissingDescriptors);
    }

    #[test]
    #[cfg_attr(miri, ignore = "a hundred thousand steps")]
    fn descriptors_without_end_are_an_error() {
        let mut decoder = Decoder::default();
        decoder.push_descriptors(0..DESCRIPTORS_WAITING as u32).unwrap();
        assert_eq!(decoder.push_descriptors([0]), Err(Malformed::SpareDescriptors));

        let mut decoder = Decoder::<u32>::default();
        for _ in 0..=DESCRIPTORS_WAITING {
            decoder.bytes().push(&Header::Descriptors(1).to_bytes());
        }
        decoder.keep_descriptors(0..=DESCRIPTORS_WAITING as u32);
        assert_eq!(decoder.wants(), Err(Malformed::SpareDescriptors));
    }

    #[test]
    fn a_corrupted_header_harms_nothing_that_came_before_it() {
        let stream = stream();
        let expected = messages(&stream);
        let (ends, mut start) = (stream.ends(), 0);
        for (index, &end) in ends.iter().enumerate() {
            for at in samples::some(start..start + HEADER) {
                for bit in 0..8 {
                    let mut corrupted = stream.clone();
                    corrupted.bytes[at] ^= 1 << bit;
                    let mut decoder = fed(&corrupted);
                    for message in &expected[..index] {
                        assert_eq!(take(&mut decoder).unwrap().as_ref(), Some(message));
                    }
                    let seen = take(&mut decoder);
                    match at - start {
                        1 => assert_eq!(seen, Err(Malformed::Version)),
                        2 | 3 => assert_eq!(seen, Err(Malformed::Reserved)),
                        // Another length or count: another message, a longer one, or an error; never this one.
                        _ => assert_ne!(seen.ok().flatten().as_ref(), Some(&expected[index])),
                    }
                    // Whatever follows is read without a panic until it ends or fails.
                    while let Ok(Some(_)) = take(&mut decoder) {}
                }
            }
            start = end;
        }
    }

    #[test]
    fn a_corrupted_byte_anywhere_does_no_harm() {
        let stream = stream();
        for at in samples::some(0..stream.bytes.len()) {
            for mask in [0x01, 0x80, 0xff] {
                let mut corrupted = stream.clone();
                corrupted.bytes[at] ^= mask;
                let mut decoder = fed(&corrupted);
                while let Ok(Some(_)) = take(&mut decoder) {}
            }
        }
    }

    proptest! {
        #[test]
        fn random_bytes_do_no_harm(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            headers in prop::collection::vec((1u8..3, 0usize..40, 0usize..5, 0usize..40), 0..8),
            descriptors in 0u32..300,
        ) {
            // Plausible headers before random bytes get further than random bytes do.
            let mut decoder = Decoder::default();
            for (kind, body, count, tail) in headers {
                let words = [u32::from(kind) | 0x100, body as u32, count as u32, tail as u32];
                words.iter().for_each(|word| decoder.bytes().push(&word.to_le_bytes()));
                decoder.bytes().push(&bytes[..bytes.len().min(frame::padded(body) + frame::padded(tail))]);
            }
            decoder.bytes().push(&bytes);
            decoder.push_descriptors(0..descriptors).unwrap();
            let run = decoder.plain(usize::MAX, usize::MAX).map_or(0, <[u8]>::len);
            prop_assert!(run <= decoder.len());
            let mut left = decoder.len();
            while let Ok(Some(_)) = take(&mut decoder) {
                prop_assert!(decoder.len() < left);
                left = decoder.len();
            }
        }

        #[test]
        fn any_messages_in_any_pieces(
            messages in prop::collection::vec((0usize..100, prop::collection::vec(0u8..3, 0..4)), 1..12),
            pieces in prop::collection::vec(1usize..200, 1..40),
        ) {
            let mut fresh = Descriptors::default();
            let mut outbox = Outbox::default();
            for (body, parts) in &messages {
                let items = parts.iter().map(|part| match part {
                    0 => Item::ClosedPort,
                    1 => Item::Memory(vec![*part; *body].into()),
                    _ => fresh.bare_port(),
                });
                write(&mut outbox, &vec![1; *body], items.collect());
            }
            let stream = Stream::drain(&mut outbox, usize::MAX);
            let mut decoder = Decoder::default();
            let (mut at, mut seen) = (0, Vec::new());
            for piece in pieces.iter().cycle() {
                let to = stream.bytes.len().min(at + piece);
                stream.feed(&mut decoder, at, to);
                seen.extend(take_all(&mut decoder).unwrap());
                at = to;
                if at == stream.bytes.len() {
                    break;
                }
            }
            let shape: Vec<(usize, usize)> = seen.iter().map(|message| (message.body.len(), message.parts.len())).collect();
            let expected: Vec<(usize, usize)> = messages.iter().map(|(body, parts)| (*body, parts.len())).collect();
            prop_assert_eq!(shape, expected);
        }
    }
}
