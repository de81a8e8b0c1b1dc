//! The backstop: one thread of the process that writes what posting threads could not, or left to be coalesced, and ends the
//! process with whom it follows.
//!
//! It starts with the first end behind a socket, or with another need for it, and ends when its hub is gone and nothing is left
//! to write.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{bounded, unbounded, Receiver, RecvTimeoutError, Sender};
use once_cell::sync::OnceCell;

use crate::channel::{Backstop, End, Flushed, Handle, Urgency};
use crate::limits::{COALESCE_DELAY, LEAVE_BYTES, LINGER, LINGER_IN_ALL, RETRY_DELAY};
use crate::parcel;
use crate::slab;
use crate::submissions::Submissions;
use crate::sync::{Arc, AtomicU64, Ordering};
use crate::sys::{end_here, Interest, Listening, Poller, Socket};

#[derive(Debug, Default, Clone)]
pub struct Flusher {
    running: std::sync::Arc<OnceCell<Running>>,
    /// What its thread does beside when another process asks for something, as any event loop would.
    on_asked: Option<fn()>,
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
    pub fn new(on_asked: fn()) -> Flusher {
        Flusher { running: std::sync::Arc::default(), on_asked: Some(on_asked) }
    }

    /// Blocks until everything posted in this process has left it, or nothing has moved for `LINGER`, or `LINGER_IN_ALL`
    /// has passed since the first call.
    pub fn linger(&self) {
        self.linger_within(LINGER_IN_ALL);
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
        let (running, on_asked) = (std::sync::Arc::downgrade(&self.running), self.on_asked);
        slab::mind_with(move || {
            let flusher = running.upgrade().map(|running| Flusher { running, on_asked });
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
    /// enough](End::end_writing), whatever its other threads are doing: first it writes what was posted until then, unless nothing
    /// moves for `LINGER`, and for `LINGER_IN_ALL` at most. Without a descriptor or a thread for it, it does not.
    pub fn follow(&self, end: &End) {
        let socket = end.copy_of_socket().and_then(Result::ok).and_then(|copy| Socket::from_descriptor(copy).ok());
        if let (Some(running), Some(socket)) = (self.running(), socket) {
            let socket = running.followed.get_or_init(|| socket);
            let _ = running.poller.add(socket, FOLLOWED, Interest::Ending);
        }
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
        self.running.get_or_try_init(|| Running::start(self.on_asked))
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
    fn start(on_asked: Option<fn()>) -> io::Result<Running> {
        let poller = Arc::new(Poller::new()?);
        let (orders, inbox) = unbounded();
        let moved = Arc::new(AtomicU64::new(0));
        let worker = Worker {
            poller: poller.clone(),
            on_asked,
            orders: inbox,
            moved: moved.clone(),
            jobs: HashMap::new(),
            by_end: HashMap::new(),
            due: BTreeSet::new(),
            logs: VecDeque::new(),
            next_key: 0,
            lingering: Vec::new(),
            leaving: None,
        };
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

/// An end that is not flushed. `due` is when to try next; `None` while the poller waits for its socket.
struct Job {
    end: Handle,
    due: Option<Instant>,
    /// How many bytes are still to be written before this process may leave.
    owed: usize,
}

struct Worker {
    poller: Arc<Poller>,
    on_asked: Option<fn()>,
    orders: Receiver<Order>,
    moved: Arc<AtomicU64>,
    jobs: HashMap<usize, Job>,
    /// The job of each end.
    by_end: HashMap<(usize, usize), usize>,
    /// When to try which, oldest first. What the poller waits for is not here.
    due: BTreeSet<(Instant, usize)>,
    /// When to look at which log, soonest first.
    logs: VecDeque<(Instant, Arc<Submissions>)>,
    next_key: usize,
    lingering: Vec<Sender<()>>,
    leaving: Option<Leaving>,
}

/// This process ends when the first of these comes, whatever is left by then.
struct Leaving {
    /// Unless something moves before that.
    quiet: Instant,
    end: Instant,
}

impl Worker {
    fn run(mut self) {
        let _listening = self.on_asked.and_then(|_| Listening::begin(&self.poller));
        let mut events = Poller::events();
        let mut writable = Vec::new();
        while self.take_orders() {
            self.look_at_logs();
            self.flush_due();
            if self.jobs.is_empty() {
                for done in self.lingering.drain(..) {
                    // Whoever waited may have given up.
                    let _ = done.send(());
                }
            }
            let now = Instant::now();
            let leaves = self.leaving.as_ref().map(|leaving| leaving.quiet.min(leaving.end));
            if leaves.is_some_and(|end| end <= now || self.jobs.is_empty()) {
                end_here();
            }
            let due = self.due.first().map(|&(due, _)| due).into_iter().chain(self.logs.front().map(|&(due, _)| due));
            let due = due.chain(slab::give_back_idle(now)).chain(leaves).min();
            let timeout = due.map(|due| due.saturating_duration_since(now));
            let waited = self.poller.wait(&mut events, timeout, |key| writable.push(key));
            if let Some(answer) = self.on_asked {
                answer();
            }
            for key in writable.drain(..) {
                match key {
                    FOLLOWED => self.leave(),
                    key => self.schedule(key, Some(now)),
                }
            }
            if waited.is_err() {
                // Out of kernel memory, say: the jobs that wait for a socket are tried by the clock instead.
                thread::sleep(RETRY_DELAY);
                let all: Vec<usize> = self.jobs.keys().copied().collect();
                all.into_iter().for_each(|key| self.schedule(key, Some(now)));
            }
        }
        slab::give_back_all();
    }

    fn schedule(&mut self, key: usize, due: Option<Instant>) {
        let Some(job) = self.jobs.get_mut(&key) else {
            return;
        };
        if let Some(before) = std::mem::replace(&mut job.due, due) {
            self.due.remove(&(before, key));
        }
        self.due.extend(due.map(|due| (due, key)));
    }

    fn strike_off(&mut self, key: usize) {
        self.schedule(key, None);
        if let Some(job) = self.jobs.remove(&key) {
            self.by_end.remove(&job.end.identity());
        }
    }

    /// `false`: nobody can give orders any more, and nothing is left to do.
    fn take_orders(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Flush(end, urgency)) => self.take(end, urgency),
                // It is looked at in every turn.
                Ok(Order::Mind) => {}
                Ok(Order::Look(log)) => self.logs.push_back((Instant::now() + COALESCE_DELAY, log)),
                Ok(Order::Forget(job)) => self.strike_off(job),
                Ok(Order::Linger(done)) => {
                    self.lingering.push(done);
                    self.hurry();
                }
                Err(error) => return !(error.is_disconnected() && self.jobs.is_empty()),
            }
        }
    }

    /// What that leads to are orders, which are read before anybody is answered.
    fn hurry(&mut self) {
        self.logs.iter().for_each(|(_, log)| _ = log.take());
        let now = Instant::now();
        let waiting: Vec<usize> = self.due.iter().map(|&(_, key)| key).collect();
        waiting.into_iter().for_each(|key| self.schedule(key, Some(now)));
    }

    /// Whom this process follows has let go of it: it ends when what has been posted is written. JavaScript may go on to post.
    fn leave(&mut self) {
        self.take_orders();
        self.hurry();
        self.take_orders();
        self.logs.clear();
        self.jobs.values_mut().for_each(|job| job.owed = job.end.unwritten().saturating_add(LEAVE_BYTES));
        let now = Instant::now();
        self.leaving = Some(Leaving { quiet: now + LINGER, end: now + LINGER_IN_ALL });
    }

    /// An end has one job at a time: two would wait for the same socket, and only one would ever be told.
    fn take(&mut self, end: Handle, urgency: Urgency) {
        let delay = match urgency {
            Urgency::Soon if self.lingering.is_empty() => COALESCE_DELAY,
            Urgency::Soon | Urgency::Now => Duration::ZERO,
        };
        if self.leaving.is_some() && !self.by_end.contains_key(&end.identity()) {
            return;
        }
        let due = Some(Instant::now() + delay);
        let key = *self.by_end.entry(end.identity()).or_insert_with(|| {
            self.next_key += 1;
            self.jobs.insert(self.next_key, Job { end, due: None, owed: usize::MAX });
            self.next_key
        });
        self.schedule(key, due);
    }

    fn look_at_logs(&mut self) {
        let now = Instant::now();
        while self.logs.front().is_some_and(|&(due, _)| due <= now) {
            let Some((_, log)) = self.logs.pop_front() else {
                return;
            };
            if log.look() {
                self.logs.push_back((now + COALESCE_DELAY, log));
            }
        }
    }

    fn flush_due(&mut self) {
        let now = Instant::now();
        let due: Vec<usize> = self.due.iter().take_while(|&&(due, _)| due <= now).map(|&(_, key)| key).collect();
        for key in due {
            self.flush(key, now);
        }
    }

    fn flush(&mut self, key: usize, now: Instant) {
        let Some(job) = self.jobs.get_mut(&key) else {
            return;
        };
        let (moved, flushed) = job.end.flush_for(key, &self.poller);
        self.moved.fetch_add(moved as u64, Ordering::Relaxed);
        job.owed = job.owed.saturating_sub(moved);
        if let Some(leaving) = self.leaving.as_mut().filter(|_| moved > 0) {
            leaving.quiet = now + LINGER;
        }
        match flushed {
            _ if job.owed == 0 => self.strike_off(key),
            Flushed::Done | Flushed::Refused => self.strike_off(key),
            Flushed::Unfinished => self.schedule(key, Some(now)),
            Flushed::Blocked => self.schedule(key, None),
            Flushed::Later => {
                let end = job.end.clone();
                parcel::settle(end);
                self.schedule(key, Some(now + RETRY_DELAY));
            }
        }
    }
}
