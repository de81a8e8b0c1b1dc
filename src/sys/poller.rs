//! Waits for many sockets and one wake-up at once: an epoll and an eventfd. And watches that from a thread of its own, for
//! event loops that watch no descriptor of ours.
//!
//! Level-triggered, and its own descriptor can be watched by another event loop. A wake-up costs two system calls here,
//! against six with the `polling` crate, which arms a timer and two one-shot interests for every wait; that was a tenth
//! of a round trip.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{epoll, eventfd, EventfdFlags, PollFd, PollFlags, Timespec};

use super::socket::{Descriptor, Socket};

/// What a registered socket is watched for. The peer's hanging up is reported with every interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    HangUp,
    /// The peer will write nothing more, if it has not hung up: told once.
    Ending,
    Readable,
    Writable,
}

impl Interest {
    fn flags(self) -> epoll::EventFlags {
        match self {
            Interest::HangUp => epoll::EventFlags::empty(),
            Interest::Ending => epoll::EventFlags::RDHUP | epoll::EventFlags::ONESHOT,
            Interest::Readable => epoll::EventFlags::IN,
            Interest::Writable => epoll::EventFlags::OUT,
        }
    }
}

/// The key of the wake-up; no socket has it.
const WAKE: u64 = u64::MAX;

/// Events taken in one wait; what else is ready shows in the next one.
const EVENTS: usize = 256;

/// What a wait has found, to be used again and again.
pub type Events = Vec<epoll::Event>;

#[derive(Debug)]
pub struct Poller {
    epoll: OwnedFd,
    wake: OwnedFd,
    /// How many sockets are registered, or are about to be.
    sockets: AtomicUsize,
}

impl Poller {
    pub fn new() -> io::Result<Poller> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
        Ok(Poller { epoll, wake, sockets: AtomicUsize::new(0) })
    }

    pub fn events() -> Events {
        Vec::with_capacity(EVENTS)
    }

    /// Ends the wait of another thread, or the next one.
    pub fn wake(&self) {
        // Fails only when so many wake-ups are unseen that one more changes nothing.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    /// Waits until something happened or `timeout` is over, and calls `each` with the keys.
    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>, mut each: impl FnMut(usize)) -> io::Result<()> {
        events.clear();
        let timeout = timeout.map(Timespec::try_from).transpose().unwrap_or(None);
        match epoll::wait(&self.epoll, spare_capacity(events), timeout.as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        for event in events.iter() {
            match event.data.u64() {
                WAKE => self.clear(),
                key => each(key as usize),
            }
        }
        Ok(())
    }

    /// Waits for the wake-up or for this one socket, whatever the registered ones have to tell.
    pub fn wait_for(&self, socket: Option<&Descriptor>, timeout: Duration) -> io::Result<()> {
        let mut polled = vec![PollFd::new(&self.wake, PollFlags::IN)];
        polled.extend(socket.map(|socket| PollFd::new(socket, PollFlags::IN)));
        match rustix::event::poll(&mut polled, Timespec::try_from(timeout).ok().as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        self.clear();
        Ok(())
    }

    /// Calls `each` with the keys of what has happened. The descriptor is readable: without sockets it was the wake-up, and
    /// nobody has to be asked.
    pub fn look(&self, events: &mut Events, each: impl FnMut(usize)) -> io::Result<()> {
        if self.has_sockets() {
            return self.wait(events, Some(Duration::ZERO), each);
        }
        self.clear();
        Ok(())
    }

    /// Whether anything but a wake-up could happen.
    pub fn has_sockets(&self) -> bool {
        self.sockets.load(Ordering::Acquire) > 0
    }

    /// Takes the wake-up, if there is one.
    fn clear(&self) {
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
    }

    /// Whoever adds a socket deletes it before it closes or leaves: another process's copy would keep it registered.
    pub fn add(&self, socket: &Socket, key: usize, interest: Interest) -> io::Result<()> {
        // Before it can tell anything.
        self.sockets.fetch_add(1, Ordering::AcqRel);
        let added = epoll::add(&self.epoll, socket.fd(), epoll::EventData::new_u64(key as u64), interest.flags());
        if added.is_err() {
            self.sockets.fetch_sub(1, Ordering::AcqRel);
        }
        Ok(added?)
    }

    pub fn modify(&self, socket: &Socket, key: usize, interest: Interest) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, socket.fd(), epoll::EventData::new_u64(key as u64), interest.flags())?)
    }

    pub fn delete(&self, socket: &Socket) {
        // Fails only if it is not registered, which is what was asked for.
        if epoll::delete(&self.epoll, socket.fd()).is_ok() {
            self.sockets.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// What to write to, where nothing else may be called, to do what [`wake`](Self::wake) does.
    pub(super) fn wake_as_raw(&self) -> RawFd {
        self.wake.as_raw_fd()
    }

    /// The descriptor that turns readable when something happened, for another event loop to watch.
    pub fn as_raw(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }
}

/// The keys of a watch.
const NEWS: u64 = 0;
const STOP: u64 = 1;

/// Lets one thread wait for what a poller has to tell another, once: and again when that has looked.
#[derive(Debug)]
pub struct Watch {
    epoll: OwnedFd,
    stop: OwnedFd,
}

impl Watch {
    pub fn new(poller: &Poller) -> io::Result<Watch> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &stop, epoll::EventData::new_u64(STOP), epoll::EventFlags::IN)?;
        epoll::add(&epoll, &poller.epoll, epoll::EventData::new_u64(NEWS), Watch::ONCE)?;
        Ok(Watch { epoll, stop })
    }

    const ONCE: epoll::EventFlags = epoll::EventFlags::IN.union(epoll::EventFlags::ONESHOT);

    /// Waits for news. `false`: it is to stop.
    pub fn wait(&self) -> bool {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(2);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
                Ok(_) => return events.iter().all(|event| event.data.u64() != STOP),
            }
        }
    }

    /// The poller was asked: from here on there may be news. Level-triggered: those that nobody has taken count.
    pub fn again(&self, poller: &Poller) {
        // Fails only if the poller is not watched, and it is from `new` on.
        let _ = epoll::modify(&self.epoll, &poller.epoll, epoll::EventData::new_u64(NEWS), Watch::ONCE);
    }

    /// Ends the wait, and every one after it.
    pub fn stop(&self) {
        let _ = rustix::io::write(&self.stop, &1u64.to_ne_bytes());
    }
}
