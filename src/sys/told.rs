//! What this room tells and is told of, on every platform: why another process did not answer, and waits for shared memory.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::SharedMemory;

/// The kind of a descriptor that is memory which processes share: whoever maps it looks closer.
pub const SHARED_MEMORY: u32 = 1;

/// How a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Woken,
    NotEqual,
    TimedOut,
}

/// A wait that is to be answered later.
pub struct Sleep {
    pub memory: Arc<SharedMemory>,
    pub offset: usize,
    pub expected: u32,
    /// When it began.
    pub turn: u32,
    pub deadline: Option<Instant>,
    /// Once it is gone, nobody waits any more.
    pub owner: Weak<()>,
    pub done: Box<dyn FnOnce(Waited) + Send>,
}

/// Why another process could not be asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    #[error("there is no such process")]
    NoSuchProcess,
    #[error("it belongs to another user")]
    NotOurs,
    #[error("{0}")]
    NotInspectable(&'static str),
    #[error("{0}")]
    Silent(&'static str),
    #[error("processes cannot be inspected on this platform")]
    Unsupported,
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl Unanswered {
    pub fn code(&self) -> &'static str {
        match self {
            Unanswered::NoSuchProcess => "ERR_NO_SUCH_PROCESS",
            Unanswered::NotOurs => "ERR_PROCESS_NOT_OURS",
            Unanswered::NotInspectable(_) => "ERR_PROCESS_NOT_INSPECTABLE",
            Unanswered::Silent(_) => "ERR_PROCESS_SILENT",
            Unanswered::Unsupported => "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
            Unanswered::System(_) => "ERR_INSPECT_FAILED",
        }
    }
}
