//! Being asked for a report by another process: a signal says who asks, and wakes every event loop; the first that comes
//! takes it up.
//!
//! Nothing stands by for it: no socket, no descriptor, no thread. The handler does only what a handler may: it reads and
//! writes atomics, and writes to eventfds. What it notes is what the kernel says of the sender, never what that says.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::{mem, ptr, thread};

use super::poller::Poller;

/// Of those that no C library keeps for itself, and far from both ends, where programs look for one first.
pub(super) const SIGNAL: c_int = 53;

/// `si_code` of what `kill` sends: only then the kernel itself has written who did.
const BY_KILL: c_int = 0;

/// Who asked and was not taken up yet: uid and pid, 0 for nobody. More at once than these get no answer.
static ASKERS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];
static ASKED: AtomicBool = AtomicBool::new(false);

/// What wakes the event loops. Those beyond this number need not be woken: one is enough.
static WAKES: [AtomicI32; 32] = [const { AtomicI32::new(NONE) }; 32];
const NONE: i32 = -1;

/// Handlers that run in this moment and may be about to use what stands in `WAKES`.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// The process that asks, as the kernel has named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    pub pid: i32,
    pub uid: u32,
}

impl Asker {
    fn pack(self) -> u64 {
        u64::from(self.uid) << 32 | u64::from(self.pid as u32)
    }

    fn unpack(packed: u64) -> Option<Asker> {
        (packed != 0).then_some(Asker { pid: packed as u32 as i32, uid: (packed >> 32) as u32 })
    }
}

/// An event loop that is woken when somebody asks, until this is dropped.
#[derive(Debug)]
pub struct Listening {
    at: usize,
}

impl Listening {
    /// `None` where there are enough of them, or somebody else has taken the signal.
    pub fn begin(poller: &Poller) -> Option<Listening> {
        if !install() {
            return None;
        }
        let wake = poller.wake_as_raw();
        let free = |slot: &AtomicI32| slot.compare_exchange(NONE, wake, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        WAKES.iter().position(free).map(|at| Listening { at })
    }
}

impl Drop for Listening {
    /// When this returns no handler writes to the descriptor any more, which may be closed then.
    fn drop(&mut self) {
        WAKES[self.at].store(NONE, Ordering::SeqCst);
        while RUNNING.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
    }
}

/// Installs the handler unless the program has one of its own. `false`: it has.
fn install() -> bool {
    // SAFETY: both structures are plain data, for which zeros are a value.
    let (mut present, mut ours): (libc::sigaction, libc::sigaction) = unsafe { (mem::zeroed(), mem::zeroed()) };
    // SAFETY: this only asks.
    if unsafe { libc::sigaction(SIGNAL, ptr::null(), &mut present) } != 0 {
        return false;
    }
    let handler = on_signal as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as libc::sighandler_t;
    if present.sa_sigaction == handler {
        return true;
    }
    if present.sa_sigaction != libc::SIG_DFL {
        return false;
    }
    ours.sa_sigaction = handler;
    // A thread may have a stack of its own for handlers because its usual one is too small.
    ours.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: the handler stays, as the addon is never unmapped, and does nothing that a handler may not.
    unsafe { libc::sigaction(SIGNAL, &ours, ptr::null_mut()) == 0 }
}

extern "C" fn on_signal(_: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: every C library of this system has one for each thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: it is this thread's own, and so below.
    let before = unsafe { *errno };
    RUNNING.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the kernel has filled it, and the fields are there in what `kill` sends.
    let (code, pid, uid) = unsafe { ((*info).si_code, (*info).si_pid(), (*info).si_uid()) };
    if code == BY_KILL && pid > 0 && note(Asker { pid, uid }) {
        wake_all();
    }
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    // SAFETY: as above.
    unsafe { *errno = before };
}

fn note(asker: Asker) -> bool {
    let packed = asker.pack();
    let noted = |slot: &AtomicU64| match slot.compare_exchange(0, packed, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => true,
        Err(other) => other == packed,
    };
    let noted = ASKERS.iter().any(noted);
    if noted {
        ASKED.store(true, Ordering::SeqCst);
    }
    noted
}

fn wake_all() {
    let one = 1u64.to_ne_bytes();
    for slot in &WAKES {
        let wake = slot.load(Ordering::SeqCst);
        if wake != NONE {
            // SAFETY: it stays open while a handler runs, see `Listening`; a full eventfd is awake already.
            unsafe { libc::write(wake, one.as_ptr().cast(), one.len()) };
        }
    }
}

/// Whether somebody waits for an answer.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Acquire)
}

/// Who does. They are the caller's to answer.
pub fn take_askers() -> Vec<Asker> {
    ASKED.store(false, Ordering::SeqCst);
    ASKERS.iter().filter_map(|slot| Asker::unpack(slot.swap(0, Ordering::SeqCst))).collect()
}
