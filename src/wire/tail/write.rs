//! Writing a tail: what is taken apart for it, and how long it becomes.

use super::{Item, Luggage, CLOSED_PORT, DESCRIPTOR, LOST, MEMORY, PORT};
use crate::limits::{DESCRIPTORS_PER_SEND, TAIL_BYTES};
use crate::slab::Bytes;
use crate::wire::body::Body;
use crate::wire::decoder::Decoder;
use crate::wire::frame::{padded, push_padded, said, Header};
use crate::wire::log::ByteLog;
use crate::wire::outbox::{Outbox, WORTH_TAKING};

/// Where a message is written to: something that keeps bytes, and descriptors for the next of them.
pub trait Sink<D> {
    fn bytes(&mut self) -> &mut ByteLog;
    fn attach(&mut self, descriptors: Vec<D>);
    /// Takes over a long sequence of bytes.
    fn take(&mut self, bytes: Bytes) {
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

    fn take(&mut self, bytes: Bytes) {
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
    Memory(Bytes),
    Port(Packed<D>),
    Descriptor { kind: u32, body: Bytes, descriptor: Vec<D> },
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

/// Writes a message, its descriptors announced before it in portions that one send can carry.
pub fn write<D>(sink: &mut impl Sink<D>, body: Body<'_>, items: Vec<Item<D>>) {
    match body {
        Body::Borrowed(body) => write_with(sink, body.len(), |sink| push_padded(sink.bytes(), body), items),
        Body::Owned(body) => write_given(sink, body, items),
    }
}

/// The same with a body that is not copied where it is long.
pub fn write_given<D>(sink: &mut impl Sink<D>, body: Bytes, items: Vec<Item<D>>) {
    write_with(sink, body.len(), |sink| take_padded(sink, body), items);
}

fn write_with<D, S: Sink<D>>(sink: &mut S, body: usize, push_body: impl FnOnce(&mut S), items: Vec<Item<D>>) {
    let mut sections: Vec<Section<D>> = items.into_iter().map(Section::of).collect();
    close_ports_beyond(&mut sections, TAIL_BYTES);
    let descriptors = sections.iter_mut().flat_map(Section::take_descriptors).collect();
    let header = Header::Message { body, parts: sections.len(), tail: tail_len(&sections) };
    announce(sink, descriptors);
    sink.bytes().push(&header.to_bytes());
    push_body(sink);
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
            Item::Descriptor { kind, body, descriptor } => {
                Section::Descriptor { kind, body, descriptor: vec![descriptor] }
            }
        }
    }

    fn take_descriptors(&mut self) -> Vec<D> {
        match self {
            Section::Port(packed) => std::mem::take(&mut packed.descriptors),
            Section::Descriptor { descriptor, .. } => std::mem::take(descriptor),
            Section::Memory(_) | Section::Bare(_) => Vec::new(),
        }
    }

    fn len(&self) -> usize {
        8 + match self {
            Section::Bare(_) => 0,
            Section::Memory(bytes) => 8 + padded(bytes.len()),
            Section::Descriptor { body, .. } => 8 + padded(body.len()),
            Section::Port(packed) => {
                24 + 8 * packed.marks.len() + padded(packed.inbound.len()) + padded(packed.outbound.len())
            }
        }
    }

    fn write(self, sink: &mut impl Sink<D>) {
        match self {
            Section::Bare(tag) => push_words(sink.bytes(), &[tag, 0]),
            Section::Memory(bytes) => {
                push_words(sink.bytes(), &[MEMORY, 0]);
                sink.bytes().push(&(bytes.len() as u64).to_le_bytes());
                take_padded(sink, bytes);
            }
            Section::Port(packed) => packed.write(sink.bytes()),
            Section::Descriptor { kind, body, .. } => {
                push_words(sink.bytes(), &[DESCRIPTOR, 0, kind, said(body.len())]);
                take_padded(sink, body);
            }
        }
    }
}

fn take_padded<D>(sink: &mut impl Sink<D>, bytes: Bytes) {
    let length = bytes.len();
    sink.take(bytes);
    sink.bytes().push_zeros(padded(length) - length);
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

pub(super) fn push_words(log: &mut ByteLog, words: &[u32]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::samples::{self, Descriptors};

    #[test]
    fn ports_whose_luggage_no_tail_can_say_arrive_closed() {
        let sections = || {
            let port = samples::with_luggage(&mut Descriptors::default());
            [Item::Memory(vec![1; 100].into()), port, Item::Lost].map(Section::of)
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
}
