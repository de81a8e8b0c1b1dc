//! The backstop: one thread of the process that writes what posting threads could not, or left to be coalesced, and ends the
//! process with whom it follows.
//!
//! It starts with the first end behind a socket, or with another need for it, and ends when its hub is gone and nothing is left
//! to write.

mod worker;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{bounded, unbounded, RecvTimeoutError, Sender};
use once_cell::sync::OnceCell;

use self::worker::Worker;
use crate::channel::{Backstop, End, Handle, Urgency};
use crate::family::Family;
use crate::limits::{LINGER, LINGER_IN_ALL};
use crate::slab;
use crate::submissions::Submissions;
use crate::sync::{Arc, AtomicU64, Ordering};
use crate::sys::{Interest, Poller, Socket};

#[derive(Debug, Default, Clone)]
pub struct Flusher {
    running: std::sync::Arc<OnceCell<Running>>,
    around: Around,
}

#[derive(Debug, Default, Clone)]
struct Around {
    program: Option<Program>,
    /// Who ends with this process.
    family: std::sync::Arc<Family>,
}

/// The program of this process.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Is called when another process has asked for something, as any event loop would.
    pub on_asked: fn(),
    /// Nothing of it runs any more: nobody reads what comes for its ports.
    pub on_end: fn(),
}

#[derive(Debug)]
struct Running {
    poller: Arc<Poller>,
    orders: Option<Sender<Order>>,
    /// Bytes written so far: whether anything still moves.
    moved: Arc<AtomicU64>,
    /// When lingering ends.
    end: OnceCell<Instant>,
    /// A copy of the socket whose other end this process follows.
    followed: OnceCell<Socket>,
}

/// The key under which the poller tells of that; no job has it.
const FOLLOWED: usize = 0;

enum Order {
    /// Give back the memory that nobody uses.
    Mind,
    Flush(Handle, Urgency),
    /// Look at this log until nothing is in there.
    Look(Arc<Submissions>),
    /// Nobody will tell this job any more that its socket is writable.
    Forget(usize),
    /// Flush everything at once, and answer when nothing is left.
    Linger(Sender<()>),
}

impl Flusher {
    pub fn new(program: Program) -> Flusher {
        Flusher { around: Around { program: Some(program), ..Around::default() }, ..Flusher::default() }
    }

    /// Blocks until everything posted in this process has left it, or nothing has moved for `LINGER`, or `LINGER_IN_ALL`
    /// has passed since the first call.
    pub fn linger(&self) {
        self.linger_within(LINGER_IN_ALL);
    }

    pub fn family(&self) -> &Family {
        &self.around.family
    }

    /// With another limit than a process has at its end.
    pub fn linger_within(&self, in_all: Duration) {
        let Some(running) = self.running.get() else {
            return;
        };
        let end = *running.end.get_or_init(|| Instant::now() + in_all);
        let (done, wait) = bounded(1);
        running.order(Order::Linger(done));
        let mut moved = running.moved.load(Ordering::Relaxed);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Err(RecvTimeoutError::Timeout) = wait.recv_timeout(LINGER.min(left)) else {
                return;
            };
            let now = running.moved.load(Ordering::Relaxed);
            if left <= LINGER || std::mem::replace(&mut moved, now) == now {
                return;
            }
        }
    }

    /// Lets its thread give back the memory that nobody uses, for as long as this flusher is there.
    pub fn mind_memory(&self) {
        let (running, around) = (std::sync::Arc::downgrade(&self.running), self.around.clone());
        slab::mind_with(move || {
            let flusher = running.upgrade().map(|running| Flusher { running, around: around.clone() });
            flusher.as_ref().and_then(Flusher::running).map(|running| running.order(Order::Mind)).is_some()
        });
    }

    /// Takes what that log has, soon and for as long as there is something. `false`: there is no thread that could.
    pub fn mind(&self, log: &Arc<Submissions>) -> bool {
        let Some(running) = self.running() else {
            return false;
        };
        if log.mind() {
            running.order(Order::Look(log.clone()));
        }
        true
    }

    /// Ends this process as soon as nobody has the other end of this port's socket any more, or whoever has it [has said
    /// enough](Handle::end_writing), whatever its other threads are doing: first it writes what was posted until then, unless nothing
    /// moves for `LINGER`, and for `LINGER_IN_ALL` at most. `false`: there is no descriptor or no thread for it.
    pub fn follow(&self, end: &End) -> bool {
        let socket = end.copy_of_socket().and_then(Result::ok).and_then(|copy| Socket::from_descriptor(copy).ok());
        if let (Some(running), Some(socket)) = (self.running(), socket) {
            let socket = running.followed.get_or_init(|| socket);
            return running.poller.add(socket, FOLLOWED, Interest::Ending).is_ok();
        }
        false
    }

    /// From here on the end that it follows by may close.
    pub fn follow_no_more(&self) {
        if let Some((running, socket)) = self.running.get().and_then(|running| Some((running, running.followed.get()?)))
        {
            running.poller.delete(socket);
        }
    }

    fn running(&self) -> Option<&Running> {
        self.started().ok()
    }

    fn started(&self) -> io::Result<&Running> {
        self.running.get_or_try_init(|| Running::start(self.around.clone()))
    }
}

impl Backstop for Flusher {
    fn stand_by(&self) -> io::Result<()> {
        self.started().map(|_| ())
    }

    fn take_over(&self, end: Handle, urgency: Urgency) -> bool {
        // Without a thread the next flush of the port itself goes on where this one stopped.
        let running = self.running();
        if let Some(running) = running {
            running.order(Order::Flush(end, urgency));
        }
        running.is_some()
    }

    fn forget(&self, socket: &Socket, job: usize) {
        if let Some(running) = self.running.get() {
            running.poller.delete(socket);
            running.order(Order::Forget(job));
        }
    }
}

impl Running {
    fn start(around: Around) -> io::Result<Running> {
        let poller = Arc::new(Poller::new()?);
        let (orders, inbox) = unbounded();
        let moved = Arc::new(AtomicU64::new(0));
        let worker = Worker::new(around, poller.clone(), inbox, moved.clone());
        thread::Builder::new().name("port-flusher".into()).spawn(move || worker.run())?;
        Ok(Running { poller, orders: Some(orders), moved, end: OnceCell::new(), followed: OnceCell::new() })
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // The thread outlives every sender.
            let _ = orders.send(order);
            self.poller.wake();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.orders = None;
        self.poller.wake();
    }
}
