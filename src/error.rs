//! What can go wrong, with the stable code that JS sees.

use std::io;

use crate::wire::Malformed;

/// A call that was refused; it has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the message is larger than 1 GiB, or has more than 1024 ports, those that wait in its ports included, or 65536 parts")]
    TooLarge,
    #[error("the system has no descriptor, or no thread, left to send a port to another process: {0}")]
    Descriptors(#[source] io::Error),
    #[error("ports cannot leave the process on this platform: see docs/platforms.md")]
    Unsupported,
    #[error("the descriptor is not half of a pair of unix stream sockets")]
    NotAPort,
    #[error("a port that has left its process before cannot become a bare descriptor")]
    HasLuggage,
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Unsupported => Refused::Unsupported,
            _ => Refused::Descriptors(error),
        }
    }
}

impl Refused {
    pub fn code(&self) -> &'static str {
        match self {
            Refused::TooLarge => "ERR_MESSAGE_TOO_LARGE",
            Refused::Descriptors(_) => "ERR_DESCRIPTORS_EXHAUSTED",
            Refused::Unsupported => "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
            Refused::NotAPort | Refused::HasLuggage => "ERR_INVALID_ARG_VALUE",
        }
    }
}

/// What ended a port that its peer did not close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the peer sent what is not the protocol: {0}")]
    Malformed(#[from] Malformed),
    #[error("descriptors for this port arrived when this process had no room for them")]
    DescriptorsLost,
    #[error("more descriptors have arrived that were not delivered than this process can keep, and most of them here")]
    DescriptorsHoarded,
    #[error("the system cannot watch another socket")]
    Unwatchable,
    #[error("the system refuses to send what was posted on this port, and would refuse it again: it is lost")]
    Unsendable,
}

impl Fault {
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Malformed(Malformed::Version) => "ERR_PROTOCOL_VERSION",
            Fault::Malformed(_) => "ERR_MESSAGE_MALFORMED",
            Fault::Unsendable => "ERR_SEND_REFUSED",
            Fault::DescriptorsLost | Fault::DescriptorsHoarded | Fault::Unwatchable => "ERR_DESCRIPTORS_EXHAUSTED",
        }
    }
}
