//! The tail of a message frame: its parts, and the luggage of the ports among them.
//!
//! ```text
//! tag u32 (1 memory, 2 port, 3 closed port)   zero u32
//! memory:  length u64, bytes
//! port:    channel u64, inbound length u32, inbound descriptors u32, outbound length u32, marks u32,
//!          marks × (offset u32, descriptors u32), inbound bytes, outbound bytes
//! ```
//! Byte sequences are padded to eight. A port takes its own descriptor first, then its inbound, then its outbound ones.

use std::collections::VecDeque;

use super::decoder::Decoder;
use super::frame::{padded, push_padded, Header};
use super::log::ByteLog;
use super::outbox::Outbox;
use super::Malformed;
use crate::limits::DESCRIPTORS_PER_SEND;

const MEMORY: u32 = 1;
const PORT: u32 = 2;
const CLOSED_PORT: u32 = 3;

/// One part of a message, as the wire carries it.
#[derive(Debug)]
pub enum Item<D> {
    Memory(Vec<u8>),
    Port(Luggage<D>),
    ClosedPort,
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
}

impl<D> Sink<D> for Outbox<D> {
    fn bytes(&mut self) -> &mut ByteLog {
        Outbox::bytes(self)
    }

    fn attach(&mut self, descriptors: Vec<D>) {
        self.mark(descriptors);
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

/// A port's luggage, taken apart.
struct Packed<D> {
    channel: u64,
    inbound: ByteLog,
    inbound_descriptors: usize,
    outbound: ByteLog,
    marks: Vec<(u32, u32)>,
    descriptors: Vec<D>,
}

/// Writes a message with parts, its descriptors announced before it in portions that one send can carry.
pub fn write_message<D>(sink: &mut impl Sink<D>, body: &[u8], items: Vec<Item<D>>) {
    let mut descriptors = Vec::new();
    let parts: Vec<Result<Packed<D>, Option<Vec<u8>>>> = items
        .into_iter()
        .map(|item| match item {
            Item::Memory(bytes) => Err(Some(bytes)),
            Item::ClosedPort => Err(None),
            Item::Port(luggage) => {
                let mut packed = luggage.pack();
                descriptors.append(&mut packed.descriptors);
                Ok(packed)
            }
        })
        .collect();
    let header = Header::Message { body: body.len(), parts: parts.len(), tail: parts.iter().map(part_len).sum() };
    announce(sink, descriptors);
    let log = sink.bytes();
    log.push(&header.to_bytes());
    push_padded(log, body);
    for part in &parts {
        match part {
            Err(None) => push_words(log, &[CLOSED_PORT, 0]),
            Err(Some(bytes)) => {
                push_words(log, &[MEMORY, 0]);
                log.push(&(bytes.len() as u64).to_le_bytes());
                push_padded(log, bytes);
            }
            Ok(packed) => packed.write(log),
        }
    }
}

fn part_len<D>(part: &Result<Packed<D>, Option<Vec<u8>>>) -> usize {
    8 + match part {
        Err(None) => 0,
        Err(Some(bytes)) => 8 + padded(bytes.len()),
        Ok(packed) => 24 + 8 * packed.marks.len() + padded(packed.inbound.len()) + padded(packed.outbound.len()),
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
                self.inbound.len() as u32,
                self.inbound_descriptors as u32,
                self.outbound.len() as u32,
                self.marks.len() as u32,
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
pub fn read<D>(tail: &[u8], parts: usize, descriptors: &mut dyn Iterator<Item = D>) -> Result<Vec<Item<D>>, Malformed> {
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
                Item::Memory(reader.bytes(length)?.to_vec())
            }
            PORT => Item::Port(reader.luggage(descriptors)?),
            CLOSED_PORT => Item::ClosedPort,
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
