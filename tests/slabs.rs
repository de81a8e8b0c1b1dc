//! Memory that is used again: how much of it is kept, for how long, and that nobody sees what it was used for.

mod common;

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use common::*;
use message_channel_main::channel::End;
use message_channel_main::hub::Hub;
use message_channel_main::limits::{
    MESSAGE_BYTES, READ_BYTES, READ_BYTES_LARGE, ROOM_AHEAD, SLABS_IDLE, SLABS_KEPT, SLAB_LEAST, SLAB_MOST,
};
use message_channel_main::slab::{self, give_back_idle, kept, Slab};
use message_channel_main::wire::frame::Header;
use message_channel_main::wire::log::ByteLog;

/// The pool is the process's, so each test has a process of its own.
fn minded() {
    slab::mind_with(|| true);
}

#[test]
fn there_is_room_for_what_is_asked_for_and_not_much_more() {
    for length in
        [0, 1, 100, SLAB_LEAST - 1, SLAB_LEAST, SLAB_LEAST + 1, 1 << 20, (1 << 20) + 1, SLAB_MOST, SLAB_MOST + 1]
    {
        let slab = Slab::of(length);
        assert!(slab.len() >= length && slab.len() <= length + length / 4, "{} for {length}", slab.len());
    }
}

#[test]
fn what_was_used_is_used_again_and_nothing_is_kept_that_nobody_minds() {
    alone("what_was_used_is_used_again_and_nothing_is_kept_that_nobody_minds", || {
        drop(Slab::of(1 << 20));
        assert_eq!(kept(), 0, "nobody minds it");
        minded();
        let (a, b) = (Slab::of(1 << 20), Slab::of(1 << 20));
        let first = a.as_ptr();
        drop((b, a));
        assert_eq!(kept(), 2 << 20);
        let again = Slab::of((1 << 20) - 100);
        assert_eq!((again.as_ptr(), kept()), (first, 1 << 20), "the last one that was used");
        assert_eq!(Slab::of(2 << 20).len(), 2 << 20, "another size is another slab");
    });
}

#[test]
fn no_more_is_kept_than_the_limit_says() {
    alone("no_more_is_kept_than_the_limit_says", || {
        minded();
        drop(Slab::of(SLAB_MOST + 1));
        assert_eq!(kept(), 0, "so large a one is not kept at all");
        let all: Vec<Slab> = (0..2 * SLABS_KEPT / (4 << 20)).map(|_| Slab::of(4 << 20)).collect();
        drop(all);
        assert_eq!(kept(), SLABS_KEPT);
        drop(Slab::of(SLAB_LEAST));
        assert_eq!(kept(), SLABS_KEPT);
    });
}

#[test]
fn what_is_idle_is_given_back_and_not_before() {
    alone("what_is_idle_is_given_back_and_not_before", || {
        minded();
        assert_eq!(give_back_idle(Instant::now()), None);
        drop(Slab::of(1 << 20));
        let first = give_back_idle(Instant::now()).expect("something is kept");
        assert!(first <= Instant::now() + SLABS_IDLE && kept() > 0);
        let second = give_back_idle(first).expect("it was used since the last look");
        assert!(second == first + SLABS_IDLE && kept() > 0);
        assert_eq!(give_back_idle(second), None);
        assert_eq!(kept(), 0);
    });
}

#[test]
fn what_is_needed_is_kept_and_what_was_needed_once_is_given_back() {
    alone("what_is_needed_is_kept_and_what_was_needed_once_is_given_back", || {
        minded();
        drop([Slab::of(1 << 20), Slab::of(1 << 20), Slab::of(1 << 20), Slab::of(4 << 20)]);
        let mut due = give_back_idle(Instant::now());
        for expected in [7 << 20, 1 << 20, 1 << 20] {
            due = give_back_idle(due.expect("something is kept"));
            assert_eq!(kept(), expected);
            drop(Slab::of(1 << 20));
        }
    });
}

/// How many pages this thread has had to ask for so far.
fn faults() -> i64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: it is as large as the system thinks, and zeros are a value of it.
    unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()), 0);
        usage.assume_init().ru_minflt
    }
}

/// As a port reads one: whose length is known, and of which nobody knows how much will come.
fn read_giant(log: &mut ByteLog, length: usize) {
    let piece = |at: usize| (at / READ_BYTES_LARGE) as u8 | 1;
    while log.len() < length {
        let (at, wants) = (log.len(), length - log.len());
        let count = wants.min(READ_BYTES_LARGE);
        log.reserve(count, wants.min(ROOM_AHEAD.max(at)), wants);
        log.fill(count, |place| {
            place.fill(piece(at));
            (count, ())
        });
    }
    let pieces = log.as_slice().chunks(READ_BYTES_LARGE).enumerate();
    assert!(pieces
        .map(|(index, bytes)| (piece(index * READ_BYTES_LARGE), bytes))
        .all(|(byte, bytes)| bytes.iter().all(|&found| found == byte)));
}

#[test]
fn a_giant_is_not_copied_while_it_grows() {
    alone("a_giant_is_not_copied_while_it_grows", || {
        const LENGTH: usize = 200 << 20;
        let before = faults();
        read_giant(&mut ByteLog::default(), LENGTH);
        let pages = (LENGTH / 4096) as i64;
        assert!(faults() - before < pages + pages / 10, "{} faults for {pages} pages", faults() - before);
    });
}

/// Of many ports at once: what is merely announced is set aside, and takes nothing.
#[test]
fn announced_giants_take_as_much_memory_as_has_come_of_them() {
    alone("announced_giants_take_as_much_memory_as_has_come_of_them", || {
        const PORTS: usize = 20;
        const COME: usize = 3 << 20;
        let hub = Hub::default();
        let mut ports: Vec<(End, UnixStream)> = (0..PORTS).map(|_| exposed(&hub)).collect();
        let before = resident();
        for (end, peer) in &mut ports {
            peer.write_all(&Header::Message { body: 0, parts: 1, tail: MESSAGE_BYTES }.to_bytes()).unwrap();
            for _ in 0..COME / READ_BYTES {
                peer.write_all(&[1; READ_BYTES]).unwrap();
                assert!(receive_now(end).is_none());
            }
            assert!(end.stats().waiting > COME);
        }
        let taken = resident() - before;
        assert!(taken < 2 * PORTS * COME, "{} MiB for {}", taken >> 20, (PORTS * COME) >> 20);
    });
}

/// A sanitizer has pages of its own beside each of ours.
#[test]
#[cfg(not(sanitized))]
fn what_is_as_large_as_what_was_read_before_faults_nothing() {
    alone("what_is_as_large_as_what_was_read_before_faults_nothing", || {
        minded();
        for length in [100 << 10, 1 << 20, (16 << 20) + 100, 100 << 20] {
            let mut log = ByteLog::default();
            read_giant(&mut log, length);
            drop(log);
            let before = faults();
            read_giant(&mut ByteLog::default(), length - 50);
            assert!(faults() - before < 40, "{} faults for {length} bytes", faults() - before);
        }
    });
}

/// With the thread that does it in earnest.
#[test]
fn a_process_that_is_idle_gives_everything_back() {
    alone("a_process_that_is_idle_gives_everything_back", || {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        for length in [1 << 20, 3 << 20, 100 << 10] {
            let body = vec![length as u8 | 1; length];
            from.post(&body, false).expect("a message of acceptable size");
            assert!(message(&to).0 == body);
        }
        eventually("some was kept, and is given back", || kept() == 0);
    });
}

/// What is in a slab is whatever it was used for before: a log that lies in it shows nothing of that.
#[test]
fn nobody_sees_what_memory_was_used_for() {
    alone("nobody_sees_what_memory_was_used_for", || {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        for (byte, length) in [(7, 1 << 20), (9, (1 << 20) - 5), (8, 900_001)] {
            post_with(&from, b"memory", vec![message_channel_main::channel::Part::copied(&vec![byte; length])]);
            let (_, parts) = message(&to);
            let [message_channel_main::channel::Part::Memory(bytes)] = &parts[..] else {
                panic!("{} parts", parts.len());
            };
            assert!(bytes.len() == length && bytes.iter().all(|&found| found == byte));
        }
    });
}

/// Memory of this process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// What stays in use between what is freed keeps its page, and with glibc all pages in front of it. A sanitizer keeps what is
/// freed, to see who uses it.
#[test]
#[cfg(all(target_env = "gnu", not(sanitized)))]
fn what_channels_leave_behind_is_given_back() {
    alone("what_channels_leave_behind_is_given_back", || {
        let hub = Hub::default();
        let before = resident();
        let (mut channels, mut stays) = (Vec::new(), Vec::new());
        for i in 0..100_000 {
            channels.push(hub.channel());
            if i % 100 == 0 {
                stays.push(vec![1u8; 8]);
            }
        }
        let taken = resident() - before;
        drop(channels);
        let deadline = Instant::now() + 20 * SLABS_IDLE;
        while resident() - before > taken / 3 {
            assert!(Instant::now() < deadline, "{} of {taken} bytes are still there", resident() - before);
            std::thread::sleep(SLABS_IDLE / 10);
        }
        drop(stays);
    });
}
