//! Every system call, and every `cfg` of a platform.

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod socket;
#[cfg(any(not(target_os = "linux"), unsupported_platform))]
#[path = "unsupported.rs"]
mod socket;

mod poller;

pub use poller::{Events, Interest, Poller};
pub use socket::{from_raw, into_raw, is_transient, Descriptor, Received, Socket};

/// Whether ports can leave the process here.
pub const SUPPORTED: bool = cfg!(all(target_os = "linux", not(unsupported_platform)));
