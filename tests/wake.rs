//! An event loop that sleeps is woken for whatever its ports have, and it is not kept awake for nothing.

mod common;

use std::time::{Duration, Instant};

use common::*;
use message_channel_main::channel::{End, Filled, Reader};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::sync::Arc;
use message_channel_main::sys::Poller;

/// An event loop with one port. It looks at the port only when it was told to.
struct Sleeper {
    home: Arc<Home>,
    out: Vec<u8>,
    reader: Reader,
}

const KEY: u32 = 7;

impl Sleeper {
    fn new() -> Sleeper {
        let home = Arc::new(Home::new().unwrap());
        Sleeper { home, out: vec![0; 100_000], reader: Reader::default() }
    }

    fn attach(&self, end: &End, started: bool) {
        end.attach(&self.home, KEY);
        if started {
            end.start(true);
        }
    }

    /// Whether the loop was woken for its port, within `patience`.
    fn is_woken(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            let mut told = false;
            let left = deadline.saturating_duration_since(Instant::now());
            self.home.poller.wait(&mut Poller::events(), Some(left), |key| told |= key == KEY as usize).unwrap();
            told |= self.home.take_news().filter(|&key| key == KEY).count() > 0;
            if told || left.is_zero() {
                return told;
            }
        }
    }

    /// Sleeps until the port has something, and commits all of it.
    fn next(&mut self, end: &End) -> Filled {
        loop {
            assert!(self.is_woken(Duration::from_secs(20)), "the loop sleeps on");
            let filled = end.fill(&mut self.out, &mut self.reader);
            if let Filled::Run(length) = filled {
                end.commit(length);
            }
            if filled != Filled::Nothing {
                return filled;
            }
        }
    }

    /// The loop has nothing to do: whatever it is told now, it finds nothing, and then it is left alone.
    fn rests(&mut self, end: &End) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.is_woken(Duration::ZERO) {
            assert_eq!(end.fill(&mut self.out, &mut self.reader), Filled::Nothing);
            assert!(Instant::now() < deadline, "the loop is woken for ever");
        }
    }
}

#[test]
fn for_a_message() {
    for Pair { a, b, .. } in &pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(b, true);
        for _ in 0..3 {
            sleeper.rests(b);
            post(a, "hello");
            assert!(matches!(sleeper.next(b), Filled::Run(_)));
        }
        post_ports(a, b"", []);
        assert!(matches!(sleeper.next(b), Filled::Run(_)));
    }
}

#[test]
fn when_a_port_is_started_for_what_was_posted_before() {
    for Pair { a, b, .. } in &pairs() {
        let mut sleeper = Sleeper::new();
        post(a, "before it is attached");
        sleeper.attach(b, false);
        post(a, "before it is started");
        sleeper.rests(b);
        b.start(true);
        sleeper.next(b);
    }
}

#[test]
fn when_a_port_is_started_again_but_not_in_between() {
    for Pair { a, b, .. } in &pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(b, true);
        post(a, "first");
        assert!(matches!(sleeper.next(b), Filled::Run(_)));
        b.start(false);
        sleeper.rests(b);
        post(a, "while it is paused");
        sleeper.rests(b);
        b.start(true);
        assert!(matches!(sleeper.next(b), Filled::Run(_)));
    }
}

#[test]
fn for_the_close_of_the_peer() {
    for started in [true, false] {
        for Pair { a, b, .. } in pairs() {
            let mut sleeper = Sleeper::new();
            sleeper.attach(&b, started);
            sleeper.rests(&b);
            drop(a);
            assert_eq!(sleeper.next(&b), Filled::Closed);
        }
    }
}

#[test]
fn when_a_port_is_attached_whose_peer_is_gone() {
    for started in [true, false] {
        for Pair { a, b, .. } in pairs() {
            drop(a);
            let mut sleeper = Sleeper::new();
            sleeper.attach(&b, started);
            assert_eq!(sleeper.next(&b), Filled::Closed);
        }
    }
}

#[test]
fn once_for_a_peer_that_hangs_up_behind_what_may_not_be_delivered() {
    for Pair { a, b, .. } in pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(&b, false);
        post(&a, "unread");
        drop(a);
        sleeper.rests(&b);
        b.start(true);
        assert!(matches!(sleeper.next(&b), Filled::Run(_)));
        // Whoever has delivered looks whether there is more.
        assert!(b.has_news() || matches!(sleeper.next(&b), Filled::Closed));
    }
}

#[test]
fn for_what_comes_from_a_peer_that_has_moved_on_meanwhile() {
    for Pair { a, b, b_hub, .. } in pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(&a, true);
        let away = Hub::default();
        let (from, to) = link(&b_hub, &away);
        let b = ship(b, (&from, &to));
        sleeper.rests(&a);
        post(&b, "from there");
        assert!(matches!(sleeper.next(&a), Filled::Run(_)));
        drop(b);
        assert_eq!(sleeper.next(&a), Filled::Closed);
    }
}

#[test]
fn for_the_luggage_of_a_port_that_has_arrived() {
    for Pair { a, b, b_hub, .. } in pairs() {
        post(&a, "first");
        post(&a, "second");
        // The second is read, and not delivered.
        expect(&b, "first");
        let away = Hub::default();
        let (from, to) = link(&b_hub, &away);
        let b = ship(b, (&from, &to));
        let mut sleeper = Sleeper::new();
        sleeper.attach(&b, false);
        sleeper.rests(&b);
        b.start(true);
        assert!(matches!(sleeper.next(&b), Filled::Run(_)));
    }
}

#[test]
fn for_a_message_that_another_thread_posts() {
    for Pair { a, b, .. } in pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(&b, true);
        let poster = std::thread::spawn(move || {
            for _ in 0..1000 {
                post(&a, "hello");
            }
            a
        });
        let mut seen = 0;
        while seen < 1000 {
            if let Filled::Run(length) = sleeper.next(&b) {
                seen += length / 24;
            }
            if b.has_news() {
                // As an event loop does that has given a port its share.
                let filled = b.fill(&mut sleeper.out, &mut sleeper.reader);
                if let Filled::Run(length) = filled {
                    b.commit(length);
                    seen += length / 24;
                }
            }
        }
        assert_eq!(seen, 1000);
        poster.join().unwrap();
    }
}

/// Who was told of nothing would not be told again when there is something.
#[test]
fn a_run_of_no_messages_is_no_news() {
    for Pair { a, b, .. } in pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(&b, true);
        sleeper.rests(&b);
        let _ = a.handle().post_run(&[]);
        assert!(!sleeper.is_woken(Duration::ZERO));
        post(&a, "hello");
        assert!(sleeper.is_woken(Duration::from_secs(20)));
    }
}

#[test]
fn who_is_about_to_wait_is_told_of_what_comes() {
    let hub = Hub::default();
    let (a, b) = hub.channel();
    let sleeper = Sleeper::new();
    sleeper.attach(&b, true);
    post(&a, "hello");
    // It is told, and does not look: a second message would not be announced.
    assert!(sleeper.is_woken(Duration::from_secs(20)));
    assert!(b.sees_news());
    post(&a, "hello");
    assert!(sleeper.is_woken(Duration::from_secs(20)));
}

#[test]
fn the_close_of_a_detached_port_wakes_nobody() {
    for Pair { a, b, .. } in pairs() {
        let mut sleeper = Sleeper::new();
        sleeper.attach(&b, true);
        sleeper.rests(&b);
        b.detach();
        post(&a, "hello");
        drop(a);
        assert!(!sleeper.is_woken(Duration::ZERO));
        expect(&b, "hello");
        expect_closed(&b);
    }
}
