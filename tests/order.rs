//! In order, exactly once, per direction of one channel; wherever its ends are.

mod common;

use common::*;
use message_channel_main::channel::Part;

/// Sizes around every boundary that a message may meet: padding, a batch, the inbox, one read, the kernel's buffer.
const SIZES: [usize; 14] = [0, 1, 7, 8, 9, 1000, 65_519, 65_520, 65_521, 65_536, 262_127, 262_128, 262_129, 1_200_000];

fn body(index: usize, size: usize) -> Vec<u8> {
    (0..size).map(|at| (index * 31 + at) as u8).collect()
}

#[test]
fn small_messages_arrive_in_order_both_ways() {
    for Pair { kind, a, b, .. } in &pairs() {
        for index in 0..500 {
            post(a, format!("{kind} {index}"));
            post(b, format!("{index} {kind}"));
        }
        for index in 0..500 {
            expect(b, format!("{kind} {index}"));
            expect(a, format!("{index} {kind}"));
        }
        assert!(receive_now(a).is_none() && receive_now(b).is_none());
    }
}

#[test]
fn messages_of_every_size_arrive_in_order() {
    for Pair { kind, a, b, .. } in &pairs() {
        for (index, &size) in SIZES.iter().chain(SIZES.iter().rev()).enumerate() {
            post(a, body(index, size));
        }
        for (index, &size) in SIZES.iter().chain(SIZES.iter().rev()).enumerate() {
            let (seen, parts) = message(b);
            assert!(seen == body(index, size), "{kind}: message {index} of {size} bytes");
            assert!(parts.is_empty());
        }
    }
}

#[test]
fn messages_with_and_without_parts_keep_their_order() {
    for Pair { kind, a, b, a_hub, .. } in &pairs() {
        let mut peers = Vec::new();
        for index in 0..100usize {
            let body = format!("{index}");
            match index % 4 {
                0 => post(a, body),
                1 => post_with(a, body.as_bytes(), vec![Part::Memory(vec![index as u8; index * 1000].into())]),
                2 => post_with(a, body.as_bytes(), vec![Part::ClosedPort, Part::Memory(vec![].into())]),
                _ => {
                    let (port, peer) = a_hub.channel();
                    post(&peer, format!("from {index}"));
                    peers.push(peer);
                    post_ports(a, body.as_bytes(), [port])
                }
            };
        }
        for index in 0..100usize {
            let (seen, mut parts) = message(b);
            assert_eq!(String::from_utf8(seen).unwrap(), format!("{index}"), "{kind}");
            match (index % 4, parts.pop(), parts.pop()) {
                (0, None, None) => {}
                (1, Some(Part::Memory(bytes)), None) => assert_eq!(bytes, vec![index as u8; index * 1000]),
                (2, Some(Part::Memory(bytes)), Some(Part::ClosedPort)) => assert!(bytes.is_empty()),
                (3, Some(Part::Port(port)), None) => expect(&port, format!("from {index}")),
                (_, last, first) => panic!("{kind}, message {index}: {first:?}, {last:?}"),
            }
        }
    }
}

#[test]
fn a_coalesced_message_goes_with_the_next_flush_or_by_itself() {
    for Pair { a, b, .. } in &pairs() {
        post(a, "first");
        for index in 0..10 {
            a.post(format!("{index}").as_bytes(), true).unwrap();
        }
        a.flush();
        a.post(b"nobody flushes this", true).unwrap();
        expect(b, "first");
        for index in 0..10 {
            expect(b, format!("{index}"));
        }
        expect(b, "nobody flushes this");
    }
}

#[test]
fn what_is_posted_counts_as_buffered_until_it_has_left() {
    for Pair { kind, a, b, .. } in &pairs() {
        assert_eq!(a.buffered_amount(), 0);
        let mut posted = 0;
        for index in 0..60 {
            posted += 100_000;
            let full = post(a, body(index, 100_000)).full;
            assert_eq!(full, a.buffered_amount() > message_channel_main::limits::HIGH_WATER, "{kind}");
        }
        assert!(a.buffered_amount() > posted - FILLS, "{kind}: a socket does not hold so much");
        for index in 0..60 {
            assert!(message(b).0 == body(index, 100_000));
        }
        eventually("an empty outbox", || a.buffered_amount() == 0);
    }
}
