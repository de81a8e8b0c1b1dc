//! What `'close'` promises: it comes once, after everything posted before it, and it reaches what nobody will read.

mod common;

use common::*;
use message_channel_main::channel::{Filled, Part, Reader};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::parcel;
use message_channel_main::sync::Arc;

#[test]
fn what_was_posted_before_arrives_before() {
    for Pair { a, b, .. } in pairs() {
        for index in 0..300 {
            post(&a, format!("{index}"));
        }
        post(&a, vec![b'x'; FILLS]);
        drop(a);
        for index in 0..300 {
            expect(&b, format!("{index}"));
        }
        expect(&b, vec![b'x'; FILLS]);
        expect_closed(&b);
    }
}

#[test]
fn each_side_hears_of_a_close_whose_data_the_other_has_not_read() {
    for Pair { a, b, .. } in pairs() {
        post(&a, "unread by b");
        post(&b, "unread by a");
        drop(b);
        expect(&a, "unread by a");
        expect_closed(&a);
    }
}

#[test]
fn a_port_that_is_not_started_hears_of_it_when_nothing_is_left() {
    for Pair { kind, a, b, .. } in pairs() {
        let home = Arc::new(Home::new().unwrap());
        b.attach(&home, 1);
        drop(a);
        eventually(kind, || next_of_unstarted(&home, &b) == Some(Filled::Closed));
    }
}

#[test]
fn a_port_that_is_not_started_keeps_what_is_left() {
    for Pair { kind, a, b, .. } in pairs() {
        let home = Arc::new(Home::new().unwrap());
        b.attach(&home, 1);
        post(&a, "kept");
        drop(a);
        // It may be told of the hang-up, but it stays open.
        while let Some(filled) = next_of_unstarted(&home, &b) {
            assert_eq!(filled, Filled::Nothing, "{kind}");
        }
        b.detach();
        expect(&b, "kept");
        expect_closed(&b);
    }
}

#[test]
fn a_port_that_pauses_hears_of_it_when_nothing_is_left_by_then() {
    for Pair { kind, a, b, .. } in pairs() {
        let home = Arc::new(Home::new().unwrap());
        b.attach(&home, 1);
        post(&a, "the last");
        drop(a);
        // It may be told of the hang-up before it has read anything.
        while next_of_unstarted(&home, &b).is_some() {}
        b.start(true);
        let (mut bytes, mut reader) = ([0; 1000], Reader::default());
        let filled = b.fill(&mut bytes, &mut reader);
        let Filled::Run(length) = filled else { panic!("{kind}: {filled:?}") };
        b.commit(length);
        b.start(false);
        eventually(kind, || next_of_unstarted(&home, &b) == Some(Filled::Closed));
    }
}

#[test]
fn a_port_that_is_not_started_hears_of_it_when_its_last_message_was_taken_by_itself() {
    for Pair { kind, a, b, .. } in pairs() {
        let home = Arc::new(Home::new().unwrap());
        b.attach(&home, 1);
        post_with(&a, b"the last", vec![Part::copied(b"memory")]);
        drop(a);
        // It may be told of the hang-up before it has read anything.
        while next_of_unstarted(&home, &b).is_some() {}
        let (mut bytes, mut reader) = ([0; 1000], Reader::default());
        assert_eq!(b.fill_one(&mut bytes, &mut reader), Filled::Parcel, "{kind}");
        let message = parcel::take(b.handle(), |lent| Part::copied(&lent)).unwrap().unwrap();
        assert_eq!(message.body, "the last", "{kind}");
        // Who has taken a message by itself looks again if there may be more.
        eventually(kind, || {
            let looks = b.has_news().then(|| b.fill(&mut bytes, &mut reader));
            looks.or_else(|| next_of_unstarted(&home, &b)) == Some(Filled::Closed)
        });
    }
}

/// What the event loop `home` finds for its only port when it has been woken; it does not wait.
fn next_of_unstarted(home: &Home, end: &message_channel_main::channel::End) -> Option<Filled> {
    let mut woken = false;
    let now = Some(std::time::Duration::ZERO);
    home.poller.wait(&mut message_channel_main::sys::Poller::events(), now, |_| woken = true).unwrap();
    woken |= home.take_news().count() > 0;
    woken.then(|| end.fill(&mut [0; 1000], &mut Reader::default()))
}

#[test]
fn posting_to_a_closed_port_does_nothing_and_closes_the_ports_in_the_message() {
    for Pair { a, b, a_hub, .. } in pairs() {
        drop(b);
        let (port, peer) = a_hub.channel();
        post(&a, "to nobody");
        post_ports(&a, b"to nobody", [port]);
        expect_closed(&peer);
        expect_closed(&a);
    }
}

#[test]
fn ports_posted_to_a_closed_port_close_though_what_it_posted_is_still_on_its_way() {
    let (here, there) = (Hub::default(), Hub::default());
    let (from, to) = link(&here, &there);
    let (closed, left) = here.channel();
    post(&closed, vec![0; FILLS]);
    drop(closed);
    let left = ship(left, (&from, &to));
    let (port, peer) = there.channel();
    post_ports(&left, b"to nobody", [port]);
    expect_closed(&peer);
    expect(&left, vec![0; FILLS]);
    expect_closed(&left);
}

#[test]
fn ports_in_messages_that_nobody_will_read_close() {
    for Pair { a, b, a_hub, .. } in pairs() {
        let (outer, outer_peer) = a_hub.channel();
        let (inner, inner_peer) = a_hub.channel();
        let (innermost, innermost_peer) = a_hub.channel();
        post_ports(&inner_peer, b"three deep", [innermost]);
        post_ports(&outer_peer, b"two deep", [inner]);
        post_ports(&a, b"one deep", [outer]);
        drop(b);
        expect_closed(&outer_peer);
        expect_closed(&inner_peer);
        expect_closed(&innermost_peer);
        expect_closed(&a);
    }
}

#[test]
fn a_message_that_is_dropped_closes_its_ports() {
    for Pair { a, b, a_hub, .. } in pairs() {
        let (port, peer) = a_hub.channel();
        post_ports(&a, b"dropped", [port]);
        post(&a, "next");
        drop(message(&b));
        expect_closed(&peer);
        expect(&b, "next");
    }
}

#[test]
fn a_port_whose_peer_is_gone_arrives_with_what_is_left_and_closes() {
    for Pair { kind, a, b, b_hub, .. } in pairs() {
        post(&a, "left behind");
        drop(a);
        let there = Hub::default();
        let (from, to) = link(&b_hub, &there);
        let b = ship(b, (&from, &to));
        expect(&b, "left behind");
        assert!(matches!(receive(&b), Event::Closed), "{kind}");
    }
}

#[test]
fn the_other_end_of_a_channel_hears_a_close_through_every_journey() {
    for Pair { a, b, b_hub, .. } in pairs() {
        let away = Hub::default();
        let (from, to) = link(&b_hub, &away);
        post_ports(&from, b"not received", [b]);
        post(&a, "never read");
        drop(to);
        expect_closed(&a);
    }
}

#[test]
fn an_end_that_was_closed_from_elsewhere_is_closed_to_who_still_has_it_too() {
    for Pair { kind, a, b, a_hub, b_hub, .. } in pairs() {
        let home = Arc::new(Home::new().unwrap());
        a.attach(&home, 1);
        a.start(true);
        let (unread, far) = b_hub.channel();
        post_ports(&b, b"nobody reads this", [unread]);
        post(&a, "last");
        a.handle().close_with_contents();
        let (port, peer) = a_hub.channel();
        post(&a, "to nobody");
        post_ports(&a, b"to nobody", [port]);
        a.flush();
        a.commit(1);
        assert_eq!(a.fill(&mut [0; 1000], &mut Reader::default()), Filled::Closed, "{kind}");
        expect_closed(&peer);
        expect_closed(&far);
        expect(&b, "last");
        expect_closed(&b);
        a.detach();
        drop(a);
    }
}
