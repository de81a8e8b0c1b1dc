//! Every system call of the core, and every `cfg` of a platform there.

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod handed;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod inspection;
#[cfg(all(target_os = "linux", not(any(unsupported_platform, miri))))]
mod memory;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod peek;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod poller;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod process;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod shared;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod sleeper;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod socket;
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
mod summons;
mod told;
#[cfg(any(not(target_os = "linux"), unsupported_platform, miri))]
mod unmapped;
#[cfg(any(not(target_os = "linux"), unsupported_platform))]
mod unsupported;

#[cfg(all(target_os = "linux", not(any(unsupported_platform, miri))))]
pub use memory::{trim_heap, Pages};
pub use told::{Sleep, Unanswered, Waited, SHARED_MEMORY};
#[cfg(any(not(target_os = "linux"), unsupported_platform, miri))]
pub use unmapped::{trim_heap, Pages};
#[cfg(any(not(target_os = "linux"), unsupported_platform))]
pub use unsupported::{
    answer, ask, copy_of, descriptor_limit, die_with_parent, end_here, end_with, from_raw, identity_of, into_raw,
    is_asked, is_of_kind, is_peer_gone, is_transient, lead_own_group, may_leave, number_is_of_kind, peek, stack_limit,
    take_askers, Asker, Companion, Descriptor, Events, Identity, Interest, Listening, Place, Poller, Received,
    SharedMemory, Sleepers, Socket, Watch,
};
#[cfg(all(target_os = "linux", not(unsupported_platform)))]
pub use {
    handed::{copy_of, is_of_kind, may_leave, number_is_of_kind},
    inspection::{answer, ask},
    peek::peek,
    poller::{Events, Interest, Poller, Watch},
    process::{descriptor_limit, die_with_parent, end_here, end_with, lead_own_group, stack_limit, Companion},
    shared::SharedMemory,
    sleeper::Sleepers,
    socket::{
        from_raw, identity_of, into_raw, is_peer_gone, is_transient, Descriptor, Identity, Place, Received, Socket,
    },
    summons::{is_asked, take_askers, Asker, Listening},
};

/// Whether ports can leave the process here.
pub const SUPPORTED: bool = cfg!(all(target_os = "linux", not(unsupported_platform)));
