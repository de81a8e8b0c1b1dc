//! What a peer may write to its socket: frames as the protocol has them, with luggage in luggage, and lies in between.
//!
//! Whatever the fuzzer's bytes are, they make a stream; where they have run out, everything is honest and ends. So a
//! small change of them is a small change of the stream, and most of what it says is deep enough to be looked at.

use arbitrary::{Result, Unstructured};
use message_channel_main::limits::DESCRIPTORS_PER_SEND;
use message_channel_main::wire::frame::{padded, HEADER};

/// Luggage in luggage: every level takes bytes, so more finds nothing new.
const DEPTH: usize = 3;
/// Frames of one stream.
const FRAMES: u32 = 6;
/// Parts of one message.
const PARTS: u32 = 4;
/// Channels that hostile ports claim to be of: few, so that they meet.
const CHANNELS: u64 = 3;

/// What a descriptor may be said to be, and one more.
const KINDS: usize = 10;

const MESSAGE: u32 = 0x101;
const DESCRIPTORS: u32 = 0x102;

/// Bytes, and how many descriptors come with which of them, in order.
#[derive(Debug, Default)]
pub struct Stream {
    pub bytes: Vec<u8>,
    pub rights: Vec<(usize, usize)>,
}

/// Makes a stream of what the fuzzer says. `ids` are channels that the peer has heard of; bodies of a single byte again
/// and again have at most `large` bytes.
pub fn stream(input: &mut Unstructured<'_>, ids: &[u64], large: usize) -> Result<Stream> {
    let mut writer = Writer { input, ids, large, out: Stream::default() };
    writer.frames(DEPTH)?;
    let mut stream = writer.out;
    // A few bytes that are just wrong.
    for _ in 0..input.int_in_range(0..=3)? {
        if stream.bytes.is_empty() {
            break;
        }
        let at = input.choose_index(stream.bytes.len())?;
        stream.bytes[at] ^= input.arbitrary::<u8>()?;
    }
    Ok(stream)
}

struct Writer<'u, 'd> {
    input: &'u mut Unstructured<'d>,
    ids: &'u [u64],
    large: usize,
    out: Stream,
}

impl Writer<'_, '_> {
    fn frames(&mut self, depth: usize) -> Result<()> {
        for _ in 0..self.input.int_in_range(0..=FRAMES)? {
            match self.input.int_in_range(0..=9u8)? {
                0..=2 => self.plain()?,
                3..=6 => self.message(depth)?,
                7 => self.descriptors(1)?,
                8 => self.large()?,
                _ => self.garbage()?,
            }
        }
        Ok(())
    }

    /// What is honest for the most part.
    fn said(&mut self, honest: usize) -> Result<u32> {
        let honest = honest as u32;
        Ok(match self.input.arbitrary::<u8>()? {
            0..=242 => honest,
            243 => honest.wrapping_add(1),
            244 => honest.wrapping_sub(1),
            245 => honest.wrapping_add(8),
            246 => honest.wrapping_sub(8),
            247 => 0,
            248 => u32::MAX,
            249 => u32::MAX - 7,
            250 => 1 << 16,
            251 => 1 << 30,
            252 => u32::from(self.input.arbitrary::<u8>()?),
            _ => self.input.arbitrary()?,
        })
    }

    fn words(&mut self, words: &[u32]) {
        words.iter().for_each(|word| self.out.bytes.extend(word.to_le_bytes()));
    }

    fn pad(&mut self, from: usize) {
        let length = self.out.bytes.len() - from;
        self.out.bytes.resize(from + padded(length), 0);
    }

    fn header(&mut self, kind: u32, body: usize, count: usize, tail: usize) -> Result<()> {
        let words = [self.said(kind as usize)?, self.said(body)?, self.said(count)?, self.said(tail)?];
        self.words(&words);
        Ok(())
    }

    fn bytes(&mut self, most: usize) -> Result<usize> {
        let length = self.input.int_in_range(0..=most)?.min(self.input.len());
        self.out.bytes.extend(self.input.bytes(length)?);
        Ok(length)
    }

    fn plain(&mut self) -> Result<()> {
        let at = self.out.bytes.len();
        self.header(MESSAGE, 0, 0, 0)?;
        let body_at = self.out.bytes.len();
        let length = self.bytes(40)?;
        self.pad(body_at);
        self.patch(at + 4, length)
    }

    /// Writes a length behind which its section stands already.
    fn patch(&mut self, at: usize, honest: usize) -> Result<()> {
        // A lie was told when the word was first written, of a section of no bytes.
        let told = u32::from_le_bytes([0, 1, 2, 3].map(|byte| self.out.bytes[at + byte]));
        let length = told.wrapping_add(honest as u32);
        self.out.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// A message that is larger than what is read at once, of one byte again and again.
    fn large(&mut self) -> Result<()> {
        let most = self.large >> self.input.int_in_range(0..=12)?;
        let length = self.input.int_in_range(0..=most)?;
        let byte = self.input.arbitrary::<u8>()?;
        self.header(MESSAGE, length, 0, 0)?;
        self.out.bytes.resize(self.out.bytes.len() + padded(length), byte);
        Ok(())
    }

    fn garbage(&mut self) -> Result<()> {
        self.bytes(60).map(|_| ())
    }

    /// Announces descriptors and sends them, or another number of them, along.
    fn descriptors(&mut self, honest: usize) -> Result<()> {
        let at = self.out.bytes.len();
        let count = self.said(honest)? as usize % (DESCRIPTORS_PER_SEND + 2);
        if count > 0 {
            self.out.rights.push((at, count));
        }
        self.header(DESCRIPTORS, 0, honest, 0)
    }

    fn message(&mut self, depth: usize) -> Result<()> {
        // The tail comes first: it says how many descriptors are announced.
        let mut inner = Writer { input: &mut *self.input, ids: self.ids, large: self.large, out: Stream::default() };
        let count = inner.input.int_in_range(1..=PARTS)?;
        let mut rights = 0;
        for _ in 0..count {
            rights += inner.part(depth)?;
        }
        let tail = inner.out.bytes;
        while rights > 0 {
            let portion = rights.min(DESCRIPTORS_PER_SEND);
            self.descriptors(portion)?;
            rights -= portion;
        }
        let at = self.out.bytes.len();
        self.header(MESSAGE, 0, count as usize, tail.len())?;
        let body_at = self.out.bytes.len();
        let length = self.bytes(20)?;
        self.pad(body_at);
        self.patch(at + 4, length)?;
        self.out.bytes.extend(tail);
        Ok(())
    }

    /// A part; answers how many descriptors it takes.
    fn part(&mut self, depth: usize) -> Result<usize> {
        let tag: u32 = match self.input.int_in_range(0..=7u8)? {
            0..=3 if depth > 0 => return self.port(depth - 1),
            0..=4 => 1,
            5 => 3,
            6 => 4,
            _ if self.input.arbitrary::<bool>()? => return self.descriptor(),
            _ => self.said(2)?,
        };
        let zero = self.said(0)?;
        self.words(&[tag, zero]);
        if tag == 1 {
            let at = self.out.bytes.len();
            let low = self.said(0)?;
            let high = self.said(0)?;
            self.words(&[low, high]);
            let bytes_at = self.out.bytes.len();
            let length = self.bytes(40)?;
            self.pad(bytes_at);
            self.patch(at, length)?;
        }
        Ok(0)
    }

    /// What is said to be a descriptor of this kind.
    fn descriptor(&mut self) -> Result<usize> {
        let kind = self.input.int_in_range(0..=KINDS)?;
        let words = [5, self.said(0)?, self.said(kind)?];
        self.words(&words);
        let at = self.out.bytes.len();
        let length = self.said(0)?;
        self.words(&[length]);
        let bytes_at = self.out.bytes.len();
        let length = self.bytes(40)?;
        self.pad(bytes_at);
        self.patch(at, length)?;
        Ok(1)
    }

    fn port(&mut self, depth: usize) -> Result<usize> {
        let inbound = self.nested(depth)?;
        let outbound = self.nested(depth)?;
        let channel = self.channel()?;
        let arriving: usize = inbound.rights.iter().map(|(_, count)| count).sum();
        let words = [
            2,
            self.said(0)?,
            channel as u32,
            (channel >> 32) as u32,
            self.said(inbound.bytes.len())?,
            self.said(arriving)?,
            self.said(outbound.bytes.len())?,
            self.said(outbound.rights.len())?,
        ];
        self.words(&words);
        for &(at, count) in &outbound.rights {
            let words = [self.said(at)?, self.said(count)?];
            self.words(&words);
        }
        for section in [inbound.bytes, outbound.bytes] {
            let at = self.out.bytes.len();
            self.out.bytes.extend(section);
            self.pad(at);
        }
        let leaving: usize = outbound.rights.iter().map(|(_, count)| count).sum();
        Ok(1 + arriving + leaving)
    }

    /// Luggage: a stream of its own, cut off anywhere.
    fn nested(&mut self, depth: usize) -> Result<Stream> {
        let mut inner = Writer { input: &mut *self.input, ids: self.ids, large: self.large, out: Stream::default() };
        inner.frames(depth)?;
        let mut stream = inner.out;
        if self.input.ratio(1u8, 4u8)? {
            let length = stream.bytes.len() - self.input.int_in_range(0..=2 * HEADER)?.min(stream.bytes.len());
            stream.bytes.truncate(length);
            stream.rights.retain(|&(at, _)| at < length);
        }
        Ok(stream)
    }

    fn channel(&mut self) -> Result<u64> {
        let choice = self.input.arbitrary::<u8>()?;
        Ok(match self.ids.get(usize::from(choice / 2)) {
            Some(&known) if choice % 2 == 1 => known,
            _ => u64::from(choice) % CHANNELS,
        })
    }
}
