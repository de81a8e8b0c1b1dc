//! The decoder and the reader of tails over whatever a peer writes, in whatever pieces it arrives.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use message_channel_main::wire::decoder::Decoder;
use message_channel_main::wire::frame::HEADER;
use message_channel_main::wire::outbox::Outbox;
use message_channel_main::wire::tail::{self, Item, Luggage};
use message_channel_main::wire::Malformed;
use message_channel_main_fuzz::memory::{self, Counting};
use message_channel_main_fuzz::stream::{stream, Stream};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A descriptor.
type D = u32;

/// A message that owns what it carries.
type Taken = (Vec<u8>, Vec<Item<D>>);

/// What comes out of a stream, in the order of its coming.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Message(Vec<u8>),
    Memory(Vec<u8>),
    Bare(String),
    Port {
        channel: u64,
        port: D,
        inbound: Vec<Seen>,
        /// What its next owner would send, with the descriptors that go along.
        outbound: (Vec<u8>, Vec<(usize, Vec<D>)>),
    },
    /// What is there of a message that is not there whole.
    Half(Vec<u8>, Vec<D>),
    Malformed(Malformed),
}

/// How deep luggage is looked into.
const DEPTH: usize = 4;

/// A body that is longer than most: there are no limits here that it could come near.
const LARGE: usize = 4096;

/// How much more than itself a hostile byte, or descriptor, may cost: it is looked at in three ways at once.
const FACTOR: usize = 200;
const ROOM: usize = 64 << 10;

fn take(decoder: &mut Decoder<D>) -> Result<Option<Taken>, Malformed> {
    decoder.take(|unit, descriptors| {
        let items = tail::read(unit.tail, unit.parts, descriptors)?;
        Ok((unit.body.to_vec(), items.into_iter().map(owned).collect()))
    })
}

fn owned(item: Item<D, &[u8]>) -> Item<D> {
    match item {
        Item::Memory(bytes) => Item::Memory(bytes.to_vec().into()),
        Item::Port(luggage) => Item::Port(luggage),
        Item::ClosedPort => Item::ClosedPort,
        Item::Lost => Item::Lost,
        Item::Descriptor { kind, body, descriptor } => {
            Item::Descriptor { kind, body: body.to_vec().into(), descriptor }
        }
    }
}

/// Hands everything that is whole to `each`; `false`: the stream is not the protocol.
fn drain(
    decoder: &mut Decoder<D>,
    seen: &mut Vec<Seen>,
    mut each: impl FnMut(Vec<u8>, Vec<Item<D>>, &mut Vec<Seen>),
) -> bool {
    loop {
        let before = decoder.len();
        let run = decoder.plain(usize::MAX, usize::MAX).map(<[u8]>::len);
        match take(decoder) {
            Ok(Some((body, items))) => {
                assert!(decoder.len() + HEADER <= before, "a message takes bytes");
                assert!(!items.is_empty() || run != Ok(0), "a message without parts is the beginning of a run");
                each(body, items, seen);
            }
            Ok(None) => {
                assert!(matches!(run, Ok(0) | Err(_)), "a run is whole messages");
                assert!(matches!(decoder.wants(), Ok(1..)), "what is not there is wanted");
                return true;
            }
            Err(malformed) => {
                seen.push(Seen::Malformed(malformed));
                return false;
            }
        }
    }
}

fn see_all(decoder: &mut Decoder<D>, depth: usize, seen: &mut Vec<Seen>) -> bool {
    drain(decoder, seen, |body, items, seen| {
        seen.push(Seen::Message(body));
        items.into_iter().for_each(|item| seen.push(see(item, depth)));
    })
}

fn see(item: Item<D>, depth: usize) -> Seen {
    match item {
        Item::Memory(bytes) => Seen::Memory(bytes.to_vec()),
        Item::Port(Luggage { channel, port, mut inbound, outbound }) => {
            let mut seen = Vec::new();
            if depth == 0 || see_all(&mut inbound, depth - 1, &mut seen) {
                seen.push(half(inbound));
            }
            Seen::Port { channel, port, inbound: seen, outbound: sent(outbound) }
        }
        bare => Seen::Bare(format!("{bare:?}")),
    }
}

fn half(decoder: Decoder<D>) -> Seen {
    let (bytes, descriptors) = decoder.into_luggage();
    Seen::Half(bytes.as_slice().to_vec(), descriptors.into())
}

/// What an outbox sends, in sends of a few bytes.
fn sent(mut outbox: Outbox<D>) -> (Vec<u8>, Vec<(usize, Vec<D>)>) {
    let (mut bytes, mut descriptors) = (Vec::new(), Vec::new());
    while let Some((piece, rights)) = outbox.peek() {
        assert!(!piece.is_empty(), "a send without bytes would lose its descriptors");
        if !rights.is_empty() {
            descriptors.push((bytes.len(), rights.to_vec()));
        }
        let count = piece.len().min(7 + bytes.len() / 2);
        bytes.extend_from_slice(&piece[..count]);
        outbox.advance(count);
    }
    assert!(outbox.is_empty(), "everything is sent, descriptors too");
    (bytes, descriptors)
}

/// Reads a stream that arrives in pieces; between those the port may move to another owner.
fn read(stream: &Stream, cuts: &[(usize, bool)]) -> Vec<Seen> {
    let (mut decoder, mut seen, mut from) = (Decoder::default(), Vec::new(), 0);
    let all = stream.rights.iter().map(|(_, count)| count).sum::<usize>() as D;
    if let Err(malformed) = decoder.push_descriptors(0..all) {
        return vec![Seen::Malformed(malformed)];
    }
    for &(to, moves) in cuts.iter().chain([&(stream.bytes.len(), false)]) {
        decoder.bytes().push(&stream.bytes[from..to]);
        from = to;
        if !see_all(&mut decoder, DEPTH, &mut seen) {
            return seen;
        }
        if moves {
            let (bytes, descriptors) = decoder.into_luggage();
            decoder = Decoder::from_luggage(bytes.as_slice(), descriptors);
        }
    }
    seen.push(half(decoder));
    seen
}

/// Reads a stream whose descriptors come with their own bytes: more of it may be wrong, and nothing of it differs.
fn read_as_it_comes(stream: &Stream) -> Vec<Seen> {
    let (mut decoder, mut seen, mut fresh) = (Decoder::default(), Vec::new(), 0);
    for (index, &(from, count)) in stream.rights.iter().enumerate() {
        let to = stream.rights.get(index + 1).map_or(stream.bytes.len(), |&(next, _)| next);
        if index == 0 {
            decoder.bytes().push(&stream.bytes[..from]);
        }
        decoder.bytes().push(&stream.bytes[from..to]);
        let rights = fresh..fresh + count as D;
        fresh = rights.end;
        if decoder.push_descriptors(rights).is_err() || !see_all(&mut decoder, DEPTH, &mut seen) {
            return seen;
        }
    }
    seen
}

/// Whoever has read messages can write them again, for the next one to read.
fn rewrite(stream: &Stream) -> Vec<Seen> {
    let (mut decoder, mut outbox, mut seen) = (Decoder::default(), Outbox::default(), Vec::new());
    decoder.bytes().push(&stream.bytes);
    let all = stream.rights.iter().map(|(_, count)| count).sum::<usize>() as D;
    if decoder.push_descriptors(0..all).is_err() {
        return seen;
    }
    drain(&mut decoder, &mut seen, |body, items, _| tail::write(&mut outbox, body.into(), items));
    let (bytes, rights) = sent(outbox);
    let mut decoder = Decoder::default();
    decoder.bytes().push(&bytes);
    let rights = rights.into_iter().flat_map(|(_, rights)| rights);
    assert_eq!(decoder.push_descriptors(rights), Ok(()));
    seen.clear();
    assert!(see_all(&mut decoder, DEPTH, &mut seen), "{seen:?}");
    assert!(decoder.is_empty());
    seen
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Unstructured::new(bytes);
    let Ok(stream) = stream(&mut input, &[], LARGE) else {
        return;
    };
    let mut cuts = Vec::new();
    for _ in 0..input.int_in_range(0..=5).unwrap_or(0) {
        let cut = input.int_in_range(0..=stream.bytes.len()).unwrap_or(0);
        cuts.push((cut, input.arbitrary().unwrap_or(false)));
    }
    cuts.sort_unstable();
    let spent = stream.bytes.len() + 8 * stream.rights.iter().map(|(_, count)| count).sum::<usize>();
    memory::begin();
    let before = memory::held();
    let whole = read(&stream, &[]);
    let peak = memory::peak() - before;
    assert!(peak <= ROOM + FACTOR * spent, "{peak} bytes for {spent}");
    assert_eq!(read(&stream, &cuts), whole, "pieces change nothing");
    read_as_it_comes(&stream);
    let again = rewrite(&stream);
    assert!(whole.starts_with(&again), "{again:?} is not what was read: {whole:?}");
});
