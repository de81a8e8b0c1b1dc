//! What a hostile peer can do with sockets and descriptors, whatever the protocol says.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use arbitrary::{Result, Unstructured};
use rustix::net::{sendmsg, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};

/// Descriptors that the kernel takes at once.
pub const RIGHTS: usize = 253;

/// Descriptors that are no ports.
pub struct Strangers {
    pub all: Vec<OwnedFd>,
    /// As what the pipe among them is listed.
    pub pipe: PathBuf,
}

impl Default for Strangers {
    fn default() -> Strangers {
        let (reading, writing) = rustix::pipe::pipe().expect("a pipe");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a listener");
        let connected = TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
        let path = std::env::temp_dir().join(format!("no-port-{}", std::process::id()));
        let service = UnixListener::bind(&path).expect("a service");
        let client = UnixStream::connect(&path).expect("a client");
        let (server, _) = service.accept().expect("its server");
        std::fs::remove_file(&path).expect("it is there");
        let (datagrams, _) = UnixDatagram::pair().expect("datagrams");
        let file = std::fs::File::open("/dev/null").expect("a file");
        let program = std::fs::File::open("/proc/self/exe").expect("a regular file");
        let internet = UdpSocket::bind(("127.0.0.1", 0)).expect("datagrams");
        let folder = std::fs::File::open("/").expect("a folder");
        let epoll = rustix::event::epoll::create(rustix::event::epoll::CreateFlags::CLOEXEC).expect("a poller");
        let pipe = std::fs::read_link(format!("/proc/self/fd/{}", reading.as_raw_fd())).expect("its name");
        let all = vec![
            reading,
            writing,
            listener.into(),
            connected.into(),
            service.into(),
            client.into(),
            server.into(),
            datagrams.into(),
            file.into(),
            folder.into(),
            epoll,
            program.into(),
            internet.into(),
        ];
        Strangers { all, pipe }
    }
}

/// While it lasts, this process can open a few descriptors only.
pub struct Famine(Rlimit);

impl Famine {
    pub fn begin(input: &mut Unstructured<'_>) -> Result<Famine> {
        let usual = getrlimit(Resource::Nofile);
        let left: u8 = input.int_in_range(0..=3)?;
        // The lowest number that is free.
        let lowest = rustix::io::dup(std::io::stdin()).map_or(0, |free| free.as_raw_fd() as u64);
        let limit = Rlimit { current: Some(lowest + u64::from(left)), ..usual };
        setrlimit(Resource::Nofile, limit).expect("a lower limit");
        Ok(Famine(usual))
    }
}

impl Drop for Famine {
    fn drop(&mut self) {
        setrlimit(Resource::Nofile, self.0).expect("the limit that it was");
    }
}

pub fn dup(descriptor: &impl AsFd) -> OwnedFd {
    descriptor.as_fd().try_clone_to_owned().expect("a copy")
}

/// Writes what the kernel takes; `false` if that is not everything.
pub fn write(socket: &UnixStream, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> bool {
    if bytes.is_empty() {
        return true;
    }
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(descriptors.is_empty() || control.push(SendAncillaryMessage::ScmRights(descriptors)));
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    sendmsg(socket, &[IoSlice::new(bytes)], &mut control, flags).is_ok_and(|count| count == bytes.len())
}

/// The libc crate does not name it on every target.
pub const SO_PASSPIDFD: i32 = 76;

pub fn set_option(socket: &UnixStream, name: i32, value: i32) {
    // SAFETY: the value outlives the call and has the length that is said.
    unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, name, (&raw const value).cast(), size_of::<i32>() as u32)
    };
}

/// What the descriptors of this process are, but for pipes that are not `ours`: the fuzzer talks through such with what
/// finds names for its addresses.
pub fn open_descriptors(ours: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir("/proc/self/fd").expect("the list of descriptors").flatten();
    let names = all.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    names.filter(|name| name == ours || !name.to_string_lossy().starts_with("pipe:")).collect()
}
