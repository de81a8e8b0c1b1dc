//! Waits for many sockets and one wake-up at once.

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
use polling::{Event, PollMode};

use super::socket::Socket;

/// What a registered socket is watched for. The peer's hanging up is reported with every interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    HangUp,
    Readable,
    Writable,
}

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
impl Interest {
    fn event(self, key: usize) -> Event {
        match self {
            Interest::HangUp => Event::none(key),
            Interest::Readable => Event::readable(key),
            Interest::Writable => Event::writable(key),
        }
    }
}

/// What a wait has found.
pub type Events = polling::Events;

#[derive(Debug)]
pub struct Poller(polling::Poller);

impl Poller {
    pub fn new() -> io::Result<Poller> {
        polling::Poller::new().map(Poller)
    }

    /// Ends the wait of another thread, or the next one.
    pub fn wake(&self) {
        // Fails only for want of kernel memory; then a later wake-up delivers what this one announced.
        let _ = self.0.notify();
    }

    /// Waits until something happened or `timeout` is over, and calls `each` with the keys.
    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>, mut each: impl FnMut(usize)) -> io::Result<()> {
        events.clear();
        self.0.wait(events, timeout)?;
        events.iter().for_each(|event| each(event.key));
        Ok(())
    }

    /// A list for [`wait`](Self::wait) to use again and again.
    pub fn events() -> Events {
        polling::Events::with_capacity(NonZeroUsize::new(256).unwrap_or(NonZeroUsize::MIN))
    }
}

#[cfg(all(target_os = "linux", not(unsupported_platform)))]
impl Poller {
    pub fn add(&self, socket: &Socket, key: usize, interest: Interest) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        // SAFETY: whoever adds a socket deletes it before it closes or leaves: `channel::Remote` does both.
        unsafe { self.0.add_with_mode(socket.as_fd().as_raw_fd(), interest.event(key), PollMode::Level) }
    }

    pub fn modify(&self, socket: &Socket, key: usize, interest: Interest) -> io::Result<()> {
        self.0.modify_with_mode(socket.as_fd(), interest.event(key), PollMode::Level)
    }

    pub fn delete(&self, socket: &Socket) {
        // Fails only if it is not registered, which is what was asked for.
        let _ = self.0.delete(socket.as_fd());
    }

    /// The descriptor that turns readable when something happened, for another event loop to watch.
    pub fn as_raw(&self) -> std::os::fd::RawFd {
        use std::os::fd::AsRawFd;
        self.0.as_raw_fd()
    }
}

#[cfg(any(not(target_os = "linux"), unsupported_platform))]
impl Poller {
    pub fn add(&self, socket: &Socket, _: usize, _: Interest) -> io::Result<()> {
        socket.never()
    }

    pub fn modify(&self, socket: &Socket, _: usize, _: Interest) -> io::Result<()> {
        socket.never()
    }

    pub fn delete(&self, socket: &Socket) {
        socket.never()
    }

    pub fn as_raw(&self) -> i32 {
        -1
    }
}
