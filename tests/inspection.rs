//! A process that is asked for a report by a signal: who is noted, who is woken, and who gets an answer.
#![cfg(target_os = "linux")]

use std::io::{ErrorKind, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::Mutex;
use std::time::Duration;

use message_channel_main::sys::{answer, ask, is_asked, take_askers, Asker, Listening, Poller, Unanswered};

const SIGNAL: libc::c_int = 53;
const PATIENCE: Duration = Duration::from_secs(20);

/// One at a time: what they look at belongs to the process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn me() -> Asker {
    // SAFETY: asks for a number.
    Asker { pid: std::process::id() as i32, uid: unsafe { libc::getuid() } }
}

/// Sends ourselves the signal; any thread may handle it.
fn knock() {
    // SAFETY: the handler is installed by whoever calls this.
    unsafe { assert_eq!(libc::syscall(libc::SYS_kill, libc::getpid(), SIGNAL), 0) };
}

fn is_woken(poller: &Poller, within: Duration) -> bool {
    let mut polled = libc::pollfd { fd: poller.as_raw(), events: libc::POLLIN, revents: 0 };
    loop {
        // SAFETY: it is one, and lives.
        match unsafe { libc::poll(&mut polled, 1, within.as_millis() as i32) } {
            // The signal's own.
            -1 => assert_eq!(std::io::Error::last_os_error().kind(), ErrorKind::Interrupted),
            count => return count == 1,
        }
    }
}

/// As an event loop does it that was woken.
fn settle(poller: &Poller) {
    poller.wait(&mut Poller::events(), Some(Duration::ZERO), |_| ()).expect("a look");
}

fn listen() -> UnixListener {
    let name = format!("message-channel-main.{}", std::process::id());
    UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).expect("a name")).expect("a listener")
}

#[test]
fn whoever_asks_is_noted_once_and_wakes_all_loops_but_those_that_have_ended() {
    let _alone = alone();
    let (first, second, third) = (Poller::new().unwrap(), Poller::new().unwrap(), Poller::new().unwrap());
    let (a, b) = (Listening::begin(&first).expect("a place"), Listening::begin(&second).expect("a place"));
    let c = Listening::begin(&third).expect("a place");
    drop(b);
    assert!(!is_asked());
    // Each is handled by any thread, so the first may come after the second: one after the other, and then the askers.
    for _ in 0..2 {
        knock();
        assert!(is_woken(&first, PATIENCE) && is_woken(&third, PATIENCE) && is_asked());
        settle(&first);
        settle(&third);
    }
    assert!(!is_woken(&second, Duration::ZERO), "its turn was between those two");
    assert_eq!(take_askers(), [me()]);
    assert!(!is_asked() && take_askers().is_empty());
    drop((a, c));
}

#[test]
fn there_is_room_again_when_loops_end() {
    let _alone = alone();
    let poller = Poller::new().unwrap();
    let listening: Vec<_> = std::iter::from_fn(|| Listening::begin(&poller)).take(1000).collect();
    assert!((1..1000).contains(&listening.len()));
    drop(listening);
    assert!(Listening::begin(&poller).is_some());
}

#[test]
fn a_sender_that_gives_another_name_is_not_heard() {
    let _alone = alone();
    let poller = Poller::new().unwrap();
    let _listening = Listening::begin(&poller).expect("a place");
    // As `siginfo_t` begins: signal, error, code, a hole, pid, uid.
    let forged: [i32; 32] = std::array::from_fn(|at| [SIGNAL, 0, -1, 0, 1, 0].get(at).copied().unwrap_or(0));
    // To this very thread, which so has handled it before the call returns.
    // SAFETY: the kernel copies it, and it is as large as the kernel's own.
    let sent =
        unsafe { libc::syscall(libc::SYS_rt_tgsigqueueinfo, libc::getpid(), libc::gettid(), SIGNAL, forged.as_ptr()) };
    assert_eq!(sent, 0);
    knock();
    assert!(is_woken(&poller, PATIENCE));
    assert_eq!(take_askers(), [me()], "the first was handled before");
}

#[test]
fn the_answer_goes_to_the_process_that_asked() {
    let _alone = alone();
    let listener = listen();
    let report = "x".repeat(3_000_000);
    let answering = std::thread::spawn({
        let report = report.clone();
        move || answer(me(), || report)
    });
    let mut heard = String::new();
    listener.accept().expect("a connection").0.read_to_string(&mut heard).expect("a text");
    assert!(heard == report);
    answering.join().expect("no panic").expect("an answer");
}

#[test]
fn nobody_else_gets_one_and_nothing_is_made_for_them() {
    let _alone = alone();
    let Asker { pid, uid } = me();
    let refused = |asker| answer(asker, || panic!("a report for {asker:?}")).expect_err("a refusal").kind();
    assert_eq!(refused(Asker { pid, uid: uid + 1 }), ErrorKind::PermissionDenied);
    assert_eq!(refused(me()), ErrorKind::ConnectionRefused, "nobody listens");
    // Somebody of another process has taken the name: here it is us, and the asker is our parent.
    // SAFETY: asks for a number.
    let parent = unsafe { libc::getppid() };
    let name = format!("message-channel-main.{parent}");
    let squatter = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).expect("a name")).expect("a listener");
    assert_eq!(refused(Asker { pid: parent, uid }), ErrorKind::PermissionDenied);
    let mut heard = Vec::new();
    squatter.accept().expect("a connection").0.read_to_end(&mut heard).expect("the end");
    assert!(heard.is_empty());
}

#[test]
fn a_closed_process_answers_root_only() {
    let _alone = alone();
    let closed = |on: libc::c_ulong| {
        // SAFETY: sets a number.
        unsafe { assert_eq!(libc::prctl(libc::PR_SET_DUMPABLE, 1 - on), 0) };
    };
    closed(1);
    let asked = answer(Asker { pid: me().pid, uid: me().uid }, String::new).expect_err("nobody listens").kind();
    closed(0);
    let expected = if me().uid == 0 { ErrorKind::ConnectionRefused } else { ErrorKind::PermissionDenied };
    assert_eq!(asked, expected);
}

#[test]
fn who_would_not_understand_the_signal_is_not_sent_it() {
    let _alone = alone();
    let mut other = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().expect("a process");
    let pid = other.id() as i32;
    assert!(matches!(ask(pid, PATIENCE), Err(Unanswered::NotInspectable(_))));
    drop(other.stdin.take());
    assert!(other.wait().expect("an end").success(), "it has ended as it would have anyway");
    assert!(matches!(ask(pid, PATIENCE), Err(Unanswered::NoSuchProcess)));
    for nobody in [0, -1, i32::MAX] {
        assert!(matches!(ask(nobody, PATIENCE), Err(Unanswered::NoSuchProcess)), "{nobody}");
    }
}
