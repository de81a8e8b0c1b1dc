//! What parcels and the backstop do with an end that somebody else owns.

use std::collections::VecDeque;
use std::io;

use super::link::Link;
use super::local;
use super::outgoing::Flushed;
use super::pair::Wake;
use super::pending::{Convoy, Departing, Next};
use super::{Cargo, End, Handle, Part, Posted, Shared};
use crate::error::Fault;
use crate::inbox::Inbox;
use crate::message::Message;
use crate::sync::Arc;
use crate::sys::{Descriptor, Poller};
use crate::wire::body::Body;
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;

/// Where a port's next message is.
pub(crate) enum Queued {
    Message(Option<Message<End>>),
    OnTheSocket,
}

impl Handle {
    /// Whether this is the way to the same end.
    pub(crate) fn is(&self, other: &Handle) -> bool {
        Arc::ptr_eq(&self.channel, &other.channel) && self.side == other.side
    }

    /// Whether this is the other end of its channel.
    pub(crate) fn is_peer_of(&self, other: &Handle) -> bool {
        Arc::ptr_eq(&self.channel, &other.channel) && self.side != other.side
    }

    /// Tells it from every other end as long as there is a way to it.
    pub fn identity(&self) -> (usize, usize) {
        (Arc::as_ptr(&self.channel) as usize, self.side)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.channel.shared
    }

    pub(crate) fn channel_id(&self) -> u64 {
        self.channel.id
    }

    /// The ports in the messages that wait to be delivered here.
    pub(crate) fn contents(&self) -> Vec<Handle> {
        self.look(|side, _| side.link.contents())
    }

    /// Notes whether it waits in the queue of another end of this process.
    pub(crate) fn set_queued(&self, queued: bool) {
        self.look(|side, _| side.queued = queued);
    }

    pub(crate) fn peer_is_queued(&self) -> bool {
        self.look(|_, peer| peer.queued)
    }

    /// Whether shipping this end takes a new socketpair. Stands still under `shipping`.
    pub(crate) fn is_local(&self) -> bool {
        self.look(|side, _| side.link.is_local())
    }

    /// Queues a message with parts that leaves through a socket: it waits for its parts to be shipped.
    pub(crate) fn post_pending(&self, body: Body<'_>, parts: Vec<Part>) {
        let mut message = Some((body, parts));
        self.look(|side, _| {
            if let Link::Far(far) = &mut side.link {
                if let Some((body, parts)) = message.take() {
                    far.outgoing.pending.push(body, parts);
                }
            }
        });
        // What is left could not leave any more, and closes here, after the lock.
    }

    /// Keeps the place of a message of memory only, if its peer is behind a socket and nothing is in front of it.
    pub(crate) fn keep_place(&self, weight: usize) -> bool {
        self.look(|side, _| side.link.far().is_some_and(|far| far.outgoing.keep_place(weight)))
    }

    /// Sends what the kernel takes of a message whose place is kept, from where it lies. The rest is to be
    /// [taken in](Self::take_in).
    pub(crate) fn send_packed(&self, packed: &mut Outbox<Descriptor>) {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.send_packed(packed)));
    }

    /// What all messages that wait take along, if ports among them have still to be shipped. The caller holds `shipping`.
    pub(crate) fn unshipped(&self) -> Option<Cargo> {
        self.look(|side, _| side.link.outgoing()?.pending.unshipped())
    }

    /// Takes messages that wait, to be turned into a convoy. What is posted meanwhile stays behind them. The caller holds
    /// `shipping`.
    pub(crate) fn begin_departure(&self, which: Departing) -> Option<Inbox<Part>> {
        self.look(|side, _| Some(side.link.outgoing()?.pending.begin_departure(which)))
    }

    /// Gives them back: whoever packs for this end next takes care of them.
    pub(crate) fn end_departure(&self, convoy: Box<dyn Convoy>) {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.pending.end_departure(convoy)));
    }

    /// Moves what needs no packing from what is pending to the outbox, and takes out what does: the caller packs it and
    /// has it [taken in](Self::take_in) when no lock is held.
    pub(crate) fn next_pending(&self) -> Next {
        self.look(|side, _| side.link.outgoing().map_or(Next::Nothing, |outgoing| outgoing.next_pending()))
    }

    /// What the first message that has still to be shipped takes along, unless others are in front of it.
    pub(crate) fn first_unshipped(&self) -> Option<Cargo> {
        self.look(|side, _| side.link.outgoing()?.pending.first())
    }

    /// What this end takes along in the first of its own messages.
    pub(crate) fn behind_first(&self) -> Cargo {
        self.look(|side, _| side.link.far().map_or_else(Cargo::default, |far| far.cargo_behind_first()))
    }

    /// Takes the first message that has still to be shipped, and is not to be.
    pub(crate) fn discard_first(&self) -> VecDeque<Part> {
        let first = self.look(|side, _| Some(side.link.outgoing()?.pending.discard_first()));
        first.map_or_else(VecDeque::new, Inbox::into_parts)
    }

    /// A copy of its socket; `None` while the peer is in this process.
    pub(crate) fn copy_of_socket(&self) -> Option<io::Result<Descriptor>> {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.socket().copy()))
    }

    /// Takes in what was packed. Answers with the ends that have waited for that, to be settled.
    pub(crate) fn take_in(&self, packed: Outbox<Descriptor>) -> Vec<Handle> {
        self.look(|side, _| side.link.outgoing().map_or_else(Vec::new, |outgoing| outgoing.take_in(packed)))
    }

    /// Posts messages without parts, whole frames one behind the other. They wait for what follows.
    pub fn post_run(&self, frames: &[u8]) -> Posted {
        self.with(|side, peer| match &mut side.link {
            Link::Far(far) => {
                far.outgoing.post_run(frames, self);
                (side.posted_far(), Wake::nobody())
            }
            _ => local::post(side, peer, |inbox| inbox.push_run(frames)),
        })
    }

    /// Whether [`Filled::Drained`](super::Filled::Drained) is still to come.
    pub fn owes_drain(&self) -> bool {
        self.look(|side, _| side.owes_drain())
    }

    /// Has [`Filled::Drained`](super::Filled::Drained) told to whoever has this end, as long as it is attached where it is;
    /// and whether one is owed.
    pub fn heed_drain(&self) -> bool {
        self.with(|side, _| {
            let wake = side.heed_drain();
            (side.owes_drain(), wake)
        })
    }

    /// What whoever has posted to a socket is told.
    pub(crate) fn posted(&self) -> Posted {
        self.look(|side, _| {
            let weight = side.link.outgoing().map_or(0, |outgoing| outgoing.weight());
            side.posted(weight)
        })
    }

    /// Writes what waits.
    pub(crate) fn flush(&self) {
        self.with(|side, _| {
            let Some(outgoing) = side.link.outgoing() else {
                return ((), Wake::nobody());
            };
            outgoing.write(self);
            let weight = outgoing.weight();
            ((), side.receded(weight))
        });
    }

    /// The backstop's flush for its `job`: answers how many bytes went and what is left to do.
    pub(crate) fn flush_for(&self, job: usize, poller: &Poller) -> (usize, Flushed) {
        self.with(|side, _| {
            let Some(outgoing) = side.link.outgoing() else {
                return ((0, Flushed::Done), Wake::nobody());
            };
            let (moved, flushed) = outgoing.flush_for(job, poller);
            let weight = outgoing.weight();
            if flushed == Flushed::Done {
                side.link.end_lingering(self.backstop());
            }
            ((moved, flushed), side.receded(weight))
        })
    }

    /// Bytes that are still to be written to its socket.
    pub(crate) fn unwritten(&self) -> usize {
        self.look(|side, _| side.link.outgoing().map_or(0, |outgoing| outgoing.weight()))
    }

    /// Takes the next message if it was queued inside this process.
    pub(crate) fn take_queued(&self) -> Queued {
        self.with(|side, peer| {
            let inbox = match &mut side.link {
                Link::Local(inbox) | Link::Orphaned(inbox) => inbox,
                Link::Far(far) if far.incoming.inbox.is_empty() => return (Queued::OnTheSocket, Wake::nobody()),
                Link::Far(far) => &mut far.incoming.inbox,
                Link::Lingering(_) | Link::Gone => return (Queued::Message(None), Wake::nobody()),
            };
            let message = inbox.pop(|body, parts| Message { body: body.into_bytes(), parts });
            (Queued::Message(message), local::tell_poster(side, peer))
        })
    }

    /// Lends what has come over the socket, to be given back at once. Only the thread that this end is attached to
    /// reads it: nobody misses it meanwhile.
    pub(crate) fn lend_decoder(&self) -> Option<Decoder<Descriptor>> {
        self.look(|side, _| Some(std::mem::take(&mut side.link.far()?.incoming.decoder)))
    }

    /// Takes it back. With a fault this end, and only this end, is over.
    pub(crate) fn return_decoder(&self, decoder: Decoder<Descriptor>, fault: Option<Fault>) {
        self.look(|side, _| {
            let far = side.link.far()?;
            far.incoming.take_back(decoder);
            fault.map(|fault| far.incoming.fail(far.outgoing.socket(), fault))
        });
    }
}
