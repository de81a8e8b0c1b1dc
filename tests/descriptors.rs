//! Descriptors: none leaks, and when there are none left, a call is refused or one port ends, and nothing else changes.
//!
//! Limits and counts belong to a process, so each test runs in one of its own.

mod common;

use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use common::*;
use message_channel_main::channel::{End, Part};
use message_channel_main::error::{Fault, Refused};
use message_channel_main::hub::Hub;

/// Leaves room for `free` descriptors until what it answers with is dropped.
fn leave(free: usize) -> Vec<File> {
    limit(256);
    let mut files = Vec::new();
    let error = loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MFILE.raw_os_error()));
    files.truncate(files.len().checked_sub(free).unwrap());
    files
}

fn is_exhausted(refused: &Refused) -> bool {
    matches!(refused, Refused::Descriptors(error) if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()))
}

fn large(index: usize) -> Vec<u8> {
    vec![index as u8; FILLS / 4]
}

#[test]
fn nothing_leaks() {
    alone("nothing_leaks", || {
        raise_descriptor_limit();
        prepare_to_receive();
        let before = open_descriptors();
        for pair in pairs() {
            let (here, there) = (Hub::default(), Hub::default());
            let (from, to) = link(&here, &there);
            let Pair { a, b, a_hub, b_hub, .. } = pair;
            // Read, unread, inside each other, half-sent, on both sides; and then everything is let go.
            let (outer, outer_peer) = a_hub.channel();
            let (inner, inner_peer) = a_hub.channel();
            post_ports(&outer_peer, b"inner", [inner]);
            post_ports(&a, b"outer", [outer]);
            for index in 0..10 {
                post(&a, large(index));
                post(&b, large(index));
            }
            let (port, _) = a_hub.channel();
            post_ports(&a, b"behind a backlog", [port]);
            let (both, ends) = here.channel();
            post_ports(&from, b"never read", [both, ends]);
            let outer = expect_port(&b, "outer");
            assert!(message(&a).0 == large(0));
            drop((outer, inner_peer, outer_peer, a, b, from, to, a_hub, b_hub));
        }
        eventually("every descriptor closed, those of the flushers too", || open_descriptors() == before);
    });
}

#[test]
fn a_channel_inside_the_process_has_no_descriptors() {
    alone("a_channel_inside_the_process_has_no_descriptors", || {
        let before = open_descriptors();
        let hub = Hub::default();
        let ends: Vec<(End, End)> = (0..10_000).map(|_| hub.channel()).collect();
        for (a, _) in &ends {
            let (port, _) = hub.channel();
            post_ports(a, b"a port", [port]);
        }
        assert_eq!(open_descriptors(), before);
    });
}

#[test]
fn every_descriptor_closes_on_exec() {
    alone("every_descriptor_closes_on_exec", || {
        let inherited: Vec<_> =
            std::fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let pairs = pairs();
        for Pair { a, b, .. } in &pairs {
            post(a, vec![0; FILLS]);
            assert_eq!(message(b).0.len(), FILLS);
        }
        let mut ours = 0;
        for entry in std::fs::read_dir("/proc/self/fdinfo").unwrap() {
            let entry = entry.unwrap();
            let Ok(info) = std::fs::read_to_string(entry.path()) else {
                continue;
            };
            if inherited.contains(&entry.file_name()) {
                continue;
            }
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
            assert!(i32::from_str_radix(flags, 8).unwrap() & 0o2_000_000 != 0, "{:?}: {info}", entry.file_name());
            ours += 1;
        }
        assert!(ours > 10);
    });
}

#[test]
fn a_post_that_finds_too_few_descriptors_changes_nothing() {
    alone("a_post_that_finds_too_few_descriptors_changes_nothing", || {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (ports, peers): (Vec<End>, Vec<End>) = (0..20).map(|_| here.channel()).unzip();
        post(&from, "before");
        for (index, (port, peer)) in ports.iter().zip(&peers).enumerate() {
            post(peer, format!("unread {index}"));
            post(port, format!("to the peer {index}"));
        }
        // One descriptor short of what twenty socketpairs take.
        let files = leave(39);
        let ports = ports.into_iter().map(Part::Port).collect();
        let (refused, ports) = try_post_with(&from, b"refused", ports).unwrap_err();
        assert!(is_exhausted(&refused), "{refused}");
        assert_eq!(refused.code(), "ERR_DESCRIPTORS_EXHAUSTED");
        assert_eq!(ports.len(), 20);
        // They are as they were, and everything can go as soon as there is room.
        let ports: Vec<End> = ports.into_iter().map(port).collect();
        for (index, peer) in peers.iter().enumerate() {
            expect(peer, format!("to the peer {index}"));
            post(peer, format!("unread too {index}"));
        }
        drop(files);
        post_ports(&from, b"accepted", ports);
        expect(&to, "before");
        for (index, (port, peer)) in expect_ports(&to, "accepted").iter().zip(&peers).enumerate() {
            expect(port, format!("unread {index}"));
            expect(port, format!("unread too {index}"));
            post(port, "still entangled");
            expect(peer, "still entangled");
        }
    });
}

#[test]
fn an_end_without_descriptors_does_not_become_one() {
    alone("an_end_without_descriptors_does_not_become_one", || {
        prepare_to_receive();
        let hub = Hub::default();
        let (a, b) = hub.channel();
        post(&a, "unread");
        let _files = leave(1);
        let (b, refused) = message_channel_main::parcel::into_descriptor(b).unwrap_err();
        assert!(is_exhausted(&refused));
        expect(&b, "unread");
        post(&b, "still here");
        expect(&a, "still here");
    });
}

/// The numbers at which this process has sockets.
fn sockets() -> Vec<i32> {
    let is_socket = |target: std::path::PathBuf| target.to_string_lossy().starts_with("socket:");
    let entries = std::fs::read_dir("/proc/self/fd").unwrap().map(Result::unwrap);
    let sockets = entries.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(is_socket));
    sockets.map(|entry| entry.file_name().to_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn where_nothing_can_be_sent_any_more_the_port_ends_and_says_so() {
    alone("where_nothing_can_be_sent_any_more_the_port_ends_and_says_so", || {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (other, other_there) = link(&here, &there);
        let (a, b) = here.channel();
        let before = sockets();
        let descriptor = message_channel_main::parcel::into_descriptor(b).unwrap();
        let is_ours = |number: &i32| !before.contains(number) && *number != descriptor.as_raw_fd();
        let ours = sockets().into_iter().find(is_ours).unwrap();
        let b = message_channel_main::parcel::from_descriptor(there.shared(), descriptor).unwrap();
        post(&a, "before");
        expect(&b, "before");
        // As a program does that closes a number once too often, and opens something else there.
        let file = File::open("/dev/null").unwrap();
        // SAFETY: the number stays the port's.
        let mut place = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(ours) });
        rustix::io::dup2(&file, &mut place).unwrap();
        post(&a, "lost");
        match receive(&a) {
            Event::Fault(fault @ Fault::Unsendable) => assert_eq!(fault.code(), "ERR_SEND_REFUSED"),
            event => panic!("{event:?}"),
        }
        expect_closed(&a);
        expect_closed(&b);
        post(&other, "unharmed");
        expect(&other_there, "unharmed");
    });
}

#[test]
fn what_a_full_socket_has_not_taken_leaves_although_no_descriptor_is_left_then() {
    alone("what_a_full_socket_has_not_taken_leaves_although_no_descriptor_is_left_then", || {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (closed, closed_there) = link(&here, &there);
        let _files = leave(0);
        post(&from, large(1));
        post(&closed, large(2));
        drop(closed);
        assert!(message(&to).0 == large(1));
        assert!(message(&closed_there).0 == large(2));
        expect_closed(&closed_there);
    });
}

#[test]
fn descriptors_that_a_receiver_has_no_room_for_end_one_port() {
    for_each_room(|free| {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (other, other_there) = link(&here, &there);
        let (ports, peers): (Vec<End>, Vec<End>) = (0..3).map(|_| here.channel()).unzip();
        post(&from, "before");
        expect(&to, "before");
        post_ports(&from, b"lost", ports);
        let _files = leave(free);
        match receive(&to) {
            Event::Fault(fault @ Fault::DescriptorsLost) => assert_eq!(fault.code(), "ERR_DESCRIPTORS_EXHAUSTED"),
            event => panic!("{event:?}"),
        }
        expect_closed(&to);
        expect_closed(&from);
        peers.iter().for_each(expect_closed);
        post(&other, "unharmed");
        expect(&other_there, "unharmed");
    });
}

/// Runs `body` with no room at all, and with room for some of three descriptors.
fn for_each_room(body: fn(usize)) {
    const ROOM: &str = "TEST_LEAVES_ROOM";
    let test = "descriptors_that_a_receiver_has_no_room_for_end_one_port";
    if let Ok(room) = std::env::var(ROOM) {
        return body(room.parse().unwrap());
    }
    for room in 0..3 {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.env(ROOM, room.to_string());
        alone_as(again, test, || unreachable!());
    }
}

#[test]
fn without_a_flusher_the_next_flush_goes_on() {
    alone("without_a_flusher_the_next_flush_goes_on", || {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (a, b) = link(&here, &there);
        let files = leave(0);
        for index in 0..5 {
            post(&a, large(index));
        }
        drop(files);
        a.flush();
        for index in 0..5 {
            assert!(message(&b).0 == large(index));
        }
    });
}

#[test]
fn a_queued_port_waits_for_descriptors_and_what_is_posted_later_waits_behind_it() {
    alone("a_queued_port_waits_for_descriptors_and_what_is_posted_later_waits_behind_it", || {
        prepare_to_receive();
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        // The flusher is there before descriptors get scarce.
        post(&from, vec![0; FILLS]);
        assert_eq!(message(&to).0.len(), FILLS);

        let (e, f) = here.channel();
        let (port, peer) = here.channel();
        let (second, second_peer) = here.channel();
        post(&f, "first");
        post_ports(&f, b"needs a socketpair", [port]);
        post_ports(&f, b"needs another", [second]);
        let files = leave(2);
        post_ports(&from, b"e", [e]);
        post(&f, "later");
        assert!(f.buffered_amount() > 0);
        drop(files);
        let e = expect_port(&to, "e");
        expect(&e, "first");
        let port = expect_port(&e, "needs a socketpair");
        let second = expect_port(&e, "needs another");
        expect(&e, "later");
        for (port, peer) in [(&port, &peer), (&second, &second_peer)] {
            post(peer, "entangled");
            expect(port, "entangled");
        }
        eventually("an empty outbox", || f.buffered_amount() == 0);
    });
}

#[test]
fn too_many_descriptors_in_flight_are_sent_later() {
    // Root may have any number in flight, so this takes somebody else, who must be able to read the program.
    const NOBODY: u32 = 65534;
    let test = "too_many_descriptors_in_flight_are_sent_later";
    let program = std::env::current_exe().unwrap();
    let copy = std::env::temp_dir().join(format!("{test}-{}", std::process::id()));
    let mut again = Command::new(&program);
    let is_root = rustix::process::geteuid().is_root();
    if is_root && std::env::var_os(ALONE).is_none() {
        std::fs::copy(&program, &copy).unwrap();
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
        again = Command::new(&copy);
        again.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        alone_as(again, test, || {
            prepare_to_receive();
            limit(64);
            let (here, there) = (Hub::default(), Hub::default());
            let (from, to) = link(&here, &there);
            post(&from, vec![0; FILLS]);
            assert_eq!(message(&to).0.len(), FILLS);
            // More than the limit are under way. Their peers are closed, so that only the way is crowded.
            for index in 0..90 {
                let (port, peer) = here.channel();
                post(&peer, format!("inside {index}"));
                drop(peer);
                post_ports(&from, format!("{index}").as_bytes(), [port]);
            }
            assert!(from.buffered_amount() > 0, "the kernel took them all");
            for index in 0..90 {
                let port = expect_port(&to, format!("{index}"));
                expect(&port, format!("inside {index}"));
                expect_closed(&port);
            }
        });
    }));
    if copy.exists() {
        std::fs::remove_file(&copy).unwrap();
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
