//! Ports inside messages: how ends turn into descriptors with luggage, and back.
//!
//! Whatever leaves the process goes the same way. Under `shipping`, `plan` looks at everything that goes along and changes
//! nothing; the plan reserves the socketpairs that it needs, which may fail; `commit` swaps the links, which cannot
//! (rule 7), of these ends and of all that wait behind the ones that stay. Then, when no lock is held, `work` packs and
//! writes. What arrives is opened in `take`. This room uses the channel, and the wire and the system for what a message
//! becomes between two processes.
//!
//! Invariant: a message whose ports cannot be shipped yet is pending, everything posted after it is behind it (rule 5),
//! and the backstop, or whoever is in its way, comes back to it.

mod commit;
mod plan;
mod take;
mod work;

pub use take::{from_descriptor, take};

use crate::channel::{Cargo, Departing, End, Handle, Part, Posted};
use crate::error::Refused;
use crate::limits::{COPY_LEAST, COPY_MOST, COPY_PARTS, MESSAGE_BYTES, PORTS};
use crate::slab::Bytes;
use crate::sync::lock;
use crate::sys::Descriptor;
use crate::wire::outbox::Outbox;
use crate::wire::tail::{self, Item};
use commit::Aftermath;
use plan::{leads_to, Plan, Spare};
use work::Work;

/// Posts a message with parts through `target`. `ports` are the ends among the parts, `memory` what the rest weighs, and
/// `descriptors` how many of them it takes in another process.
/// `take` detaches the ports and hands all parts over; it is called when nothing can fail any more (rule 7), under a lock
/// that others wait for.
pub fn post(
    target: &Handle,
    body: &[u8],
    ports: Vec<Handle>,
    memory: usize,
    descriptors: usize,
    take: impl FnOnce() -> Vec<Part>,
) -> Result<Posted, Refused> {
    let takes = ports.len().saturating_add(descriptors);
    if body.len() > MESSAGE_BYTES || memory > MESSAGE_BYTES || takes > PORTS {
        return Err(Refused::TooLarge);
    }
    let body = target.kept(body);
    let mut work = Work::default();
    if ports.is_empty() {
        // It puts nothing inside of anything, and waits for nobody.
        return Ok(target.post_local(body, take()).unwrap_or_else(|(body, parts)| {
            target.post_pending(body, parts);
            work.settle(target.clone());
            work.finish();
            target.posted()
        }));
    }
    let spare = if target.is_local() { Spare::none() } else { Spare::for_ports(ports.len()) };
    let shipping = lock(&target.shared().shipping);
    if would_hold_itself(target, &ports) {
        drop(shipping);
        return Ok(lost(take()));
    }
    if target.is_local() {
        ports.iter().for_each(|port| port.set_queued(true));
        let posted = target.post_local(body, take());
        drop(shipping);
        // Under the lock it cannot have left; if it had, the message would close here.
        return Ok(posted.unwrap_or_default());
    }
    let plan = Plan::of_messages(target, Cargo { bytes: memory, descriptors, ends: ports.clone() });
    if !plan.fits() {
        return Err(Refused::TooLarge);
    }
    let waits = plan.waits() || target.unshipped().is_some();
    let reserved = plan.reserve(spare)?;
    // Some may have to wait.
    ports.iter().for_each(|port| port.set_queued(true));
    target.post_pending(body, take());
    work.settle(target.clone());
    if !waits {
        work.set_out(target, Departing::All, reserved);
    }
    drop(shipping);
    work.finish();
    Ok(target.posted())
}

/// Posts a message of nothing but bytes through `target`, from where those lie as far as the kernel takes it at once. `memory`
/// weighs `weight`.
pub fn post_memory(target: &Handle, body: &[u8], weight: usize, memory: Vec<Loan<'_>>) -> Result<Posted, Refused> {
    if body.len() > MESSAGE_BYTES || weight > MESSAGE_BYTES {
        return Err(Refused::TooLarge);
    }
    if !target.keep_place(body.len().saturating_add(weight)) {
        let parts = memory.into_iter().map(|memory| Part::Memory(memory.into_bytes())).collect();
        return post(target, body, Vec::new(), weight, 0, || parts);
    }
    // SAFETY: all is sent, copied or dropped before this returns; so is the body.
    let items = memory.into_iter().map(|memory| Item::Memory(unsafe { memory.into_loan() })).collect();
    let mut packed = Outbox::default();
    // SAFETY: see above.
    tail::write_given(&mut packed, unsafe { Bytes::loan(body) }, items);
    // What the kernel does not take is copied from its end, so that the kernel may take more from its beginning.
    let step = (packed.len() / COPY_PARTS).clamp(COPY_LEAST, COPY_MOST);
    target.send_packed(&mut packed);
    while packed.own_last(step) {
        target.send_packed(&mut packed);
    }
    let mut work = Work::default();
    work.settle(target.clone());
    target.take_in(packed).into_iter().for_each(|end| work.settle(end));
    work.finish();
    Ok(target.posted())
}

/// Memory that is to be sent.
pub enum Loan<'a> {
    /// It is the caller's, who may write to it afterwards.
    Borrowed(&'a [u8]),
    Given(Bytes),
}

impl Loan<'_> {
    fn into_bytes(self) -> Bytes {
        match self {
            Loan::Borrowed(bytes) => Bytes::copied(bytes),
            Loan::Given(bytes) => bytes,
        }
    }

    /// # Safety
    /// As of [`Bytes::loan`].
    unsafe fn into_loan(self) -> Bytes {
        match self {
            // SAFETY: so the caller promises.
            Loan::Borrowed(bytes) => unsafe { Bytes::loan(bytes) },
            Loan::Given(bytes) => bytes,
        }
    }
}

/// Whether an end of `target`'s channel is among `ports` or anywhere inside of them. What is inside itself belongs to
/// nobody: nobody would ever hear of it, and nothing would ever close it.
///
/// Every end has one owner, so a way that does not lead to this channel ends; and a peer in this process that is in no queue
/// is inside of nothing, so that who posts to it need not look deeper than at the ports themselves. One behind a socket may
/// be anywhere.
fn would_hold_itself(target: &Handle, ports: &[Handle]) -> bool {
    let is_ours = |end: &Handle| end.channel_id() == target.channel_id();
    ports.iter().any(is_ours) || ((target.peer_is_queued() || !target.is_local()) && leads_to(ports, is_ours))
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
    if let Err(error) = shared.stand_by() {
        return Err((end, error.into()));
    }
    let spare = Spare::for_ports(1);
    let shipping = lock(&shared.shipping);
    let plan = Plan::of_end(end.handle());
    if plan.waits() || !plan.is_bare() {
        return Err((end, Refused::HasLuggage));
    }
    let reserved = match plan.reserve(spare) {
        Ok(reserved) => reserved,
        Err(error) => return Err((end, error.into())),
    };
    let (mut aftermath, mut work) = (Aftermath::default(), Work::default());
    let socket = reserved.commit_bare(end, &mut aftermath);
    work.follow(aftermath);
    drop(shipping);
    work.finish();
    match socket {
        Some(socket) => Ok(socket),
        None => unreachable!("a local end with a socketpair ships"),
    }
}

/// Ships what waits behind `handle` for its ports to be shipped.
pub(crate) fn settle(handle: Handle) {
    let mut work = Work::default();
    work.settle(handle);
    work.finish();
}
