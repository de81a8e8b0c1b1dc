//! The layout of a frame: sixteen bytes of header, the body, the tail; each padded to eight bytes. Little endian.
//!
//! ```text
//! 0  kind (1 message, 2 descriptors)   1  version   2..4  reserved, zero
//! 4  body length   8  parts (of a message) or descriptors (announced)   12  tail length
//! ```
//! A message's body is its clone; its tail lists its parts. A queue inside the process holds the very same frames, but
//! keeps the parts beside the bytes, so there the tail is empty. A message without parts is alike in both.

use super::{log::ByteLog, Malformed};
use crate::limits::{DESCRIPTORS_PER_SEND, MESSAGE_BYTES, PARTS, TAIL_BYTES};

pub const HEADER: usize = 16;
pub const VERSION: u8 = 1;
const MESSAGE: u8 = 1;
const DESCRIPTORS: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// A message and the lengths of its sections.
    Message { body: usize, parts: usize, tail: usize },
    /// So many descriptors come with this frame's first byte, for the message that follows.
    Descriptors(usize),
}

/// `length` rounded up to the alignment of frames.
pub const fn padded(length: usize) -> usize {
    (length + 7) & !7
}

impl Header {
    /// The length of the whole frame.
    pub fn frame_len(&self) -> usize {
        match *self {
            Header::Message { body, tail, .. } => HEADER + padded(body) + padded(tail),
            Header::Descriptors(_) => HEADER,
        }
    }

    pub fn to_bytes(self) -> [u8; HEADER] {
        let (kind, body, count, tail) = match self {
            Header::Message { body, parts, tail } => (MESSAGE, body, parts, tail),
            Header::Descriptors(count) => (DESCRIPTORS, 0, count, 0),
        };
        let mut bytes = [0; HEADER];
        bytes[0] = kind;
        bytes[1] = VERSION;
        bytes[4..8].copy_from_slice(&(body as u32).to_le_bytes());
        bytes[8..12].copy_from_slice(&(count as u32).to_le_bytes());
        bytes[12..16].copy_from_slice(&(tail as u32).to_le_bytes());
        bytes
    }

    /// Reads the header at the front of `bytes`, or `None` if it has not arrived whole.
    pub fn parse(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
        let Some(bytes) = bytes.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        if bytes[1] != VERSION {
            return Err(Malformed::Version);
        }
        if bytes[2] != 0 || bytes[3] != 0 {
            return Err(Malformed::Reserved);
        }
        let (body, count, tail) = (word(bytes, 4), word(bytes, 8), word(bytes, 12));
        match bytes[0] {
            MESSAGE if body > MESSAGE_BYTES || tail > TAIL_BYTES => Err(Malformed::TooLarge),
            MESSAGE if count > PARTS => Err(Malformed::TooManyParts),
            // Each part has at least a tag; none has no tail.
            MESSAGE if (count == 0) != (tail == 0) || count > tail => Err(Malformed::Tail),
            MESSAGE => Ok(Some(Header::Message { body, parts: count, tail })),
            DESCRIPTORS if body != 0 || tail != 0 || count == 0 => Err(Malformed::Reserved),
            DESCRIPTORS if count > DESCRIPTORS_PER_SEND => Err(Malformed::TooLarge),
            DESCRIPTORS => Ok(Some(Header::Descriptors(count))),
            _ => Err(Malformed::Kind),
        }
    }
}

/// Appends `section` and its padding.
pub fn push_padded(log: &mut ByteLog, section: &[u8]) {
    log.push(section);
    log.push_zeros(padded(section.len()) - section.len());
}

/// Appends a message without parts.
pub fn push_plain(log: &mut ByteLog, body: &[u8]) {
    log.push(&Header::Message { body: body.len(), parts: 0, tail: 0 }.to_bytes());
    push_padded(log, body);
}

/// The longest run of whole messages without parts at the front of `bytes`, no longer than `most` unless the first
/// message alone is; that one may take `most_single`. It ends at anything else, malformed frames included.
pub fn plain_run(bytes: &[u8], most: usize, most_single: usize) -> usize {
    let mut end = 0;
    while let Some(header) = bytes[end..].first_chunk::<HEADER>() {
        let Some(body) = plain_body(header) else {
            break;
        };
        let next = end + HEADER + padded(body);
        let fits = next <= most || (end == 0 && next <= most_single);
        if next > bytes.len() || !fits {
            break;
        }
        end = next;
    }
    end
}

/// The body length in the header of a message without parts.
fn plain_body(header: &[u8; HEADER]) -> Option<usize> {
    let [kind, version, 0, 0, b0, b1, b2, b3, 0, 0, 0, 0, 0, 0, 0, 0] = *header else {
        return None;
    };
    (kind == MESSAGE && version == VERSION).then(|| u32::from_le_bytes([b0, b1, b2, b3]) as usize)
}

/// The body length and the part count of the frame at the front of a queue inside the process.
pub fn queued(bytes: &[u8]) -> Option<(usize, usize)> {
    let header = bytes.first_chunk::<HEADER>()?;
    Some((word(header, 4), word(header, 8)))
}

fn word(header: &[u8; HEADER], at: usize) -> usize {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
}
