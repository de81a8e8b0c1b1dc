//! The thread of the backstop: what it has to write, and when.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::{Around, Order, FOLLOWED};
use crate::channel::{Flushed, Handle, Urgency};
use crate::limits::{COALESCE_DELAY, LEAVE_BYTES, LINGER, LINGER_IN_ALL, RETRY_DELAY};
use crate::parcel;
use crate::slab;
use crate::submissions::Submissions;
use crate::sync::{Arc, AtomicU64, Ordering};
use crate::sys::{end_here, Listening, Poller};

/// An end that is not flushed. `due` is when to try next; `None` while the poller waits for its socket.
struct Job {
    end: Handle,
    due: Option<Instant>,
    /// How many bytes are still to be written before this process may leave.
    owed: usize,
}

pub(super) struct Worker {
    around: Around,
    poller: Arc<Poller>,
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
    pub fn new(around: Around, poller: Arc<Poller>, orders: Receiver<Order>, moved: Arc<AtomicU64>) -> Worker {
        Worker {
            around,
            poller,
            orders,
            moved,
            jobs: HashMap::new(),
            by_end: HashMap::new(),
            due: BTreeSet::new(),
            logs: VecDeque::new(),
            next_key: 0,
            lingering: Vec::new(),
            leaving: None,
        }
    }

    pub fn run(mut self) {
        let program = self.around.program;
        let _listening = program.and_then(|_| Listening::begin(&self.poller));
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
                if let Some(program) = program {
                    (program.on_end)();
                }
                self.around.family.end_all();
                end_here();
            }
            let due = self.due.first().map(|&(due, _)| due).into_iter().chain(self.logs.front().map(|&(due, _)| due));
            let due = due.chain(slab::give_back_idle(now)).chain(leaves).min();
            let timeout = due.map(|due| due.saturating_duration_since(now));
            let waited = self.poller.wait(&mut events, timeout, |key| writable.push(key));
            if let Some(program) = program {
                (program.on_asked)();
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
        self.around.family.tell_all();
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
