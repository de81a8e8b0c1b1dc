//! One environment (the main thread or a worker): its home, its ports, its buffers, and its end.

use std::cell::{Cell, OnceCell, RefCell, RefMut};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{unbounded, Receiver, Sender};
use napi::sys;

use super::buffers::{Control, SharedBuffer, Word};
use super::js::{self, check, Call, Kind, Thrown};
use super::owned::Owned;
use super::parking::Left;
use super::port::Ports;
use super::process;
use super::scope::{async_context, call_in_scope};
use super::shared;
use super::wake::{Wake, Woken};
use crate::channel::{End, Handle};
use crate::error::Fault;
use crate::home::Home;
use crate::limits::{INBOX_BYTES, SUBMISSION_BYTES};
use crate::look::Roster;
use crate::spin::Spin;
use crate::submissions::{Post, Submissions, Words};
use crate::sync::Arc;
use crate::sys::{Events, Listening, Poller, Watch};

/// The number of a wait, and how it has ended.
pub type Slept = (u32, i32);

pub struct Environment {
    pub raw: sys::napi_env,
    /// Its loop is woken when another process asks for a report.
    listening: Cell<Option<Listening>>,
    pub home: Arc<Home>,
    /// Waits of this thread that have ended, by their numbers; who sends holds the token as long as it lives.
    pub slept: (Sender<Slept>, Receiver<Slept>),
    pub awaiting: RefCell<Option<std::sync::Arc<()>>>,
    ports: RefCell<Ports>,
    pub owned: RefCell<Owned>,
    /// What waits for others only while this thread lives.
    pub left: RefCell<Left>,
    pub roster: Arc<Roster>,
    /// What JS writes its notes for the roster to.
    pub notes: SharedBuffer,
    pub control: Control,
    pub inbox: SharedBuffer,
    pub outbox: SharedBuffer,
    /// What JS posts without a call, and the memory that it writes that to.
    pub submissions: Arc<Submissions>,
    log: SharedBuffer,
    /// The port whose run of messages JS is delivering, or of which it reads one that stays until it has.
    pub batch: Cell<Option<u32>>,
    /// The port whose next message JS is about to take.
    pub parcel: Cell<Option<u32>>,
    /// The numbers of the port whose end `next` has announced last.
    pub ended: Cell<(u64, u64)>,
    /// The fault that `next` has announced last.
    pub fault: Cell<Option<Fault>>,
    events: RefCell<Events>,
    /// There while this loop is to look for messages before it sleeps.
    spin: RefCell<Option<Spin>>,
    /// Ports have had their share in this turn of the loop, before it has looked at descriptors.
    served: Cell<bool>,
    /// A turn was interrupted.
    resting: Cell<bool>,
    /// Its process ends when the other end of this does.
    pub follows: RefCell<Option<Handle>>,
    on_wake: Cell<sys::napi_ref>,
    /// In which JS is called when libuv wakes the loop; null where a thread does, whose calls come in a scope already.
    context: Cell<sys::napi_async_context>,
    wake: OnceCell<Wake>,
    /// Null where a thread wakes: what Node-API has for that needs no answer.
    cleanup: Cell<sys::napi_async_cleanup_hook_handle>,
}

impl Environment {
    /// Makes the environment, and the object that JS gets: the functions of `calls` and the shared buffers.
    pub fn create(
        raw: sys::napi_env,
        on_wake: sys::napi_value,
        thread: u32,
        uv: bool,
        calls: impl Iterator<Item = &'static Call>,
    ) -> napi::Result<sys::napi_value> {
        let exhausted = |error: io::Error| {
            let text = format!("no descriptors are left for what wakes this thread: {error}");
            js::throw(raw, Kind::Error, "ERR_DESCRIPTORS_EXHAUSTED", &text);
            napi::Error::new(napi::Status::PendingException, text)
        };
        let home = Arc::new(Home::new().map_err(exhausted)?);
        let watch = if uv { None } else { Some(Watch::new(&home.poller).map_err(exhausted)?) };
        Self::build(raw, on_wake, thread, watch, calls, home).map_err(|Thrown| {
            napi::Error::from_reason("the environment lacks what message-channel-main needs of Node-API or libuv")
        })
    }

    /// `watch`: what a thread waits by, where libuv does not.
    fn build(
        raw: sys::napi_env,
        on_wake: sys::napi_value,
        thread: u32,
        watch: Option<Watch>,
        calls: impl Iterator<Item = &'static Call>,
        home: Arc<Home>,
    ) -> Result<sys::napi_value, Thrown> {
        let uv = watch.is_none();
        let (control, control_value) = Control::create(raw)?;
        let (inbox, inbox_value) = SharedBuffer::create(raw, INBOX_BYTES)?;
        let mut on_wake_ref = ptr::null_mut();
        // SAFETY: `on_wake` is a function of this environment.
        check(unsafe { sys::napi_create_reference(raw, on_wake, 1, &mut on_wake_ref) })?;
        let roster = Arc::new(Roster::new(thread));
        let posting = roster.clone();
        let post: Box<Post> = Box::new(move |key, frames| _ = posting.port(key).map(|port| port.post_run(frames)));
        let submissions = Arc::new(Submissions::new(post));
        let (log, log_value) = SharedBuffer::create(raw, SUBMISSION_BYTES)?;
        let (words, bytes) = log.bytes_mut().split_at(size_of::<Words>());
        // SAFETY: the environment keeps the buffer until it ends, and takes it back before; it is aligned as buffers are.
        unsafe { submissions.lend(words.as_ptr().cast(), bytes.as_ptr(), bytes.len()) };
        let environment = Box::new(Environment {
            raw,
            listening: Cell::new(Listening::begin(&home.poller)),
            ports: RefCell::new(Ports::new(home.clone(), roster.clone())),
            owned: RefCell::default(),
            left: RefCell::default(),
            slept: unbounded(),
            awaiting: RefCell::new(None),
            roster,
            notes: SharedBuffer::none(),
            home: home.clone(),
            control,
            inbox,
            outbox: SharedBuffer::none(),
            submissions: submissions.clone(),
            log,
            batch: Cell::new(None),
            parcel: Cell::new(None),
            ended: Cell::new((0, 0)),
            fault: Cell::new(None),
            events: RefCell::new(Poller::events()),
            spin: RefCell::new(None),
            served: Cell::new(false),
            resting: Cell::new(false),
            follows: RefCell::default(),
            on_wake: Cell::new(on_wake_ref),
            context: Cell::new(if uv { async_context(raw)? } else { ptr::null_mut() }),
            wake: OnceCell::new(),
            cleanup: Cell::new(ptr::null_mut()),
        });
        let this: *const Environment = &*environment;
        let wake = Wake::start(raw, watch, &home.poller, environment).ok_or(Thrown)?;
        // SAFETY: the environment is on the heap, and lives until its wake is closed: after all JS.
        let environment = unsafe { &*this };
        let _ = environment.wake.set(wake);
        environment.add_cleanup(uv)?;
        process::enrol(&environment.roster, &environment.submissions);
        let by_thread = js::from_bool(raw, !uv)?;
        let values =
            [("control", control_value), ("inbox", inbox_value), ("submissions", log_value), ("byThread", by_thread)];
        js::object(raw, this.cast_mut().cast(), calls, &values)
    }

    /// Has the environment's end close all this. A hook that libuv's handles have to be waited for is answered when they are
    /// closed; other runtimes free the answer's handle twice.
    fn add_cleanup(&self, uv: bool) -> Result<(), Thrown> {
        let this = ptr::from_ref(self).cast_mut().cast();
        if !uv {
            // SAFETY: the hook runs once, at the end.
            return check(unsafe { sys::napi_add_env_cleanup_hook(self.raw, Some(clean_up), this) });
        }
        let mut cleanup = ptr::null_mut();
        // SAFETY: the hook runs once, before the handles are closed.
        check(unsafe { sys::napi_add_async_cleanup_hook(self.raw, Some(clean_up_later), this, &mut cleanup) })?;
        self.cleanup.set(cleanup);
        Ok(())
    }

    /// The ports, with all that JS has posted to them.
    pub fn ports(&self) -> RefMut<'_, Ports> {
        let mut ports = self.ports.borrow_mut();
        // The first word is where the log ends; only JS of this thread moves it, and none runs now.
        if self.log.bytes(4) != [0; 4] {
            self.submissions.take_own(|key, frames| ports.submitted(key, frames));
        }
        ports
    }

    pub fn hold(&self, on: bool) {
        if let Some(wake) = self.wake.get() {
            wake.hold(on);
        }
    }

    /// Whether this loop can be told to go round.
    fn turns(&self) -> bool {
        self.wake.get().is_some_and(Wake::turns)
    }

    /// Whether this loop is to look for messages before it sleeps, where loops can be told to.
    pub fn hurry(&self, on: bool) {
        *self.spin.borrow_mut() = (on && self.turns()).then(|| Spin::new(Instant::now()));
    }

    /// Something was posted here: looks for answers from now on, if that is worth it.
    pub fn said(&self) {
        if let Some(spin) = &mut *self.spin.borrow_mut() {
            spin.said(Instant::now());
            if let (Some(wake), true) = (self.wake.get(), spin.goes_on(Instant::now())) {
                self.home.watch();
                wake.turn::<Environment>(true);
            }
        }
    }

    /// Whether to look once more before the loop sleeps.
    fn looks_on(&self) -> bool {
        self.spin.borrow_mut().as_mut().is_some_and(|spin| spin.goes_on(Instant::now()))
    }

    /// Ends the delivery that JS is in the middle of: what it has begun to deliver is gone from the queue, the rest
    /// stays there.
    pub fn void_batch(&self) {
        if let Some(key) = self.batch.take() {
            let mut ports = self.ports();
            if let Some(port) = ports.get(key) {
                port.end.commit(self.control.get(Word::Delivered) as usize);
            }
            self.control.set(Word::Live, 0);
            ports.look_again(key);
        }
    }

    /// Blocks this thread until the port, which must be started, has news; `false` if it still has none after `most`.
    /// Only this port's socket and the wake-up end the wait: what else is readable would keep the processor busy.
    pub fn wait_for(&self, key: u32, most: Duration) -> bool {
        let deadline = Instant::now() + most;
        let socket = self.ports().get(key).and_then(|port| port.end.copy_of_socket());
        let wait = |left| match &socket {
            // No descriptor is left for a copy: the processor has to be kept busy, then.
            Some(Err(_)) => self.home.poller.wait(&mut self.events.borrow_mut(), Some(left), |_| {}),
            Some(Ok(socket)) => self.home.poller.wait_for(Some(socket), left),
            None => self.home.poller.wait_for(None, left),
        };
        let there = loop {
            // A wake-up that was meant for the loop may have ended the wait. The loop gets its own below. And whoever has
            // news from here on has to wake this thread, which does not look by itself now.
            self.home.sleep();
            match self.ports().get(key) {
                Some(port) if port.end.sees_news() || port.end.is_readable() => break true,
                Some(_) => {}
                None => break true,
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || wait(left).is_err() {
                break false;
            }
            process::answer_askers();
        };
        self.home.wake();
        there
    }

    /// As [`void_batch`](Self::void_batch), if it is this port's.
    pub fn void_batch_of(&self, key: u32) {
        if self.batch.get() == Some(key) {
            self.void_batch();
        }
    }

    /// Gives every port with news its share. Nobody needs to wake this loop meanwhile, where loops can be told to go round: it
    /// looks for more news at the end, and comes round once more for them.
    fn serve(&self, readable: bool) {
        let Home { poller, .. } = &*self.home;
        {
            let mut keys = Vec::new();
            if readable || poller.has_sockets() {
                // A failing look is one without news: the descriptor stays readable, and the loop calls again.
                let _ = poller.look(&mut self.events.borrow_mut(), |key| keys.push(key as u32));
            }
            let news = self.home.take_news();
            if self.turns() {
                self.home.watch();
            }
            let mut news = news.chain(keys).peekable();
            if let (Some(spin), Some(_)) = (&mut *self.spin.borrow_mut(), news.peek()) {
                spin.heard(Instant::now());
            }
            self.ports().begin_turn(news);
        }
        // After the wake-up was taken: who asks later wakes again.
        process::answer_askers();
        call_in_scope(self.raw, self.context.get(), self.on_wake.get());
        let goes_on = self.looks_on();
        if goes_on {
            self.home.watch();
        }
        let more = goes_on || !self.home.stop_watching();
        if let Some(wake) = self.wake.get() {
            wake.turn::<Environment>(more);
        }
    }

    /// Interrupts this turn: the loop runs what is to run between two tasks, and calls to go on.
    pub fn rest(&self) {
        self.resting.set(true);
        self.ports().rest();
        if let Some(wake) = self.wake.get() {
            wake.again(&self.home.poller);
        }
    }

    /// Goes on with a turn that was interrupted. `false`: none was.
    fn resume(&self) -> bool {
        self.resting.take() && {
            self.ports().go_on();
            call_in_scope(self.raw, self.context.get(), self.on_wake.get());
            true
        }
    }

    /// The loop has come round after a turn, where nobody but JS knows.
    pub fn wait_again(&self) {
        if let Some(wake) = self.wake.get() {
            wake.wait_again(&self.home.poller);
        }
    }

    /// Takes a port out of the table, with all that JS has not begun to deliver.
    pub fn take_end(&self, key: u32) -> Option<End> {
        self.void_batch_of(key);
        self.ports().remove(key)
    }
}

impl Woken for Environment {
    fn woken(&self) {
        // The descriptor stays readable: what it has to tell is for the next turn.
        if !self.resume() && !self.served.get() {
            self.serve(true);
        }
    }

    fn turned(&self) {
        let goes_on = self.looks_on();
        if self.resume() {
            // The turn that was interrupted comes first.
        } else if self.home.is_awake() || (!goes_on && !self.home.stop_watching()) {
            self.serve(false);
            if let Some(wake) = self.wake.get() {
                self.served.set(true);
                wake.say_when_polled::<Environment>();
            }
        } else if goes_on {
            // Whom it waits for may need this core.
            thread::yield_now();
        } else if let Some(wake) = self.wake.get() {
            wake.turn::<Environment>(false);
        }
    }

    fn polled(&self) {
        self.served.set(false);
    }

    fn closed(self: Box<Self>) {
        // SAFETY: the handle came from napi_add_async_cleanup_hook and is given back once.
        unsafe { sys::napi_remove_async_cleanup_hook(self.cleanup.get()) };
    }
}

unsafe extern "C" fn clean_up_later(_: sys::napi_async_cleanup_hook_handle, data: *mut c_void) {
    // SAFETY: the same.
    unsafe { clean_up(data) };
}

unsafe extern "C" fn clean_up(data: *mut c_void) {
    // SAFETY: `data` is the environment that added this hook; its wake, which owns it, is closed only here.
    let environment = unsafe { &*(data as *const Environment) };
    environment.listening.take();
    // What was posted is taken while there are ports to take it for.
    drop(environment.ports());
    process::strike_off(&environment.roster, &environment.submissions);
    if environment.awaiting.take().is_some() {
        shared::forget_the_gone();
    }
    environment.follows.take().inspect(|_| process::HUB.follow_no_more());
    environment.ports().clear();
    process::leave(environment.left.take());
    environment.owned.borrow_mut().close_all();
    if let Some(wake) = environment.wake.get() {
        wake.close::<Environment>();
    }
}
