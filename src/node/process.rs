//! What all environments of this process share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use once_cell::sync::Lazy;

use super::parking::{Left, Parking};
use crate::channel::Handle;
use crate::hub::{Hub, Program};
use crate::look::{self, Roster};
use crate::submissions::Submissions;
use crate::sync::{lock, Arc, Mutex};
use crate::sys;

pub static HUB: Lazy<Hub> = Lazy::new(|| Hub::of(Program { on_asked: answer_askers, on_end: hang_up }));

/// The ports that are between two threads.
pub static PARKING: Lazy<Mutex<Parking>> = Lazy::new(Mutex::default);

/// What is to be seen of an environment: its ports, and what it has posted to them without a call.
type Seen = (Arc<Roster>, Arc<Submissions>);

/// Those that live: a list that is replaced when one comes or goes, for whoever looks at an empty port goes through it.
static ENVIRONMENTS: Lazy<Mutex<Arc<Vec<Seen>>>> = Lazy::new(Mutex::default);

/// The environment strikes itself off when it ends.
pub fn enrol(roster: &Arc<Roster>, submissions: &Arc<Submissions>) {
    Arc::make_mut(&mut lock(&ENVIRONMENTS)).push((roster.clone(), submissions.clone()));
}

pub fn strike_off(roster: &Arc<Roster>, submissions: &Submissions) {
    // While its ports are open.
    HUB.family().tell();
    submissions.end();
    roster.clear();
    Arc::make_mut(&mut lock(&ENVIRONMENTS)).retain(|(other, _)| !Arc::ptr_eq(other, roster));
}

/// The ports of a thread have closed: so does what it has left for others, and those end that follow it.
pub fn leave(left: Left) {
    let left = lock(&PARKING).take_back(left);
    drop(left);
    HUB.family().end();
}

/// The thread of this number has ended: so have its ports, after what it has posted. Usually they are gone with it; where a runtime
/// cannot stop a thread that runs JavaScript, it still has them, and will never close them.
pub fn end_of_thread(thread: u32) {
    let environments = lock(&ENVIRONMENTS).clone();
    for (roster, submissions) in environments.iter().filter(|(roster, _)| roster.thread == thread) {
        submissions.take();
        roster.list().iter().for_each(|listed| listed.port.close_with_contents());
    }
}

/// Nothing runs here any more, and nobody reads what comes: whoever has posted it does not wait for that.
fn hang_up() {
    let environments = lock(&ENVIRONMENTS).clone();
    environments.iter().for_each(|(roster, _)| hang_up_ports(roster, None));
}

/// The same for one thread, but for the port on which others hear when this process has ended.
pub fn hang_up_ports(roster: &Roster, but: Option<&Handle>) {
    for listed in roster.list().iter().filter(|listed| but.is_none_or(|but| but.identity() != listed.port.identity())) {
        listed.port.hang_up();
    }
}

/// Takes what all threads have posted: before one says that there is nothing.
pub fn take_submissions() {
    let environments = lock(&ENVIRONMENTS).clone();
    environments.iter().for_each(|(_, submissions)| _ = submissions.take());
}

/// Every port of the process, as JSON.
pub fn report() -> String {
    take_submissions();
    let rosters: Vec<_> = lock(&ENVIRONMENTS).iter().map(|(roster, _)| roster.clone()).collect();
    let parked = lock(&PARKING).handles();
    look::report(&rosters, parked)
}

/// A thread is answering those who ask.
static ANSWERING: AtomicBool = AtomicBool::new(false);

/// Gives a report to every process that has asked for one: in a thread that lives as long as that takes, for a reader may
/// be slow, and the event loop has other things to do.
pub fn answer_askers() {
    if !sys::is_asked() || ANSWERING.swap(true, Ordering::SeqCst) {
        return;
    }
    let answer = || loop {
        for asker in sys::take_askers() {
            // Whoever is refused, or does not take it, hears nothing.
            let _ = sys::answer(asker, report);
        }
        ANSWERING.store(false, Ordering::SeqCst);
        // Somebody may have come in between, and found this thread still answering.
        if !sys::is_asked() || ANSWERING.swap(true, Ordering::SeqCst) {
            return;
        }
    };
    if thread::Builder::new().name("port-report".into()).spawn(answer).is_err() {
        ANSWERING.store(false, Ordering::SeqCst);
    }
}
