//! For the tests: a stream with every kind of frame, and what comes out of a decoder in a form that compares.

use super::decoder::Decoder;
use super::frame::{self, Header, HEADER};
use super::outbox::Outbox;
use super::tail::{self, Item, Luggage, Sink};
use super::Malformed;

/// Descriptors are numbers here.
pub type D = u32;

/// Bytes, and which descriptors come with which of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Stream {
    pub bytes: Vec<u8>,
    pub descriptors: Vec<(usize, Vec<D>)>,
}

/// Writes a message with a body that is copied.
pub fn write(sink: &mut impl Sink<D>, body: &[u8], items: Vec<Item<D>>) {
    tail::write(sink, body.into(), items);
}

/// Of places that are tried one after the other: all; a few under Miri, which takes a thousand times as long for each.
pub fn some(places: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
    places.step_by(if cfg!(miri) { 61 } else { 1 })
}

/// A message that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub body: Vec<u8>,
    pub parts: Vec<SeenPart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeenPart {
    Memory(Vec<u8>),
    /// One that is nothing but its name.
    Bare(String),
    Port {
        channel: u64,
        port: D,
        /// The whole messages in its inbound luggage, then what there is of a half-arrived one.
        inbound: Vec<Seen>,
        half: (Vec<u8>, Vec<D>),
        outbound: Stream,
    },
}

impl Stream {
    /// Everything that is in an outbox, as the kernel would get it in sends of at most `most` bytes.
    pub fn drain(outbox: &mut Outbox<D>, most: usize) -> Stream {
        let mut stream = Stream::default();
        while stream.send(outbox, most) > 0 {}
        stream
    }

    /// One send of at most `most` bytes.
    pub fn send(&mut self, outbox: &mut Outbox<D>, most: usize) -> usize {
        let Some((bytes, descriptors)) = outbox.peek() else {
            return 0;
        };
        assert!(!bytes.is_empty(), "a send without bytes would lose its descriptors");
        let count = bytes.len().min(most);
        if !descriptors.is_empty() {
            self.descriptors.push((self.bytes.len(), descriptors.to_vec()));
        }
        self.bytes.extend_from_slice(&bytes[..count]);
        outbox.advance(count);
        count
    }

    /// Gives a decoder the bytes from `from` to `to` and what comes with them.
    pub fn feed(&self, decoder: &mut Decoder<D>, from: usize, to: usize) {
        decoder.bytes().push(&self.bytes[from..to]);
        let arriving = self.descriptors.iter().filter(|(at, _)| (from..to).contains(at));
        decoder.push_descriptors(arriving.flat_map(|(_, descriptors)| descriptors.iter().copied())).unwrap();
    }

    /// Where each message ends.
    pub fn ends(&self) -> Vec<usize> {
        let mut decoder = Decoder::default();
        self.feed(&mut decoder, 0, self.bytes.len());
        let mut ends = Vec::new();
        while take(&mut decoder).unwrap().is_some() {
            ends.push(self.bytes.len() - decoder.len());
        }
        ends
    }
}

/// Takes the next message, whatever it carries.
pub fn take(decoder: &mut Decoder<D>) -> Result<Option<Seen>, Malformed> {
    decoder.take(|unit, descriptors| {
        let items = tail::read(unit.tail, unit.parts, descriptors)?;
        let parts = items.into_iter().map(see).collect::<Result<_, _>>()?;
        Ok(Seen { body: unit.body.to_vec(), parts })
    })
}

/// Takes every message that is there whole.
pub fn take_all(decoder: &mut Decoder<D>) -> Result<Vec<Seen>, Malformed> {
    let mut seen = Vec::new();
    while let Some(message) = take(decoder)? {
        seen.push(message);
    }
    Ok(seen)
}

fn see(item: Item<D, &[u8]>) -> Result<SeenPart, Malformed> {
    Ok(match item {
        Item::Memory(bytes) => SeenPart::Memory(bytes.to_vec()),
        Item::Port(mut luggage) => {
            let inbound = take_all(&mut luggage.inbound)?;
            let (rest, descriptors) = luggage.inbound.into_luggage();
            SeenPart::Port {
                channel: luggage.channel,
                port: luggage.port,
                inbound,
                half: (rest.as_slice().to_vec(), descriptors.into()),
                outbound: Stream::drain(&mut luggage.outbound, usize::MAX),
            }
        }
        bare @ (Item::ClosedPort | Item::Lost | Item::Descriptor { .. }) => SeenPart::Bare(format!("{bare:?}")),
    })
}

pub fn closed_port() -> SeenPart {
    SeenPart::Bare("ClosedPort".to_owned())
}

/// Counts descriptors up, so that each is told from every other.
#[derive(Debug, Default)]
pub struct Descriptors(D);

impl Descriptors {
    pub fn next(&mut self) -> D {
        self.0 += 1;
        self.0
    }

    pub fn bare_port(&mut self) -> Item<D> {
        let port = self.next();
        Item::Port(Luggage {
            channel: 1000 + u64::from(port),
            port,
            inbound: Decoder::default(),
            outbound: Outbox::default(),
        })
    }
}

/// Writes one message whose descriptors need two sends, as those of more than 128 ports do.
fn write_in_two_sends(outbox: &mut Outbox<D>, body: &[u8], items: Vec<Item<D>>) {
    let mut scratch = Outbox::default();
    write(&mut scratch, body, items);
    let mut stream = Stream::drain(&mut scratch, usize::MAX);
    let (_, first) = stream.descriptors.remove(0);
    for portion in first.chunks(first.len().div_ceil(2)) {
        outbox.mark(portion.to_vec());
        outbox.bytes().push(&Header::Descriptors(portion.len()).to_bytes());
    }
    outbox.bytes().push(&stream.bytes[HEADER..]);
}

/// Messages of every kind: without parts, with memory, with closed ports, with ports in two sends, and with ports that
/// have luggage, which has ports with luggage. Small, for tests that try every offset.
pub fn outbox() -> Outbox<D> {
    let mut fresh = Descriptors::default();
    let mut outbox = Outbox::default();
    write(&mut outbox, b"", vec![]);
    write(&mut outbox, b"a", vec![]);
    write(
        &mut outbox,
        b"",
        vec![Item::Memory(b"12345".to_vec().into()), Item::ClosedPort, Item::Memory(vec![].into())],
    );
    write(&mut outbox, b"exactly8", vec![]);
    write(&mut outbox, b"a port", vec![fresh.bare_port()]);
    write_in_two_sends(&mut outbox, b"two sends", (0..3).map(|_| fresh.bare_port()).collect());
    let traveller = with_luggage(&mut fresh);
    write(&mut outbox, b"luggage", vec![Item::ClosedPort, traveller, fresh.bare_port()]);
    let handed = Item::Descriptor { kind: 1, body: b"known".to_vec().into(), descriptor: fresh.next() };
    write(&mut outbox, b"a descriptor", vec![handed, fresh.bare_port()]);
    write(&mut outbox, b"the end", vec![]);
    outbox
}

/// A port with unread messages, one of them half-arrived, and with unsent ones, the first of them half-sent.
pub fn with_luggage(fresh: &mut Descriptors) -> Item<D> {
    let mut inner_inbound = Outbox::default();
    write(&mut inner_inbound, b"deep", vec![fresh.bare_port()]);
    let inner = Item::Port(Luggage {
        channel: 7,
        port: fresh.next(),
        inbound: whole(inner_inbound),
        outbound: Outbox::default(),
    });
    let mut inbound = Outbox::default();
    write(&mut inbound, b"unread", vec![]);
    write(&mut inbound, b"unread too", vec![inner, Item::Memory(b"memory".to_vec().into()), fresh.bare_port()]);
    frame::push_plain(inbound.bytes(), b"cut off here");
    let stream = Stream::drain(&mut inbound, usize::MAX);
    let mut decoder = Decoder::default();
    stream.feed(&mut decoder, 0, stream.bytes.len() - 11);

    let mut outbound = Outbox::default();
    write(&mut outbound, b"half sent", vec![fresh.bare_port()]);
    write_in_two_sends(&mut outbound, b"not sent", (0..3).map(|_| fresh.bare_port()).collect());
    Stream::default().send(&mut outbound, 20);
    Stream::default().send(&mut outbound, 20);
    Item::Port(Luggage { channel: 8, port: fresh.next(), inbound: decoder, outbound })
}

fn whole(mut outbox: Outbox<D>) -> Decoder<D> {
    let stream = Stream::drain(&mut outbox, usize::MAX);
    let mut decoder = Decoder::default();
    stream.feed(&mut decoder, 0, stream.bytes.len());
    decoder
}
