//! A report on its way from one process to another: how it is asked for, and how it is given.
//!
//! Whoever asks listens on an abstract socket named after its own process and sends the signal. Whoever is asked connects
//! to that name, once it has made sure that the very process that sent the signal listens there, and that this process
//! may look. So both sides know each other by what the kernel says, and a name taken by somebody else leads nowhere.

use std::fs;
use std::io::{self, Read};
use std::mem::{size_of, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::sockopt::{set_socket_timeout, Timeout};
use rustix::net::{connect, send, socket_with, AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType};
use rustix::process::{dumpable_behavior, getuid, pidfd_open, DumpableBehavior, Pid, PidfdFlags};

use super::summons::{Asker, SIGNAL};
use super::Unanswered;
use crate::limits::{ANSWER, REPORT_BYTES};

const SILENT: Unanswered = Unanswered::Silent("it does not answer: all of its threads are blocked, or it is stopped");

/// Under which name this process waits for the answer.
fn name(pid: i32) -> String {
    format!("message-channel-main.{pid}")
}

/// Who is at the other end of a connection, or has begun to listen there.
fn peer_of(socket: &impl AsRawFd) -> io::Result<Asker> {
    let mut peer = MaybeUninit::<libc::ucred>::uninit();
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    let (level, option) = (libc::SOL_SOCKET, libc::SO_PEERCRED);
    // SAFETY: there is room for as much as `length` says.
    if unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, peer.as_mut_ptr().cast(), &mut length) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has filled it.
    let peer = unsafe { peer.assume_init() };
    Ok(Asker { pid: peer.pid, uid: peer.uid })
}

/// Those may look who may debug: this user, unless the process is closed to it, and root.
fn may_look(asker: Asker) -> bool {
    let is_open = dumpable_behavior() == Ok(DumpableBehavior::Dumpable);
    asker.uid == 0 || asker.uid == getuid().as_raw() && is_open
}

/// Gives the report to whoever has asked for it. It may take up to `ANSWER`.
pub fn answer(asker: Asker, report: impl FnOnce() -> String) -> io::Result<()> {
    if !may_look(asker) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let end = Instant::now() + ANSWER;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    // Also for the connection: its queue may be full.
    set_socket_timeout(&socket, Timeout::Send, Some(ANSWER))?;
    connect(&socket, &SocketAddrUnix::new_abstract_name(name(asker.pid).as_bytes())?)?;
    if peer_of(&socket)? != asker {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let report = report();
    let mut rest = report.as_bytes();
    while !rest.is_empty() {
        if Instant::now() > end {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let sent = rustix::io::retry_on_intr(|| send(&socket, rest, SendFlags::NOSIGNAL))?;
        rest = &rest[sent..];
    }
    Ok(())
}

/// Asks another process for its report, and waits for the beginning of it as long as `patience`.
pub fn ask(pid: i32, patience: Duration) -> Result<String, Unanswered> {
    let target = open(pid)?;
    // What is sent below reaches this process or none, whoever gets its number meanwhile.
    check(pid)?;
    let own = std::process::id() as i32;
    let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name(own))?)?;
    listener.set_nonblocking(true)?;
    summon(&target)?;
    let end = Instant::now() + patience;
    // However many others connect meanwhile.
    while Instant::now() < end {
        wait(&[listener.as_fd(), target.as_fd()], end)?;
        match listener.accept() {
            // Anybody may have connected; only what this process says counts.
            Ok((socket, _)) if peer_of(&socket)?.pid == pid => return read(socket),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && is_over(&target) => {
                return Err(Unanswered::Silent("it has ended"));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(SILENT)
}

/// The process itself, not its number.
fn open(pid: i32) -> Result<OwnedFd, Unanswered> {
    let pid = Some(pid).filter(|&pid| pid > 0).and_then(Pid::from_raw).ok_or(Unanswered::NoSuchProcess)?;
    pidfd_open(pid, PidfdFlags::empty()).map_err(|error| match error {
        // A number that is only a thread's is no process's.
        Errno::SRCH | Errno::INVAL | Errno::NOENT => Unanswered::NoSuchProcess,
        error => io::Error::from(error).into(),
    })
}

/// Whether it would understand the signal, which would end any other process.
fn check(pid: i32) -> Result<(), Unanswered> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).map_err(refusal)?;
    let caught = field(&status, "SigCgt:").and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
    let maps = fs::read(format!("/proc/{pid}/maps")).map_err(refusal)?;
    if !String::from_utf8_lossy(&maps).lines().any(is_addon) {
        return Err(Unanswered::NotInspectable("it has not loaded message-channel-main"));
    }
    if caught >> (SIGNAL - 1) & 1 == 0 {
        return Err(Unanswered::NotInspectable(
            "it does not listen: another signal handler was there first, or it is too old",
        ));
    }
    let own = |space: &str| fs::read_link(format!("/proc/self/ns/{space}")).ok();
    let its = |space: &str| fs::read_link(format!("/proc/{pid}/ns/{space}")).ok();
    if ["pid", "net"].iter().any(|space| own(space) != its(space)) {
        return Err(Unanswered::NotInspectable("it lives in another container: run this command in there"));
    }
    Ok(())
}

fn refusal(error: io::Error) -> Unanswered {
    match error.kind() {
        io::ErrorKind::NotFound => Unanswered::NoSuchProcess,
        io::ErrorKind::PermissionDenied => Unanswered::NotOurs,
        // Of a process that ends in this moment.
        _ if error.raw_os_error() == Some(libc::ESRCH) => Unanswered::NoSuchProcess,
        _ => error.into(),
    }
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// Whether a line of `/proc/<pid>/maps` is of our addon, be it of a file that was replaced since.
fn is_addon(line: &str) -> bool {
    let path = line.strip_suffix(" (deleted)").unwrap_or(line);
    path.ends_with(".node") && path.contains("message-channel-main")
}

fn summon(target: &OwnedFd) -> Result<(), Unanswered> {
    let (info, flags) = (std::ptr::null::<libc::siginfo_t>(), 0);
    // SAFETY: without an info the kernel writes its own.
    if unsafe { libc::syscall(libc::SYS_pidfd_send_signal, target.as_raw_fd(), SIGNAL, info, flags) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    Err(match error.raw_os_error() {
        Some(libc::ESRCH) => Unanswered::NoSuchProcess,
        Some(libc::EPERM) => Unanswered::NotOurs,
        _ => error.into(),
    })
}

/// Waits until one of them can be read; a pidfd can when its process is over.
pub(super) fn wait(fds: &[std::os::fd::BorrowedFd<'_>], end: Instant) -> Result<(), Unanswered> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let mut polled: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        match rustix::event::poll(&mut polled, Timespec::try_from(left).ok().as_ref()) {
            Ok(0) => return Err(SILENT),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
}

fn is_over(target: &OwnedFd) -> bool {
    let mut polled = [PollFd::new(target, PollFlags::IN)];
    matches!(rustix::event::poll(&mut polled, Some(&Timespec::default())), Ok(1..))
}

fn read(mut socket: UnixStream) -> Result<String, Unanswered> {
    let end = Instant::now() + ANSWER;
    socket.set_nonblocking(true)?;
    let (mut report, mut part) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        wait(&[socket.as_fd()], end)?;
        match socket.read(&mut part) {
            Ok(0) => break,
            Ok(count) if report.len() + count > REPORT_BYTES => {
                return Err(Unanswered::Silent("its report has no end"))
            }
            Ok(count) => report.extend_from_slice(&part[..count]),
            Err(error) if [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted].contains(&error.kind()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    String::from_utf8(report).map_err(|_| Unanswered::Silent("its report is no text"))
}
