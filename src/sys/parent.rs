//! The process that started this one.

use rustix::process::{getppid, set_parent_process_death_signal, setpgid, Pid, Signal};

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
