//! What a departure leaves to be done when no lock is held: messages are packed, and what waited for that is shipped.

use std::borrow::Cow;

use super::commit::{Aftermath, Convoy};
use super::plan::{Plan, Reserved, Spare};
use crate::channel::{Front, Handle};
use crate::sync::lock;

/// A work list (rule 4), last in, first out. An end is written once those are that its messages have turned into sockets:
/// what was posted to a port leaves before the message that carries it (rule 9).
#[derive(Default)]
pub(super) struct Work<'a> {
    tasks: Vec<Task<'a>>,
    /// Kept until no lock is held.
    lost: Vec<Aftermath>,
}

enum Task<'a> {
    /// The message is this end's next: it has been claimed.
    Pack(Handle, Cow<'a, [u8]>, Convoy),
    Settle(Handle),
}

impl<'a> Work<'a> {
    pub fn pack(&mut self, carrier: &Handle, body: Cow<'a, [u8]>, convoy: Convoy) {
        self.tasks.push(Task::Pack(carrier.clone(), body, convoy));
    }

    /// Ships what is pending behind this end, and writes it.
    pub fn settle(&mut self, end: Handle) {
        self.tasks.push(Task::Settle(end));
    }

    /// What a commit has left comes before all that was to be done until now.
    pub fn follow(&mut self, mut aftermath: Aftermath) {
        self.tasks.extend(aftermath.unsettled.drain(..).map(Task::Settle));
        self.lost.push(aftermath);
    }

    /// Does it all. No lock is held.
    pub fn finish(mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Pack(carrier, body, convoy) => {
                    let waiting = carrier.take_in(convoy.pack(body));
                    self.tasks.extend(waiting.into_iter().map(Task::Settle));
                    self.settle(carrier);
                }
                Task::Settle(end) => {
                    if !self.ship_next(&end) {
                        end.flush();
                    }
                }
            }
        }
    }

    /// Ships the next of what is pending. `false`: there is nothing, or no descriptor for it, or somebody else does it; what
    /// is left stays pending, with the backstop or with whoever is in its way.
    fn ship_next(&mut self, end: &Handle) -> bool {
        loop {
            match end.forward() {
                Front::Moved => {}
                Front::Nothing => return false,
                Front::Parts => break,
            }
        }
        let mut aftermath = Aftermath::default();
        let shipping = lock(&end.shared().shipping);
        let Some(cargo) = end.first_pending() else {
            return false;
        };
        let plan = Plan::of_message(end, cargo);
        let reserved = if plan.waits() {
            return false;
        } else if plan.fits() {
            match plan.reserve(Spare::none()) {
                Ok(reserved) => reserved,
                Err(_) => return false,
            }
        } else {
            // Whoever posted it was not told, because then its ports had no luggage yet: it arrives without them.
            Reserved::default()
        };
        let Some((body, parts)) = end.claim_first() else {
            return false;
        };
        self.pack(end, Cow::Owned(body), reserved.commit(parts, &mut aftermath));
        drop(shipping);
        self.follow(aftermath);
        true
    }
}
