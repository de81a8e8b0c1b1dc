//! Memory that is sent from where it lies: nothing of it is looked at any more once a post has returned.

mod common;

use common::*;
use message_channel_main::channel::{End, Part};
use message_channel_main::error::Refused;
use message_channel_main::hub::Hub;
use message_channel_main::limits::{INBOX_BYTES, MESSAGE_BYTES};
use message_channel_main::parcel::{self, Loan};
use message_channel_main::slab::Bytes;

fn lend(end: &End, body: &[u8], bytes: &[u8]) {
    parcel::post_memory(end.handle(), body, bytes.len(), vec![Loan::Borrowed(bytes)])
        .expect("a message of acceptable size");
}

fn pattern(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![seed; length];
    for (index, stripe) in bytes.chunks_mut(1000).enumerate() {
        stripe.fill(seed.wrapping_add(index as u8));
    }
    bytes
}

fn expect_memory(end: &End, body: &[u8], expected: &[Vec<u8>]) {
    let (found, parts) = message(end);
    assert_eq!(found, body);
    assert_eq!(parts.len(), expected.len());
    for (part, expected) in parts.iter().zip(expected) {
        assert!(matches!(part, Part::Memory(bytes) if bytes == expected), "of {} bytes", expected.len());
    }
}

/// Less than a socket holds, and more; with nothing before it, and behind what waits.
#[test]
fn what_is_written_over_after_the_post_arrives_as_it_was() {
    for Pair { kind, a, b, .. } in pairs() {
        for (seed, length) in [(1, 100), (2, 70_000), (3, 1 << 20), (4, 9_000_001)] {
            for waits in [false, true] {
                if waits {
                    lend(&a, b"in front", &pattern(9, 8 << 20));
                }
                let mut lent = pattern(seed, length);
                lend(&a, b"lent", &lent);
                lent.fill(0xff);
                post(&a, "behind");
                if waits {
                    expect_memory(&b, b"in front", &[pattern(9, 8 << 20)]);
                }
                expect_memory(&b, b"lent", &[pattern(seed, length)]);
                expect(&b, "behind");
                eventually(kind, || a.buffered_amount() == 0);
            }
        }
    }
}

/// A body that is as large travels in the same way, and arrives in memory of its own.
#[test]
fn a_large_body_that_is_written_over_arrives_as_it_was() {
    for Pair { a, b, .. } in pairs() {
        for (seed, length) in [(1, INBOX_BYTES - 1), (2, INBOX_BYTES + 1), (3, 9_000_001)] {
            let mut body = pattern(seed, length);
            let memory = pattern(seed + 1, 70_000);
            parcel::post_memory(a.handle(), &body, 0, Vec::new()).expect("a message of acceptable size");
            lend(&a, &body, &memory);
            body.fill(0xff);
            post(&a, "behind");
            expect_memory(&b, &pattern(seed, length), &[]);
            expect_memory(&b, &pattern(seed, length), &[memory]);
            expect(&b, "behind");
        }
    }
}

#[test]
fn what_is_given_and_what_is_lent_arrive_in_their_order() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    let parts: Vec<Vec<u8>> = [3, 0, 40_000, 2_000_000, 8, 1_000_001].map(|length| pattern(5, length)).into();
    let loans = parts.iter().enumerate().map(|(index, bytes)| match index % 2 {
        0 => Loan::Borrowed(bytes),
        _ => Loan::Given(Bytes::from(bytes.clone())),
    });
    let weight = parts.iter().map(Vec::len).sum();
    parcel::post_memory(a.handle(), b"several", weight, loans.collect()).expect("a message of acceptable size");
    expect_memory(&b, b"several", &parts);
}

/// What has left only in part goes on from its new place, in order.
#[test]
fn an_end_leaves_with_what_has_left_only_in_part() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (a, b) = link(&here, &there);
    lend(&a, b"half sent", &pattern(6, 5 << 20));
    assert!(a.buffered_amount() > 0);
    let a = ship(a, (&from, &to));
    post(&a, "from elsewhere");
    expect_memory(&b, b"half sent", &[pattern(6, 5 << 20)]);
    expect(&b, "from elsewhere");
}

#[test]
fn a_peer_that_is_gone_gets_nothing_and_a_message_too_large_changes_nothing() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    let weight = MESSAGE_BYTES + 1;
    let refused = parcel::post_memory(a.handle(), b"", weight, vec![Loan::Borrowed(b"as if it were so much")]);
    assert!(matches!(refused, Err(Refused::TooLarge)));
    post(&a, "the next one");
    expect(&b, "the next one");
    drop(b);
    lend(&a, b"lost", &pattern(7, 3 << 20));
    expect_closed(&a);
}
