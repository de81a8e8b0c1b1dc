//! The tail of a message frame: its parts, and the luggage of the ports among them.
//!
//! ```text
//! tag u32 (1 memory, 2 port, 3 closed port, 4 lost: could not leave its process, 5 descriptor)   zero u32
//! memory:  length u64, bytes
//! descriptor: kind u32, length u32, bytes
//! port:    channel u64, inbound length u32, inbound descriptors u32, outbound length u32, marks u32,
//!          marks × (offset u32, descriptors u32), inbound bytes, outbound bytes
//! ```
//! Byte sequences are padded to eight. A port takes its own descriptor first, then its inbound, then its outbound ones.

mod read;
mod write;

pub use read::read;
pub use write::{write, write_given, Sink};

use crate::slab::Bytes;
use crate::wire::decoder::Decoder;
use crate::wire::frame::HEADER;
use crate::wire::outbox::Outbox;

const MEMORY: u32 = 1;
const PORT: u32 = 2;
const CLOSED_PORT: u32 = 3;
const LOST: u32 = 4;
const DESCRIPTOR: u32 = 5;

/// What a part takes at most beside its bytes, wherever it travels: its words and their padding, and the frame that
/// announces its descriptor.
pub const PART_ROOM: usize = 8 + 24 + 2 * 8 + HEADER + 8;

/// One part of a message, as the wire carries it; its memory is owned on the way out, and borrowed on the way in.
#[derive(Debug)]
pub enum Item<D, M = Bytes> {
    Memory(M),
    Port(Luggage<D>),
    ClosedPort,
    /// Something that only threads can share.
    Lost,
    /// What its kind says, with what there is to know of it beside.
    Descriptor {
        kind: u32,
        body: M,
        descriptor: D,
    },
}

/// A port on its way: its descriptor, and what was queued before and behind it.
#[derive(Debug)]
pub struct Luggage<D> {
    pub channel: u64,
    pub port: D,
    pub inbound: Decoder<D>,
    pub outbound: Outbox<D>,
}

#[cfg(test)]
mod tests {
    use super::write::push_words;
    use super::{read, Decoder, Item, Luggage, Outbox, Sink, CLOSED_PORT, MEMORY, PORT};
    use crate::limits::{DESCRIPTORS_PER_SEND, DESCRIPTORS_WAITING};
    use crate::wire::frame::{padded, HEADER};
    use crate::wire::log::ByteLog;
    use crate::wire::samples::{self, closed_port, take, take_all, write, Descriptors, SeenPart, Stream, D};
    use crate::wire::Malformed;
    use proptest::prelude::*;

    /// The tail of a message with a port of much luggage, how many parts it has, and its descriptors.
    fn sample() -> (Vec<u8>, usize, Vec<D>) {
        let mut fresh = Descriptors::default();
        let traveller = samples::with_luggage(&mut fresh);
        let items = vec![Item::Memory(b"memory".to_vec().into()), traveller, Item::ClosedPort, fresh.bare_port()];
        let count = items.len();
        let mut outbox = Outbox::default();
        write(&mut outbox, b"", items);
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
        for length in samples::some(0..tail.len()) {
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
        for at in samples::some(0..tail.len()) {
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
        let many: Vec<_> = (0..=DESCRIPTORS_WAITING as u32).map(|at| (at, 1)).collect();
        assert_eq!(luggage(4096, &many), Err(Malformed::Tail), "for more than can wait no room is made");
        assert_eq!(luggage(4096, &many[1..]), Err(Malformed::MissingDescriptors));
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
        for cut in samples::some(0..=whole.bytes.len()) {
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
            Plan::Memory(bytes) => Item::Memory(bytes.clone().into()),
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
                write(sink, b"nested", items);
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
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 128 }))]
        #[test]
        fn luggage_in_luggage_arrives_as_it_was_packed(plans in prop::collection::vec(plan(), 1..4)) {
            let mut fresh = Descriptors::default();
            let items: Vec<Item<D>> = plans.iter().map(|plan| build(plan, &mut fresh)).collect();
            let mut outbox = Outbox::default();
            write(&mut outbox, b"root", items);
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
