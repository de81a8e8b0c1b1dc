//! A peer that has us keep descriptors and never ends its message: it loses its own port, and takes nobody's.
//!
//! Limits and counts belong to a process, so each test runs in one of its own.

mod common;

use std::any::Any;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use common::*;
use message_channel_main::channel::{End, Filled, Part, Reader};
use message_channel_main::error::{Fault, Refused};
use message_channel_main::hub::Hub;
use message_channel_main::limits::{DESCRIPTORS_PER_SEND, DESCRIPTORS_SHARE, INBOX_BYTES, PORTS};
use message_channel_main::message::{Foreign, Handed};
use message_channel_main::slab::Bytes;
use message_channel_main::wire::frame::Header;
use message_channel_main::wire::Malformed;

/// Announces so many descriptors, and sends them, for a message that never comes.
fn hoard(socket: &UnixStream, count: usize) {
    let file = std::fs::File::open("/dev/null").unwrap();
    for at in (0..count).step_by(DESCRIPTORS_PER_SEND) {
        let portion = vec![file.as_fd(); DESCRIPTORS_PER_SEND.min(count - at)];
        send(socket, &Header::Descriptors(portion.len()).to_bytes(), &portion);
    }
}

fn channels(hub: &Hub, count: usize) -> (Vec<End>, Vec<End>) {
    (0..count).map(|_| hub.channel()).unzip()
}

#[test]
fn the_port_with_most_descriptors_ends_and_an_innocent_one_gets_its_message() {
    alone("the_port_with_most_descriptors_ends_and_an_innocent_one_gets_its_message", || {
        prepare_to_receive();
        let before = open_descriptors();
        limit(400);
        let share = 400 / DESCRIPTORS_SHARE;
        let hub = Hub::default();
        let (small, small_peer) = exposed(&hub);
        let (large, large_peer) = exposed(&hub);
        hoard(&small_peer, share / 5);
        hoard(&large_peer, share / 2 + 10);
        assert!(receive_now(&small).is_none() && receive_now(&large).is_none());
        // What is one too many comes to somebody who has done nothing wrong.
        let (from, to) = link(&Hub::default(), &hub);
        let (ports, peers) = channels(&Hub::default(), share / 3);
        post_ports(&from, b"innocent", ports);
        let ports = expect_ports(&to, "innocent");
        assert_eq!(ports.len(), share / 3);
        post(&peers[0], "entangled");
        expect(&ports[0], "entangled");
        expect_fault(&large, Fault::DescriptorsHoarded);
        assert!(receive_now(&small).is_none(), "it is below the limit again");
        drop((small, large, small_peer, large_peer, from, to, ports, peers));
        eventually("every descriptor closed, those of a flusher too", || open_descriptors() == before);
    });
}

/// A run of messages is copied before they are delivered, and by then the port may have ended: nothing is left to drop.
#[test]
fn a_port_that_ends_while_its_messages_are_delivered_has_nothing_left() {
    alone("a_port_that_ends_while_its_messages_are_delivered_has_nothing_left", || {
        limit(200);
        let hub = Hub::default();
        let (port, peer) = exposed(&hub);
        let count = 200 / DESCRIPTORS_SHARE + 10;
        let file = File::open("/dev/null").unwrap();
        let frame = Header::Message { body: 0, parts: 0, tail: 0 }.to_bytes();
        send(&peer, &[frame, frame, Header::Descriptors(count).to_bytes()].concat(), &vec![file.as_fd(); count]);
        port.start(true);
        // The call that copies the run takes more descriptors from the socket than this process can spare.
        let filled = port.fill(&mut vec![0; INBOX_BYTES], &mut Reader::default());
        let Filled::Run(run) = filled else { panic!("{filled:?} instead of two messages") };
        port.commit(run);
        assert_eq!(port.stats().waiting, 0);
        expect_fault(&port, Fault::DescriptorsHoarded);
    });
}

/// A port whose backlog holds so many descriptors, and whose peer takes none of it.
fn laden(socket: &UnixStream, count: usize) -> UnixStream {
    let (mut port, its_peer) = UnixStream::pair().unwrap();
    port.set_nonblocking(true).unwrap();
    while [4096, 1].iter().any(|&size| port.write(&vec![0; size]).is_ok()) {}
    // A port, its channel in two words; nothing inbound, 8 bytes outbound, and one mark in those: at 0, for all of them.
    let words = [2, 0, 7, 7, 0, 0, 8, 1, 0, count as u32, 0, 0];
    let tail: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    let mut frames = Header::Descriptors(count + 1).to_bytes().to_vec();
    frames.extend(Header::Message { body: 0, parts: 1, tail: tail.len() }.to_bytes());
    frames.extend(tail);
    let file = File::open("/dev/null").unwrap();
    let descriptors: Vec<_> = std::iter::once(port.as_fd()).chain(vec![file.as_fd(); count]).collect();
    send(socket, &frames, &descriptors);
    its_peer
}

#[test]
fn what_closed_ports_have_still_to_send_counts_too() {
    alone("what_closed_ports_have_still_to_send_counts_too", || {
        prepare_to_receive();
        limit(1000);
        let hub = Hub::default();
        let (end, peer) = exposed(&hub);
        let (innocent, innocent_peer) = link(&Hub::default(), &hub);
        let before = open_descriptors();
        let mut peers = Vec::new();
        for _ in 0..8 {
            peers.push(laden(&peer, 100));
            // Nobody wants the port: it closes, and lingers. Where it is one too many, the port that it came by has most of them.
            if let Event::Fault(fault) = receive(&end) {
                assert_eq!(fault, Fault::DescriptorsHoarded);
                break;
            }
        }
        post(&innocent, "goes on");
        expect(&innocent_peer, "goes on");
        let share = 1000 / DESCRIPTORS_SHARE;
        eventually("no more than a fourth is held", || open_descriptors() - before - peers.len() <= share);
    });
}

#[test]
fn hoarding_in_the_luggage_of_ports_counts_too() {
    alone("hoarding_in_the_luggage_of_ports_counts_too", || {
        prepare_to_receive();
        limit(600);
        // The hub of the hoarder is in this process too, but what it has posted itself is no hoard.
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (innocent, innocent_there) = link(&here, &there);
        // Its peer never reads: a full socket, and behind that messages with ports, all of which come along.
        let (port, peer) = link(&here, &here);
        post(&port, vec![0; FILLS]);
        let (ports, _peers) = channels(&here, 100);
        post_ports(&port, b"for nobody", ports);
        let port = ship(port, (&from, &to));
        let (ports, _peers) = channels(&here, 60);
        post_ports(&innocent, b"innocent", ports);
        assert_eq!(expect_ports(&innocent_there, "innocent").len(), 60);
        expect_fault(&port, Fault::DescriptorsHoarded);
        post(&from, "the carrier goes on");
        expect(&to, "the carrier goes on");
        drop(peer);
    });
}

#[test]
fn no_port_keeps_more_than_one_message_can_have() {
    alone("no_port_keeps_more_than_one_message_can_have", || {
        raise_descriptor_limit();
        let hub = Hub::default();
        let (end, peer) = exposed(&hub);
        hoard(&peer, PORTS);
        assert!(receive_now(&end).is_none());
        hoard(&peer, 1);
        expect_fault(&end, Malformed::SpareDescriptors);
    });
}

#[test]
fn large_messages_of_ports_one_after_the_other_are_no_hoard() {
    alone("large_messages_of_ports_one_after_the_other_are_no_hoard", || {
        raise_descriptor_limit();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        for round in 0..4 {
            let (ports, _peers) = channels(&here, PORTS - round % 2);
            post_ports(&from, format!("{round}").as_bytes(), ports);
            post(&from, "between");
        }
        for round in 0..4 {
            assert_eq!(expect_ports(&to, format!("{round}")).len(), PORTS - round % 2);
            expect(&to, "between");
        }
    });
}

#[test]
fn a_message_with_more_ports_than_may_wait_is_refused_and_nothing_changes() {
    alone("a_message_with_more_ports_than_may_wait_is_refused_and_nothing_changes", || {
        raise_descriptor_limit();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (near, near_peer) = here.channel();
        let (mut ports, peers) = channels(&here, PORTS + 1);
        let parts = |ports: Vec<End>| ports.into_iter().map(Part::Port).collect();
        for target in [&from, &near] {
            let (refused, back) = try_post_with(target, b"too many", parts(ports)).unwrap_err();
            assert!(matches!(refused, Refused::TooLarge), "{refused}");
            ports = back.into_iter().map(port).collect();
        }
        // The same ports in the queue of one whose peer is elsewhere, so that they are its luggage.
        let (carrier, carrier_peer) = here.channel();
        let last = ports.pop().unwrap();
        post_ports(&carrier_peer, b"many", ports);
        drop(ship(carrier_peer, (&from, &to)));
        let (refused, back) = try_post_with(&from, b"too many", vec![Part::Port(carrier)]).unwrap_err();
        assert!(matches!(refused, Refused::TooLarge), "{refused}");
        let carrier = port(back.into_iter().next().unwrap());
        let ports = expect_ports(&carrier, "many");
        post(&peers[7], "entangled");
        expect(&ports[7], "entangled");
        post_ports(&near, b"last", [last]);
        post(&peers[PORTS], "entangled");
        expect(&expect_port(&near_peer, "last"), "entangled");
    });
}

/// As memory that processes share does.
#[derive(Debug)]
struct TakesOne;

impl Foreign for TakesOne {
    fn size(&self) -> usize {
        0
    }

    fn copy(&self) -> Option<Bytes> {
        None
    }

    fn descriptors(&self) -> usize {
        1
    }

    fn hand(&self) -> io::Result<Option<Handed>> {
        Ok(Some(file()))
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// As whatever it is.
fn file() -> Handed {
    Handed { kind: 2, body: Vec::new(), descriptor: File::open("/dev/null").unwrap().into() }
}

#[test]
fn what_takes_a_descriptor_and_is_no_port_counts_with_the_ports() {
    alone("what_takes_a_descriptor_and_is_no_port_counts_with_the_ports", || {
        raise_descriptor_limit();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let handed: fn() -> Part = || Part::Handed(file());
        let foreign: fn() -> Part = || Part::Foreign(Box::new(TakesOne));
        for part in [handed, foreign] {
            // Both ends of a channel, so that its queues go along.
            let (a, b) = here.channel();
            post_with(&a, b"queued", (0..PORTS - 3).map(|_| part()).collect());
            let both = |a, b, more: usize| -> Vec<Part> {
                [Part::Port(a), Part::Port(b)].into_iter().chain((0..more).map(|_| handed())).collect()
            };
            let (refused, back) = try_post_with(&from, b"one too many", both(a, b, 2)).unwrap_err();
            assert!(matches!(refused, Refused::TooLarge), "{refused}");
            let mut back = back.into_iter();
            let (a, b) = (port(back.next().unwrap()), port(back.next().unwrap()));
            post_with(&from, b"as many as may be", both(a, b, 1));
            let (_, parts) = message(&to);
            assert_eq!(parts.len(), 3);
            let ends: Vec<End> = parts.into_iter().take(2).map(port).collect();
            assert_eq!(message(&ends[1]).1.len(), PORTS - 3);
        }
    });
}
