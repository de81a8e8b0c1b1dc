//! Where ports cannot leave the process yet: threads wake each other, and of all else there are the names, under which nothing
//! can come into being.

use std::io::{self, IoSlice};
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Sleep, Unanswered, Waited};

/// Behind a private field, so that the callers' code does not count as unreachable.
#[derive(Debug)]
enum Never {}

#[derive(Debug)]
pub struct Descriptor(Never);

#[derive(Debug)]
pub struct Socket(Never);

#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    Bytes(usize),
    Nothing,
    End,
    DescriptorsLost,
    Foreign,
}

impl Socket {
    pub fn pair() -> io::Result<(Socket, Socket)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn from_descriptor(descriptor: Descriptor) -> Result<Socket, Descriptor> {
        match descriptor.0 {}
    }

    pub fn inherited(descriptor: Descriptor) -> Result<Socket, Descriptor> {
        match descriptor.0 {}
    }

    pub fn into_descriptor(self) -> Descriptor {
        match self.0 {}
    }

    pub fn send(&self, _: &[IoSlice<'_>], _: &[Descriptor]) -> io::Result<usize> {
        match self.0 {}
    }

    pub fn widen(&self, _: usize) {
        match self.0 {}
    }

    pub fn receive(&self, _: &mut [u8], _: &mut Vec<Descriptor>) -> Received {
        match self.0 {}
    }

    pub fn at_end(&self) -> bool {
        match self.0 {}
    }

    pub fn hung_up(&self) -> bool {
        match self.0 {}
    }

    pub fn is_readable(&self) -> bool {
        match self.0 {}
    }

    pub fn copy(&self) -> io::Result<Descriptor> {
        match self.0 {}
    }

    pub fn shut_down_reading(&self) {
        match self.0 {}
    }

    pub fn shut_down_writing(&self) {
        match self.0 {}
    }

    pub fn shut_down(&self) {
        match self.0 {}
    }
}

pub fn is_transient(_: &io::Error) -> bool {
    false
}

pub fn is_peer_gone(_: &io::Error) -> bool {
    false
}

/// As many as one likes: there are none.
pub fn peek(_: &[usize]) -> Option<Vec<usize>> {
    None
}

pub fn descriptor_limit() -> usize {
    usize::MAX
}

pub fn stack_limit() -> usize {
    usize::MAX
}

pub fn into_raw(descriptor: Descriptor) -> i32 {
    match descriptor.0 {}
}

pub fn from_raw(_: i32) -> Option<Descriptor> {
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    HangUp,
    Ending,
    Readable,
    Writable,
}

pub type Events = ();

/// Only wake-ups are waited for: there are no sockets.
#[derive(Debug, Default)]
pub struct Poller(Arc<Bell>);

/// Invariant: whoever changes the state rings.
#[derive(Debug, Default)]
struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// A wake-up that nobody has seen.
    awake: bool,
    /// The watch has told of it, or is to tell of none.
    told: bool,
    stopped: bool,
}

impl Bell {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.rung.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Poller {
    pub fn new() -> io::Result<Poller> {
        Ok(Poller::default())
    }

    pub fn events() -> Events {}

    pub fn wake(&self) {
        self.0.change(|state| state.awake = true);
    }

    pub fn wait(&self, _: &mut Events, timeout: Option<Duration>, _: impl FnMut(usize)) -> io::Result<()> {
        self.wait_for(None, timeout.unwrap_or(Duration::MAX))
    }

    pub fn look(&self, events: &mut Events, each: impl FnMut(usize)) -> io::Result<()> {
        self.wait(events, Some(Duration::ZERO), each)
    }

    pub fn has_sockets(&self) -> bool {
        false
    }

    pub fn wait_for(&self, _: Option<&Descriptor>, timeout: Duration) -> io::Result<()> {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.0.state();
        while !state.awake {
            let left = deadline.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            state = self.0.rung.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.awake = false;
        Ok(())
    }

    pub fn add(&self, socket: &Socket, _: usize, _: Interest) -> io::Result<()> {
        match socket.0 {}
    }

    pub fn modify(&self, socket: &Socket, _: usize, _: Interest) -> io::Result<()> {
        match socket.0 {}
    }

    pub fn delete(&self, socket: &Socket) {
        match socket.0 {}
    }

    /// No event loop can watch it.
    pub fn as_raw(&self) -> i32 {
        -1
    }
}

#[derive(Debug)]
pub struct Watch(Arc<Bell>);

impl Watch {
    pub fn new(poller: &Poller) -> io::Result<Watch> {
        Ok(Watch(poller.0.clone()))
    }

    pub fn wait(&self) -> bool {
        let mut state = self.0.state();
        while !state.stopped && (state.told || !state.awake) {
            state = self.0.rung.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.told = true;
        !state.stopped
    }

    pub fn again(&self, _: &Poller) {
        self.0.change(|state| state.told = false);
    }

    pub fn stop(&self) {
        self.0.change(|state| state.stopped = true);
    }
}

#[derive(Debug)]
pub struct Asker(Never);

#[derive(Debug)]
pub struct Listening(Never);

impl Listening {
    pub fn begin(_: &Poller) -> Option<Listening> {
        None
    }
}

pub fn is_asked() -> bool {
    false
}

pub fn take_askers() -> Vec<Asker> {
    Vec::new()
}

pub fn answer(asker: Asker, _: impl FnOnce() -> String) -> io::Result<()> {
    match asker.0 {}
}

pub fn ask(_: i32, _: Duration) -> Result<String, Unanswered> {
    Err(Unanswered::Unsupported)
}

pub fn die_with_parent(_: i32) -> bool {
    false
}

pub fn end_here() {}

pub fn lead_own_group() {}

#[derive(Debug)]
pub enum Companion {}

impl Companion {
    pub fn of(_: i32) -> Option<Companion> {
        None
    }
}

pub fn end_with(companions: impl IntoIterator<Item = (Companion, bool)>) {
    companions.into_iter().for_each(|(one, _)| match one {});
}

#[derive(Debug)]
pub struct SharedMemory(Never);

impl SharedMemory {
    pub fn create(_: NonZeroUsize) -> io::Result<SharedMemory> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn open(descriptor: Descriptor, _: NonZeroUsize) -> io::Result<SharedMemory> {
        match descriptor.0 {}
    }

    pub fn raw(&self) -> *mut u8 {
        match self.0 {}
    }

    pub fn len(&self) -> NonZeroUsize {
        match self.0 {}
    }

    pub fn descriptor(&self) -> io::Result<Descriptor> {
        match self.0 {}
    }

    pub fn turn(&self, _: usize) -> Option<u32> {
        match self.0 {}
    }

    pub fn wait(&self, _: usize, _: u32, _: Duration, _: u32, _: bool) -> Option<Waited> {
        match self.0 {}
    }

    pub fn notify(&self, _: usize, _: u32) -> Option<usize> {
        match self.0 {}
    }
}

#[derive(Default)]
pub struct Sleepers;

impl Sleepers {
    pub const fn new() -> Sleepers {
        Sleepers
    }

    pub fn add(&self, sleep: Sleep) -> io::Result<()> {
        match sleep.memory.0 {}
    }

    pub fn ring(&self) {}
}

pub fn is_of_kind(_: u32, descriptor: &Descriptor) -> bool {
    match descriptor.0 {}
}

pub fn may_leave(descriptor: &Descriptor) -> bool {
    match descriptor.0 {}
}

pub fn number_is_of_kind(_: u32, _: i32) -> bool {
    false
}

pub type Identity = (u64, u64);

pub fn identity_of(_: i32) -> Option<Identity> {
    None
}

pub enum Place {}

impl Place {
    pub fn at(known: Descriptor) -> Option<Place> {
        match known.0 {}
    }
}

pub fn copy_of(_: i32) -> io::Result<Descriptor> {
    Err(io::ErrorKind::Unsupported.into())
}
