//! What a departure leads to: under the lock, everything that waits behind the ends that stay departs too; then, when no
//! lock is held, it is packed and written.

use super::commit::Aftermath;
use super::plan::{leads_to, Plan, Reserved, Spare};
use crate::channel::{Departing, Handle, Next};
use crate::sync::lock;

/// Ends with something to pack, to ship or to write; a work list (rule 4), last in, first out. An end is written once those
/// are that its messages have turned into sockets: what was posted to a port leaves before the message that carries it
/// (rule 9).
#[derive(Default)]
pub(super) struct Work {
    ends: Vec<Handle>,
    /// Kept until no lock is held.
    lost: Vec<Aftermath>,
}

impl Work {
    pub fn settle(&mut self, end: Handle) {
        self.ends.push(end);
    }

    /// Turns the messages that wait behind `carrier` into what can leave. The caller holds `shipping`.
    pub fn set_out(&mut self, carrier: &Handle, which: Departing, reserved: Reserved) {
        self.follow(depart(carrier, which, reserved));
    }

    /// Ships what now waits behind ends that have stayed, as far as it can go. The caller holds `shipping`: nobody else may
    /// see an end that waits to depart, and hand on what it would have to travel through.
    pub fn follow(&mut self, mut aftermath: Aftermath) {
        let mut unsettled = std::mem::take(&mut aftermath.unsettled);
        self.lost.push(aftermath);
        while let Some(end) = unsettled.pop() {
            self.settle(end.clone());
            // What cannot be reserved for is shipped message by message, later.
            let reserved = end
                .unshipped()
                .map(|cargo| Plan::of_messages(&end, cargo))
                .filter(|plan| plan.fits() && !plan.waits())
                .and_then(reserve);
            if let Some(reserved) = reserved {
                let mut aftermath = depart(&end, Departing::All, reserved);
                unsettled.append(&mut aftermath.unsettled);
                self.lost.push(aftermath);
            }
        }
    }

    /// Does the rest. No lock is held.
    pub fn finish(mut self) {
        while let Some(end) = self.ends.pop() {
            if !(self.pack(&end) && self.ship_first(&end)) {
                end.flush();
            }
        }
    }

    /// Packs what has departed. `true`: a message with parts is next that has not.
    fn pack(&mut self, end: &Handle) -> bool {
        loop {
            let packed = match end.next_pending() {
                Next::Moved => continue,
                Next::Nothing => return false,
                Next::Parts => return true,
                Next::Convoy(convoy) => convoy.pack(),
            };
            self.ends.extend(end.take_in(packed));
        }
    }

    /// Ships the first of what is pending. `false`: there is nothing, or no descriptor for it, or somebody else does it; what
    /// is left stays pending, with the backstop or with whoever is in its way.
    fn ship_first(&mut self, end: &Handle) -> bool {
        let _shipping = lock(&end.shared().shipping);
        let Some(cargo) = end.first_unshipped() else {
            return false;
        };
        let plan = Plan::of_first(end, cargo);
        if plan.waits() {
            return self.discard_first_that_holds_its_target(end);
        }
        // Whoever posted too much was not told, because then its ports had no luggage yet: it arrives without them.
        let reserved = if plan.fits() { reserve(plan) } else { Some(Reserved::default()) };
        let Some(reserved) = reserved else {
            return false;
        };
        self.settle(end.clone());
        self.set_out(end, Departing::First, reserved);
        true
    }

    /// A message may have come to hold the end that it is for while it was pending: then it belongs to nobody, as if it had
    /// been posted so. `false`: it does not, and waits for something else.
    fn discard_first_that_holds_its_target(&mut self, end: &Handle) -> bool {
        let is_target = |inside: &Handle| inside.channel_id() == end.channel_id() && !inside.is(end);
        let is_lost = end.first_unshipped().is_some_and(|cargo| leads_to(&cargo.ends, is_target));
        if is_lost {
            self.settle(end.clone());
            self.lost.push(Aftermath { lost: end.discard_first().into(), ..Aftermath::default() });
        }
        is_lost
    }
}

/// Turns messages that wait behind `end` into a convoy.
fn depart(end: &Handle, which: Departing, reserved: Reserved) -> Aftermath {
    let mut aftermath = Aftermath::default();
    if let Some(messages) = end.begin_departure(which) {
        end.end_departure(Box::new(reserved.commit(messages, &mut aftermath)));
    }
    aftermath
}

fn reserve(plan: Plan) -> Option<Reserved> {
    plan.reserve(Spare::none()).ok()
}
