//! Every interleaving of two threads at the moments when an end leaves the process while its peer is in use.
//!
//! `npm run test:loom`
#![cfg(loom)]

use loom::thread;
use message_channel_main::channel::{Backstop, Channel, End, Filled, Handle, Part, Shared};
use message_channel_main::limits::INBOX_BYTES;
use message_channel_main::parcel;
use message_channel_main::remote::{Reader, Urgency};
use message_channel_main::sync::Arc;
use message_channel_main::sys::Socket;
use message_channel_main::wire::frame::{padded, HEADER};

/// A backstop that does nothing: what the threads leave unwritten, the test flushes when they are done.
#[derive(Debug)]
struct Nobody;

impl Backstop for Nobody {
    fn take_over(&self, _: Handle, _: Urgency) -> bool {
        false
    }

    fn forget(&self, _: &Socket, _: usize) {}
}

fn process(seed: u64) -> Arc<Shared> {
    Arc::new(Shared::new(seed, Box::new(Nobody)))
}

/// A channel between two processes.
fn road(here: &Arc<Shared>, there: &Arc<Shared>) -> (End, End) {
    let (near, far) = Channel::create(here);
    let descriptor = parcel::into_descriptor(far).expect("a descriptor");
    (near, parcel::from_descriptor(there, descriptor).expect("a port"))
}

fn ship(road: &End, end: End) {
    let handle = end.handle().clone();
    parcel::post(road.handle(), b"", vec![handle], 0, || vec![Part::Port(end)]).expect("descriptors enough");
}

fn post(end: &End, text: &str) {
    end.post(text.as_bytes(), false).expect("a small message");
}

fn arrived(road: &End) -> End {
    let (mut out, mut reader) = (vec![0; INBOX_BYTES], Reader::default());
    assert_eq!(road.fill_one(&mut out, &mut reader), Filled::Parcel);
    let message = parcel::take(road.handle()).expect("the protocol").expect("a message");
    match message.parts.into_iter().next() {
        Some(Part::Port(end)) => end,
        other => panic!("{other:?} instead of a port"),
    }
}

/// All that can be read from a port now, and whether it has closed behind that.
fn read(end: &End) -> (Vec<String>, bool) {
    let (mut out, mut reader) = (vec![0; INBOX_BYTES], Reader::default());
    let mut texts = Vec::new();
    loop {
        match end.fill_one(&mut out, &mut reader) {
            Filled::Run(_) => {
                let length = u32::from_le_bytes([out[4], out[5], out[6], out[7]]) as usize;
                end.commit(HEADER + padded(length));
                texts.push(String::from_utf8_lossy(&out[HEADER..HEADER + length]).into_owned());
            }
            Filled::Closed => return (texts, true),
            Filled::Nothing => return (texts, false),
            other => panic!("{other:?} instead of a message"),
        }
    }
}

/// Rule 1: the flip and the drain are one critical section, and never two paths.
#[test]
fn a_thread_posts_while_another_ships_the_other_end() {
    loom::model(|| {
        let (here, there) = (process(1), process(2));
        let (near, far) = road(&here, &there);
        let (staying, leaving) = Channel::create(&here);
        post(&staying, "0");
        let poster = thread::spawn(move || {
            post(&staying, "1");
            post(&staying, "2");
            staying
        });
        ship(&near, leaving);
        let staying = poster.join().expect("the poster");
        staying.flush();
        let moved = arrived(&far);
        assert_eq!(read(&moved), (vec!["0".into(), "1".into(), "2".into()], false));
        post(&moved, "back");
        assert_eq!(read(&staying), (vec!["back".into()], false));
    });
}

/// Close after data, whether the peer is still here, on its way or gone.
#[test]
fn a_thread_closes_while_another_ships_the_other_end() {
    loom::model(|| {
        let (here, there) = (process(1), process(2));
        let (near, far) = road(&here, &there);
        let (closing, leaving) = Channel::create(&here);
        let closer = thread::spawn(move || {
            post(&closing, "last");
            drop(closing);
        });
        ship(&near, leaving);
        closer.join().expect("the closer");
        assert_eq!(read(&arrived(&far)), (vec!["last".into()], true));
    });
}

/// Rule 3, by two threads at once, with messages both ways.
#[test]
fn two_threads_ship_the_two_ends() {
    loom::model(|| {
        let (here, one, other) = (process(1), process(2), process(3));
        let (to_one, at_one) = road(&here, &one);
        let (to_other, at_other) = road(&here, &other);
        let (a, b) = Channel::create(&here);
        post(&a, "for b");
        post(&b, "for a");
        let shipper = thread::spawn(move || {
            ship(&to_one, a);
            to_one
        });
        ship(&to_other, b);
        let _roads = (shipper.join().expect("the shipper"), to_other);
        let (a, b) = (arrived(&at_one), arrived(&at_other));
        assert_eq!(read(&a), (vec!["for a".into()], false));
        assert_eq!(read(&b), (vec!["for b".into()], false));
    });
}
