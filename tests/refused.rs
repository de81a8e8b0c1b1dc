//! What the system refuses costs no message in silence: it is asked again, or both ends hear of it.

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use common::*;
use libc::{c_long, sock_filter, sock_fprog};
use message_channel_main::channel::{End, Filled, Part, Reader};
use message_channel_main::hub::Hub;
use message_channel_main::sys;

/// What `FileHandle`s go by (docs/wire-format.md).
const FILE: u32 = 7;

/// Calls `run` in a thread whose every such system call fails so.
fn refusing<T: Send>(call: c_long, errno: i32, run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let refused = scope.spawn(|| {
            refuse(call, errno);
            run()
        });
        refused.join().expect("no panic")
    })
}

/// From here on, and in this thread alone.
fn refuse(call: c_long, errno: i32) {
    let statement = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    let mut filter = [
        // The number stands first in what the filter sees.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32),
        statement(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32),
        statement(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the kernel copies the filter.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) == 0
    };
    assert!(done, "{}", std::io::Error::last_os_error());
}

fn fill(end: &End) -> Filled {
    end.fill_one(&mut vec![0; 1 << 16], &mut Reader::default())
}

/// What a peer has read when it comes to the end.
fn rest(mut peer: &UnixStream) -> Vec<u8> {
    let mut rest = Vec::new();
    peer.set_read_timeout(Some(Duration::from_secs(20))).expect("no end of it");
    peer.read_to_end(&mut rest).expect("an end");
    rest
}

#[test]
fn what_cannot_be_read_for_want_of_memory_is_read_later() {
    let hub = Hub::default();
    for errno in [libc::ENOMEM, libc::ENOBUFS] {
        let (end, mut peer) = exposed(&hub);
        peer.write_all(&plain(b"there")).expect("room");
        assert_eq!(refusing(libc::SYS_recvmsg, errno, || fill(&end)), Filled::Nothing);
        expect(&end, "there");
    }
}

#[test]
fn a_port_that_is_not_started_is_not_over_for_want_of_memory() {
    let hub = Hub::default();
    let (end, mut peer) = exposed(&hub);
    peer.write_all(&plain(b"there")).expect("room");
    let unstarted = || end.fill(&mut vec![0; 1 << 16], &mut Reader::default());
    assert_eq!(refusing(libc::SYS_recvfrom, libc::ENOMEM, unstarted), Filled::Nothing);
    expect(&end, "there");
}

#[test]
fn where_nobody_is_said_to_read_what_follows_does_not_arrive_either() {
    let hub = Hub::default();
    for errno in [libc::EPIPE, libc::ECONNRESET, libc::ENOTCONN] {
        let (end, peer) = exposed(&hub);
        post(&end, "before");
        refusing(libc::SYS_sendto, errno, || post(&end, "lost"));
        post(&end, "behind it");
        assert_eq!(rest(&peer), plain(b"before"));

        let (end, peer) = exposed(&hub);
        let (port, its_peer) = hub.channel();
        refusing(libc::SYS_sendmsg, errno, || post_with(&end, b"lost", vec![Part::Port(port)]));
        assert_eq!(rest(&peer), []);
        expect_closed(&its_peer);
    }
}

#[test]
fn what_is_a_file_is_known_where_a_sandbox_has_no_statx() {
    let file = File::open("/dev/null").expect("what is everywhere").into();
    for errno in [libc::ENOSYS, libc::EPERM] {
        let is_file = |kind| refusing(libc::SYS_statx, errno, || sys::is_of_kind(kind, &file));
        assert!(is_file(FILE) && !is_file(sys::SHARED_MEMORY));
    }
}
