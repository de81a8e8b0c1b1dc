//! Nothing is ever inside itself: a message that would put a port there is lost, and everything in it closes.

mod common;

use std::any::Any;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Barrier;
use std::thread;

use common::*;
use message_channel_main::channel::{End, Part, Place};
use message_channel_main::error::{Fault, Refused};
use message_channel_main::hub::Hub;
use message_channel_main::message::Foreign;
use message_channel_main::parcel;
use message_channel_main::slab::Bytes;
use message_channel_main::sync::Arc;

/// Counts how many of it there are.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn part(alive: &Arc<AtomicUsize>) -> Part {
        alive.fetch_add(1, Ordering::SeqCst);
        Part::Foreign(Box::new(Counted(alive.clone())))
    }
}

impl Foreign for Counted {
    fn size(&self) -> usize {
        0
    }

    fn copy(&self) -> Option<Bytes> {
        None
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn post_counted(end: &End, port: End, alive: &Arc<AtomicUsize>) -> bool {
    post_with(end, b"port", vec![Part::Port(port), Counted::part(alive)]).lost
}

#[test]
fn a_ring_of_any_length_closes_when_it_would_close_in_itself() {
    for length in 1..=5 {
        let (hub, alive) = (Hub::default(), Arc::default());
        let (near, far): (Vec<End>, Vec<End>) = (0..length).map(|_| hub.channel()).unzip();
        // The far end of each goes into the next one's, and the last one's into the first.
        let mut lost = Vec::new();
        for (index, port) in far.into_iter().enumerate() {
            lost.push(post_counted(&near[(index + 1) % length], port, &alive));
        }
        assert_eq!(lost.iter().position(|&lost| lost), Some(length - 1));
        for end in &near {
            expect_closed(end);
        }
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn a_ring_with_one_end_behind_a_socket_closes_too() {
    let (hub, alive) = (Hub::default(), Arc::default());
    let (from, to) = link(&hub, &hub);
    let (a, inner_a) = hub.channel();
    let inner_a = ship(inner_a, (&from, &to));
    let (b, inner_b) = hub.channel();
    assert!(!post_counted(&b, inner_a, &alive));
    assert!(post_counted(&a, inner_b, &alive));
    expect_closed(&a);
    expect_closed(&b);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn what_only_looks_like_a_ring_arrives() {
    let hub = Hub::default();
    let ((a, a2), (b, b2), (c, c2)) = (hub.channel(), hub.channel(), hub.channel());
    // Both ends of a channel in one queue, and a port behind another in the same queue.
    assert!(!post_ports(&a, b"both", [b, b2]).lost);
    assert!(!post_ports(&a, b"one", [c]).lost);
    let (_, ports) = message(&a2);
    assert_eq!(ports.len(), 2);
    let (_, ports) = message(&a2);
    assert_eq!(ports.len(), 1);
    drop(ports);
    expect_closed(&c2);
}

#[test]
fn two_threads_that_put_two_ports_into_each_other_leave_nothing() {
    let (hub, alive) = (Arc::new(Hub::default()), Arc::default());
    for round in 0..2000 {
        let ((a, a2), (b, b2)) = (hub.channel(), hub.channel());
        let start = Arc::new(Barrier::new(2));
        let one = {
            let (start, alive) = (start.clone(), Arc::clone(&alive));
            thread::spawn(move || {
                start.wait();
                (post_counted(&a, b2, &alive), a)
            })
        };
        start.wait();
        let lost = post_counted(&b, a2, &alive);
        let (other_lost, a) = one.join().expect("no panic");
        assert!(lost != other_lost, "one of them came second, in round {round}");
        expect_closed(&a);
        expect_closed(&b);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
}

/// What the leaving end has not read is inside of what its staying peer has yet to send; and that peer may be in there.
#[test]
fn an_end_leaves_with_a_queue_that_its_own_peer_waits_in() {
    for depth in 1..=3 {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (a, b) = here.channel();
        // A chain of ports, of which the first is posted to `b` and the last has `a` in its queue.
        let (first, mut end) = here.channel();
        post(&a, "before");
        post_ports(&a, b"chain", [first]);
        post(&a, "after");
        for _ in 1..depth {
            let (next, next_end) = here.channel();
            post_ports(&end, b"chain", [next]);
            end = next_end;
        }
        assert!(!post_ports(&end, b"peer", [a]).lost);
        post(&b, "from b");
        // Now the last is behind a socket, and has `a` in what it would take along.
        let end = ship(end, (&from, &to));

        let b = ship(b, (&from, &to));

        expect(&b, "before");
        let mut port = expect_port(&b, "chain");
        expect(&b, "after");
        for _ in 1..depth {
            port = expect_port(&port, "chain");
        }
        let a = expect_port(&port, "peer");
        expect(&a, "from b");
        post(&a, "to b");
        expect(&b, "to b");
        post(&b, "to a");
        expect(&a, "to a");
        post(&end, "to the last");
        expect(&port, "to the last");
    }
}

/// A message with two ports waits at `near` for more descriptors than there are. Its peer has left, come back, and been put into
/// the first of those ports, whose peer became a descriptor. Gives `near`, the peer of the second, and the descriptor. `None`: the
/// backstop tried just then, and took what one of these steps needed.
fn waiting_for_descriptors(hub: &Hub) -> Option<(End, End, OwnedFd)> {
    let (from, to) = link(hub, hub);
    // What is left to be coalesced starts the backstop, which comes back to what waits.
    from.post(b"", true).expect("a small message");
    expect(&to, "");
    let (near, far) = hub.channel();
    let ((holder, outside), (other, other_peer)) = (hub.channel(), hub.channel());
    post_ports(&near, b"both", [holder, other]);
    // Two for each that leaves, and never enough for what waits behind.
    leave(4);
    post_ports(&from, b"a traveller", [far]);
    let far = match receive(&to) {
        Event::Message(_, mut parts) => port(parts.remove(0)),
        Event::Fault(Fault::DescriptorsLost) => return None,
        other => panic!("{other:?} instead of a message"),
    };
    assert_eq!(other_peer.stats().place, Place::Queued, "it could not be shipped");
    assert!(!post_ports(&outside, b"far", [far]).lost);
    match parcel::into_descriptor(outside) {
        Ok(descriptor) => Some((near, other_peer, descriptor)),
        Err((_, Refused::HasLuggage | Refused::Descriptors(_))) => None,
        Err((_, refused)) => panic!("{refused}"),
    }
}

/// A message waits for descriptors, and meanwhile its port is given the very end that it is for.
#[test]
fn a_message_that_comes_to_hold_the_end_that_it_is_for_closes() {
    alone("a_message_that_comes_to_hold_the_end_that_it_is_for_closes", || {
        prepare_to_receive();
        let before = open_descriptors();
        let (hub, (near, other_peer, outside)) = loop {
            let hub = Hub::default();
            if let Some(scene) = waiting_for_descriptors(&hub) {
                break (hub, scene);
            }
            drop(hub);
            raise_descriptor_limit();
            eventually("all of it is closed", || open_descriptors() == before);
        };
        assert_ne!(other_peer.stats().place, Place::OtherProcess, "it could not be shipped yet");

        raise_descriptor_limit();
        expect_closed(&near);
        expect_closed(&other_peer);
        expect_closed(&parcel::from_descriptor(hub.shared(), outside).expect("a port"));
    });
}

/// Both ends are here, and a socket is between them.
#[test]
fn a_port_with_the_other_end_in_its_queue_is_not_sent_to_that_end() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (near, far) = here.channel();
    let [near, far] = [near, far].map(|end| ship(ship(end, (&from, &to)), (&to, &from)));
    let (port, peer) = here.channel();
    post_ports(&peer, b"the other end", [far]);
    assert!(post_ports(&near, b"what it is in", [port]).lost);
    expect_closed(&near);
    expect_closed(&peer);
}
