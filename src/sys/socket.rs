//! One end of a unix stream socketpair: one system call a method.
//!
//! `O_NONBLOCK` belongs to the open file that all copies of a descriptor share, so it is never set: every call says
//! `MSG_DONTWAIT` itself.

use std::io::{self, IoSlice};
use std::mem::{size_of, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::{dup3, fcntl_dupfd_cloexec, fcntl_getfd, fcntl_setfd, DupFlags, Errno, FdFlags};
use rustix::net::{
    getpeername, getsockname, send, sendmsg, shutdown, socket_with, socketpair, sockopt, AddressFamily, RecvFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, Shutdown, SocketAddrAny, SocketFlags, SocketType,
};

use crate::limits::DESCRIPTORS_PER_SEND;

/// What travels beside bytes.
pub type Descriptor = OwnedFd;

/// Room for as many descriptors as the kernel ever delivers at once, and for what it may put beside them, in words.
const CONTROL: usize = rustix::cmsg_space!(ScmRights(253)) / size_of::<u64>() + 64;

/// A peer's process as a descriptor; the libc crate does not name it on every target.
const SCM_PIDFD: libc::c_int = 4;

/// No number from here on is that of a standard stream, or one of those that a program is started with.
const AWAY: RawFd = 48;

#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    /// Kept for one that came by a number which others know.
    _place: Option<Box<Place>>,
}

/// A number at which something of ours was, with what nobody reads or writes there now: so nobody gets the number whose file somebody
/// else takes for what it was, and closes.
#[derive(Debug)]
pub struct Place {
    number: RawFd,
    identity: Identity,
}

/// What tells an open file from others that later have its number: device and inode. Those of one file are alike, and so is what has
/// no inode of its own, such as an epoll.
pub type Identity = (u64, u64);

/// What one [`Socket::receive`] brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    Bytes(usize),
    /// Nothing is there now.
    Nothing,
    /// The peer is gone and everything that it sent has been read.
    End,
    /// The kernel had descriptors for us that this process has no room for, and destroyed them.
    DescriptorsLost,
    /// Something other than descriptors came beside the bytes: somebody has set an option of this socket.
    Foreign,
}

impl Place {
    /// Puts something of its own at the number of `known`. `None`: there is no descriptor left for that, and the number is free.
    pub fn at(mut known: OwnedFd) -> Option<Place> {
        let nothing = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).ok()?;
        dup3(&nothing, &mut known, DupFlags::CLOEXEC).ok()?;
        let number = into_raw(known);
        identity_of(number).map(|identity| Place { number, identity })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if identity_of(self.number) == Some(self.identity) {
            drop(from_raw(self.number));
        }
    }
}

impl Socket {
    /// An entangled pair; both ends close on exec.
    pub fn pair() -> io::Result<(Socket, Socket)> {
        let (a, b) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        Ok((Socket::new(a), Socket::new(b)))
    }

    fn new(fd: OwnedFd) -> Socket {
        Socket { fd, _place: None }
    }

    /// Takes over a descriptor that arrived beside bytes, if it is half of an unnamed pair of unix stream sockets: what is
    /// connected to somebody's service would have that read what we write.
    pub fn from_descriptor(descriptor: Descriptor) -> Result<Socket, Descriptor> {
        let is_port = sockopt::socket_domain(&descriptor).is_ok_and(|family| family == AddressFamily::UNIX)
            && sockopt::socket_type(&descriptor).is_ok_and(|kind| kind == SocketType::STREAM)
            && getsockname(&descriptor).is_ok_and(is_unnamed)
            && getpeername(&descriptor).is_ok_and(|peer| peer.is_some_and(is_unnamed))
            && fcntl_setfd(&descriptor, FdFlags::CLOEXEC).is_ok();
        if is_port {
            Ok(Socket::new(descriptor))
        } else {
            Err(descriptor)
        }
    }

    /// Takes over one that the process was started with. Its number is no secret, and whoever closes it may open something else
    /// there: so the socket moves to another, and leaves its place to nobody.
    pub fn inherited(descriptor: Descriptor) -> Result<Socket, Descriptor> {
        let Socket { fd: known, .. } = Socket::from_descriptor(descriptor)?;
        // Without a descriptor to spare it stays where it is.
        let Ok(fd) = fcntl_dupfd_cloexec(&known, AWAY) else {
            return Ok(Socket::new(known));
        };
        Ok(Socket { fd, _place: Place::at(known).map(Box::new) })
    }

    /// For a port that leaves the process.
    pub fn into_descriptor(self) -> Descriptor {
        self.fd
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Sends what the kernel takes of `bytes` now; `descriptors` go with the first of them, all or none.
    pub fn send(&self, bytes: &[IoSlice<'_>], descriptors: &[Descriptor]) -> io::Result<usize> {
        debug_assert!(descriptors.len() <= DESCRIPTORS_PER_SEND);
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        // Most often: and the kernel has no header to copy and to check.
        if let (&[bytes], []) = (&bytes, descriptors) {
            return Ok(rustix::io::retry_on_intr(|| send(&self.fd, bytes, flags))?);
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_PER_SEND))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        if !borrowed.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&borrowed)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(rustix::io::retry_on_intr(|| sendmsg(&self.fd, bytes, &mut control, flags))?)
    }

    /// Asks the kernel to hold so many bytes that were sent and not received. It holds fewer if that is more than it may.
    pub fn widen(&self, bytes: usize) {
        let _ = sockopt::set_socket_send_buffer_size(&self.fd, bytes);
    }

    /// Reads what is there into `buffer`, and what came beside it into `descriptors`.
    pub fn receive(&self, buffer: &mut [u8], descriptors: &mut Vec<Descriptor>) -> Received {
        let mut control = [MaybeUninit::<u64>::uninit(); CONTROL];
        let mut bytes = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: a header of zeros is one without any buffers.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_iov = &mut bytes;
        header.msg_iovlen = 1;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = std::mem::size_of_val(&control) as _;
        let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
        let count = loop {
            // SAFETY: the header points to both buffers with their lengths, and they outlive the call.
            let count = unsafe { libc::recvmsg(self.fd.as_raw_fd(), &mut header, flags) };
            if count >= 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                break count;
            }
        };
        let Ok(count) = usize::try_from(count) else {
            let error = io::Error::last_os_error();
            // What passes is asked for again, as long as something is there.
            let is_nothing = error.kind() == io::ErrorKind::WouldBlock || is_transient(&error);
            // A peer that closed with our data unread resets the connection after its own data: that is its end too.
            return if is_nothing { Received::Nothing } else { Received::End };
        };
        // SAFETY: the kernel has just filled the header and the control buffer that it points to.
        let only_descriptors = unsafe { take_descriptors(&header, descriptors) };
        if count == 0 {
            // With an option that somebody has set even this may have something beside it, as often as one asks.
            Received::End
        } else if !only_descriptors {
            Received::Foreign
        } else if header.msg_flags & libc::MSG_CTRUNC != 0 {
            Received::DescriptorsLost
        } else {
            Received::Bytes(count)
        }
    }

    /// Whether the peer is gone and nothing of what it sent is left to read.
    pub fn at_end(&self) -> bool {
        let mut byte = [0; 1];
        // Without room for control data a peek leaves descriptors alone; it only looks.
        let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
        let peeked = rustix::io::retry_on_intr(|| rustix::net::recv(&self.fd, &mut byte, flags));
        !matches!(peeked, Ok((1.., _)) | Err(Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM))
    }

    /// Whether the peer has hung up, whatever of its data is still unread.
    pub fn hung_up(&self) -> bool {
        self.polls(PollFlags::empty(), PollFlags::HUP | PollFlags::ERR)
    }

    /// Whether a receive would bring something, if only the end.
    pub fn is_readable(&self) -> bool {
        self.polls(PollFlags::IN, PollFlags::IN | PollFlags::HUP | PollFlags::ERR)
    }

    /// A copy for somebody to wait with who must not hold on to this socket meanwhile.
    pub fn copy(&self) -> io::Result<Descriptor> {
        Ok(fcntl_dupfd_cloexec(&self.fd, 0)?)
    }

    fn polls(&self, events: PollFlags, wanted: PollFlags) -> bool {
        let mut poll = [PollFd::new(&self.fd, events)];
        let ready = rustix::io::retry_on_intr(|| rustix::event::poll(&mut poll, Some(&Timespec::default())));
        ready.is_ok() && poll[0].revents().intersects(wanted)
    }

    /// Lets what has arrived be read, then the end.
    pub fn shut_down_reading(&self) {
        let _ = shutdown(&self.fd, Shutdown::Read);
    }

    /// Lets what was sent be read, then the end.
    pub fn shut_down_writing(&self) {
        let _ = shutdown(&self.fd, Shutdown::Write);
    }

    /// Ends the conversation for every copy of this descriptor, wherever it may have leaked to.
    pub fn shut_down(&self) {
        let _ = shutdown(&self.fd, Shutdown::Both);
    }
}

/// A name, be it a path or an abstract one, stands behind the family.
fn is_unnamed(address: SocketAddrAny) -> bool {
    address.address_family() == AddressFamily::UNIX && address.addr_len() as usize == size_of::<libc::sa_family_t>()
}

/// Walks the control messages to their end: every descriptor in them is ours from now on, of whatever kind its message is.
/// `false`: there was something that no peer of ours sends.
///
/// # Safety
/// `header` is as a successful `recvmsg` has left it, and its control buffer is still there.
unsafe fn take_descriptors(header: &libc::msghdr, descriptors: &mut Vec<Descriptor>) -> bool {
    let mut only_descriptors = true;
    // SAFETY: the macros stay within the control buffer of the header.
    let mut at = unsafe { libc::CMSG_FIRSTHDR(header) };
    // SAFETY: not null, so there is a whole header.
    while let Some(message) = unsafe { at.as_ref() } {
        let (level, kind) = (message.cmsg_level, message.cmsg_type);
        if level == libc::SOL_SOCKET && (kind == libc::SCM_RIGHTS || kind == SCM_PIDFD) {
            // SAFETY: as above; the data of these kinds are descriptors, as many as the message is long.
            let data = unsafe { libc::CMSG_DATA(at) }.cast::<RawFd>();
            #[allow(clippy::unnecessary_cast)] // musl has it in 32 bits
            let length = message.cmsg_len as usize;
            let count = length.saturating_sub(data as usize - at as usize) / size_of::<RawFd>();
            for index in 0..count {
                // SAFETY: the kernel has installed each of them for us alone. An unreadable pidfd is an error number.
                let raw = unsafe { data.add(index).read_unaligned() };
                if raw >= 0 {
                    // SAFETY: see above.
                    let descriptor = unsafe { OwnedFd::from_raw_fd(raw) };
                    if kind == libc::SCM_RIGHTS {
                        descriptors.push(descriptor);
                    }
                }
            }
        }
        only_descriptors &= level == libc::SOL_SOCKET && kind == libc::SCM_RIGHTS;
        // SAFETY: `at` is one of this header's.
        at = unsafe { libc::CMSG_NXTHDR(header, at) };
    }
    only_descriptors
}

/// What is open there, as far as that can be told. `None`: nothing.
pub fn identity_of(number: i32) -> Option<Identity> {
    rustix::fs::fstat(borrowed(number)?).ok().map(|stat| (stat.st_dev, stat.st_ino))
}

/// For calls that fail harmlessly if nothing is open there. `None`: it is no number of a descriptor.
pub(super) fn borrowed<'now>(number: i32) -> Option<BorrowedFd<'now>> {
    // SAFETY: it is not negative, and nobody relies on its being open.
    (number >= 0).then(|| unsafe { BorrowedFd::borrow_raw(number) })
}

pub(super) fn is_one_of(error: &io::Error, errnos: &[Errno]) -> bool {
    errnos.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether a call was refused for something that passes: too many descriptors in flight, or no kernel memory now.
pub fn is_transient(error: &io::Error) -> bool {
    is_one_of(error, &[Errno::TOOMANYREFS, Errno::NOBUFS, Errno::NOMEM])
}

/// Whether a send was refused because nobody is there any more to read it.
pub fn is_peer_gone(error: &io::Error) -> bool {
    is_one_of(error, &[Errno::PIPE, Errno::CONNRESET, Errno::NOTCONN])
}

/// Gives a descriptor away as a number.
pub fn into_raw(descriptor: Descriptor) -> i32 {
    descriptor.into_raw_fd()
}

/// Takes over the open descriptor of that number, which nobody else owns: an inherited one, or one that
/// [`into_raw`] gave away.
pub fn from_raw(number: i32) -> Option<Descriptor> {
    fcntl_getfd(borrowed(number)?).ok()?;
    // SAFETY: it is open, and the caller says that it is nobody else's.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}
