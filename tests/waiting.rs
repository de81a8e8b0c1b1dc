//! Nobody waits for somebody else's message to be copied: neither who posts a port, nor who posts at all, nor the backstop.

mod common;

use std::any::Any;
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};

use common::*;
use message_channel_main::channel::{End, Part, Place};
use message_channel_main::hub::Hub;
use message_channel_main::message::Foreign;
use message_channel_main::parcel;
use message_channel_main::slab::Bytes;
use message_channel_main::sync::Arc;

/// Where whoever copies stands still until it is opened.
#[derive(Debug, Default)]
struct Gate(Mutex<State>, Condvar);

#[derive(Debug, Default)]
struct State {
    arrived: bool,
    open: bool,
    /// Whom it does not keep.
    exempt: Option<ThreadId>,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.0.lock().unwrap();
        if state.exempt == Some(thread::current().id()) {
            return;
        }
        state.arrived = true;
        self.1.notify_all();
        drop(self.1.wait_while(state, |state| !state.open).unwrap());
    }

    fn wait_until_somebody_stands_here(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |state| !state.arrived).unwrap());
    }

    fn is_anybody_here(&self) -> bool {
        self.0.lock().unwrap().arrived
    }

    fn except_for_me(&self) {
        self.0.lock().unwrap().exempt = Some(thread::current().id());
    }

    fn open(&self) {
        self.0.lock().unwrap().open = true;
        self.1.notify_all();
    }
}

/// Memory of which a copy takes as long as its gate is closed.
#[derive(Debug)]
struct Slow(Arc<Gate>);

impl Slow {
    fn part(gate: &Arc<Gate>) -> Part {
        Part::Foreign(Box::new(Slow(gate.clone())))
    }
}

impl Foreign for Slow {
    fn size(&self) -> usize {
        4
    }

    fn copy(&self) -> Option<Bytes> {
        self.0.pass();
        Some(b"slow".to_vec().into())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[track_caller]
fn expect_slow(end: &End, ports: usize) -> Vec<End> {
    let (body, mut parts) = message(end);
    assert_eq!(body, b"slow");
    let rest = parts.split_off(ports);
    assert!(matches!(&rest[..], [Part::Memory(bytes)] if bytes == b"slow"), "{rest:?}");
    parts.into_iter().map(port).collect()
}

#[test]
fn whoever_posts_a_port_does_not_wait_until_another_message_is_packed() {
    let (here, there) = (Hub::default(), Hub::default());
    let (slow, slow_there) = link(&here, &there);
    let (from, to) = link(&here, &there);
    let (near, near_peer) = here.channel();
    let (first, first_peer) = here.channel();
    let gate = Arc::<Gate>::default();
    let part = Slow::part(&gate);
    let poster = thread::spawn(move || {
        post_with(&slow, b"slow", vec![Part::Port(first), part]);
        slow
    });
    gate.wait_until_somebody_stands_here();

    // Everything that takes the same locks.
    let (port, peer) = here.channel();
    let port = ship(port, (&from, &to));
    post(&peer, "posted");
    expect(&port, "posted");
    let (port, peer) = here.channel();
    post_ports(&near, b"near", [port]);
    post(&peer, "near");
    expect(&expect_port(&near_peer, "near"), "near");
    // The end that stays behind, of the very port that is on its way, and the backstop.
    post(&first_peer, "to the first");
    from.post(&vec![1; FILLS], false).unwrap();
    from.post(b"by the backstop", true).unwrap();
    assert_eq!(message(&to).0.len(), FILLS);
    expect(&to, "by the backstop");

    gate.open();
    let slow = poster.join().unwrap();
    let first = expect_slow(&slow_there, 1).remove(0);
    expect(&first, "to the first");
    post(&slow, "next");
    expect(&slow_there, "next");
}

/// An end of which another thread packs a message, because its peer has just left.
struct Packing {
    gate: Arc<Gate>,
    end: End,
    /// Answers with where the peer is now.
    shipper: thread::JoinHandle<End>,
}

fn packing(here: &Hub, there: &Hub) -> Packing {
    let (from, to) = link(here, there);
    let (end, leaving) = here.channel();
    let gate = Arc::<Gate>::default();
    post(&end, "before");
    post_with(&end, b"slow", vec![Slow::part(&gate)]);
    post(&end, "behind");
    let shipper = thread::spawn(move || ship(leaving, (&from, &to)));
    gate.wait_until_somebody_stands_here();
    Packing { gate, end, shipper }
}

/// A message waits for one of its ports, and meanwhile the end that it was posted to is put into the queue of the other one.
/// Once that port is behind a socket, the end can only leave in its own message.
#[test]
fn an_end_leaves_inside_of_what_was_posted_to_it() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (end, peer) = link(&here, &there);
    let Packing { gate, end: busy, shipper } = packing(&here, &there);
    let ((inner, other), (nested, nested_peer)) = (here.channel(), here.channel());
    post(&end, "before");
    post_ports(&end, b"inner", [inner, busy]);
    post(&end, "behind");
    post_ports(&end, b"nested", [nested]);
    post(&other, "before the end");
    assert!(!post_ports(&other, b"the end", [end]).lost);
    let other = ship(other, (&from, &to));
    expect(&peer, "before");

    gate.open();
    drop(shipper.join().unwrap());
    let (body, mut ports) = message(&peer);
    assert_eq!(body, b"inner");
    let inner = port(ports.remove(0));
    post(&peer, "to the end");
    expect(&inner, "before the end");
    let end = expect_port(&inner, "the end");
    expect(&peer, "behind");
    post(&nested_peer, "nested");
    expect(&expect_port(&peer, "nested"), "nested");
    expect(&end, "to the end");
    post(&end, "to the peer");
    expect(&peer, "to the peer");
    post(&inner, "to the other");
    expect(&other, "to the other");
    drop(end);
    expect_closed(&peer);
}

#[test]
fn what_is_posted_while_a_message_is_packed_comes_after_it() {
    let (here, there) = (Hub::default(), Hub::default());
    let Packing { gate, end, shipper } = packing(&here, &there);
    let (port, peer) = here.channel();
    assert!(end.buffered_amount() > 0);
    post(&end, "plain");
    post_ports(&end, b"port", [port]);
    post(&end, vec![7; FILLS]);
    end.flush();
    gate.open();
    let there = shipper.join().unwrap();
    expect(&there, "before");
    expect_slow(&there, 0);
    expect(&there, "behind");
    expect(&there, "plain");
    let port = expect_port(&there, "port");
    assert_eq!(message(&there).0, vec![7; FILLS]);
    post(&peer, "through the port");
    expect(&port, "through the port");
    eventually("everything has left", || end.buffered_amount() == 0);
}

#[test]
fn an_end_that_is_posted_away_meanwhile_leaves_when_its_message_is_packed() {
    let (here, there, beyond) = (Hub::default(), Hub::default(), Hub::default());
    let Packing { gate, end, shipper } = packing(&here, &there);
    let (from, to) = link(&here, &beyond);
    post(&end, "last words");
    post_ports(&from, b"end", [end]);
    post(&from, "next");
    // The way is free for other ports.
    let (other, other_to) = link(&here, &beyond);
    let (port, peer) = here.channel();
    let port = ship(port, (&other, &other_to));
    post(&peer, "meanwhile");
    expect(&port, "meanwhile");

    gate.open();
    let there = shipper.join().unwrap();
    let end = expect_port(&to, "end");
    expect(&to, "next");
    post(&end, "from beyond");
    post(&there, "to beyond");
    expect(&there, "before");
    expect_slow(&there, 0);
    for body in ["behind", "last words", "from beyond"] {
        expect(&there, body);
    }
    expect(&end, "to beyond");
}

#[test]
fn an_end_that_closes_meanwhile_has_said_everything() {
    let (here, there) = (Hub::default(), Hub::default());
    let Packing { gate, end, shipper } = packing(&here, &there);
    post(&end, "last words");
    drop(end);
    gate.open();
    let there = shipper.join().unwrap();
    expect(&there, "before");
    expect_slow(&there, 0);
    expect(&there, "behind");
    expect(&there, "last words");
    expect_closed(&there);
}

/// Whether a thread of this process waits for something.
fn sleeps(thread: libc::pid_t) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).expect("a thread");
    stat.rsplit(") ").next().is_some_and(|fields| fields.starts_with('S'))
}

/// A thread is about to pack for an end, and another one is about to take that end along: one of them comes first.
#[test]
fn nobody_begins_to_pack_for_an_end_that_is_about_to_leave() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (mut staying, mut leaving, mut gates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..2 {
        let (end, peer) = here.channel();
        let gate = Arc::<Gate>::default();
        gate.except_for_me();
        post_with(&end, b"slow", vec![Slow::part(&gate)]);
        staying.push(end);
        leaving.push(peer);
        gates.push(gate);
    }
    let (tell, told) = std::sync::mpsc::channel();
    let shipper = thread::spawn(move || {
        // SAFETY: asks for a number.
        tell.send(unsafe { libc::gettid() }).unwrap();
        post_ports(&from, b"both", leaving);
        from
    });
    let shipper_id = told.recv().unwrap();
    eventually("it packs for one of them", || gates.iter().any(|gate| gate.is_anybody_here()));
    let first = usize::from(gates[1].is_anybody_here());
    let (carrier, carrier_there) = link(&here, &there);

    let end = staying.remove(1 - first);
    let handle = end.handle().clone();
    let posted = parcel::post(carrier.handle(), b"end", vec![handle], 0, 0, || {
        // It goes on with the other one, for which it has to pack or to wait.
        gates[first].open();
        eventually("it waits", || gates[1 - first].is_anybody_here() || sleeps(shipper_id));
        vec![Part::Port(end)]
    });
    assert!(!posted.expect("descriptors").lost);

    gates[1 - first].open();
    drop(shipper.join().unwrap());
    let (body, ports) = message(&to);
    assert_eq!((body.as_slice(), ports.len()), (&b"both"[..], 2));
    let _end = expect_port(&carrier_there, "end");
    for port in ports.into_iter().map(port) {
        expect_slow(&port, 0);
    }
}

#[test]
fn what_is_posted_meanwhile_departs_at_once_and_its_carrier_may_follow_it() {
    let (here, there) = (Hub::default(), Hub::default());
    let Packing { gate, end, shipper } = packing(&here, &there);
    let (port, peer) = here.channel();
    post_ports(&end, b"port", [port]);
    assert_eq!(peer.stats().place, Place::OtherProcess);
    // Were the port still here, the end would now be put into what it has yet to send.
    assert!(!post_ports(&peer, b"end", [end]).lost);
    gate.open();
    let there = shipper.join().unwrap();
    expect(&there, "before");
    expect_slow(&there, 0);
    expect(&there, "behind");
    let port = expect_port(&there, "port");
    let end = expect_port(&port, "end");
    post(&end, "round about");
    expect(&there, "round about");
}
