//! Every interleaving of two threads at the moments when an end leaves the process while its channel is in use.
//!
//! `npm run test:loom`
#![cfg(loom)]

use std::time::Duration;

use loom::thread;
use message_channel_main::channel::{Backstop, Channel, End, Filled, Handle, Part, Reader, Shared, Urgency};
use message_channel_main::home::Home;
use message_channel_main::parcel;
use message_channel_main::submissions::Submissions;
use message_channel_main::sync::{lock, Arc, Mutex};
use message_channel_main::sys::{Poller, Socket};
use message_channel_main::wire::frame::{padded, HEADER};

#[path = "common/script.rs"]
mod script;

use script::Script;

/// A backstop that does nothing: what the threads leave unwritten, the test flushes when they are done.
#[derive(Debug)]
struct Nobody;

impl Backstop for Nobody {
    fn stand_by(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn take_over(&self, _: Handle, _: Urgency) -> bool {
        false
    }

    fn forget(&self, _: &Socket, _: usize) {}
}

fn process() -> Arc<Shared> {
    Arc::new(Shared::new(Box::new(Nobody)))
}

/// A channel with one end in each of two processes.
fn link(a: &Arc<Shared>, b: &Arc<Shared>) -> (End, End) {
    let (here, there) = Channel::create(a);
    let descriptor = parcel::into_descriptor(there).expect("a descriptor");
    (here, parcel::from_descriptor(b, descriptor).expect("a port"))
}

fn post_ports(end: &End, body: &[u8], ports: Vec<End>) {
    let handles = ports.iter().map(|end| end.handle().clone()).collect();
    parcel::post(end.handle(), body, handles, 0, 0, || ports.into_iter().map(Part::Port).collect())
        .expect("descriptors");
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Message(Vec<u8>, usize),
    Closed,
}

/// What a port has to deliver, and the ports that come along.
fn drain(end: &End) -> (Vec<Event>, Vec<End>) {
    let (mut out, mut reader) = (vec![0; 4096], Reader::default());
    let (mut events, mut ports) = (Vec::new(), Vec::new());
    loop {
        match end.fill_one(&mut out, &mut reader) {
            Filled::Run(length) => {
                let size = u32::from_le_bytes([out[4], out[5], out[6], out[7]]) as usize;
                assert_eq!(length, HEADER + padded(size));
                end.commit(length);
                events.push(Event::Message(out[HEADER..HEADER + size].to_vec(), 0));
            }
            Filled::Parcel => {
                let message =
                    parcel::take(end.handle(), |lent| Part::copied(&lent)).expect("no fault").expect("a message");
                events.push(Event::Message(message.body.to_vec(), message.parts.len()));
                for part in message.parts {
                    match part {
                        Part::Port(end) => ports.push(end),
                        other => panic!("{other:?}"),
                    }
                }
            }
            Filled::Closed => {
                events.push(Event::Closed);
                return (events, ports);
            }
            Filled::Nothing => return (events, ports),
            other => panic!("{other:?}"),
        }
    }
}

fn message(body: &str) -> Event {
    Event::Message(body.as_bytes().to_vec(), 0)
}

fn with_port(body: &str) -> Event {
    Event::Message(body.as_bytes().to_vec(), 1)
}

/// Rule 1: the flip and the drain are one critical section, and never two paths.
#[test]
fn posting_while_the_other_end_leaves() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (e, f) = Channel::create(&here);
        f.post(b"0", false).expect("posted");
        let poster = thread::spawn(move || {
            f.post(b"1", false).expect("posted");
            f.post(b"2", false).expect("posted");
            f
        });
        let descriptor = parcel::into_descriptor(e).expect("a descriptor");
        let f = poster.join().expect("the poster");
        f.flush();
        let e = parcel::from_descriptor(&there, descriptor).expect("a port");
        assert_eq!(drain(&e).0, [message("0"), message("1"), message("2")]);
        drop(f);
        assert_eq!(drain(&e).0, [Event::Closed]);
    });
}

#[test]
fn posting_ports_while_the_other_end_leaves() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (from, to) = link(&here, &there);
        let (e, f) = Channel::create(&here);
        let (port, peer) = Channel::create(&here);
        let poster = thread::spawn(move || {
            post_ports(&f, b"port", vec![port]);
            f.post(b"after", false).expect("posted");
            f
        });
        post_ports(&from, b"e", vec![e]);
        let f = poster.join().expect("the poster");
        f.flush();
        let (events, mut arrived) = drain(&to);
        assert_eq!(events, [with_port("e")]);
        let e = arrived.remove(0);
        let (events, mut arrived) = drain(&e);
        assert_eq!(events, [with_port("port"), message("after")]);
        peer.post(b"entangled", false).expect("posted");
        assert_eq!(drain(&arrived.remove(0)).0, [message("entangled")]);
        drop(f);
        assert_eq!(drain(&e).0, [Event::Closed]);
    });
}

/// Close after data, whether the peer is still here, on its way or gone.
#[test]
fn closing_while_the_other_end_leaves() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (e, f) = Channel::create(&here);
        let (port, peer) = Channel::create(&here);
        post_ports(&f, b"port", vec![port]);
        let closer = thread::spawn(move || {
            f.post(b"last", false).expect("posted");
            drop(f);
        });
        let descriptor = parcel::into_descriptor(e).expect("a descriptor");
        closer.join().expect("the closer");
        let e = parcel::from_descriptor(&there, descriptor).expect("a port");
        let (events, mut arrived) = drain(&e);
        assert_eq!(events, [with_port("port"), message("last"), Event::Closed]);
        peer.post(b"entangled", false).expect("posted");
        assert_eq!(drain(&arrived.remove(0)).0, [message("entangled")]);
    });
}

/// Rule 3, by two threads at once, with messages both ways.
#[test]
fn both_ends_leave_at_once() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (from_e, to_e) = link(&here, &there);
        let (from_f, to_f) = link(&here, &there);
        let (e, f) = Channel::create(&here);
        e.post(b"to f", false).expect("posted");
        f.post(b"to e", false).expect("posted");
        let shipper = thread::spawn(move || {
            e.post(b"to f again", false).expect("posted");
            post_ports(&from_e, b"e", vec![e]);
            from_e
        });
        post_ports(&from_f, b"f", vec![f]);
        let _from_e = shipper.join().expect("the shipper");
        let (e, f) = (drain(&to_e).1.remove(0), drain(&to_f).1.remove(0));
        assert_eq!(drain(&e).0, [message("to e")]);
        assert_eq!(drain(&f).0, [message("to f"), message("to f again")]);
        e.post(b"entangled", false).expect("posted");
        assert_eq!(drain(&f).0, [message("entangled")]);
    });
}

/// Rule 4: what a message owns closes with it.
#[test]
fn dropping_what_is_on_its_way_while_its_peer_leaves() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (from, to) = link(&here, &there);
        let (outer, outer_peer) = Channel::create(&here);
        let (e, f) = Channel::create(&here);
        f.post(b"unread", false).expect("posted");
        post_ports(&outer_peer, b"e", vec![e]);
        // `e` closes with the message that it is in, while `f` turns into a descriptor.
        let closer = thread::spawn(move || drop(outer));
        post_ports(&from, b"f", vec![f]);
        closer.join().expect("the closer");
        let f = drain(&to).1.remove(0);
        assert_eq!(drain(&f).0, [Event::Closed]);
        assert_eq!(drain(&outer_peer).0, [Event::Closed]);
    });
}

/// Announce, then wake; clear, then look.
#[test]
fn no_wake_up_is_lost() {
    loom::model(|| {
        let here = process();
        let home = Arc::new(Home::new().expect("a poller"));
        let (ends, peers): (Vec<End>, Vec<End>) = (0..2).map(|_| Channel::create(&here)).unzip();
        for (key, end) in ends.iter().enumerate() {
            end.attach(&home, key as u32);
            end.start(true);
        }
        let poster = thread::spawn(move || {
            for index in [0, 1, 0] {
                peers[index].post(b"1", false).expect("posted");
            }
            peers
        });
        // The loop runs once while the other thread does, and then for as long as it is woken.
        thread::yield_now();
        let mut seen = turn(&home, &ends);
        let _peers = poster.join().expect("the poster");
        while is_woken(&home) {
            seen += turn(&home, &ends);
        }
        assert_eq!(seen, 3);
    });
}

/// A loop that looks by itself need not be woken, until it says that it is about to sleep.
#[test]
fn a_loop_that_watches_misses_nothing() {
    loom::model(|| {
        let (home, ends, post) = posted_to();
        home.watch();
        let poster = thread::spawn(post);
        let mut seen = 0;
        if home.is_awake() {
            seen += turn(&home, &ends);
            home.watch();
        }
        thread::yield_now();
        if !home.stop_watching() {
            seen += turn(&home, &ends);
        }
        let _peer = poster.join().expect("the poster");
        while is_woken(&home) {
            seen += turn(&home, &ends);
        }
        assert_eq!(seen, 2);
    });
}

/// Nobody need wake a loop while it serves its ports: it asks at the end.
#[test]
fn what_comes_while_a_loop_serves_is_not_missed() {
    loom::model(|| {
        let (home, ends, post) = posted_to();
        let poster = thread::spawn(post);
        thread::yield_now();
        let (mut seen, mut more) = (0, is_woken(&home));
        while more {
            home.poller.look(&mut Poller::events(), |_| {}).expect("a look");
            let news = home.take_news();
            home.watch();
            seen += serve(news, &ends);
            more = !home.stop_watching();
        }
        let _peer = poster.join().expect("the poster");
        while is_woken(&home) {
            seen += turn(&home, &ends);
        }
        assert_eq!(seen, 2);
    });
}

/// A loop with one port, and what posts two messages to it and keeps the other end.
fn posted_to() -> (Arc<Home>, [End; 1], impl FnOnce() -> End + Send) {
    let home = Arc::new(Home::new().expect("a poller"));
    let (end, peer) = Channel::create(&process());
    end.attach(&home, 0);
    end.start(true);
    let post = move || {
        for _ in 0..2 {
            peer.post(b"1", false).expect("posted");
        }
        peer
    };
    (home, [end], post)
}

/// One turn of an event loop: how many messages it has delivered.
fn turn(home: &Home, ends: &[End]) -> usize {
    home.poller.wait(&mut Poller::events(), Some(Duration::ZERO), |_| {}).expect("a wait");
    serve(home.take_news(), ends)
}

fn serve(news: impl Iterator<Item = u32>, ends: &[End]) -> usize {
    let (mut out, mut reader, mut seen) = (vec![0; 4096], Reader::default(), 0);
    for key in news {
        while let Filled::Run(length) = ends[key as usize].fill(&mut out, &mut reader) {
            ends[key as usize].commit(length);
            seen += length / (HEADER + padded(1));
        }
    }
    seen
}

/// Whether the event loop would run now.
fn is_woken(home: &Home) -> bool {
    use rustix::event::{poll, PollFd, PollFlags, Timespec};
    // SAFETY: the home outlives the borrow.
    let descriptor = unsafe { std::os::fd::BorrowedFd::borrow_raw(home.poller.as_raw()) };
    poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], Some(&Timespec::default())).expect("a poll") > 0
}

/// What was taken from a log, by whom it may be.
type Taken = Arc<Mutex<Vec<Vec<u8>>>>;

fn taking() -> (Script, Taken) {
    let taken = Taken::default();
    let by_others = taken.clone();
    let script = Script::new(move |_, frames| lock(&by_others).extend(script::bodies(frames)));
    (script, taken)
}

fn take_own(log: &Submissions, taken: &Taken) {
    log.take_own(|_, frames| lock(taken).extend(script::bodies(frames)));
}

/// Exactly once and in order, whoever comes first, also when the log begins anew in between.
#[test]
fn taking_what_is_being_submitted() {
    loom::model(|| {
        let (script, taken) = taking();
        let log = script.log.clone();
        script.submit(1, b"0");
        let other = thread::spawn(move || {
            log.take();
            log.take();
        });
        script.submit(2, b"1");
        take_own(&script.log, &taken);
        script.submit(1, b"2");
        other.join().expect("the other");
        take_own(&script.log, &taken);
        assert_eq!(*lock(&taken), [b"0", b"1", b"2"]);
    });
}

/// What its thread leaves in the log is seen by whoever minds it, or somebody is told to mind it anew.
#[test]
fn submitting_while_somebody_ceases_to_mind() {
    loom::model(|| {
        let (script, taken) = taking();
        let log = script.log.clone();
        assert!(log.mind());
        let backstop = thread::spawn(move || while log.look() {});
        script.submit(1, b"0");
        let told = !script.is_minded();
        backstop.join().expect("the backstop");
        if told && script.log.mind() {
            while script.log.look() {}
        }
        assert_eq!(*lock(&taken), [b"0"]);
        assert!(!script.is_minded());
    });
}

/// The thread ends while others look: what it has submitted is taken once, and its memory is let go.
#[test]
fn the_end_of_a_thread_that_submits() {
    loom::model(|| {
        let (script, taken) = taking();
        let log = script.log.clone();
        script.submit(1, b"0");
        let other = thread::spawn(move || log.look());
        take_own(&script.log, &taken);
        script.log.end();
        other.join().expect("the other");
        assert!(!script.log.mind() && !script.log.take());
        assert_eq!(*lock(&taken), [b"0"]);
    });
}

/// Rule 1 with submissions on their way, whichever thread posts them.
#[test]
fn taking_submissions_while_the_other_end_leaves() {
    loom::model(|| {
        let (here, there) = (process(), process());
        let (e, f) = Channel::create(&here);
        let to = f.handle().clone();
        let script = Script::new(move |_, frames| _ = to.post_run(frames));
        script.submit(1, b"0");
        script.submit(1, b"1");
        let log = script.log.clone();
        let backstop = thread::spawn(move || log.take());
        let descriptor = parcel::into_descriptor(e).expect("a descriptor");
        backstop.join().expect("the backstop");
        f.flush();
        let e = parcel::from_descriptor(&there, descriptor).expect("a port");
        assert_eq!(drain(&e).0, [message("0"), message("1")]);
        drop(f);
        assert_eq!(drain(&e).0, [Event::Closed]);
    });
}
