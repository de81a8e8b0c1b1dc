//! The wire protocol without any I/O: bytes and descriptors in, frames out. `D` is a descriptor; tests use numbers.

pub mod body;
pub mod decoder;
pub mod frame;
pub mod log;
pub mod outbox;
#[cfg(test)]
mod samples;
pub mod tail;

/// Why a peer's bytes cannot be what this protocol writes. Fatal to the port they came through, and to it only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("unknown protocol version")]
    Version,
    #[error("unknown kind of frame")]
    Kind,
    #[error("reserved bits are set")]
    Reserved,
    #[error("a frame is larger than the limit")]
    TooLarge,
    #[error("a message has more parts than the limit")]
    TooManyParts,
    #[error("a frame announces descriptors that did not come")]
    MissingDescriptors,
    #[error("descriptors came that no frame announces")]
    SpareDescriptors,
    #[error("something came beside the bytes that is no descriptor")]
    Foreign,
    #[error("the parts of a message do not fill their section")]
    Tail,
    #[error("a descriptor is not a port")]
    NotAPort,
    #[error("a descriptor is not what it is said to be")]
    NotOfItsKind,
    #[error("a port came through its own channel")]
    Loop,
}
