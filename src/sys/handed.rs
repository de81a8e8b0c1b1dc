//! What a descriptor that is handed over must be, by the kind that its sender names. Looking at it changes nothing.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::slice;

use rustix::fs::{fcntl_getfl, fstat, statx, AtFlags, FileType, OFlags, StatxFlags};
use rustix::io::{fcntl_dupfd_cloexec, fcntl_getfd, Errno};
use rustix::net::{sockopt, AddressFamily, SocketType};

use super::socket::{borrowed, is_one_of};
use super::{Descriptor, Socket, SHARED_MEMORY};

/// Whatever it is.
pub const ANY: u32 = 2;
const TCP_SOCKET: u32 = 3;
const UNIX_SOCKET: u32 = 4;
const TCP_SERVER: u32 = 5;
const UNIX_SERVER: u32 = 6;
/// What a program opens by a path.
const FILE: u32 = 7;
const DATAGRAMS: u32 = 8;
/// A file whose bytes somebody here is to read: not one that its sender only knows, and may not read himself.
const CONTENT: u32 = 9;

/// Whether it is what a peer says that it is. What no version of ours has said is nothing.
pub fn is_of_kind(kind: u32, descriptor: &Descriptor) -> bool {
    looks_so(kind, descriptor.as_fd())
}

/// The same of an open descriptor of this process, which is not copied: there may be no number left for a copy.
pub fn number_is_of_kind(kind: u32, number: i32) -> bool {
    borrowed(number).is_some_and(|descriptor| fcntl_getfd(descriptor).is_ok() && looks_so(kind, descriptor))
}

fn looks_so(kind: u32, descriptor: BorrowedFd) -> bool {
    match kind {
        SHARED_MEMORY => type_of(descriptor) == Some(FileType::RegularFile),
        ANY => true,
        TCP_SOCKET | TCP_SERVER => is_internet(descriptor) && is_stream(descriptor, kind == TCP_SERVER),
        FILE => type_of(descriptor).is_some_and(|kind| ![FileType::Socket, FileType::Unknown].contains(&kind)),
        DATAGRAMS => is_internet(descriptor) && sockopt::socket_type(descriptor) == Ok(SocketType::DGRAM),
        CONTENT => type_of(descriptor) == Some(FileType::RegularFile) && is_readable(descriptor),
        UNIX_SOCKET | UNIX_SERVER => {
            sockopt::socket_domain(descriptor).is_ok_and(|family| family == AddressFamily::UNIX)
                && is_stream(descriptor, kind == UNIX_SERVER)
        }
        _ => false,
    }
}

/// Whether the kernel passes it on at all. Of some things it never does, of an io_uring for one, and what they are changes with
/// its version: so it is asked.
pub fn may_leave(descriptor: &Descriptor) -> bool {
    // Without a descriptor to spare nobody knows, and the send will tell.
    let Ok((near, _far)) = Socket::pair() else {
        return true;
    };
    let sent = near.send(&[IoSlice::new(&[0])], slice::from_ref(descriptor));
    !sent.is_err_and(|error| is_one_of(&error, &[Errno::INVAL]))
}

/// As it is known here: nobody waits for whoever serves a file system, which may be the peer. Only where a sandbox refuses to ask
/// so, as those of older container engines do, it is asked in the way that may wait.
fn type_of(descriptor: BorrowedFd) -> Option<FileType> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let mode = match statx(descriptor, c"", flags, StatxFlags::TYPE) {
        Ok(stat) => stat.stx_mode.into(),
        Err(Errno::NOSYS | Errno::PERM) => fstat(descriptor).ok()?.st_mode,
        Err(_) => return None,
    };
    Some(FileType::from_raw_mode(mode))
}

fn is_readable(descriptor: BorrowedFd) -> bool {
    let is_read = |flags: OFlags| [OFlags::RDONLY, OFlags::RDWR].contains(&(flags & OFlags::RWMODE));
    fcntl_getfl(descriptor).is_ok_and(|flags| is_read(flags) && !flags.contains(OFlags::PATH))
}

fn is_internet(descriptor: BorrowedFd) -> bool {
    let family = sockopt::socket_domain(descriptor);
    family.is_ok_and(|family| [AddressFamily::INET, AddressFamily::INET6].contains(&family))
}

fn is_stream(descriptor: BorrowedFd, listens: bool) -> bool {
    sockopt::socket_type(descriptor).is_ok_and(|kind| kind == SocketType::STREAM)
        && sockopt::socket_acceptconn(descriptor).is_ok_and(|does| does == listens)
}

/// A copy of an open descriptor of this process, whose number may then be closed and used again.
pub fn copy_of(number: i32) -> io::Result<Descriptor> {
    Ok(fcntl_dupfd_cloexec(borrowed(number).ok_or(Errno::BADF)?, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::{UnixDatagram, UnixStream};

    #[test]
    fn each_thing_is_of_its_own_kind_and_of_no_other() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let stream = TcpStream::connect(listener.local_addr().expect("an address")).expect("a stream");
        let (unix, _peer) = UnixStream::pair().expect("a pair");
        let (datagram, _other) = UnixDatagram::pair().expect("a pair");
        let (pipe, _writer) = rustix::pipe::pipe().expect("a pipe");
        let datagrams = |address| UdpSocket::bind(address).expect("a socket");
        let known = rustix::fs::open("/proc/self/exe", OFlags::PATH, rustix::fs::Mode::empty()).expect("a file");
        let event = rustix::event::eventfd(0, rustix::event::EventfdFlags::empty()).expect("an event");
        let written = OpenOptions::new().write(true).open("/dev/null").expect("a device");
        let things: [(Descriptor, &[u32]); 11] = [
            (listener.into(), &[ANY, TCP_SERVER]),
            (stream.into(), &[ANY, TCP_SOCKET]),
            (unix.into(), &[ANY, UNIX_SOCKET]),
            (datagram.into(), &[ANY]),
            (datagrams("127.0.0.1:0").into(), &[ANY, DATAGRAMS]),
            (pipe, &[ANY, FILE]),
            (File::open("/proc/self/exe").expect("a file").into(), &[SHARED_MEMORY, ANY, FILE, CONTENT]),
            (File::open("/").expect("a folder").into(), &[ANY, FILE]),
            (known, &[SHARED_MEMORY, ANY, FILE]),
            (written.into(), &[ANY, FILE]),
            (event, &[ANY]),
        ];
        for (thing, kinds) in &things {
            let seen: Vec<u32> = (0..12).filter(|&kind| is_of_kind(kind, thing)).collect();
            assert_eq!(&seen, kinds, "{thing:?}");
            let told: Vec<u32> = (0..12).filter(|&kind| number_is_of_kind(kind, thing.as_raw_fd())).collect();
            assert_eq!(&told, kinds, "{thing:?}");
        }
    }

    #[test]
    fn a_ring_of_the_kernels_does_not_leave_and_all_else_does() {
        let (pipe, _writer) = rustix::pipe::pipe().expect("a pipe");
        let (unix, _peer) = UnixStream::pair().expect("a pair");
        assert!(may_leave(&pipe) && may_leave(&unix.into()));
        let parameters = std::ptr::from_mut(&mut [0u64; 15]);
        // SAFETY: there is room for the parameters, of which zeros are some.
        let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters) };
        // Where there are none, or for others only, nobody can hand one over.
        if let Some(ring) = i32::try_from(ring).ok().and_then(super::super::from_raw) {
            // Since Linux 6.7, and what was mended in older ones.
            let (near, _far) = Socket::pair().expect("a pair");
            let is_sent = near.send(&[IoSlice::new(&[0])], slice::from_ref(&ring)).is_ok();
            assert_eq!(may_leave(&ring), is_sent);
        }
    }

    #[test]
    fn what_is_not_open_has_no_copy() {
        assert!(copy_of(-1).is_err());
        assert!(copy_of(i32::MAX).is_err());
        assert!(!number_is_of_kind(ANY, -1) && !number_is_of_kind(ANY, i32::MAX));
    }
}
