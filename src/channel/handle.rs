//! What parcels and the backstop do with an end that somebody else owns.

use super::link::Link;
use super::local;
use super::outgoing::{Flushed, Outgoing};
use super::pair::Wake;
use super::{Cargo, End, Handle, Part, Posted, Shared};
use crate::error::Fault;
use crate::message::Message;
use crate::sync::Arc;
use crate::sys::{Descriptor, Poller};
use crate::wire::decoder::Decoder;
use crate::wire::tail::Item;

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

    /// Tells it from every other end as long as there is a way to it.
    pub(crate) fn identity(&self) -> (usize, usize) {
        (Arc::as_ptr(&self.channel) as usize, self.side)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.channel.shared
    }

    pub(crate) fn channel_id(&self) -> u64 {
        self.channel.id
    }

    /// The ports in the messages that wait in this end.
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

    /// Posts a message that leaves through a socket. `ship` turns its parts into what can, now, or, while another
    /// message waits for its own, when [`ship_pending`](Self::ship_pending) comes to this one (rule 5). The caller holds
    /// `shipping`, and settles afterwards.
    pub(crate) fn post_shipped(
        &self,
        body: &[u8],
        parts: Vec<Part>,
        ship: impl FnOnce(Vec<Part>) -> Vec<Item<Descriptor>>,
    ) -> Posted {
        self.post_far(parts, |outgoing, parts| outgoing.post_parts(body, parts, ship))
    }

    /// Posts one whose parts have still to be shipped. The caller holds `shipping`, and settles afterwards.
    pub(crate) fn post_pending(&self, body: &[u8], parts: Vec<Part>) -> Posted {
        self.post_far(parts, |outgoing, parts| outgoing.push_pending(body, parts))
    }

    fn post_far(&self, mut parts: Vec<Part>, queue: impl FnOnce(&mut Outgoing, Vec<Part>)) -> Posted {
        // Parts that nobody takes, because nobody will ever see them, close after the lock.
        self.look(|side, _| {
            let Link::Far(far) = &mut side.link else {
                return Posted::default();
            };
            queue(&mut far.outgoing, std::mem::take(&mut parts));
            let weight = far.outgoing.weight();
            side.posted(weight)
        })
    }

    /// What the first message that waits for its parts to be shipped will take along.
    pub(crate) fn first_pending(&self) -> Option<Cargo> {
        self.look(|side, _| side.link.outgoing()?.first_pending())
    }

    /// Turns the parts of that message into what can leave, and writes it. The lock is kept all the while: a post in
    /// between would overtake it.
    pub(crate) fn ship_pending(&self, ship: impl FnOnce(Vec<Part>) -> Vec<Item<Descriptor>>) {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.ship_pending(ship)));
    }

    /// Takes that message back; its parts are the caller's to drop.
    pub(crate) fn drop_pending(&self) -> Option<Vec<Part>> {
        self.look(|side, _| side.link.outgoing()?.drop_pending())
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

    /// Takes the next message if it was queued inside this process.
    pub(crate) fn take_queued(&self) -> Queued {
        self.with(|side, peer| {
            let inbox = match &mut side.link {
                Link::Local(inbox) | Link::Orphaned(inbox) => inbox,
                Link::Far(far) if far.incoming.inbox.is_empty() => return (Queued::OnTheSocket, Wake::nobody()),
                Link::Far(far) => &mut far.incoming.inbox,
                Link::Lingering(_) | Link::Gone => return (Queued::Message(None), Wake::nobody()),
            };
            let message = inbox.pop(|body, parts| Message { body: body.to_vec(), parts });
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
            far.incoming.decoder = decoder;
            fault.map(|fault| far.incoming.fail(far.outgoing.socket(), fault))
        });
    }
}
