//! What has arrived and is not delivered: raw bytes, their descriptors, and where the next whole message lies in them.
//!
//! Nothing is taken apart before it is delivered, so what is left when a port moves on is simply these bytes and
//! descriptors again. A *unit* is a message frame and the descriptor frames before it.

use std::collections::VecDeque;

use super::frame::{self, Header, HEADER};
use super::log::ByteLog;
use super::Malformed;
use crate::limits::{DESCRIPTORS_WAITING, PARTS};

#[derive(Debug)]
pub struct Decoder<D> {
    bytes: ByteLog,
    descriptors: VecDeque<D>,
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

impl<D> Default for Decoder<D> {
    fn default() -> Self {
        Decoder { bytes: ByteLog::default(), descriptors: VecDeque::new() }
    }
}

impl<D> Decoder<D> {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
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
        Self::unit_in(self.bytes.as_slice(), self.descriptors.len())
    }

    fn unit_in(bytes: &[u8], arrived: usize) -> Result<Option<Unit<'_>>, Malformed> {
        let Progress::Whole { start, descriptors, header: header @ Header::Message { body, parts, tail } } =
            Self::progress(bytes, arrived)?
        else {
            return Ok(None);
        };
        let body_at = start + HEADER;
        let tail_at = body_at + frame::padded(body);
        Ok(Some(Unit {
            body: &bytes[body_at..body_at + body],
            parts,
            tail: &bytes[tail_at..tail_at + tail],
            len: start + header.frame_len(),
            descriptors,
        }))
    }

    /// How many bytes the message at the front lacks at least; 0 if it is whole.
    pub fn wants(&self) -> Result<usize, Malformed> {
        Ok(match Self::progress(self.bytes.as_slice(), self.descriptors.len())? {
            Progress::Whole { .. } => 0,
            Progress::Wants(bytes) => bytes,
        })
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        self.bytes.consume(bytes);
    }

    /// Takes the message at the front, if it is there whole: `read` sees it and takes all its descriptors.
    pub fn take<T>(
        &mut self,
        read: impl FnOnce(&Unit<'_>, &mut dyn Iterator<Item = D>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        // Set aside, so that the unit can be borrowed from the bytes meanwhile.
        let mut descriptors = std::mem::take(&mut self.descriptors);
        let Some(unit) = Self::unit_in(self.bytes.as_slice(), descriptors.len())? else {
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
        self.bytes.consume(len);
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
        let mut decoder = Decoder { bytes: ByteLog::default(), descriptors };
        decoder.bytes.push(bytes);
        decoder
    }

    fn progress(bytes: &[u8], arrived: usize) -> Result<Progress, Malformed> {
        let mut start = 0;
        let mut descriptors = 0;
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

/// How many descriptor frames may precede one message is bounded by the descriptors it may take.
const _: () = assert!(DESCRIPTORS_WAITING >= PARTS);
