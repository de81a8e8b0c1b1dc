//! Why another process could not be asked, or did not answer.

use std::io;

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
