//! What waits to go into the outbox of an end behind a socket: messages that are to be packed, messages whose ports have
//! still to be shipped, and everything that was posted after either (rule 5).

use std::collections::VecDeque;
use std::fmt::Debug;

use super::cargo::Cargo;
use super::{Handle, Part};
use crate::inbox::Inbox;
use crate::limits::WRITE_BYTES;
use crate::sys::Descriptor;
use crate::wire::body::Body;
use crate::wire::frame;
use crate::wire::outbox::Outbox;
use crate::wire::tail;

/// Messages whose ports have departed: nobody but whoever packs them can reach anything of them.
pub(crate) trait Convoy: Debug + Send {
    fn weight(&self) -> usize;
    /// Copies it all into what goes through a socket. Takes its time: nobody holds a lock meanwhile.
    fn pack(self: Box<Self>) -> Outbox<Descriptor>;
}

/// Invariants: `queue` is behind `ready`, and `ready` behind what is being packed. While something is packed nobody else
/// takes anything out, and the end does not leave the process: whoever packs holds no lock, puts it where it belongs
/// afterwards, and goes on with the rest. What has parts goes from `queue` to `ready` under `shipping` only: an end that
/// somebody has planned to take along has nothing in there when it leaves.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// What that weighs which is being packed.
    packing: Option<usize>,
    /// Somebody turns the front of the queue into a convoy, and will put that into `ready`.
    departing: bool,
    ready: VecDeque<Box<dyn Convoy>>,
    queue: Inbox<Part>,
    /// Ends in the queue.
    ends: usize,
    /// Ends whose next message takes this one along, once it may leave.
    waiting: Vec<Handle>,
}

/// Which messages depart together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Departing {
    All,
    First,
}

/// What is next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Nothing, or what somebody packs.
    Nothing,
    /// It has moved to the outbox, and there may be more.
    Moved,
    /// It has been taken out, to be packed.
    Convoy(Box<dyn Convoy>),
    /// A message with parts, which has to depart.
    Parts,
}

impl Pending {
    pub fn new(queue: Inbox<Part>) -> Pending {
        Pending { ends: ends_in(queue.parts()), queue, ..Pending::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.ready.is_empty() && self.packing.is_none() && !self.departing
    }

    pub fn weight(&self) -> usize {
        let packing = self.packing.into_iter().chain(self.ready.iter().map(|convoy| convoy.weight()));
        packing.fold(self.queue.weight(), usize::saturating_add)
    }

    /// Those of the messages whose ports have still to be shipped, and of what is behind them.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.queue.parts()
    }

    pub fn push(&mut self, body: Body<'_>, parts: Vec<Part>) {
        self.ends += ends_in(parts.iter());
        self.queue.push(body, parts);
    }

    /// Takes messages whose ports are about to be shipped; they come back as a convoy.
    pub fn begin_departure(&mut self, which: Departing) -> Inbox<Part> {
        self.departing = true;
        match which {
            Departing::All => self.take_queue(),
            Departing::First => {
                let mut first = Inbox::default();
                self.queue.pop(|body, parts| first.push(body, parts));
                self.ends -= ends_in(first.parts());
                first
            }
        }
    }

    /// Takes the first message; nobody could ever take it out at the other end.
    pub fn discard_first(&mut self) -> Inbox<Part> {
        let first = self.begin_departure(Departing::First);
        self.departing = false;
        first
    }

    /// Everything whose ports have still to be shipped, and what is behind it.
    pub fn take_queue(&mut self) -> Inbox<Part> {
        self.ends = 0;
        std::mem::take(&mut self.queue)
    }

    pub fn end_departure(&mut self, convoy: Box<dyn Convoy>) {
        self.departing = false;
        self.ready.push_back(convoy);
    }

    /// What all messages in the queue take along, if ports among them have still to be shipped.
    pub fn unshipped(&self) -> Option<Cargo> {
        (self.ends > 0).then(|| Cargo::of_queues(self.queue.weight(), self.queue.parts()))
    }

    /// What the first message takes along, if that has parts and has still to be shipped. It stays the first under
    /// `shipping`; one without parts might not, and the next would leave by its plan.
    pub fn first(&self) -> Option<Cargo> {
        if self.packing.is_some() || !self.ready.is_empty() {
            return None;
        }
        let mut parts = self.queue.first_parts()?.peekable();
        parts.peek()?;
        Some(Cargo::of_message(parts))
    }

    /// What the messages behind the first weigh, and their parts.
    pub fn behind_first(&self) -> (usize, impl Iterator<Item = &Part>) {
        self.queue.behind_first()
    }

    /// Keeps the place of a message that is about to be packed.
    pub fn keep_place(&mut self, weight: usize) {
        debug_assert!(self.is_empty());
        self.packing = Some(weight);
    }

    /// It is packed: answers with the ends that have waited for that, once there is nothing more to pack.
    pub fn release(&mut self) -> Vec<Handle> {
        self.packing = None;
        if self.ready.is_empty() {
            std::mem::take(&mut self.waiting)
        } else {
            Vec::new()
        }
    }

    /// Whether this end has to stay until something is packed; then `carrier` is settled again.
    pub fn holds_back(&mut self, carrier: Option<&Handle>) -> bool {
        let holds = self.packing.is_some() || !self.ready.is_empty();
        if holds {
            self.waiting.extend(carrier.cloned());
        }
        holds
    }

    /// Moves what needs no packing to the outbox, at most so much as is written at once, and takes out what does.
    pub fn next(&mut self, outbox: &mut Outbox<Descriptor>) -> Next {
        if self.packing.is_some() {
            return Next::Nothing;
        }
        if let Some(convoy) = self.ready.pop_front() {
            self.packing = Some(convoy.weight());
            return Next::Convoy(convoy);
        }
        if self.departing {
            return Next::Nothing;
        }
        let run = self.queue.plain(WRITE_BYTES, usize::MAX);
        if !run.is_empty() {
            let length = run.len();
            outbox.bytes().push(run);
            self.queue.consume_plain(length);
            return Next::Moved;
        }
        match self.queue.first_parts().map(Iterator::count) {
            None => Next::Nothing,
            Some(0) => {
                self.queue.pop(|body, _| tail::write(outbox, body, Vec::new()));
                Next::Moved
            }
            Some(_) => Next::Parts,
        }
    }

    /// Appends a message without parts where it belongs: here, behind others, or in the outbox.
    pub fn post(&mut self, body: Body<'_>, outbox: &mut Outbox<Descriptor>) {
        match body {
            body if !self.is_empty() => self.queue.push(body, Vec::new()),
            Body::Borrowed(body) => frame::push_plain(outbox.bytes(), body),
            body => tail::write(outbox, body, Vec::new()),
        }
    }

    /// The same for whole frames of messages without parts: they are alike in a queue and on the wire.
    pub fn post_run(&mut self, frames: &[u8], outbox: &mut Outbox<Descriptor>) {
        if self.is_empty() {
            outbox.bytes().push(frames);
        } else {
            self.queue.push_run(frames);
        }
    }

    /// Rule 2: all of it goes along.
    pub fn into_queue(self) -> Inbox<Part> {
        debug_assert!(self.packing.is_none() && self.ready.is_empty() && !self.departing);
        self.queue
    }
}

fn ends_in<'a>(parts: impl Iterator<Item = &'a Part>) -> usize {
    parts.filter(|part| part.port().is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another thread may move it to the outbox at any moment.
    #[test]
    fn a_message_without_parts_is_never_the_next_to_be_shipped() {
        let mut queue = Inbox::default();
        queue.push(b"plain".into(), Vec::new());
        queue.push(b"parts".into(), vec![Part::Memory(vec![1; 5].into())]);
        let (mut pending, mut outbox) = (Pending::new(queue), Outbox::default());
        assert!(pending.first().is_none());
        assert!(matches!(pending.next(&mut outbox), Next::Moved));
        assert!(matches!(pending.next(&mut outbox), Next::Parts));
        assert!(pending.first().is_some_and(|cargo| cargo.bytes > 5 && cargo.ends.is_empty()));
        assert!(!outbox.is_empty());
    }

    #[test]
    fn a_run_goes_where_its_messages_would_go_and_is_the_same_there() {
        let bodies: [&[u8]; 3] = [b"one", b"", b"eight is"];
        let mut run = crate::wire::log::ByteLog::default();
        bodies.iter().for_each(|body| frame::push_plain(&mut run, body));
        let posted = |waits: bool, post: &dyn Fn(&mut Pending, &mut Outbox<Descriptor>)| {
            let (mut pending, mut outbox) = (Pending::default(), Outbox::default());
            if waits {
                pending.push(b"in front".into(), vec![Part::ClosedPort]);
            }
            post(&mut pending, &mut outbox);
            if waits {
                assert!(outbox.is_empty(), "rule 5");
                drop(pending.begin_departure(Departing::First));
                pending.departing = false;
                assert!(matches!(pending.next(&mut outbox), Next::Moved));
            }
            assert!(pending.is_empty());
            outbox.bytes().as_slice().to_vec()
        };
        for waits in [false, true] {
            let one_by_one =
                posted(waits, &|pending, outbox| bodies.iter().for_each(|body| pending.post((*body).into(), outbox)));
            assert_eq!(posted(waits, &|pending, outbox| pending.post_run(run.as_slice(), outbox)), one_by_one);
            assert_eq!(one_by_one, run.as_slice());
        }
    }
}
