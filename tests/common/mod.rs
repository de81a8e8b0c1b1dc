//! Several processes in one: a hub stands for each, and links between them carry ports as descriptors.
#![allow(dead_code)]

use std::cell::RefCell;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use message_channel_main::channel::{End, Filled, Part, Posted, Reader};
use message_channel_main::error::{Fault, Refused};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::limits::{DESCRIPTORS_PER_SEND, INBOX_BYTES};
use message_channel_main::parcel;
use message_channel_main::sync::Arc;
use message_channel_main::sys::Poller;
use message_channel_main::wire::frame::{padded, Header, HEADER};
use rustix::net::{sendmsg, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};

/// Nothing that a test waits for takes this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a port has for its owner.
#[derive(Debug)]
pub enum Event {
    Message(Vec<u8>, Vec<Part>),
    Closed,
    Fault(Fault),
}

/// Bytes that no socket takes at once, with a backlog either.
pub const FILLS: usize = 4 << 20;

/// A channel with one end in each of two processes, as a process inherits it from its parent.
pub fn link(a: &Hub, b: &Hub) -> (End, End) {
    let (here, there) = a.channel();
    let descriptor = parcel::into_descriptor(there).expect("a descriptor");
    (here, parcel::from_descriptor(b.shared(), descriptor).expect("a port"))
}

pub fn post(end: &End, body: impl AsRef<[u8]>) -> Posted {
    end.post(body.as_ref(), false).expect("a message of acceptable size")
}

pub fn try_post_with(end: &End, body: &[u8], parts: Vec<Part>) -> Result<Posted, (Refused, Vec<Part>)> {
    let ports = parts.iter().filter_map(|part| match part {
        Part::Port(end) => Some(end.handle().clone()),
        _ => None,
    });
    let memory = parts.iter().map(|part| if let Part::Memory(bytes) = part { bytes.len() } else { 0 }).sum();
    let descriptors = parts.iter().map(Part::descriptors).sum();
    let (ports, mut parts) = (ports.collect(), Some(parts));
    parcel::post(end.handle(), body, ports, memory, descriptors, || parts.take().unwrap_or_default())
        .map_err(|refused| (refused, parts.take().unwrap_or_default()))
}

pub fn post_with(end: &End, body: &[u8], parts: Vec<Part>) -> Posted {
    try_post_with(end, body, parts).unwrap_or_else(|(refused, _)| panic!("{refused}"))
}

pub fn post_ports(end: &End, body: &[u8], ports: impl IntoIterator<Item = End>) -> Posted {
    post_with(end, body, ports.into_iter().map(Part::Port).collect())
}

/// An event loop of one port at a time.
struct Loop {
    home: Arc<Home>,
    reader: Reader,
    out: Vec<u8>,
    key: u32,
}

thread_local! {
    static LOOP: RefCell<Loop> = RefCell::new(Loop {
        home: Arc::new(Home::new().expect("a poller")),
        reader: Reader::default(),
        out: vec![0; INBOX_BYTES],
        key: 0,
    });
}

/// Makes what this thread's [`receive`] needs, for a test that is about to count descriptors.
pub fn prepare_to_receive() {
    LOOP.with(|_| ());
}

impl Loop {
    fn receive(&mut self, end: &End, deadline: Instant) -> Option<Event> {
        // A key of its own for each call: what was announced to the last one is nothing to this one.
        self.key += 1;
        end.attach(&self.home, self.key);
        end.start(true);
        let event = loop {
            match end.fill(&mut self.out, &mut self.reader) {
                Filled::Run(_) => break Some(self.first_of_run(end)),
                Filled::Parcel => {
                    if let Ok(Some(message)) = parcel::take(end.handle(), |lent| Part::copied(&lent)) {
                        break Some(Event::Message(message.body.to_vec(), message.parts));
                    }
                    // The fault is announced.
                }
                Filled::Drained => {}
                Filled::Fault(fault) => break Some(Event::Fault(fault)),
                Filled::Closed => break Some(Event::Closed),
                Filled::Nothing => {
                    if !self.wait(deadline) {
                        break None;
                    }
                }
            }
        };
        end.detach();
        event
    }

    /// Delivers one message of a run; the rest stays in the port.
    fn first_of_run(&self, end: &End) -> Event {
        let length = u32::from_le_bytes([self.out[4], self.out[5], self.out[6], self.out[7]]) as usize;
        end.commit(HEADER + padded(length));
        Event::Message(self.out[HEADER..HEADER + length].to_vec(), Vec::new())
    }

    /// Waits until this port has news.
    fn wait(&self, deadline: Instant) -> bool {
        let mut events = Poller::events();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let mut news = false;
            self.home.poller.wait(&mut events, Some(left), |key| news |= key == self.key as usize).expect("a wait");
            news |= self.home.take_news().filter(|&key| key == self.key).count() > 0;
            if news {
                return true;
            }
        }
    }
}

/// Waits for the next event of a port, which is started for as long as that takes.
pub fn receive(end: &End) -> Event {
    LOOP.with_borrow_mut(|this| this.receive(end, Instant::now() + PATIENCE))
        .expect("an event before the test gives up")
}

/// The event that a port has now, if it has one.
pub fn receive_now(end: &End) -> Option<Event> {
    LOOP.with_borrow_mut(|this| this.receive(end, Instant::now()))
}

pub fn message(end: &End) -> (Vec<u8>, Vec<Part>) {
    match receive(end) {
        Event::Message(body, parts) => (body, parts),
        other => panic!("{other:?} instead of a message"),
    }
}

#[track_caller]
pub fn expect(end: &End, body: impl AsRef<[u8]>) {
    let (seen, parts) = message(end);
    assert_eq!(String::from_utf8_lossy(&seen), String::from_utf8_lossy(body.as_ref()));
    assert!(parts.is_empty());
}

#[track_caller]
pub fn expect_closed(end: &End) {
    match receive(end) {
        Event::Closed => {}
        other => panic!("{other:?} instead of the close"),
    }
}

/// The next message, all of whose parts are ports.
#[track_caller]
pub fn expect_ports(end: &End, body: impl AsRef<[u8]>) -> Vec<End> {
    let (seen, parts) = message(end);
    assert_eq!(String::from_utf8_lossy(&seen), String::from_utf8_lossy(body.as_ref()));
    parts.into_iter().map(port).collect()
}

#[track_caller]
pub fn expect_port(end: &End, body: impl AsRef<[u8]>) -> End {
    let mut ports = expect_ports(end, body);
    assert_eq!(ports.len(), 1);
    ports.remove(0)
}

#[track_caller]
pub fn port(part: Part) -> End {
    match part {
        Part::Port(end) => end,
        other => panic!("{other:?} is not a port"),
    }
}

/// Sends `end` through a link and takes it out there.
#[track_caller]
pub fn ship(end: End, (from, to): (&End, &End)) -> End {
    post_ports(from, b"a traveller", [end]);
    expect_port(to, b"a traveller")
}

/// A channel and the processes that its ends are in.
pub struct Pair {
    pub kind: &'static str,
    pub a: End,
    pub b: End,
    pub a_hub: Rc<Hub>,
    pub b_hub: Rc<Hub>,
}

/// The same channel in every arrangement: what is promised of one is promised of all.
pub fn pairs() -> Vec<Pair> {
    fn pair(kind: &'static str, arrange: impl FnOnce(&Rc<Hub>, End, End) -> ((End, Rc<Hub>), (End, Rc<Hub>))) -> Pair {
        let home = Rc::new(Hub::default());
        let (a, b) = home.channel();
        let ((a, a_hub), (b, b_hub)) = arrange(&home, a, b);
        Pair { kind, a, b, a_hub, b_hub }
    }
    fn stay(home: &Rc<Hub>, end: End) -> (End, Rc<Hub>) {
        (end, home.clone())
    }
    fn away(home: &Rc<Hub>, end: End) -> (End, Rc<Hub>) {
        let there = Rc::new(Hub::default());
        let (from, to) = link(home, &there);
        (ship(end, (&from, &to)), there)
    }
    fn there_and_back(home: &Rc<Hub>, end: End) -> (End, Rc<Hub>) {
        let there = Hub::default();
        let (from, to) = link(home, &there);
        let end = ship(end, (&from, &to));
        (ship(end, (&to, &from)), home.clone())
    }
    vec![
        pair("in one process", |home, a, b| (stay(home, a), stay(home, b))),
        pair("the second end away", |home, a, b| (stay(home, a), away(home, b))),
        pair("the first end away", |home, a, b| (away(home, a), stay(home, b))),
        pair("both ends away", |home, a, b| (away(home, a), away(home, b))),
        pair("the second end back home", |home, a, b| (stay(home, a), there_and_back(home, b))),
        pair("both ends back home", |home, a, b| (there_and_back(home, a), there_and_back(home, b))),
    ]
}

/// Lets this process have as many descriptors as it may.
pub fn raise_descriptor_limit() {
    use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("the hard limit");
}

/// Descriptors that are open in this process.
pub fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("the list of descriptors").count()
}

/// Waits until something that other threads do has been done.
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::yield_now();
    }
}

/// Set in the process that a test runs in.
pub const ALONE: &str = "TEST_RUNS_ALONE";

/// Runs `body` in a process of its own: this very test, started again.
pub fn alone(test: &str, body: fn()) {
    alone_as(Command::new(std::env::current_exe().unwrap()), test, body);
}

pub fn alone_as(mut again: Command, test: &str, body: fn()) {
    if std::env::var_os(ALONE).is_some() {
        return body();
    }
    let output = again.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Lets this process open descriptors below `number` and no others.
pub fn limit(number: u64) {
    use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(number), ..limit }).unwrap();
}

/// The same, so that just `count` more can be opened, wherever the open ones are.
pub fn leave(count: usize) {
    // SAFETY: borrowed for one call, which fails harmlessly if nothing is open there.
    let is_free = |number: &u64| rustix::io::fcntl_getfd(unsafe { BorrowedFd::borrow_raw(*number as i32) }).is_err();
    let last = (0..).filter(is_free).nth(count - 1).expect("as many numbers as there are");
    limit(last + 1);
}

/// A message without parts, as a peer sends it.
pub fn plain(body: &[u8]) -> Vec<u8> {
    let mut frame = Header::Message { body: body.len(), parts: 0, tail: 0 }.to_bytes().to_vec();
    frame.extend(body);
    frame.resize(HEADER + padded(body.len()), 0);
    frame
}

/// A port whose peer is this test's own socket.
pub fn exposed(hub: &Hub) -> (End, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    (parcel::from_descriptor(hub.shared(), ours.into()).unwrap(), theirs)
}

/// Sends bytes with descriptors beside the first of them.
pub fn send(socket: &UnixStream, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_PER_SEND))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(descriptors.is_empty() || control.push(SendAncillaryMessage::ScmRights(descriptors)));
    let sent = sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::empty()).unwrap();
    assert_eq!(sent, bytes.len());
}

/// The fault that ends a port, and its end.
#[track_caller]
pub fn expect_fault(end: &End, fault: impl Into<Fault>) {
    match receive(end) {
        Event::Fault(seen) => assert_eq!(seen, fault.into()),
        other => panic!("{other:?} instead of the fault"),
    }
    expect_closed(end);
}
