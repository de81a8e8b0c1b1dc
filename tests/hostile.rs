//! A peer that writes what it likes to its socket ends its own port, and nothing else.

mod common;

use std::io::{Read, Write};

use std::mem::ManuallyDrop;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixStream};

use common::*;
use message_channel_main::channel::{Filled, Reader};
use message_channel_main::error::Fault;
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::parcel;
use message_channel_main::sync::Arc;
use message_channel_main::wire::frame::{padded, Header, HEADER};
use message_channel_main::wire::Malformed;
use proptest::prelude::*;
use rustix::fs::{MemfdFlags, Mode, OFlags};

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A message with one port of this channel, with nothing but this for its inbound luggage.
fn one_port(channel: u64, inbound: &[u8]) -> Vec<u8> {
    let mut tail = words(&[2, 0, channel as u32, (channel >> 32) as u32, inbound.len() as u32, 0, 0, 0]);
    tail.extend(inbound);
    tail.resize(padded(tail.len()), 0);
    let mut frame = Header::Descriptors(1).to_bytes().to_vec();
    frame.extend(Header::Message { body: 0, parts: 1, tail: tail.len() }.to_bytes());
    frame.extend(tail);
    frame
}

#[test]
fn what_came_before_the_garbage_is_delivered_and_others_do_not_notice() {
    let hub = Hub::default();
    let (bad, mut peer) = exposed(&hub);
    let (good, mut good_peer) = exposed(&hub);
    peer.write_all(&plain(b"good")).unwrap();
    peer.write_all(&[0xff; 1000]).unwrap();
    good_peer.write_all(&plain(b"unharmed")).unwrap();
    expect(&bad, "good");
    expect_fault(&bad, Malformed::Version);
    expect(&good, "unharmed");
    // Nobody listens to the bad peer any more, and nobody talks to it.
    post(&bad, "to nobody");
    assert_eq!(bad.buffered_amount(), 0);
    let mut rest = Vec::new();
    assert!(matches!(peer.read_to_end(&mut rest), Ok(0) | Err(_)) && rest.is_empty());
    assert!(peer.write_all(b"more").is_err());
}

#[test]
fn each_lie_in_a_header_is_named() {
    let message = 0x101;
    let lies = [
        ([0x201, 0, 0, 0], Malformed::Version),
        ([0x103, 0, 0, 0], Malformed::Kind),
        ([0x10101, 0, 0, 0], Malformed::Reserved),
        ([message, (1 << 30) + 1, 0, 0], Malformed::TooLarge),
        ([message, 0, (1 << 16) + 1, u32::MAX - 7], Malformed::TooManyParts),
        ([message, 0, 2, 8], Malformed::Tail),
        ([0x102, 0, 1, 0], Malformed::MissingDescriptors),
    ];
    let hub = Hub::default();
    for (header, malformed) in lies {
        let (end, mut peer) = exposed(&hub);
        peer.write_all(&words(&header)).unwrap();
        expect_fault(&end, malformed);
    }
}

#[test]
fn only_unix_stream_sockets_are_ports() {
    let (pipe, other_end) = std::io::pipe().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let strangers: Vec<OwnedFd> = vec![
        pipe.into(),
        UnixDatagram::unbound().unwrap().into(),
        std::fs::File::open("/dev/null").unwrap().into(),
        tcp.into(),
        listener.into(),
    ];
    let hub = Hub::default();
    for stranger in strangers {
        let (end, peer) = exposed(&hub);
        send(&peer, &one_port(7, b""), &[stranger.as_fd()]);
        expect_fault(&end, Malformed::NotAPort);
        assert!(parcel::from_descriptor(hub.shared(), stranger).is_err());
    }
    // Both copies of the pipe's reading end were closed.
    assert_eq!((&other_end).write(b"x").unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn descriptors_that_nobody_announced_are_closed() {
    let hub = Hub::default();
    for frame in [plain(b"message"), [one_port(7, b""), plain(b"")].concat()] {
        let (end, peer) = exposed(&hub);
        let (stowaway, its_peer) = UnixStream::pair().unwrap();
        let (port, _port_peer) = UnixStream::pair().unwrap();
        send(&peer, &frame, &[port.as_fd(), stowaway.as_fd()]);
        drop((stowaway, port));
        match receive(&end) {
            Event::Fault(_) => {}
            // The port itself is in order; what is left over is found when the next message is looked at.
            Event::Message(_, parts) => {
                assert_eq!(parts.len(), 1);
                expect_fault(&end, Malformed::SpareDescriptors);
            }
            Event::Closed => panic!("no fault"),
        }
        assert_eq!((&its_peer).read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn a_port_through_its_own_channel_is_refused() {
    let hub = Hub::default();
    let (end, peer) = exposed(&hub);
    let (inner, inner_peer) = UnixStream::pair().unwrap();
    send(&peer, &one_port(42, b""), &[inner.as_fd()]);
    drop(inner);
    let inner = expect_port(&end, "");
    let (again, _) = UnixStream::pair().unwrap();
    send(&inner_peer, &one_port(42, b""), &[again.as_fd()]);
    expect_fault(&inner, Malformed::Loop);
    (&peer).write_all(&plain(b"the carrier lives")).unwrap();
    expect(&end, "the carrier lives");
}

#[test]
fn garbage_in_the_luggage_harms_the_port_that_it_belongs_to() {
    let hub = Hub::default();
    let (end, mut peer) = exposed(&hub);
    let (inner, inner_peer) = UnixStream::pair().unwrap();
    send(&peer, &one_port(42, &[plain(b"first"), vec![0xee; 99]].concat()), &[inner.as_fd()]);
    drop(inner);
    let inner = expect_port(&end, "");
    expect(&inner, "first");
    expect_fault(&inner, Malformed::Version);
    assert_eq!((&inner_peer).read(&mut [0]).unwrap(), 0);
    peer.write_all(&plain(b"the carrier lives")).unwrap();
    expect(&end, "the carrier lives");
}

#[test]
fn half_a_message_from_a_peer_that_died_is_not_delivered() {
    let hub = Hub::default();
    let frame = plain(b"never finished");
    for cut in 1..frame.len() {
        let (end, mut peer) = exposed(&hub);
        peer.write_all(&plain(b"whole")).unwrap();
        peer.write_all(&frame[..cut]).unwrap();
        drop(peer);
        expect(&end, "whole");
        expect_closed(&end);
    }
}

#[test]
fn half_a_message_does_not_keep_a_port_open_that_is_not_started() {
    let hub = Hub::default();
    let (end, mut peer) = exposed(&hub);
    peer.write_all(&plain(b"cut off")[..20]).unwrap();
    assert!(receive_now(&end).is_none(), "the half was read");
    drop(peer);
    let home = Arc::new(Home::new().unwrap());
    end.attach(&home, 1);
    assert_eq!(end.fill(&mut [0; 100], &mut Reader::default()), Filled::Closed);
}

#[test]
fn a_giant_that_was_only_announced_keeps_nobody_waiting() {
    let hub = Hub::default();
    let (end, mut peer) = exposed(&hub);
    peer.write_all(&Header::Message { body: 1 << 30, parts: 0, tail: 0 }.to_bytes()).unwrap();
    peer.write_all(&[1; 100]).unwrap();
    assert!(receive_now(&end).is_none());
    drop(peer);
    expect_closed(&end);
}

#[test]
fn a_peer_that_reads_nothing_holds_up_nobody() {
    let hub = Hub::default();
    let (end, peer) = exposed(&hub);
    let mut posted = 0;
    for _ in 0..100 {
        posted += 100_000;
        post(&end, vec![0; 100_000]);
    }
    assert!(end.buffered_amount() > posted / 2);
    drop(peer);
    expect_closed(&end);
}

#[test]
fn a_port_that_was_closed_is_closed_for_every_copy_of_its_descriptor() {
    let hub = Hub::default();
    let (ours, peer) = UnixStream::pair().unwrap();
    let leaked = ours.try_clone().unwrap();
    drop(parcel::from_descriptor(hub.shared(), ours.into()).unwrap());
    assert_eq!((&peer).read(&mut [0]).unwrap(), 0);
    assert!((&leaked).write_all(b"from the grave").is_err());
}

#[test]
fn a_peer_that_is_known_to_be_dead_ends_though_its_descriptor_leaked() {
    let hub = Hub::default();
    let (end, mut peer) = exposed(&hub);
    let leaked = peer.try_clone().unwrap();
    peer.write_all(&plain(b"last words")).unwrap();
    drop(peer);
    end.conclude();
    expect(&end, "last words");
    expect_closed(&end);
    drop(leaked);
}

/// The open descriptors with the same file, other than this one.
fn copies_of(number: i32) -> Vec<i32> {
    let file = |number: i32| std::fs::read_link(format!("/proc/self/fd/{number}")).ok();
    let wanted = file(number);
    let all =
        std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(|&other| other != number && file(other) == wanted).collect()
}

#[test]
fn a_descriptor_from_outside_has_another_number_and_closes_on_exec_once_it_is_a_port() {
    use rustix::io::{fcntl_getfd, FdFlags};
    use rustix::net::{socketpair, AddressFamily, SocketFlags, SocketType};
    let (inherited, _peer) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::empty(), None).unwrap();
    assert_eq!(fcntl_getfd(&inherited).unwrap(), FdFlags::empty());
    let copy = inherited.try_clone().unwrap();
    let number = inherited.as_raw_fd();
    let _end = parcel::from_descriptor(Hub::default().shared(), inherited).unwrap();
    let [moved] = copies_of(copy.as_raw_fd())[..] else { panic!("it is there once") };
    assert_ne!(moved, number);
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{moved}")).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim().to_owned();
    assert_ne!(i32::from_str_radix(&flags, 8).unwrap() & 0o2_000_000, 0);
}

#[test]
fn a_link_touches_nothing_that_is_opened_at_its_number_and_goes_on() {
    use rustix::io::dup2;
    let hub = Hub::default();
    for posts in [0, 1, 100] {
        let home = Arc::new(Home::new().unwrap());
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut stranger, mut friend) = UnixStream::pair().unwrap();
        let number = ours.as_raw_fd();
        let end = parcel::from_descriptor(hub.shared(), ours.into()).unwrap();
        end.attach(&home, 1);
        end.start(true);
        // SAFETY: nobody uses what the end has left there, and that is what is tested.
        let mut place = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(number) });
        dup2(&stranger, &mut place).unwrap();
        friend.write_all(b"for the stranger").unwrap();
        for _ in 0..posts {
            end.post(&[7; 100], false).unwrap();
        }
        (&theirs).write_all(&plain(b"for the link")).unwrap();
        expect(&end, "for the link");
        end.conclude();
        end.detach();
        drop(end);
        let mut said = Vec::new();
        (&theirs).read_to_end(&mut said).unwrap();
        assert_eq!(said.len(), posts * plain(&[7; 100]).len());
        // The other was not read from, not written to, not shut down and not closed.
        let mut bytes = [0; 100];
        let count = stranger.read(&mut bytes).unwrap();
        assert_eq!(&bytes[..count], b"for the stranger");
        assert!(is_open(number));
        // SAFETY: the end has left it open, and nobody else has it.
        drop(ManuallyDrop::into_inner(place));
        drop(stranger);
        let count = friend.read(&mut bytes).unwrap();
        assert_eq!(count, 0, "{:?}", &bytes[..count]);
    }
}

fn set_option(socket: &UnixStream, option: i32) {
    let (on, length) = (1i32, size_of::<i32>() as u32);
    // SAFETY: the value outlives the call and has the length that is said.
    let set = unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, (&raw const on).cast(), length) };
    assert_eq!(set, 0);
}

/// With that option even the end of a stream comes with something beside it, as often as one reads.
#[test]
fn a_port_that_closes_with_a_backlog_does_not_read_the_end_for_ever() {
    let hub = Hub::default();
    let (ours, theirs) = UnixStream::pair().unwrap();
    set_option(&ours, libc::SO_PASSCRED);
    let end = parcel::from_descriptor(hub.shared(), ours.into()).unwrap();
    post(&end, vec![1; FILLS]);
    drop(end);
    drop(theirs);
    // Nor does one that is read to its end.
    let (ours, theirs) = UnixStream::pair().unwrap();
    set_option(&ours, libc::SO_PASSCRED);
    let end = parcel::from_descriptor(hub.shared(), ours.into()).unwrap();
    drop(theirs);
    expect_closed(&end);
}

#[test]
fn control_messages_that_nobody_asked_for_end_the_port_and_leak_nothing() {
    const SO_PASSPIDFD: i32 = 76;
    for option in [libc::SO_PASSCRED, SO_PASSPIDFD] {
        let hub = Hub::default();
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        set_option(&ours, option);
        // The sender keeps the open file, so it can set the option at any time.
        let copy = ours.try_clone().unwrap();
        let end = parcel::from_descriptor(hub.shared(), ours.into()).unwrap();
        theirs.write_all(&plain(b"message")).unwrap();
        let inode = |fd: &std::fs::DirEntry| std::fs::read_link(fd.path()).unwrap_or_default();
        let pidfds = || {
            let all = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            all.filter(|fd| inode(fd).to_string_lossy().contains("pidfd")).count()
        };
        assert!(matches!(receive(&end), Event::Fault(Fault::Malformed(Malformed::Foreign))));
        assert_eq!(pidfds(), 0);
        drop((end, copy));
    }
}

/// A message with one descriptor that is said to be of this kind.
fn one_thing(kind: u32) -> Vec<u8> {
    let mut frame = Header::Descriptors(1).to_bytes().to_vec();
    frame.extend(Header::Message { body: 0, parts: 1, tail: 16 }.to_bytes());
    frame.extend(words(&[5, 0, kind, 0]));
    frame
}

#[test]
fn what_is_not_of_the_kind_that_is_said_ends_its_port_and_no_other() {
    let device = || -> OwnedFd { std::fs::File::open("/dev/null").unwrap().into() };
    let file = || -> OwnedFd { std::fs::File::open("/proc/self/exe").unwrap().into() };
    let known = || rustix::fs::open("/proc/self/exe", OFlags::PATH, Mode::empty()).unwrap();
    let memory = || rustix::fs::memfd_create("unsealed", MemfdFlags::CLOEXEC).unwrap();
    let datagrams = || -> OwnedFd { UdpSocket::bind(("127.0.0.1", 0)).unwrap().into() };
    let folder = || -> OwnedFd { std::fs::File::open("/").unwrap().into() };
    let pipe = || -> OwnedFd { std::io::pipe().unwrap().0.into() };
    let socket = || -> OwnedFd { UnixStream::pair().unwrap().0.into() };
    let server = || -> OwnedFd { TcpListener::bind(("127.0.0.1", 0)).unwrap().into() };
    let hub = Hub::default();
    let (innocent, peer_of_innocent) = exposed(&hub);
    for kind in [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, u32::MAX] {
        let strangers: [(&[u32], OwnedFd); 9] = [
            (&[7], device()),
            // Who maps memory looks closer: as memory these two pass here, and are nobody's memory there.
            (&[1, 7, 9], file()),
            (&[1, 7, 9], memory()),
            (&[1, 7], known()),
            (&[7], folder()),
            (&[7], pipe()),
            (&[4], socket()),
            (&[5], server()),
            (&[8], datagrams()),
        ];
        for (kinds, stranger) in strangers {
            let (end, peer) = exposed(&hub);
            send(&peer, &one_thing(kind), &[stranger.as_fd()]);
            match receive(&end) {
                Event::Fault(Fault::Malformed(Malformed::NotOfItsKind)) => {
                    assert!(!kinds.contains(&kind), "{kind} {stranger:?}")
                }
                Event::Message(..) => assert!(kinds.contains(&kind), "{kind} {stranger:?}"),
                other => panic!("{other:?}"),
            }
        }
    }
    send(&peer_of_innocent, &one_thing(2), &[pipe().as_fd()]);
    assert!(!matches!(receive(&innocent), Event::Fault(_)));
}

#[test]
fn a_connection_to_a_service_is_no_port() {
    let hub = Hub::default();
    let folder = std::env::temp_dir().join(format!("no-port-{}", std::process::id()));
    let listener = std::os::unix::net::UnixListener::bind(&folder).unwrap();
    let clients = [(); 2].map(|()| UnixStream::connect(&folder).unwrap());
    let servers = [(); 2].map(|()| listener.accept().unwrap().0);
    std::fs::remove_file(&folder).unwrap();
    let ([a, b], [c, d]) = (clients, servers);
    for (stranger, mut other) in [(a, c), (d, b)] {
        let (end, peer) = exposed(&hub);
        send(&peer, &one_port(7, &plain(b"luggage")), &[stranger.as_fd()]);
        assert!(matches!(receive(&end), Event::Fault(Fault::Malformed(Malformed::NotAPort))));
        other.set_nonblocking(true).unwrap();
        assert!(other.read(&mut [0; 100]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
}

#[test]
fn what_is_no_port_stays_open() {
    let hub = Hub::default();
    let file = std::fs::File::open("/dev/null").unwrap();
    let number = file.as_raw_fd();
    let stranger = parcel::from_descriptor(hub.shared(), file.into()).unwrap_err();
    assert_eq!(stranger.as_raw_fd(), number);
    assert!(is_open(number));
}

fn is_open(number: i32) -> bool {
    std::path::Path::new(&format!("/proc/self/fd/{number}")).exists()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn random_bytes_and_descriptors_end_in_a_fault_or_a_close(
        start in prop::option::of((1u8..=2, 0u32..64, 0u32..4, 0u32..64)),
        bytes in prop::collection::vec(prop_oneof![0u8..4, any::<u8>()], 1..300),
        descriptors in 0usize..4,
    ) {
        let hub = Hub::default();
        let (end, peer) = exposed(&hub);
        let (good, good_peer) = exposed(&hub);
        let header = start.map(|(kind, body, count, tail)| words(&[0x100 | u32::from(kind), body, count, tail]));
        let bytes = [header.unwrap_or_default(), bytes].concat();
        let sockets: Vec<(UnixStream, UnixStream)> = (0..descriptors).map(|_| UnixStream::pair().unwrap()).collect();
        let rights: Vec<BorrowedFd<'_>> = sockets.iter().map(|(socket, _)| socket.as_fd()).collect();
        send(&peer, &bytes, &rights);
        drop(peer);
        let peers: Vec<UnixStream> = sockets.into_iter().map(|(_, peer)| peer).collect();
        let mut left = bytes.len();
        loop {
            match receive(&end) {
                Event::Message(body, _) => {
                    prop_assert!(body.len() < left);
                    left -= HEADER;
                }
                Event::Fault(_) => {}
                Event::Closed => break,
            }
        }
        drop(end);
        for peer in peers {
            prop_assert_eq!((&peer).read(&mut [0]).unwrap(), 0, "every descriptor was closed");
        }
        send(&good_peer, &plain(b"unharmed"), &[]);
        expect(&good, "unharmed");
    }
}
