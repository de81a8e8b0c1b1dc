//! How one state of an end becomes another: it is made, arrives, attaches, starts, is shipped, closes. The numbers are
//! those of the transfer rules.

use std::collections::VecDeque;

use super::cargo::{Cargo, Peer, Road};
use super::far::Far;
use super::incoming::Incoming;
use super::link::Link;
use super::outgoing::Outgoing;
use super::pair::{Pair, Wake};
use super::{Backstop, Channel, End, Handle, Part, Shared, Urgency};
use crate::home::Home;
use crate::inbox::Inbox;
use crate::sync::Arc;
use crate::sys::{Descriptor, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;

/// An end on its way out of the process, and what goes along: inbound in this order what arrived inside the process and
/// what came over the socket, outbound the other way round.
#[derive(Debug)]
pub(crate) struct Departed {
    pub socket: Descriptor,
    pub inbox: Inbox<Part>,
    pub decoder: Decoder<Descriptor>,
    pub outbox: Outbox<Descriptor>,
    pub pending: Inbox<Part>,
}

impl Departed {
    /// One that takes nothing along.
    pub(crate) fn bare(socket: Descriptor) -> Departed {
        Departed {
            socket,
            inbox: Inbox::default(),
            decoder: Decoder::default(),
            outbox: Outbox::default(),
            pending: Inbox::default(),
        }
    }
}

/// Being made, and arriving.
impl Channel {
    /// A new channel with both ends in this process. It owns no descriptor.
    pub fn create(shared: &Arc<Shared>) -> (End, End) {
        let links = [Link::Local(Inbox::default()), Link::Local(Inbox::default())];
        let channel = Channel::with(shared, None, links);
        (End(Handle { channel: channel.clone(), side: 0 }), End(Handle { channel, side: 1 }))
    }

    /// The end of a channel whose other end is behind `socket`, with the luggage that it brings (rule 2). Without an
    /// `id`, of a channel that nobody else knows by one.
    pub(crate) fn arrived(
        shared: &Arc<Shared>,
        id: Option<u64>,
        socket: Socket,
        inbound: Decoder<Descriptor>,
        outbound: Outbox<Descriptor>,
    ) -> End {
        let outgoing = Outgoing::new(socket, outbound, Inbox::default());
        let far = Far { outgoing, incoming: Incoming::new(Inbox::default(), inbound) };
        let channel = Channel::with(shared, id, [Link::Far(Box::new(far)), Link::Gone]);
        End(Handle { channel, side: 0 })
    }

    fn with(shared: &Arc<Shared>, id: Option<u64>, links: [Link; 2]) -> Arc<Channel> {
        let serial = shared.next_serial();
        let id = id.unwrap_or_else(|| shared.id(serial));
        Arc::new(Channel { shared: shared.clone(), id, serial, pair: Pair::new(links) })
    }
}

/// Moving between threads: no descriptor is needed for that (rule 6).
impl End {
    /// Attaches this end to an event loop, under the key by which that loop knows it. Not started yet.
    pub fn attach(&self, home: &Arc<Home>, key: u32) {
        self.0.with(|side, _| {
            side.take_seat(home, key);
            let over = side.link.is_over();
            ((), side.announce_if(over))
        });
    }

    /// Takes this end away from its event loop; what is queued stays with it.
    pub fn detach(&self) {
        self.0.look(|side, _| side.leave_seat());
    }

    /// Allows, or no longer allows, messages to be delivered.
    pub fn start(&self, started: bool) {
        self.0.with(|side, _| {
            side.start(started);
            let news = started && side.link.has_news();
            ((), side.announce_if(news))
        });
    }
}

/// Shipping. The caller holds `shipping` and has detached the end; what is left of it here is `Link::Gone`.
impl End {
    /// Rule 1, for an end without a socket: it leaves as a bare descriptor. Its unread inbox is what its peer has
    /// posted, so it becomes what its peer has yet to send; or, if that peer waits in it, is `whole`, and goes along.
    /// Answers with the way to the peer too, which the caller settles. `None`: the end has no need of a pair, and closes.
    pub(crate) fn split(self, (ours, theirs): (Socket, Socket), whole: bool) -> Option<(Departed, Handle)> {
        let staying = Handle { channel: self.0.channel.clone(), side: 1 - self.0.side };
        let inbox = self.0.with(|side, peer| {
            let unread = match std::mem::replace(&mut side.link, Link::Gone) {
                Link::Local(unread) | Link::Orphaned(unread) => unread,
                other => {
                    side.link = other;
                    return (None, Wake::nobody());
                }
            };
            let (along, behind) = if whole { (unread, Inbox::default()) } else { (Inbox::default(), unread) };
            let outgoing = Outgoing::new(theirs, Outbox::default(), behind);
            match std::mem::replace(&mut peer.link, Link::Gone) {
                Link::Local(inbox) => {
                    let incoming = Incoming::new(inbox, Decoder::default());
                    peer.link = Link::Far(Box::new(Far { outgoing, incoming }));
                    peer.rewatch();
                }
                // It has closed: its last words are all that is left of it.
                _ => peer.link = linger(outgoing, &staying),
            }
            // Where its socket cannot be watched, it has failed.
            let news = peer.link.has_news();
            (Some(along), peer.announce_if(news))
        });
        inbox.map(|inbox| (Departed { inbox, ..Departed::bare(ours.into_descriptor()) }, staying))
    }

    /// Rule 2, for an end behind a socket, and so rule 3, for one whose peer has been split off before it: it takes its
    /// luggage along. What the kernel takes now is none, and does not wait for the journey. `None`: the end was closed.
    pub(crate) fn depart(self) -> Option<Departed> {
        self.0.look(|side, _| match std::mem::replace(&mut side.link, Link::Gone) {
            Link::Far(far) => {
                let Far { mut outgoing, incoming } = *far;
                outgoing.flush();
                let (socket, outbox, pending) = outgoing.into_luggage(self.0.backstop());
                let socket = socket.into_descriptor();
                Some(Departed { socket, inbox: incoming.inbox, decoder: incoming.decoder, outbox, pending })
            }
            other => {
                side.link = other;
                None
            }
        })
    }

    /// Rule 2, for an end that is inside of the first of its own messages, which the caller has taken out: that is written
    /// by what stays here, and the end goes along in it, with a copy of the socket and with all that is behind. It arrives
    /// when everything before it has been read.
    pub(crate) fn board(self, copy: Descriptor) -> Option<Departed> {
        self.0.look(|side, _| match std::mem::replace(&mut side.link, Link::Gone) {
            Link::Far(far) => {
                let Far { mut outgoing, incoming } = *far;
                let pending = outgoing.hand_on();
                outgoing.list(&self.0, Urgency::Now);
                side.link = Link::Lingering(Box::new(outgoing));
                let Incoming { inbox, decoder, .. } = incoming;
                Some(Departed { inbox, decoder, pending, ..Departed::bare(copy) })
            }
            other => {
                side.link = other;
                None
            }
        })
    }
}

impl Handle {
    /// How this end would leave, in a message of `carrier`; if it cannot now, that is settled again when it can.
    pub(crate) fn road(&self, after: Peer, carrier: Option<&Handle>) -> Road {
        self.look(|side, peer| match (&mut side.link, &peer.link, after) {
            (Link::Local(inbox), Link::Local(unread), Peer::Split) => {
                let weight = inbox.weight().saturating_add(unread.weight());
                Road::Depart(Cargo::of_queues(weight, inbox.parts().chain(unread.parts())))
            }
            (Link::Local(inbox), _, Peer::SplitWhole) => Road::Depart(Cargo::of_queues(inbox.weight(), inbox.parts())),
            (Link::Local(unread) | Link::Orphaned(unread), ..) => {
                Road::Split(peer.queued.then(|| Cargo::of_queues(unread.weight(), unread.parts())))
            }
            (Link::Far(far), ..) => {
                if far.outgoing.pending.holds_back(carrier) {
                    return Road::Wait;
                }
                Road::Depart(far.cargo())
            }
            (Link::Lingering(_) | Link::Gone, ..) => Road::Depart(Cargo::default()),
        })
    }

    /// Closes this end. Its peer is told once it has read what was posted before. Answers with the parts of the
    /// messages that were not delivered.
    fn close(&self) -> VecDeque<Part> {
        let unread = self.with(|side, peer| {
            side.leave_seat();
            match std::mem::replace(&mut side.link, Link::Gone) {
                Link::Local(unread) => {
                    if let Link::Local(last) = std::mem::replace(&mut peer.link, Link::Gone) {
                        peer.link = Link::Orphaned(last);
                    }
                    (Some(unread), peer.announce())
                }
                Link::Orphaned(unread) => (Some(unread), Wake::nobody()),
                Link::Far(far) => {
                    let Far { mut outgoing, incoming } = *far;
                    outgoing.flush();
                    side.link = linger(outgoing, self);
                    if let Some(outgoing) = side.link.outgoing() {
                        outgoing.list(self, Urgency::Now);
                    }
                    (Some(incoming.inbox), Wake::nobody())
                }
                other => {
                    side.link = other;
                    (None, Wake::nobody())
                }
            }
        });
        unread.map_or_else(VecDeque::new, Inbox::into_parts)
    }
}

/// What becomes of an end that closes: its last words linger until they have left, and the socket closes after them.
fn linger(outgoing: Outgoing, end: &Handle) -> Link {
    if outgoing.is_flushed() {
        outgoing.shut_down(end.backstop());
        return Link::Gone;
    }
    outgoing.stop_reading();
    Link::Lingering(Box::new(outgoing))
}

impl Link {
    /// Everything has left: the socket of an end that lingered for that closes.
    pub(super) fn end_lingering(&mut self, backstop: &dyn Backstop) {
        match std::mem::replace(self, Link::Gone) {
            Link::Lingering(outgoing) => outgoing.shut_down(backstop),
            other => *self = other,
        }
    }
}

impl Handle {
    /// Closes this end, whoever owns it, and, by a work list, every port in the messages that nobody will read now (rule 4).
    pub fn close_with_contents(&self) {
        let mut doomed = vec![self.clone()];
        let mut dropped = Vec::new();
        while let Some(handle) = doomed.pop() {
            for part in handle.close() {
                if let Part::Port(end) = part {
                    doomed.push(end.0.clone());
                    // It drops below, after its own turn in this loop: shallowly.
                    dropped.push(end);
                }
            }
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.close_with_contents();
    }
}
