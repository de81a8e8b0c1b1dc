//! The tail of a message frame: its parts, and the luggage of the ports among them.
//!
//! ```text
//! tag u32 (1 memory, 2 port, 3 closed port, 4 lost: could not leave its process)   zero u32
//! memory:  length u64, bytes
//! port:    channel u64, inbound length u32, inbound descriptors u32, outbound length u32, marks u32,
//!          marks × (offset u32, descriptors u32), inbound bytes, outbound bytes
//! ```
//! Byte sequences are padded to eight. A port takes its own descriptor first, then its inbound, then its outbound ones.

use std::collections::VecDeque;

use crate::limits::{DESCRIPTORS_PER_SEND, TAIL_BYTES};
use crate::wire::decoder::Decoder;
use crate::wire::frame::{self, padded, push_padded, said, Header, HEADER};
use crate::wire::log::ByteLog;
use crate::wire::outbox::Outbox;
use crate::wire::Malformed;

const MEMORY: u32 = 1;
const PORT: u32 = 2;
const CLOSED_PORT: u32 = 3;
const LOST: u32 = 4;

/// Memory from this size on stays where it is until it is sent; below, a piece of its own costs more than the copy.
const WORTH_TAKING: usize = 32 << 10;

/// What a part takes at most beside its bytes, wherever it travels: its words and their padding, and the frame that
/// announces its descriptor.
pub const PART_ROOM: usize = 8 + 24 + 2 * 8 + HEADER + 8;

/// One part of a message, as the wire carries it; its memory is owned on the way out, and borrowed on the way in.
#[derive(Debug)]
pub enum Item<D, M = Vec<u8>> {
    Memory(M),
    Port(Luggage<D>),
    ClosedPort,
    /// Something that only threads can share.
    Lost,
}

/// A port on its way: its descriptor, and what was queued before and behind it.
#[derive(Debug)]
pub struct Luggage<D> {
    pub channel: u64,
    pub port: D,
    pub inbound: Decoder<D>,
    pub outbound: Outbox<D>,
}

/// Where a message is written to: something that keeps bytes, and descriptors for the next of them.
pub trait Sink<D> {
    fn bytes(&mut self) -> &mut ByteLog;
    fn attach(&mut self, descriptors: Vec<D>);
    /// Takes over a long sequence of bytes.
    fn take(&mut self, bytes: Vec<u8>) {
        self.bytes().push(&bytes);
    }
}

impl<D> Sink<D> for Outbox<D> {
    fn bytes(&mut self) -> &mut ByteLog {
        Outbox::bytes(self)
    }

    fn attach(&mut self, descriptors: Vec<D>) {
        self.mark(descriptors);
    }

    fn take(&mut self, bytes: Vec<u8>) {
        if bytes.len() < WORTH_TAKING {
            self.bytes().push(&bytes);
        } else {
            self.push_piece(bytes);
        }
    }
}

impl<D> Sink<D> for Decoder<D> {
    fn bytes(&mut self) -> &mut ByteLog {
        Decoder::bytes(self)
    }

    fn attach(&mut self, descriptors: Vec<D>) {
        self.keep_descriptors(descriptors);
    }
}

/// An item, ready to be written.
enum Section<D> {
    Memory(Vec<u8>),
    Port(Packed<D>),
    Bare(u32),
}

/// A port's luggage, taken apart.
struct Packed<D> {
    channel: u64,
    inbound: ByteLog,
    inbound_descriptors: usize,
    outbound: ByteLog,
    marks: Vec<(u32, u32)>,
    descriptors: Vec<D>,
}

/// Writes a message, with a tail only if it has parts.
pub fn write<D>(sink: &mut impl Sink<D>, body: &[u8], items: Vec<Item<D>>) {
    if items.is_empty() {
        frame::push_plain(sink.bytes(), body);
    } else {
        write_message(sink, body, items);
    }
}

/// Writes a message with parts, its descriptors announced before it in portions that one send can carry.
pub fn write_message<D>(sink: &mut impl Sink<D>, body: &[u8], items: Vec<Item<D>>) {
    let mut sections: Vec<Section<D>> = items.into_iter().map(Section::of).collect();
    close_ports_beyond(&mut sections, TAIL_BYTES);
    let descriptors = sections.iter_mut().flat_map(Section::take_descriptors).collect();
    let header = Header::Message { body: body.len(), parts: sections.len(), tail: tail_len(&sections) };
    announce(sink, descriptors);
    let log = sink.bytes();
    log.push(&header.to_bytes());
    push_padded(log, body);
    sections.into_iter().for_each(|section| section.write(sink));
}

/// A tail longer than `most` cannot be said at all, so its ports arrive closed. Whoever posts sees to it that this
/// never happens; if it did, the carrier would go on.
fn close_ports_beyond<D>(sections: &mut [Section<D>], most: usize) {
    if tail_len(sections) > most {
        let ports = sections.iter_mut().filter(|section| matches!(section, Section::Port(_)));
        ports.for_each(|port| *port = Section::Bare(CLOSED_PORT));
    }
}

fn tail_len<D>(sections: &[Section<D>]) -> usize {
    sections.iter().fold(0, |length, section| length.saturating_add(section.len()))
}

impl<D> Section<D> {
    fn of(item: Item<D>) -> Section<D> {
        match item {
            Item::Memory(bytes) => Section::Memory(bytes),
            Item::ClosedPort => Section::Bare(CLOSED_PORT),
            Item::Lost => Section::Bare(LOST),
            Item::Port(luggage) => Section::Port(luggage.pack()),
        }
    }

    fn take_descriptors(&mut self) -> Vec<D> {
        match self {
            Section::Port(packed) => std::mem::take(&mut packed.descriptors),
            Section::Memory(_) | Section::Bare(_) => Vec::new(),
        }
    }

    fn len(&self) -> usize {
        8 + match self {
            Section::Bare(_) => 0,
            Section::Memory(bytes) => 8 + padded(bytes.len()),
            Section::Port(packed) => {
                24 + 8 * packed.marks.len() + padded(packed.inbound.len()) + padded(packed.outbound.len())
            }
        }
    }

    fn write(self, sink: &mut impl Sink<D>) {
        match self {
            Section::Bare(tag) => push_words(sink.bytes(), &[tag, 0]),
            Section::Memory(bytes) => {
                let length = bytes.len();
                push_words(sink.bytes(), &[MEMORY, 0]);
                sink.bytes().push(&(length as u64).to_le_bytes());
                sink.take(bytes);
                sink.bytes().push_zeros(padded(length) - length);
            }
            Section::Port(packed) => packed.write(sink.bytes()),
        }
    }
}

fn announce<D>(sink: &mut impl Sink<D>, descriptors: Vec<D>) {
    let mut descriptors = descriptors.into_iter();
    loop {
        let portion: Vec<D> = descriptors.by_ref().take(DESCRIPTORS_PER_SEND).collect();
        if portion.is_empty() {
            return;
        }
        let header = Header::Descriptors(portion.len());
        sink.attach(portion);
        sink.bytes().push(&header.to_bytes());
    }
}

fn push_words(log: &mut ByteLog, words: &[u32]) {
    for word in words {
        log.push(&word.to_le_bytes());
    }
}

impl<D> Luggage<D> {
    fn pack(self) -> Packed<D> {
        let (inbound, inbound_descriptors) = self.inbound.into_luggage();
        let (outbound, marks, outbound_descriptors) = self.outbound.into_luggage();
        let count = inbound_descriptors.len();
        let mut descriptors = vec![self.port];
        descriptors.extend(inbound_descriptors);
        descriptors.extend(outbound_descriptors);
        Packed { channel: self.channel, inbound, inbound_descriptors: count, outbound, marks, descriptors }
    }
}

impl<D> Packed<D> {
    fn write(&self, log: &mut ByteLog) {
        push_words(log, &[PORT, 0]);
        log.push(&self.channel.to_le_bytes());
        push_words(
            log,
            &[
                said(self.inbound.len()),
                said(self.inbound_descriptors),
                said(self.outbound.len()),
                said(self.marks.len()),
            ],
        );
        for &(at, count) in &self.marks {
            push_words(log, &[at, count]);
        }
        push_padded(log, self.inbound.as_slice());
        push_padded(log, self.outbound.as_slice());
    }
}

/// Reads a tail of `parts` parts, which take their descriptors from the front of `descriptors`.
pub fn read<'a, D>(
    tail: &'a [u8],
    parts: usize,
    descriptors: &mut dyn Iterator<Item = D>,
) -> Result<Vec<Item<D, &'a [u8]>>, Malformed> {
    let mut reader = TailReader { rest: tail };
    let mut items = Vec::with_capacity(parts);
    for _ in 0..parts {
        let tag = reader.u32()?;
        if reader.u32()? != 0 {
            return Err(Malformed::Reserved);
        }
        items.push(match tag {
            MEMORY => {
                let length = usize::try_from(reader.u64()?).map_err(|_| Malformed::Tail)?;
                Item::Memory(reader.bytes(length)?)
            }
            PORT => Item::Port(reader.luggage(descriptors)?),
            CLOSED_PORT => Item::ClosedPort,
            LOST => Item::Lost,
            _ => return Err(Malformed::Tail),
        });
    }
    if reader.rest.is_empty() {
        Ok(items)
    } else {
        Err(Malformed::Tail)
    }
}

struct TailReader<'a> {
    rest: &'a [u8],
}

impl<'a> TailReader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (first, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Tail)?;
        self.rest = rest;
        Ok(*first)
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    /// A padded section.
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        if length > self.rest.len() || padded(length) > self.rest.len() {
            return Err(Malformed::Tail);
        }
        let (section, rest) = self.rest.split_at(padded(length));
        self.rest = rest;
        Ok(&section[..length])
    }

    fn luggage<D>(&mut self, descriptors: &mut dyn Iterator<Item = D>) -> Result<Luggage<D>, Malformed> {
        let channel = self.u64()?;
        let inbound = self.u32()? as usize;
        let inbound_descriptors = self.u32()? as usize;
        let outbound = self.u32()? as usize;
        let marks = self.u32()? as usize;
        if marks > self.rest.len() / 8 {
            return Err(Malformed::Tail);
        }
        let mut places = Vec::with_capacity(marks);
        let mut last = None;
        for _ in 0..marks {
            let (at, count) = (self.u32()?, self.u32()? as usize);
            // A mark lies on a byte that is there, after the mark before it, and one send can carry it.
            let ordered = last.is_none_or(|last| last < at) && (at as usize) < outbound;
            if !ordered || count == 0 || count > DESCRIPTORS_PER_SEND {
                return Err(Malformed::Tail);
            }
            last = Some(at);
            places.push((at, count));
        }
        let inbound = self.bytes(inbound)?;
        let outbound = self.bytes(outbound)?;
        let mut take = |count| take_exactly(descriptors, count);
        let port = take(1)?.pop_front().ok_or(Malformed::MissingDescriptors)?;
        let inbound = Decoder::from_luggage(inbound, take(inbound_descriptors)?);
        let marks = places
            .into_iter()
            .map(|(at, count)| Ok((at, take(count)?.into())))
            .collect::<Result<Vec<_>, Malformed>>()?;
        Ok(Luggage { channel, port, inbound, outbound: Outbox::from_luggage(outbound, marks) })
    }
}

fn take_exactly<D>(descriptors: &mut dyn Iterator<Item = D>, count: usize) -> Result<VecDeque<D>, Malformed> {
    let taken: VecDeque<D> = descriptors.take(count).collect();
    if taken.len() == count {
        Ok(taken)
    } else {
        Err(Malformed::MissingDescriptors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::samples::{self, closed_port, take, take_all, write, Descriptors, SeenPart, Stream, D};
    use proptest::prelude::*;

    /// The tail of a message with a port of much luggage, how many parts it has, and its descriptors.
    fn sample() -> (Vec<u8>, usize, Vec<D>) {
        let mut fresh = Descriptors::default();
        let traveller = samples::with_luggage(&mut fresh);
        let items = vec![Item::Memory(b"memory".to_vec()), traveller, Item::ClosedPort, fresh.bare_port()];
        let count = items.len();
        let mut outbox = Outbox::default();
        write_message(&mut outbox, b"", items);
        let stream = Stream::drain(&mut outbox, usize::MAX);
        let descriptors: Vec<D> = stream.descriptors.into_iter().flat_map(|(_, list)| list).collect();
        (stream.bytes[2 * HEADER..].to_vec(), count, descriptors)
    }

    fn read_with(tail: &[u8], parts: usize, descriptors: &[D]) -> Result<usize, Malformed> {
        let mut descriptors = descriptors.iter().copied();
        read(tail, parts, &mut descriptors)?;
        Ok(descriptors.count())
    }

    #[test]
    fn a_tail_takes_exactly_its_descriptors() {
        let (tail, parts, mut descriptors) = sample();
        assert_eq!(read_with(&tail, parts, &descriptors), Ok(0));
        for count in 0..descriptors.len() {
            assert_eq!(read_with(&tail, parts, &descriptors[..count]), Err(Malformed::MissingDescriptors));
        }
        descriptors.push(99);
        assert_eq!(read_with(&tail, parts, &descriptors), Ok(1), "what is left over is the caller's to refuse");
    }

    #[test]
    fn a_tail_that_is_cut_or_has_more_than_its_parts_is_refused() {
        let (mut tail, parts, descriptors) = sample();
        for length in 0..tail.len() {
            assert_eq!(read_with(&tail[..length], parts, &descriptors), Err(Malformed::Tail), "cut at {length}");
        }
        assert_eq!(read_with(&tail, parts - 1, &descriptors), Err(Malformed::Tail));
        assert_eq!(read_with(&tail, parts + 1, &descriptors), Err(Malformed::Tail));
        tail.extend([0; 8]);
        assert_eq!(read_with(&tail, parts, &descriptors), Err(Malformed::Tail));
    }

    #[test]
    fn a_corrupted_tail_is_read_or_refused() {
        let (tail, parts, descriptors) = sample();
        for at in 0..tail.len() {
            for bit in 0..8 {
                let mut corrupted = tail.clone();
                corrupted[at] ^= 1 << bit;
                let _ = read_with(&corrupted, parts, &descriptors);
            }
        }
    }

    #[test]
    fn marks_lie_in_order_on_bytes_that_are_there_and_fit_one_send() {
        let luggage = |outbound: u32, marks: &[(u32, u32)]| {
            let mut log = ByteLog::default();
            push_words(&mut log, &[PORT, 0, 1, 0, 0, 0, outbound, marks.len() as u32]);
            for &(at, count) in marks {
                push_words(&mut log, &[at, count]);
            }
            log.push_zeros(padded(outbound as usize));
            let descriptors: Vec<D> = (0..400).collect();
            read_with(log.as_slice(), 1, &descriptors).map(|left| descriptors.len() - left)
        };
        let most = DESCRIPTORS_PER_SEND as u32;
        assert_eq!(luggage(16, &[(0, 1), (15, most)]), Ok(1 + 1 + DESCRIPTORS_PER_SEND));
        assert_eq!(luggage(16, &[(16, 1)]), Err(Malformed::Tail));
        assert_eq!(luggage(0, &[(0, 1)]), Err(Malformed::Tail));
        assert_eq!(luggage(16, &[(4, 1), (4, 1)]), Err(Malformed::Tail));
        assert_eq!(luggage(16, &[(4, 1), (3, 1)]), Err(Malformed::Tail));
        assert_eq!(luggage(16, &[(4, 0)]), Err(Malformed::Tail));
        assert_eq!(luggage(16, &[(4, most + 1)]), Err(Malformed::Tail));
    }

    #[test]
    fn ports_whose_luggage_no_tail_can_say_arrive_closed() {
        let sections = || {
            let port = samples::with_luggage(&mut Descriptors::default());
            [Item::Memory(vec![1; 100]), port, Item::Lost].map(Section::of)
        };
        let all = tail_len(&sections());
        for (most, is_closed) in [(all, false), (all - 1, true)] {
            let mut sections = sections();
            close_ports_beyond(&mut sections, most);
            assert!(matches!(&sections, [Section::Memory(_), _, Section::Bare(LOST)]));
            assert_eq!(matches!(sections[1], Section::Bare(CLOSED_PORT)), is_closed);
            assert_eq!(sections[1].take_descriptors().is_empty(), is_closed);
        }
        assert_eq!(said(usize::MAX), u32::MAX);
    }

    #[test]
    fn unknown_tags_and_reserved_words_are_refused() {
        for tag in [0, 99, u32::MAX] {
            let mut log = ByteLog::default();
            push_words(&mut log, &[tag, 0]);
            assert_eq!(read_with(log.as_slice(), 1, &[]), Err(Malformed::Tail));
        }
        for tag in [MEMORY, PORT, CLOSED_PORT] {
            let mut log = ByteLog::default();
            push_words(&mut log, &[tag, 1]);
            assert_eq!(read_with(log.as_slice(), 1, &[]), Err(Malformed::Reserved));
        }
    }

    #[test]
    fn declared_lengths_beyond_the_tail_are_refused() {
        for length in [1, 8, u64::from(u32::MAX), u64::MAX - 7, u64::MAX] {
            let mut log = ByteLog::default();
            push_words(&mut log, &[MEMORY, 0]);
            log.push(&length.to_le_bytes());
            assert_eq!(read_with(log.as_slice(), 1, &[]), Err(Malformed::Tail));
        }
        for (inbound, descriptors, outbound, marks) in
            [(1, 0, 0, 0), (u32::MAX, 0, 0, 0), (0, 0, 1, 0), (0, 0, u32::MAX, 0), (0, 0, 0, 1), (0, 0, 0, u32::MAX)]
        {
            let mut log = ByteLog::default();
            push_words(&mut log, &[PORT, 0, 1, 0, inbound, descriptors, outbound, marks]);
            assert_eq!(read_with(log.as_slice(), 1, &[1, 2]), Err(Malformed::Tail));
        }
        let mut log = ByteLog::default();
        push_words(&mut log, &[PORT, 0, 1, 0, 0, u32::MAX, 0, 0]);
        assert_eq!(read_with(log.as_slice(), 1, &[1, 2]), Err(Malformed::MissingDescriptors));
    }

    /// Sends a port with this luggage through a stream of its own.
    fn travel(inbound: Decoder<D>, outbound: Outbox<D>) -> (Decoder<D>, Outbox<D>) {
        let mut outbox = Outbox::default();
        write(&mut outbox, b"travel", vec![Item::Port(Luggage { channel: 1, port: 4711, inbound, outbound })]);
        let stream = Stream::drain(&mut outbox, 7);
        let mut decoder = Decoder::default();
        stream.feed(&mut decoder, 0, stream.bytes.len());
        let arrived =
            decoder.take(|unit, descriptors| match read(unit.tail, unit.parts, descriptors)?.into_iter().next() {
                Some(Item::Port(luggage)) => Ok((luggage.inbound, luggage.outbound)),
                other => panic!("{other:?}"),
            });
        arrived.unwrap().unwrap()
    }

    #[test]
    fn a_port_that_moves_with_half_a_frame_on_either_side_loses_nothing() {
        let whole = Stream::drain(&mut samples::outbox(), usize::MAX);
        let mut decoder = Decoder::default();
        whole.feed(&mut decoder, 0, whole.bytes.len());
        let expected = take_all(&mut decoder).unwrap();
        for cut in 0..=whole.bytes.len() {
            let mut inbound = Decoder::default();
            whole.feed(&mut inbound, 0, cut);
            let mut seen: Vec<_> = take(&mut inbound).unwrap().into_iter().collect();
            let mut outbound = samples::outbox();
            let mut sent = Stream::default();
            while sent.bytes.len() < cut {
                let left = cut - sent.bytes.len();
                sent.send(&mut outbound, left);
            }

            let (mut inbound, mut outbound) = travel(inbound, outbound);

            whole.feed(&mut inbound, cut, whole.bytes.len());
            seen.extend(take_all(&mut inbound).unwrap());
            assert_eq!(seen, expected, "inbound cut at {cut}");
            while sent.send(&mut outbound, usize::MAX) > 0 {}
            assert_eq!(sent, whole, "outbound cut at {cut}");
        }
    }

    /// A part, as a proptest makes it: memory, a closed port, or a port with messages in its luggage.
    #[derive(Debug, Clone)]
    enum Plan {
        Memory(Vec<u8>),
        ClosedPort,
        Port { inbound: Vec<Vec<Plan>>, outbound: Vec<Vec<Plan>>, sent: usize },
    }

    fn plan() -> impl Strategy<Value = Plan> {
        let leaf =
            prop_oneof![prop::collection::vec(any::<u8>(), 0..20).prop_map(Plan::Memory), Just(Plan::ClosedPort)];
        leaf.prop_recursive(4, 40, 4, |inner| {
            let messages = || prop::collection::vec(prop::collection::vec(inner.clone(), 0..3), 0..3);
            (messages(), messages(), 0usize..100).prop_map(|(inbound, outbound, sent)| Plan::Port {
                inbound,
                outbound,
                sent,
            })
        })
    }

    fn build(plan: &Plan, fresh: &mut Descriptors) -> Item<D> {
        match plan {
            Plan::Memory(bytes) => Item::Memory(bytes.clone()),
            Plan::ClosedPort => Item::ClosedPort,
            Plan::Port { inbound, outbound, sent } => {
                let mut arrived = Decoder::default();
                write_plans(&mut arrived, inbound, fresh);
                let mut leaving = Outbox::default();
                write_plans(&mut leaving, outbound, fresh);
                Stream::default().send(&mut leaving, *sent);
                Item::Port(Luggage { channel: 5, port: fresh.next(), inbound: arrived, outbound: leaving })
            }
        }
    }

    fn write_plans(sink: &mut impl Sink<D>, messages: &[Vec<Plan>], fresh: &mut Descriptors) {
        for parts in messages {
            let items: Vec<Item<D>> = parts.iter().map(|plan| build(plan, fresh)).collect();
            if !items.is_empty() {
                write_message(sink, b"nested", items);
            }
        }
    }

    fn check(part: &SeenPart, plan: &Plan) {
        match (part, plan) {
            (SeenPart::Memory(seen), Plan::Memory(bytes)) => assert_eq!(seen, bytes),
            (SeenPart::Bare(_), Plan::ClosedPort) => assert_eq!(part, &closed_port()),
            (SeenPart::Port { inbound: seen, half, .. }, Plan::Port { inbound, .. }) => {
                assert_eq!(half, &(vec![], vec![]));
                let written = inbound.iter().filter(|parts| !parts.is_empty());
                assert_eq!(seen.len(), written.clone().count());
                for (message, parts) in seen.iter().zip(written) {
                    assert_eq!(message.parts.len(), parts.len());
                    message.parts.iter().zip(parts).for_each(|(part, plan)| check(part, plan));
                }
            }
            _ => panic!("{part:?} is not {plan:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn luggage_in_luggage_arrives_as_it_was_packed(plans in prop::collection::vec(plan(), 1..4)) {
            let mut fresh = Descriptors::default();
            let items: Vec<Item<D>> = plans.iter().map(|plan| build(plan, &mut fresh)).collect();
            let mut outbox = Outbox::default();
            write_message(&mut outbox, b"root", items);
            let stream = Stream::drain(&mut outbox, 11);
            let mut decoder = Decoder::default();
            stream.feed(&mut decoder, 0, stream.bytes.len());
            let message = take(&mut decoder).unwrap().unwrap();
            prop_assert_eq!(message.parts.len(), plans.len());
            message.parts.iter().zip(&plans).for_each(|(part, plan)| check(part, plan));
        }

        #[test]
        fn random_tails_do_no_harm(bytes in prop::collection::vec(0u8..5, 0..200), parts in 0usize..20) {
            let descriptors: Vec<D> = (0..50).collect();
            let _ = read_with(&bytes, parts, &descriptors);
        }
    }
}
