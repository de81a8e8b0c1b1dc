//! What a descriptor that is handed over must be, by the kind that its sender names. Looking at it changes nothing.

use rustix::fs::{fstat, FileType};
use rustix::net::{sockopt, AddressFamily, SocketType};

use super::Descriptor;

/// Memory that processes share: whoever maps it looks closer.
pub const SHARED_MEMORY: u32 = 1;
/// Whatever it is.
pub const ANY: u32 = 2;
const TCP_SOCKET: u32 = 3;
const UNIX_SOCKET: u32 = 4;
const TCP_SERVER: u32 = 5;
const UNIX_SERVER: u32 = 6;

/// Whether it is what a peer says that it is. What no version of ours has said is nothing.
pub fn is_of_kind(kind: u32, descriptor: &Descriptor) -> bool {
    match kind {
        SHARED_MEMORY => {
            fstat(descriptor).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
        }
        ANY => true,
        TCP_SOCKET | TCP_SERVER => {
            let family = sockopt::socket_domain(descriptor);
            family.is_ok_and(|family| [AddressFamily::INET, AddressFamily::INET6].contains(&family))
                && is_stream(descriptor, kind == TCP_SERVER)
        }
        UNIX_SOCKET | UNIX_SERVER => {
            sockopt::socket_domain(descriptor).is_ok_and(|family| family == AddressFamily::UNIX)
                && is_stream(descriptor, kind == UNIX_SERVER)
        }
        _ => false,
    }
}

fn is_stream(descriptor: &Descriptor, listens: bool) -> bool {
    sockopt::socket_type(descriptor).is_ok_and(|kind| kind == SocketType::STREAM)
        && sockopt::socket_acceptconn(descriptor).is_ok_and(|does| does == listens)
}

/// A copy of an open descriptor of this process, whose number may then be closed and used again.
pub fn copy_of(number: i32) -> std::io::Result<Descriptor> {
    if number < 0 {
        return Err(rustix::io::Errno::BADF.into());
    }
    // SAFETY: borrowed for one call, which fails harmlessly if nothing is open there.
    let borrowed = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
    Ok(rustix::io::fcntl_dupfd_cloexec(borrowed, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::{UnixDatagram, UnixStream};

    #[test]
    fn each_thing_is_of_its_own_kind_and_of_no_other() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let stream = TcpStream::connect(listener.local_addr().expect("an address")).expect("a stream");
        let (unix, _peer) = UnixStream::pair().expect("a pair");
        let (datagram, _other) = UnixDatagram::pair().expect("a pair");
        let (pipe, _writer) = rustix::pipe::pipe().expect("a pipe");
        let things: [(Descriptor, &[u32]); 7] = [
            (listener.into(), &[ANY, TCP_SERVER]),
            (stream.into(), &[ANY, TCP_SOCKET]),
            (unix.into(), &[ANY, UNIX_SOCKET]),
            (datagram.into(), &[ANY]),
            (pipe, &[ANY]),
            (File::open("/proc/self/exe").expect("a file").into(), &[SHARED_MEMORY, ANY]),
            (File::open("/").expect("a folder").into(), &[ANY]),
        ];
        for (thing, kinds) in &things {
            let seen: Vec<u32> = (0..10).filter(|&kind| is_of_kind(kind, thing)).collect();
            assert_eq!(&seen, kinds, "{thing:?}");
        }
    }

    #[test]
    fn what_is_not_open_has_no_copy() {
        assert!(copy_of(-1).is_err());
        assert!(copy_of(i32::MAX).is_err());
    }
}
