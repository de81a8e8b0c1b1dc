//! Ports inside messages: how ends turn into descriptors with luggage, and back.
//!
//! Whatever leaves the process goes the same way, under `shipping`: `plan` looks at everything that goes along and
//! changes nothing; the plan reserves the socketpairs that it needs, which may fail; `commit` swaps the links and
//! writes, which cannot (rule 7). What arrives is opened in `take`. This room uses the channel, and the wire and the
//! system for what a message becomes between two processes.
//!
//! Invariant: a message whose ports cannot be shipped yet is pending, everything posted after it is behind it (rule 5),
//! and the backstop comes back to it.

mod commit;
mod plan;
mod take;

pub use take::{from_descriptor, take};

use crate::channel::{Cargo, End, Handle, Part, Posted};
use crate::error::Refused;
use crate::limits::{MESSAGE_BYTES, PARTS};
use crate::sync::lock;
use crate::sys::Descriptor;
use commit::Aftermath;
use plan::Plan;

/// Posts a message with parts through `target`. `ports` are the ends among the parts, `memory` what the rest weighs.
/// `take` detaches the parts and hands them over; it is called when nothing can fail any more (rule 7).
pub fn post(
    target: &Handle,
    body: &[u8],
    ports: Vec<Handle>,
    memory: usize,
    take: impl FnOnce() -> Vec<Part>,
) -> Result<Posted, Refused> {
    if body.len().saturating_add(memory) > MESSAGE_BYTES || ports.len() > PARTS {
        return Err(Refused::TooLarge);
    }
    if target.is_local() {
        // A message without ports puts nothing inside of anything, and waits for nobody.
        let nesting = (!ports.is_empty()).then(|| lock(&target.shared().nesting));
        if would_hold_itself(target, &ports) {
            drop(nesting);
            return Ok(lost(take()));
        }
        ports.iter().for_each(|port| port.set_queued(true));
        let posted = target.post_local(body, take());
        drop(nesting);
        return Ok(posted.unwrap_or_else(|parts| {
            // The peer has left this process in this very moment, so nothing is reserved: it may have to wait.
            let _shipping = lock(&target.shared().shipping);
            let posted = target.post_pending(body, parts);
            settle_all(Aftermath::of(target.clone()));
            posted
        }));
    }
    let shipping = lock(&target.shared().shipping);
    if would_hold_itself(target, &ports) {
        drop(shipping);
        return Ok(lost(take()));
    }
    let plan = Plan::of_message(target, Cargo { bytes: memory, ends: ports.clone() });
    if !plan.fits() {
        return Err(Refused::TooLarge);
    }
    let reserved = plan.reserve()?;
    // Some may have to wait in `pending`.
    ports.iter().for_each(|port| port.set_queued(true));
    let mut aftermath = Aftermath::of(target.clone());
    let posted = target.post_shipped(body, take(), |parts| reserved.commit(parts, &mut aftermath));
    settle_all(aftermath);
    Ok(posted)
}

/// Whether an end of `target`'s channel is among `ports` or anywhere inside of them. What is inside itself belongs to
/// nobody: nobody would ever hear of it, and nothing would ever close it.
///
/// Every end has one owner, so a way that does not lead to this channel ends; and a peer that is in no queue is inside of
/// nothing, so that only who posts to one on its way has to look deeper than at the ports themselves.
fn would_hold_itself(target: &Handle, ports: &[Handle]) -> bool {
    let deeply = !ports.is_empty() && target.peer_is_queued();
    let mut inside = ports.to_vec();
    while let Some(end) = inside.pop() {
        if end.channel_id() == target.channel_id() {
            return true;
        }
        if deeply {
            inside.extend(end.contents());
        }
    }
    false
}

/// Closes the ports of a message that nobody could take. No lock is held.
fn lost(parts: Vec<Part>) -> Posted {
    drop(parts);
    Posted { lost: true, ..Posted::default() }
}

/// Turns an end into a bare descriptor, for a process that inherits it. What it had not yet read goes along in the
/// kernel; it has nothing else to take along, so only an end whose peer is in this process can.
pub fn into_descriptor(end: End) -> Result<Descriptor, (End, Refused)> {
    let shared = end.handle().shared().clone();
    let _shipping = lock(&shared.shipping);
    let plan = Plan::of_end(end.handle());
    if !plan.is_bare() {
        return Err((end, Refused::HasLuggage));
    }
    let reserved = match plan.reserve() {
        Ok(reserved) => reserved,
        Err(error) => return Err((end, error.into())),
    };
    let mut aftermath = Aftermath::default();
    let socket = reserved.commit_bare(end, &mut aftermath);
    settle_all(aftermath);
    match socket {
        Some(socket) => Ok(socket.into_descriptor()),
        None => unreachable!("a local end with a socketpair ships"),
    }
}

/// Ships what waits behind `handle` for its ports to be shipped.
pub(crate) fn settle(handle: Handle) {
    let shared = handle.shared().clone();
    let _shipping = lock(&shared.shipping);
    settle_all(Aftermath::of(handle));
}

/// Ships the pending messages of every end that a commit has left unsettled and, as a work list (rule 4), of every end
/// that this turns into another such. An end is written once those are that its messages have turned: what was posted to
/// a port leaves before the message that carries it (rule 9). The caller holds `shipping`. What finds no descriptors stays
/// pending, and with the backstop.
fn settle_all(aftermath: Aftermath) {
    let mut tasks: Vec<Task> = aftermath.unsettled.into_iter().map(Task::Settle).collect();
    while let Some(task) = tasks.pop() {
        match task {
            Task::Settle(handle) => {
                let mut aftermath = Aftermath::default();
                while settle_one(&handle, &mut aftermath) {}
                tasks.push(Task::Flush(handle));
                tasks.extend(aftermath.unsettled.into_iter().map(Task::Settle));
            }
            Task::Flush(handle) => handle.flush(),
        }
    }
}

enum Task {
    Settle(Handle),
    Flush(Handle),
}

/// Ships the first pending message of one end. `false`: there is none, or no descriptor for it.
fn settle_one(handle: &Handle, aftermath: &mut Aftermath) -> bool {
    let Some(cargo) = handle.first_pending() else {
        return false;
    };
    let plan = Plan::of_message(handle, cargo);
    if plan.loops() {
        drop(handle.drop_pending());
    } else if !plan.fits() {
        // Whoever posted it was not told, because then its ports had no luggage yet: it arrives without them.
        handle.ship_pending(|parts| commit::without_ports(parts, aftermath));
    } else {
        let Ok(reserved) = plan.reserve() else {
            return false;
        };
        handle.ship_pending(|parts| reserved.commit(parts, aftermath));
    }
    true
}
