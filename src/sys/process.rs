//! This process: who has started it, who ends with a thread of it, and how much the system lets it have.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::process::{
    getpid, getppid, getrlimit, kill_process, pidfd_open, pidfd_send_signal, set_parent_process_death_signal, setpgid,
    waitid, Pid, PidfdFlags, Resource, Signal, WaitId, WaitIdOptions,
};

use super::inspection::wait;
use crate::limits::LINGER_IN_ALL;

/// A killed process takes milliseconds to end, and more if it has a lot of memory; one that the system does not let go is left.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often those who are waited for are continued.
const LOOK: Duration = Duration::from_millis(100);

/// A process that was started here and ends with the thread that did. By its descriptor it is known even if its number is another's.
#[derive(Debug)]
pub struct Companion(OwnedFd);

impl Companion {
    /// `pid` is a child's that nobody has waited for. `None`: the system has no such descriptors, or none left.
    pub fn of(pid: i32) -> Option<Companion> {
        pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok().map(Companion)
    }
}

/// Waits for those of these that end by themselves, which the second says, ends the others, and waits for all: once their thread is gone
/// nobody would, and each stayed a zombie until this process ends.
pub fn end_with(companions: impl IntoIterator<Item = (Companion, bool)>) {
    let (ending, others): (Vec<_>, Vec<_>) = companions.into_iter().partition(|&(_, ends)| ends);
    let kill = |(one, _): &(Companion, bool)| _ = pidfd_send_signal(&one.0, Signal::KILL);
    others.iter().for_each(kill);
    let until = Instant::now() + LINGER_IN_ALL;
    while ending.iter().any(|(one, _)| wait(&[one.0.as_fd()], Instant::now() + LOOK).is_err()) && Instant::now() < until
    {
        for (one, _) in &ending {
            // One that is stopped does nothing, and may be so at any time.
            let _ = pidfd_send_signal(&one.0, Signal::CONT);
        }
    }
    ending.iter().for_each(kill);
    let until = Instant::now() + PATIENCE;
    for (one, _) in others.iter().chain(&ending).filter(|(one, _)| wait(&[one.0.as_fd()], until).is_ok()) {
        let _ = waitid(WaitId::PidFd(one.0.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
}

/// Lets the kernel kill this process when the thread that started it ends, even if it computes then. False if `parent` is
/// gone already, or out of sight: nobody would say so any more.
pub fn die_with_parent(parent: i32) -> bool {
    set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && getppid().is_some_and(|pid| pid.as_raw_pid() == parent)
}

/// Ends this process at once: nothing of it runs any more.
pub fn end_here() {
    let _ = kill_process(getpid(), Signal::KILL);
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
