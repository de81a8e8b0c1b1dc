//! A port takes along what it has not delivered and what it has not sent, wherever it goes and however often.

mod common;

use std::any::Any;
use std::sync::Arc;

use common::*;
use message_channel_main::channel::{End, Part, Place};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::message::Foreign;
use message_channel_main::slab::Bytes;

/// Three processes in a row, and the links between neighbours.
struct Row {
    hubs: [Hub; 3],
    links: [(End, End); 2],
}

impl Row {
    fn new() -> Row {
        let hubs = [Hub::default(), Hub::default(), Hub::default()];
        let links = [link(&hubs[0], &hubs[1]), link(&hubs[1], &hubs[2])];
        Row { hubs, links }
    }

    fn there(&self, hop: usize) -> (&End, &End) {
        (&self.links[hop].0, &self.links[hop].1)
    }

    fn back(&self, hop: usize) -> (&End, &End) {
        (&self.links[hop].1, &self.links[hop].0)
    }
}

/// A body that fills no kernel buffer by itself, but several do.
fn large(index: usize) -> Vec<u8> {
    vec![index as u8; 150_000]
}

#[test]
fn an_unread_queue_travels_along() {
    let row = Row::new();
    for Pair { a, b, b_hub, .. } in pairs() {
        for index in 0..200 {
            post(&a, format!("{index}"));
        }
        expect(&b, "0");
        let (from, to) = link(&b_hub, &row.hubs[1]);
        let b = ship(b, (&from, &to));
        post(&a, "posted after");
        for index in 1..200 {
            expect(&b, format!("{index}"));
        }
        expect(&b, "posted after");
    }
}

#[test]
fn half_of_a_frame_travels_along() {
    for Pair { kind, a, b, b_hub, .. } in pairs() {
        let away = Hub::default();
        let giant: Vec<u8> = (0..3_000_000usize).map(|at| (at / 7) as u8).collect();
        post(&a, "first");
        post(&a, &giant);
        expect(&b, "first");
        // Behind a socket this reads what is there of the giant, which is not all of it.
        if kind != "in one process" {
            assert!(receive_now(&b).is_none(), "{kind}");
        }
        let (from, to) = link(&b_hub, &away);
        let b = ship(b, (&from, &to));
        assert!(message(&b).0 == giant, "{kind}");
        post(&b, "thanks");
        expect(&a, "thanks");
    }
}

#[test]
fn what_is_not_sent_travels_along() {
    for Pair { kind, a, b, a_hub, .. } in pairs() {
        let away = Hub::default();
        for index in 0..10 {
            post(&a, large(index));
        }
        let (port, peer) = a_hub.channel();
        post_ports(&a, b"a port behind the backlog", [port]);
        let (from, to) = link(&a_hub, &away);
        let a = ship(a, (&from, &to));
        post(&a, "posted from there");
        for index in 0..10 {
            assert!(message(&b).0 == large(index), "{kind}: message {index}");
        }
        let port = expect_port(&b, "a port behind the backlog");
        expect(&b, "posted from there");
        post(&peer, "still entangled");
        expect(&port, "still entangled");
    }
}

#[test]
fn a_half_written_frame_is_finished_by_the_next_owner() {
    // Each journey finds the frame cut somewhere else: the reader takes some of it in between.
    let row = Row::new();
    let (a, b) = row.hubs[0].channel();
    let mut b = Some(ship(b, row.there(0)));
    let giant: Vec<u8> = (0..8_000_000usize).map(|at| (at / 11) as u8).collect();
    post(&a, &giant);
    post(&a, "the end");
    let mut a = Some(a);
    for _ in 0..3 {
        a = a.map(|a| ship(ship(a, row.there(0)), row.there(1)));
        assert!(b.as_ref().is_some_and(|b| receive_now(b).is_none()));
        a = a.map(|a| ship(ship(a, row.back(1)), row.back(0)));
        b = b.map(|b| ship(b, row.back(0)));
        assert!(b.as_ref().is_some_and(|b| receive_now(b).is_none()));
        b = b.map(|b| ship(b, row.there(0)));
    }
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(message(&b).0 == giant);
    expect(&b, "the end");
    post(&b, "back");
    expect(&a, "back");
}

#[test]
fn a_port_goes_there_and_back_while_both_ends_post() {
    let row = Row::new();
    let (a, mut b) = row.hubs[0].channel();
    let (mut to_b, mut to_a) = (0, 0);
    let mut talk = |b: &End| {
        for _ in 0..5 {
            post(&a, format!("to b {to_b}"));
            post(b, format!("to a {to_a}"));
            to_b += 1;
            to_a += 1;
        }
    };
    talk(&b);
    for _ in 0..2 {
        for journey in [row.there(0), row.there(1), row.back(1), row.back(0)] {
            b = ship(b, journey);
            talk(&b);
        }
    }
    for index in 0..to_b {
        expect(&b, format!("to b {index}"));
    }
    for index in 0..to_a {
        expect(&a, format!("to a {index}"));
    }
    drop(b);
    expect_closed(&a);
}

#[test]
fn both_ends_travel_in_one_message_with_queues_both_ways() {
    let row = Row::new();
    for order in [[0, 1], [1, 0]] {
        let (a, b) = row.hubs[0].channel();
        for index in 0..50 {
            post(&a, format!("to b {index}"));
            post(&b, format!("to a {index}"));
        }
        let mut ends = [Some(a), Some(b)];
        let ordered = order.map(|index| ends[index].take().unwrap());
        post_ports(&row.links[0].0, b"both", ordered);
        let mut arrived = expect_ports(&row.links[0].1, "both").into_iter();
        for index in order {
            ends[index] = arrived.next();
        }
        let [Some(a), Some(b)] = ends else { panic!("two ports") };
        post(&a, "to b last");
        for index in 0..50 {
            expect(&b, format!("to b {index}"));
            expect(&a, format!("to a {index}"));
        }
        expect(&b, "to b last");
        drop(a);
        expect_closed(&b);
    }
}

#[test]
fn both_ends_travel_in_one_message_with_ports_in_their_queues() {
    let row = Row::new();
    let (a, b) = row.hubs[0].channel();
    let mut peers = Vec::new();
    for index in 0..10 {
        for (end, name) in [(&a, "to b"), (&b, "to a")] {
            let (port, peer) = row.hubs[0].channel();
            post(&peer, format!("{name} {index}"));
            post_ports(end, format!("{name} {index}").as_bytes(), [port]);
            peers.push(peer);
        }
    }
    post_ports(&row.links[0].0, b"both", [a, b]);
    let mut arrived = expect_ports(&row.links[0].1, "both");
    let (b, a) = (arrived.pop().unwrap(), arrived.pop().unwrap());
    for index in 0..10 {
        for (end, name) in [(&b, "to b"), (&a, "to a")] {
            let port = expect_port(end, format!("{name} {index}"));
            expect(&port, format!("{name} {index}"));
            drop(port);
            expect_closed(&peers.remove(0));
        }
    }
}

#[test]
fn both_ends_of_a_channel_travel_inside_the_queue_of_another() {
    let row = Row::new();
    let (outer, outer_peer) = row.hubs[0].channel();
    let (a, b) = row.hubs[0].channel();
    let mut peers = Vec::new();
    for index in 0..5 {
        let (port, peer) = row.hubs[0].channel();
        post_ports(&a, format!("{index}").as_bytes(), [port]);
        peers.push(peer);
    }
    post_ports(&outer_peer, b"a", [a]);
    post_ports(&outer_peer, b"b", [b]);
    let outer = ship(outer, row.there(0));
    let (a, b) = (expect_port(&outer, "a"), expect_port(&outer, "b"));
    for (index, peer) in peers.iter().enumerate() {
        let port = expect_port(&b, format!("{index}"));
        post(peer, "hello");
        expect(&port, "hello");
    }
    post(&a, "after");
    expect(&b, "after");
}

#[test]
fn both_ends_move_at_once_to_different_processes() {
    let row = Row::new();
    let (a, b) = row.hubs[1].channel();
    for index in 0..20 {
        post(&a, format!("to b {index}"));
        post(&b, format!("to a {index}"));
    }
    post_ports(&row.links[0].1, b"a", [a]);
    post_ports(&row.links[1].0, b"b", [b]);
    let a = expect_port(&row.links[0].0, "a");
    let b = expect_port(&row.links[1].1, "b");
    // Once more, in passing.
    post_ports(&row.links[0].0, b"a", [a]);
    post_ports(&row.links[1].1, b"b", [b]);
    let a = expect_port(&row.links[0].1, "a");
    let b = expect_port(&row.links[1].0, "b");
    for index in 0..20 {
        expect(&b, format!("to b {index}"));
        expect(&a, format!("to a {index}"));
    }
}

#[test]
fn whoever_introduced_two_ports_may_die() {
    let mut row = Row::new();
    let (a, b) = row.hubs[1].channel();
    post(&a, "from the start");
    let a = ship(a, (&row.links[0].1, &row.links[0].0));
    let b = ship(b, row.there(1));
    row.links = [link(&row.hubs[0], &row.hubs[2]), link(&row.hubs[0], &row.hubs[2])];
    row.hubs[1] = Hub::default();
    expect(&b, "from the start");
    post(&b, "we need nobody");
    expect(&a, "we need nobody");
}

#[test]
fn ports_in_ports_in_ports_arrive_and_work() {
    for Pair { kind, a, b, a_hub, b_hub } in pairs() {
        // Each is queued in the next one's inbox before that travels.
        let (outer, outer_peer) = a_hub.channel();
        let (middle, middle_peer) = a_hub.channel();
        let (inner, inner_peer) = a_hub.channel();
        post(&inner_peer, "innermost");
        post_ports(&middle_peer, b"inner", [inner]);
        post_ports(&outer_peer, b"middle", [middle]);
        post_ports(&a, b"outer", [outer]);
        // And once more, as a whole: with everything as luggage of what is unread.
        let away = Hub::default();
        let (from, to) = link(&b_hub, &away);
        let b = ship(b, (&from, &to));
        let outer = expect_port(&b, "outer");
        let middle = expect_port(&outer, "middle");
        let inner = expect_port(&middle, "inner");
        expect(&inner, "innermost");
        for (end, peer) in [(&outer, &outer_peer), (&middle, &middle_peer), (&inner, &inner_peer)] {
            post(end, kind);
            expect(peer, kind);
            post(peer, kind);
            expect(end, kind);
        }
    }
}

#[test]
fn luggage_of_luggage_of_luggage_stays_in_order() {
    // All three are behind sockets already, with something read but not delivered and something not sent.
    let row = Row::new();
    let mut peers = Vec::new();
    let mut nested: Option<End> = None;
    for depth in 0..3 {
        let (port, peer) = row.hubs[0].channel();
        let peer = ship(peer, row.there(0));
        post(&peer, format!("unread {depth}"));
        assert!(message(&port).0.starts_with(b"unread"));
        for index in 0..3 {
            post(&peer, format!("inbound {depth} {index}"));
            post(&port, large(index));
        }
        expect(&port, format!("inbound {depth} 0"));
        if let Some(nested) = nested.take() {
            // Queued in front of the socket, by a channel that is local until the next round.
            let (carrier, carried) = row.hubs[0].channel();
            post_ports(&carrier, b"nested", [nested]);
            post_ports(&port, b"carrier", [carried]);
            peers.push((peer, depth, Some(carrier)));
        } else {
            peers.push((peer, depth, None));
        }
        nested = Some(port);
    }
    let mut port = ship(nested.unwrap(), row.there(0));
    port = ship(port, row.there(1));
    let mut received = 0;
    while let Some((peer, depth, carrier)) = peers.pop() {
        for index in 1..3 {
            expect(&port, format!("inbound {depth} {index}"));
        }
        for index in 0..3 {
            assert!(message(&peer).0 == large(index));
        }
        post(&port, "still here");
        if carrier.is_some() {
            let carried = expect_port(&peer, "carrier");
            port = {
                expect(&peer, "still here");
                expect_port(&carried, "nested")
            };
        } else {
            expect(&peer, "still here");
        }
        received += 1;
    }
    assert_eq!(received, 3);
}

#[test]
fn many_ports_in_one_message() {
    raise_descriptor_limit();
    let row = Row::new();
    for count in [127, 128, 129, 300, 1000] {
        let (ports, peers): (Vec<End>, Vec<End>) = (0..count).map(|_| row.hubs[0].channel()).unzip();
        for (index, peer) in peers.iter().enumerate() {
            post(peer, format!("{index}"));
        }
        post_ports(&row.links[0].0, b"many", ports);
        let ports = expect_ports(&row.links[0].1, "many");
        assert_eq!(ports.len(), count);
        for (index, (port, peer)) in ports.iter().zip(&peers).enumerate() {
            expect(port, format!("{index}"));
            post(port, format!("{index} here"));
            expect(peer, format!("{index} here"));
        }
    }
}

#[test]
fn parts_of_all_kinds_keep_their_places() {
    for Pair { a, b, a_hub, .. } in pairs() {
        let (port, peer) = a_hub.channel();
        let (other, other_peer) = a_hub.channel();
        let parts = vec![
            Part::Memory(vec![1; 3].into()),
            Part::Port(port),
            Part::ClosedPort,
            Part::Memory(vec![].into()),
            Part::Port(other),
            Part::Memory(vec![2; 100_000].into()),
        ];
        post_with(&a, b"all kinds", parts);
        let (body, parts) = message(&b);
        assert_eq!(body, b"all kinds");
        let [Part::Memory(first), Part::Port(port), Part::ClosedPort, Part::Memory(empty), Part::Port(other), Part::Memory(last)] =
            &parts[..]
        else {
            panic!("{parts:?}");
        };
        assert_eq!((&first[..], &empty[..], &last[..]), (&[1; 3][..], &[][..], &[2; 100_000][..]));
        post(port, "first");
        expect(&peer, "first");
        post(other, "second");
        expect(&other_peer, "second");
    }
}

/// Something that only threads can hand each other.
#[derive(Debug)]
struct OnlyHere {
    bytes: Option<Vec<u8>>,
    /// Dropped with it.
    _token: Arc<()>,
}

impl Foreign for OnlyHere {
    fn size(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len)
    }

    fn copy(&self) -> Option<Bytes> {
        self.bytes.clone().map(Bytes::from)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[test]
fn what_only_threads_share_stays_itself_or_becomes_a_copy_or_is_lost() {
    for Pair { kind, a, b, b_hub, .. } in pairs() {
        let token = Arc::new(());
        let foreign = |bytes: Option<&[u8]>| {
            Part::Foreign(Box::new(OnlyHere { bytes: bytes.map(<[u8]>::to_vec), _token: token.clone() }))
        };
        post_with(&a, b"foreign", vec![foreign(Some(b"memory")), Part::Lost, foreign(None)]);
        post_with(&a, b"moves on", vec![foreign(Some(b"memory")), foreign(None)]);
        let (_, parts) = message(&b);
        match &parts[..] {
            [Part::Foreign(memory), Part::Lost, Part::Foreign(nothing)] => {
                assert_eq!(kind, "in one process");
                assert!(memory.copy().is_some_and(|bytes| bytes == b"memory") && nothing.copy().is_none());
            }
            [Part::Memory(bytes), Part::Lost, Part::Lost] => {
                assert_ne!(kind, "in one process");
                assert_eq!(bytes, b"memory");
            }
            other => panic!("{kind}: {other:?}"),
        }
        drop(parts);
        // Unread until the port has left the process.
        let away = Hub::default();
        let (from, to) = link(&b_hub, &away);
        let b = ship(b, (&from, &to));
        let (_, parts) = message(&b);
        assert!(matches!(&parts[..], [Part::Memory(bytes), Part::Lost] if bytes == b"memory"), "{kind}: {parts:?}");
        assert_eq!(Arc::strong_count(&token), 1, "{kind}: what could not come along is gone");
    }
}

#[test]
fn a_port_says_where_its_peer_is_and_what_waits() {
    let row = Row::new();
    let home = message_channel_main::sync::Arc::new(Home::new().unwrap());
    let elsewhere = message_channel_main::sync::Arc::new(Home::new().unwrap());
    let (a, b) = row.hubs[0].channel();
    a.attach(&home, 1);
    assert_eq!(a.stats().place, Place::Queued);
    b.attach(&home, 2);
    assert_eq!(a.stats().place, Place::Here);
    b.detach();
    b.attach(&elsewhere, 1);
    assert_eq!(a.stats().place, Place::OtherThread);
    post(&b, "waiting");
    assert!(a.stats().waiting >= 7);
    b.detach();
    let b = ship(b, row.there(0));
    assert_eq!(a.stats().place, Place::OtherProcess);
    assert!(a.stats().waiting >= 7);
    a.detach();
    expect(&a, "waiting");
    assert_eq!(a.stats().waiting, 0);
    let (c, d) = row.hubs[0].channel();
    drop(d);
    assert_eq!(c.stats().place, Place::Gone);
    drop(b);
}
