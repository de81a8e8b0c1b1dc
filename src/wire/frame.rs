//! The layout of a frame: sixteen bytes of header, the body, the tail; each padded to eight bytes. Little endian.
//!
//! ```text
//! 0  kind (1 message, 2 descriptors)   1  version   2..4  reserved, zero
//! 4  body length   8  parts (of a message) or descriptors (announced)   12  tail length
//! ```
//! A message's body is its clone; its tail lists its parts. A queue inside the process holds the very same frames, but
//! keeps the parts beside the bytes, so there is no tail. A message without parts is alike in both.

use super::{log::ByteLog, Malformed};
use crate::limits::{DESCRIPTORS_PER_SEND, MESSAGE_BYTES, PARTS, TAIL_BYTES};

pub const HEADER: usize = 16;
/// What the smallest part takes in a tail: so many parts cannot be announced for fewer bytes.
pub const PART: usize = 8;
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

/// A length or a count as the wire says it. One that it cannot say becomes the largest, which no reader takes for a
/// smaller one.
pub fn said(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
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
        bytes[4..8].copy_from_slice(&said(body).to_le_bytes());
        bytes[8..12].copy_from_slice(&said(count).to_le_bytes());
        bytes[12..16].copy_from_slice(&said(tail).to_le_bytes());
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
            // Each part has at least a tag and a zero; none has no tail.
            MESSAGE if (count == 0) != (tail == 0) || count > tail / PART => Err(Malformed::Tail),
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

/// The bodies of the messages in such a run.
pub fn bodies(mut run: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (header, rest) = run.split_first_chunk::<HEADER>()?;
        let length = plain_body(header)?;
        run = rest.get(padded(length)..)?;
        rest.get(..length)
    })
}

/// The body length in the header of a message without parts.
fn plain_body(header: &[u8; HEADER]) -> Option<usize> {
    let [kind, version, 0, 0, b0, b1, b2, b3, 0, 0, 0, 0, 0, 0, 0, 0] = *header else {
        return None;
    };
    (kind == MESSAGE && version == VERSION).then(|| u32::from_le_bytes([b0, b1, b2, b3]) as usize)
}

/// What the frame at the front of a queue inside the process says of its message. Its tail is what the queue says it is.
pub struct Queued {
    pub body: usize,
    pub parts: usize,
    pub tail: usize,
}

pub fn queued(bytes: &[u8]) -> Option<Queued> {
    let header = bytes.first_chunk::<HEADER>()?;
    Some(Queued { body: word(header, 4), parts: word(header, 8), tail: word(header, 12) })
}

fn word(header: &[u8; HEADER], at: usize) -> usize {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(words: [u32; 4]) -> Result<Option<Header>, Malformed> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Header::parse(&bytes)
    }

    const MESSAGE_WORD: u32 = 0x101;
    const DESCRIPTORS_WORD: u32 = 0x102;

    #[test]
    fn lengths_and_counts_are_accepted_up_to_their_limits() {
        let message = |body: usize, parts: usize, tail: usize| {
            (parse([MESSAGE_WORD, body as u32, parts as u32, tail as u32]), Header::Message { body, parts, tail })
        };
        for (parsed, header) in
            [message(0, 0, 0), message(MESSAGE_BYTES, 0, 0), message(0, PARTS, TAIL_BYTES), message(1, 1, PART)]
        {
            assert_eq!(parsed, Ok(Some(header)));
        }
        assert_eq!(message(MESSAGE_BYTES + 1, 0, 0).0, Err(Malformed::TooLarge));
        assert_eq!(message(0, 1, TAIL_BYTES + 1).0, Err(Malformed::TooLarge));
        assert_eq!(message(0, PARTS + 1, TAIL_BYTES).0, Err(Malformed::TooManyParts));
        assert_eq!(message(0, 0, 8).0, Err(Malformed::Tail));
        assert_eq!(message(0, 1, 0).0, Err(Malformed::Tail));
        assert_eq!(message(0, 2, 2 * PART - 1).0, Err(Malformed::Tail));

        let descriptors = |count: usize| parse([DESCRIPTORS_WORD, 0, count as u32, 0]);
        assert_eq!(descriptors(1), Ok(Some(Header::Descriptors(1))));
        assert_eq!(descriptors(DESCRIPTORS_PER_SEND), Ok(Some(Header::Descriptors(DESCRIPTORS_PER_SEND))));
        assert_eq!(descriptors(DESCRIPTORS_PER_SEND + 1), Err(Malformed::TooLarge));
        assert_eq!(descriptors(0), Err(Malformed::Reserved));
        assert_eq!(parse([DESCRIPTORS_WORD, 1, 1, 0]), Err(Malformed::Reserved));
        assert_eq!(parse([DESCRIPTORS_WORD, 0, 1, 1]), Err(Malformed::Reserved));
    }

    #[test]
    fn other_kinds_versions_and_reserved_bits_are_refused() {
        for kind in [0, 3, 0xff] {
            assert_eq!(parse([0x100 | kind, 0, 0, 0]), Err(Malformed::Kind));
        }
        for version in [0, 2, 0xff] {
            assert_eq!(parse([version << 8 | 1, 0, 0, 0]), Err(Malformed::Version));
        }
        for bit in 16..32 {
            assert_eq!(parse([MESSAGE_WORD | 1 << bit, 0, 0, 0]), Err(Malformed::Reserved));
        }
    }

    #[test]
    fn half_a_header_is_none_yet() {
        let bytes = Header::Descriptors(1).to_bytes();
        for length in 0..HEADER {
            assert_eq!(Header::parse(&bytes[..length]), Ok(None));
            assert_eq!(plain_run(&bytes[..length], usize::MAX, usize::MAX), 0);
        }
    }

    #[test]
    fn a_run_ends_before_the_message_that_is_not_all_there() {
        let mut log = ByteLog::default();
        let mut ends = vec![0];
        for length in [0, 1, 7, 8, 9, 40] {
            push_plain(&mut log, &vec![7; length]);
            ends.push(log.len());
        }
        let whole = |length: usize| ends.iter().copied().rfind(|&end| end <= length).unwrap_or(0);
        for length in 0..=log.len() {
            assert_eq!(plain_run(&log.as_slice()[..length], usize::MAX, 0), whole(length));
            assert_eq!(plain_run(log.as_slice(), length, 0), whole(length));
        }
    }

    proptest! {
        #[test]
        fn a_header_is_read_as_it_was_written(
            body in 0..=MESSAGE_BYTES, parts in 1..=PARTS, tail in PARTS * PART..=TAIL_BYTES,
            descriptors in 1..=DESCRIPTORS_PER_SEND,
        ) {
            let headers = [
                Header::Message { body, parts, tail },
                Header::Message { body, parts: 0, tail: 0 },
                Header::Descriptors(descriptors),
            ];
            for header in headers {
                prop_assert_eq!(Header::parse(&header.to_bytes()), Ok(Some(header)));
                prop_assert_eq!(header.frame_len() % 8, 0);
            }
        }
    }
}
