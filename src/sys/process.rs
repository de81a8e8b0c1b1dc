//! This process: who has started it, and how much the system lets it have.

use rustix::process::{getppid, getrlimit, set_parent_process_death_signal, setpgid, Pid, Resource, Signal};

/// Lets the kernel kill this process when the thread that started it ends, even if it computes then. False if `parent` is
/// gone already, or out of sight: nobody would say so any more.
pub fn die_with_parent(parent: i32) -> bool {
    set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && getppid().map(Pid::as_raw_nonzero).map(|pid| pid.get()) == Some(parent)
}

/// Puts this process into a group of its own: a terminal's Ctrl-C is for the one that started it. It stays in the session, by
/// which the kernel shares out processors: those who work together have one share, and wake each other in time.
pub fn lead_own_group() {
    // Who leads a session leads a group.
    let _ = setpgid(None, None);
}

/// How many descriptors this process may have open.
pub fn descriptor_limit() -> usize {
    limit_of(Resource::Nofile)
}

/// How many bytes of stack its first thread may use: beyond that a signal ends it.
pub fn stack_limit() -> usize {
    limit_of(Resource::Stack)
}

fn limit_of(resource: Resource) -> usize {
    getrlimit(resource).current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}
