//! Where ports cannot leave the process yet: the same names as elsewhere, none of which can come into being.

use std::io::{self, IoSlice};
use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Unanswered;

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

    pub fn shut_down(&self) {
        match self.0 {}
    }
}

pub fn is_transient(_: &io::Error) -> bool {
    false
}

/// As many as one likes: there are none.
pub fn peek(_: usize) -> Option<usize> {
    None
}

pub fn descriptor_limit() -> usize {
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
    Readable,
    Writable,
}

pub type Events = ();

#[derive(Debug)]
pub struct Poller(Never);

impl Poller {
    pub fn new() -> io::Result<Poller> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn events() -> Events {}

    pub fn wake(&self) {
        match self.0 {}
    }

    pub fn wait(&self, _: &mut Events, _: Option<Duration>, _: impl FnMut(usize)) -> io::Result<()> {
        match self.0 {}
    }

    pub fn look(&self, _: &mut Events, _: impl FnMut(usize)) -> io::Result<()> {
        match self.0 {}
    }

    pub fn has_sockets(&self) -> bool {
        match self.0 {}
    }

    pub fn wait_for(&self, _: Option<&Descriptor>, _: Duration) -> io::Result<()> {
        match self.0 {}
    }

    pub fn add(&self, _: &Socket, _: usize, _: Interest) -> io::Result<()> {
        match self.0 {}
    }

    pub fn modify(&self, _: &Socket, _: usize, _: Interest) -> io::Result<()> {
        match self.0 {}
    }

    pub fn delete(&self, _: &Socket) {
        match self.0 {}
    }

    pub fn as_raw(&self) -> i32 {
        match self.0 {}
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

pub fn lead_own_group() {}

/// How a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Woken,
    NotEqual,
    TimedOut,
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

pub struct Sleep {
    pub memory: Arc<SharedMemory>,
    pub offset: usize,
    pub expected: u32,
    pub turn: u32,
    pub deadline: Option<Instant>,
    pub owner: Weak<()>,
    pub done: Box<dyn FnOnce(Waited) + Send>,
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

pub const SHARED_MEMORY: u32 = 1;

pub fn is_of_kind(_: u32, descriptor: &Descriptor) -> bool {
    match descriptor.0 {}
}

pub type Identity = (u64, u64);

pub fn identity_of(_: i32) -> Option<Identity> {
    None
}

pub fn copy_of(_: i32) -> io::Result<Descriptor> {
    Err(io::ErrorKind::Unsupported.into())
}
