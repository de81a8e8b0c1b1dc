//! What the kernel does not take waits, in order and without holding up anybody, and lingering waits for it.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::*;
use message_channel_main::channel::{End, Filled, Part, Reader};
use message_channel_main::error::Refused;
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::limits::{HIGH_WATER, LINGER};
use message_channel_main::sync::Arc;
use message_channel_main::sys::Poller;

/// A body that takes several reads.
fn large(index: usize) -> Vec<u8> {
    (0..FILLS / 5).map(|at| (at * 7 + index) as u8).collect()
}

/// Reads so much that the backstop must have found the socket full, and waits for it by now.
fn read_until_the_backstop_waits(end: &End) -> usize {
    for index in 0..3 {
        assert!(message(end).0 == large(index));
    }
    3
}

#[test]
fn several_megabytes_in_one_message() {
    for Pair { a, b, .. } in &pairs() {
        let body: Vec<u8> = (0..3_000_000usize).map(|at| (at / 3) as u8).collect();
        let memory: Vec<u8> = (0..2_000_000usize).map(|at| (at / 5) as u8).collect();
        post_with(a, &body, vec![Part::Memory(memory.clone().into())]);
        post(a, "next");
        let (seen, parts) = message(b);
        assert!(seen == body);
        assert!(matches!(&parts[..], [Part::Memory(bytes)] if *bytes == memory));
        expect(b, "next");
    }
}

#[test]
fn a_giant_on_one_port_does_not_hold_up_another() {
    let (here, there) = (Hub::default(), Hub::default());
    let (busy, _busy_there) = link(&here, &there);
    let (idle, idle_there) = link(&here, &there);
    post(&busy, vec![0; 20_000_000]);
    post(&idle, "hello");
    expect(&idle_there, "hello");
}

#[test]
fn both_ends_may_be_full_at_once() {
    for Pair { a, b, .. } in &pairs() {
        for index in 0..8 {
            post(a, large(index));
            post(b, large(index + 100));
        }
        for index in 0..8 {
            assert!(message(a).0 == large(index + 100));
            assert!(message(b).0 == large(index));
        }
    }
}

#[test]
fn whoever_posted_too_much_hears_when_it_is_gone() {
    for Pair { kind, a, b, .. } in &pairs() {
        let home = Arc::new(Home::new().unwrap());
        a.attach(&home, 1);
        a.handle().heed_drain();
        let mut index = 0;
        while !post(a, large(index)).full {
            index += 1;
        }
        for read in 0..=index {
            assert!(message(b).0 == large(read));
        }
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut drained = false;
        while !drained {
            assert!(Instant::now() < deadline, "{kind}");
            home.poller.wait(&mut Poller::events(), Some(Duration::from_millis(100)), |_| {}).unwrap();
            for _ in home.take_news() {
                drained |= a.fill(&mut [0; 100], &mut Reader::default()) == Filled::Drained;
            }
        }
        assert!(a.buffered_amount() <= HIGH_WATER);
    }
}

#[test]
fn whoever_posts_too_much_again_before_it_has_heard_hears_when_all_of_it_is_gone() {
    for Pair { kind, a, b, .. } in &pairs() {
        let home = Arc::new(Home::new().unwrap());
        a.attach(&home, 1);
        a.handle().heed_drain();
        let mut posted = 0;
        let mut post_too_much = || loop {
            posted += 1;
            if post(a, large(posted)).full {
                return posted;
            }
        };
        let first = post_too_much();
        for index in 1..=first {
            assert!(message(b).0 == large(index));
        }
        eventually(kind, || a.buffered_amount() == 0);
        let second = post_too_much();
        assert_ne!(a.fill(&mut [0; 100], &mut Reader::default()), Filled::Drained, "{kind}: it is above the mark");
        for index in first + 1..=second {
            assert!(message(b).0 == large(index));
        }
        eventually(kind, || a.fill(&mut [0; 100], &mut Reader::default()) == Filled::Drained);
    }
}

#[test]
fn nobody_is_woken_for_what_nobody_hears_and_who_asks_later_is_told() {
    for Pair { kind, a, b, .. } in &pairs() {
        let home = Arc::new(Home::new().unwrap());
        a.attach(&home, 1);
        home.take_news().for_each(drop);
        let mut posted = 0;
        while !post(a, large(posted)).full {
            posted += 1;
        }
        for index in 0..=posted {
            assert!(message(b).0 == large(index));
        }
        eventually(kind, || a.buffered_amount() == 0);
        assert!(!home.is_awake() && !a.has_news(), "{kind}");
        assert_eq!(home.take_news().count(), 0, "{kind}");
        assert!(a.handle().heed_drain(), "{kind}: one is owed");
        assert!(home.is_awake() && a.has_news(), "{kind}");
        assert_eq!(home.take_news().collect::<Vec<_>>(), [1], "{kind}");
        assert_eq!(a.fill(&mut [0; 100], &mut Reader::default()), Filled::Drained, "{kind}");
        assert!(!a.handle().heed_drain(), "{kind}: it was told");
    }
}

#[test]
fn a_closed_port_still_sends_what_was_posted() {
    for Pair { a, b, .. } in pairs() {
        for index in 0..10 {
            post(&a, large(index));
        }
        drop(a);
        for index in 0..10 {
            assert!(message(&b).0 == large(index));
        }
        expect_closed(&b);
    }
}

#[test]
fn lingering_ends_when_everything_has_left() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    for index in 0..10 {
        post(&a, large(index));
    }
    drop(a);
    let reader = std::thread::spawn(move || {
        for index in 0..10 {
            assert!(message(&b).0 == large(index));
        }
        expect_closed(&b);
    });
    here.linger();
    // All that is left is what a socket holds: the reader gets it without this process.
    drop(here);
    reader.join().unwrap();
}

#[test]
fn lingering_does_not_wait_for_what_is_not_here() {
    let (here, there) = (Hub::default(), Hub::default());
    let start = Instant::now();
    here.linger();
    let (a, b) = link(&here, &there);
    post(&a, "taken by the kernel");
    here.linger();
    expect(&b, "taken by the kernel");
    assert!(start.elapsed() < LINGER / 2);
}

#[test]
fn a_port_that_moves_on_while_it_is_blocked_leaves_nothing_to_linger_for() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    for index in 0..10 {
        post(&a, large(index));
    }
    let read = read_until_the_backstop_waits(&b);
    let (from, to) = link(&here, &there);
    let a = ship(a, (&from, &to));
    let start = Instant::now();
    here.linger();
    assert!(start.elapsed() < LINGER / 2, "nothing was left, yet it took {:?}", start.elapsed());
    for index in read..10 {
        assert!(message(&b).0 == large(index));
    }
    post(&b, "still entangled");
    expect(&a, "still entangled");
}

#[test]
fn a_port_whose_peer_dies_while_it_is_blocked_leaves_nothing_to_linger_for() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    for index in 0..10 {
        post(&a, large(index));
    }
    read_until_the_backstop_waits(&b);
    drop(b);
    let start = Instant::now();
    here.linger();
    assert!(start.elapsed() < LINGER / 2);
    expect_closed(&a);
}

#[test]
fn two_full_ports_that_close_do_not_wait_for_each_other() {
    for Pair { kind, a, b, a_hub, b_hub } in pairs() {
        for index in 0..10 {
            post(&a, large(index));
            post(&b, large(index));
        }
        drop((a, b));
        let start = Instant::now();
        a_hub.linger();
        b_hub.linger();
        assert!(start.elapsed() < LINGER / 2, "{kind}");
    }
}

#[test]
fn a_closed_port_that_still_sends_keeps_no_port_open_that_it_was_sent() {
    for Pair { a, b, b_hub, .. } in pairs() {
        let (unread, unread_peer) = b_hub.channel();
        let (not_sent, not_sent_peer) = b_hub.channel();
        post_ports(&b, b"unread", [unread]);
        post(&b, vec![0; FILLS]);
        post_ports(&b, b"not even sent", [not_sent]);
        for index in 0..5 {
            post(&a, large(index));
        }
        drop(a);
        expect_closed(&unread_peer);
        expect_closed(&not_sent_peer);
        post(&b, "to nobody");
        for index in 0..5 {
            assert!(message(&b).0 == large(index));
        }
        expect_closed(&b);
    }
}

#[test]
fn lingering_gives_up_on_a_peer_that_never_reads() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, _b) = link(&here, &there);
    post(&a, vec![0; FILLS]);
    let start = Instant::now();
    here.linger();
    assert!(start.elapsed() >= LINGER);
    assert!(start.elapsed() < 3 * LINGER);
}

#[test]
fn lingering_for_a_reader_that_is_slow_for_ever_ends_once_and_for_all() {
    let (here, there) = (Hub::default(), Hub::default());
    let (a, b) = link(&here, &there);
    // More than the reader takes in the whole test, and something moves all the time.
    for index in 0..3000 {
        post(&a, vec![index as u8; 10_000]);
    }
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let done = done.clone();
        std::thread::spawn(move || {
            while !done.load(Ordering::SeqCst) {
                message(&b);
                std::thread::sleep(Duration::from_millis(5));
            }
        })
    };
    let in_all = Duration::from_millis(700);
    let start = Instant::now();
    here.linger_within(in_all);
    assert!(start.elapsed() >= in_all, "it was still moving");
    post(&a, "a last word, which begins nothing anew");
    here.linger_within(in_all);
    assert!(start.elapsed() < LINGER);
    done.store(true, Ordering::SeqCst);
    reader.join().unwrap();
}

/// More than 32 bits can say. Nobody touches the memory, so it costs nothing.
fn five_gib(port: &End) {
    for _ in 0..5 {
        post_with(port, b"giant", vec![Part::Memory(vec![0; 1000 << 20].into())]);
    }
    assert!(port.buffered_amount() > 4 << 30);
}

#[test]
fn a_backlog_above_four_gib_stays_behind_a_port_that_leaves() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (carrier, carrier_peer) = here.channel();
    let (port, peer) = here.channel();
    five_gib(&peer);
    post_ports(&carrier_peer, b"port", [port]);
    let carrier = ship(carrier, (&from, &to));
    let port = expect_port(&carrier, "port");
    post(&port, "from there");
    expect(&peer, "from there");
    assert!(peer.buffered_amount() > 4 << 30);
    post(&carrier_peer, "next");
    expect(&carrier, "next");
}

#[test]
fn a_port_with_more_luggage_than_a_message_can_say_does_not_go_and_its_carrier_goes_on() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (port, peer) = here.channel();
    let _peer = ship(peer, (&from, &to));
    five_gib(&port);
    let Err((refused, back)) = try_post_with(&from, b"port", vec![Part::Port(port)]) else {
        panic!("it went");
    };
    assert!(matches!(refused, Refused::TooLarge), "{refused}");
    // In a queue of this process it may wait; and when that has to leave, nobody can be told any more.
    let (carrier, carrier_peer) = here.channel();
    post_with(&carrier_peer, b"port", back);
    post(&carrier_peer, "next");
    let carrier = ship(carrier, (&from, &to));
    let (body, parts) = message(&carrier);
    assert_eq!(body, b"port");
    assert!(matches!(parts[..], [Part::ClosedPort]));
    expect(&carrier, "next");
}
