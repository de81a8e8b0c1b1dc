//! Every system call, and every `cfg` of a platform.

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod poller;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod socket;
#[cfg(any(not(target_os = "linux"), unsupported_platform))]
mod unsupported;

#[cfg(any(not(target_os = "linux"), unsupported_platform))]
pub use unsupported::{
    descriptor_limit, from_raw, into_raw, is_transient, Descriptor, Events, Interest, Poller, Received, Socket,
};
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
pub use {
    poller::{Events, Interest, Poller},
    socket::{descriptor_limit, from_raw, into_raw, is_transient, Descriptor, Received, Socket},
};

/// Whether ports can leave the process here.
pub const SUPPORTED: bool = cfg!(all(target_os = "linux", not(unsupported_platform)));
