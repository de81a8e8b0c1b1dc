//! Reading a tail that a peer wrote: nothing in it is believed.

use std::collections::VecDeque;

use super::{Item, Luggage, CLOSED_PORT, DESCRIPTOR, LOST, MEMORY, PORT};
use crate::limits::{DESCRIPTORS_PER_SEND, DESCRIPTORS_WAITING, MESSAGE_BYTES, PORTS};
use crate::wire::decoder::Decoder;
use crate::wire::frame::padded;
use crate::wire::outbox::Outbox;
use crate::wire::Malformed;

/// Reads a tail of `parts` parts, which take their descriptors from the front of `descriptors`.
pub fn read<'a, D>(
    tail: &'a [u8],
    parts: usize,
    descriptors: &mut dyn Iterator<Item = D>,
) -> Result<Vec<Item<D, &'a [u8]>>, Malformed> {
    let mut reader = TailReader { rest: tail };
    let mut items = Vec::with_capacity(parts);
    let (mut ports, mut memory) = (0, 0usize);
    for _ in 0..parts {
        let tag = reader.u32()?;
        if reader.u32()? != 0 {
            return Err(Malformed::Reserved);
        }
        // Each becomes an object, be it closed.
        ports += usize::from(tag == PORT || tag == CLOSED_PORT || tag == DESCRIPTOR);
        if ports > PORTS {
            return Err(Malformed::TooManyParts);
        }
        items.push(match tag {
            MEMORY => {
                let length = usize::try_from(reader.u64()?).map_err(|_| Malformed::Tail)?;
                let bytes = reader.bytes(length)?;
                memory += length;
                if memory > MESSAGE_BYTES {
                    return Err(Malformed::TooLarge);
                }
                Item::Memory(bytes)
            }
            PORT => Item::Port(reader.luggage(descriptors)?),
            CLOSED_PORT => Item::ClosedPort,
            LOST => Item::Lost,
            DESCRIPTOR => reader.descriptor(descriptors)?,
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

    fn descriptor<D>(&mut self, descriptors: &mut dyn Iterator<Item = D>) -> Result<Item<D, &'a [u8]>, Malformed> {
        let kind = self.u32()?;
        let length = self.u32()? as usize;
        let body = self.bytes(length)?;
        let descriptor = descriptors.next().ok_or(Malformed::MissingDescriptors)?;
        Ok(Item::Descriptor { kind, body, descriptor })
    }

    fn luggage<D>(&mut self, descriptors: &mut dyn Iterator<Item = D>) -> Result<Luggage<D>, Malformed> {
        let channel = self.u64()?;
        let inbound = self.u32()? as usize;
        let inbound_descriptors = self.u32()? as usize;
        let outbound = self.u32()? as usize;
        let marks = self.u32()? as usize;
        // Each stands for a descriptor, of which no more wait in a port.
        if marks > DESCRIPTORS_WAITING || marks > self.rest.len() / 8 {
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
