//! The departure itself: links are swapped, which is all that others wait for; then, when nobody does, everything is
//! packed. Nothing here can fail.

use std::collections::VecDeque;

use super::plan::{Reserved, Way};
use crate::channel::{Departed, End, Handle, Part};
use crate::inbox::{Inbox, Weigh};
use crate::message::{Foreign, Handed};
use crate::slab::Bytes;
use crate::sys::Descriptor;
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;
use crate::wire::tail::{self, Item, Luggage, Sink};

/// What a commit leaves to be done when no lock is held.
#[derive(Default)]
pub(super) struct Aftermath {
    /// Ends that may have pending messages now.
    pub unsettled: Vec<Handle>,
    /// What does not go along, to be dropped.
    pub lost: Vec<Part>,
}

impl Reserved {
    /// Ships every end in these messages, and every end in the luggage of those.
    pub fn commit(self, messages: Inbox<Part>, aftermath: &mut Aftermath) -> Convoy {
        Convoy::set_out(self, messages, aftermath)
    }

    /// Ships one end that takes nothing along.
    pub fn commit_bare(mut self, end: End, aftermath: &mut Aftermath) -> Option<Descriptor> {
        self.ship(end, aftermath).map(|departed| departed.socket)
    }

    /// Ships one end as it was planned. One that was not planned, or was closed, closes.
    fn ship(&mut self, end: End, aftermath: &mut Aftermath) -> Option<Departed> {
        // The next one, unless a part that was announced did not come.
        let at = self.steps.iter().position(|step| step.end.is(end.handle()));
        match at.and_then(|at| self.steps.remove(at)).map(|step| step.way) {
            Some(Way::Split { pair, whole }) => end.split(pair, whole).map(|(departed, staying)| {
                aftermath.unsettled.push(staying);
                departed
            }),
            Some(Way::Depart) => end.depart(),
            Some(Way::Board(copy)) => end.board(copy),
            None => {
                aftermath.lost.push(Part::Port(end));
                None
            }
        }
    }
}

/// Everything that leaves together. The links have been swapped, so that it is the caller's alone, and nothing is copied
/// or written yet.
#[derive(Debug)]
pub(super) struct Convoy {
    roots: Inbox<Slot>,
    /// Outermost first, so that each finds what it contains packed already if they are packed from the back (rule 4).
    travellers: Vec<Option<Traveller>>,
}

/// An end on its way, and the messages in its luggage that still own parts.
#[derive(Debug)]
struct Traveller {
    channel: u64,
    socket: Descriptor,
    inbox: Inbox<Slot>,
    decoder: Decoder<Descriptor>,
    outbox: Outbox<Descriptor>,
    pending: Inbox<Slot>,
}

/// A part whose port, if it is one, stands in the list of travellers.
#[derive(Debug)]
enum Slot {
    Port(usize),
    ClosedPort,
    Memory(Bytes),
    Foreign(Box<dyn Foreign>),
    Handed(Handed),
    Lost,
}

impl Weigh for Slot {
    fn weight(&self) -> usize {
        match self {
            Slot::Memory(bytes) => bytes.len(),
            Slot::Foreign(foreign) => foreign.size(),
            Slot::Handed(handed) => handed.body.len(),
            Slot::Port(_) | Slot::ClosedPort | Slot::Lost => 0,
        }
    }
}

/// The ends that have been found and are not shipped yet; how many there were before.
#[derive(Default)]
struct Queue {
    ends: VecDeque<End>,
    listed: usize,
}

impl Queue {
    fn slot(&mut self, part: Part) -> Slot {
        match part {
            Part::Memory(bytes) => Slot::Memory(bytes),
            Part::Foreign(foreign) => Slot::Foreign(foreign),
            Part::Handed(handed) => Slot::Handed(handed),
            Part::Lost => Slot::Lost,
            Part::ClosedPort => Slot::ClosedPort,
            Part::Port(end) => {
                self.ends.push_back(end);
                self.listed += 1;
                Slot::Port(self.listed - 1)
            }
        }
    }
}

impl Convoy {
    fn set_out(mut reserved: Reserved, messages: Inbox<Part>, aftermath: &mut Aftermath) -> Convoy {
        let mut queue = Queue::default();
        let roots = messages.map_parts(|part| queue.slot(part));
        let mut travellers = Vec::new();
        while let Some(end) = queue.ends.pop_front() {
            let channel = end.handle().channel_id();
            travellers.push(reserved.ship(end, aftermath).map(|departed| {
                let Departed { socket, inbox, decoder, outbox, pending } = departed;
                let inbox = inbox.map_parts(|part| queue.slot(part));
                let pending = pending.map_parts(|part| queue.slot(part));
                Traveller { channel, socket, inbox, decoder, outbox, pending }
            }));
        }
        Convoy { roots, travellers }
    }

    /// Packs the ports; the messages find them by their numbers.
    fn pack_travellers(&mut self) -> Vec<Option<Item<Descriptor>>> {
        let mut packed: Vec<Option<Item<Descriptor>>> = self.travellers.iter().map(|_| None).collect();
        for (index, traveller) in self.travellers.drain(..).enumerate().rev() {
            packed[index] = traveller.map(|traveller| Item::Port(traveller.pack(&mut packed)));
        }
        packed
    }
}

impl crate::channel::Convoy for Convoy {
    fn weight(&self) -> usize {
        self.roots.weight()
    }

    fn pack(mut self: Box<Self>) -> Outbox<Descriptor> {
        let (mut packed, mut outbox) = (self.pack_travellers(), Outbox::default());
        write_all(&mut self.roots, &mut outbox, &mut packed);
        outbox
    }
}

impl Traveller {
    /// Rule 2: inbound first what arrived inside this process, then what came over the socket; outbound the other way.
    fn pack(mut self, packed: &mut [Option<Item<Descriptor>>]) -> Luggage<Descriptor> {
        let mut inbound = Decoder::default();
        write_all(&mut self.inbox, &mut inbound, packed);
        inbound.append(self.decoder);
        write_all(&mut self.pending, &mut self.outbox, packed);
        Luggage { channel: self.channel, port: self.socket, inbound, outbound: self.outbox }
    }
}

impl Slot {
    fn item(self, packed: &mut [Option<Item<Descriptor>>]) -> Item<Descriptor> {
        match self {
            Slot::Memory(bytes) => Item::Memory(bytes),
            Slot::Foreign(foreign) => match foreign.copy() {
                Some(bytes) => Item::Memory(bytes),
                None => foreign.hand().ok().flatten().map_or(Item::Lost, Item::from),
            },
            Slot::Handed(handed) => Item::from(handed),
            Slot::ClosedPort => Item::ClosedPort,
            Slot::Lost => Item::Lost,
            Slot::Port(index) => packed[index].take().unwrap_or(Item::ClosedPort),
        }
    }
}

impl From<Handed> for Item<Descriptor> {
    fn from(Handed { kind, body, descriptor }: Handed) -> Self {
        Item::Descriptor { kind, body: body.into(), descriptor }
    }
}

fn write_all(queue: &mut Inbox<Slot>, sink: &mut impl Sink<Descriptor>, packed: &mut [Option<Item<Descriptor>>]) {
    let mut write_next = || {
        queue.pop(|body, slots| {
            let items = slots.into_iter().map(|slot| slot.item(packed)).collect();
            tail::write(sink, body, items);
        })
    };
    while write_next().is_some() {}
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Plan, Spare};
    use super::*;
    use crate::channel::{Cargo, Place};
    use crate::hub::Hub;

    fn reserved(ends: &[&End]) -> Reserved {
        let (carrier, _) = Hub::default().channel();
        let cargo = Cargo { ends: ends.iter().map(|end| end.handle().clone()).collect(), ..Cargo::default() };
        Plan::of_messages(carrier.handle(), cargo).reserve(Spare::for_ports(1)).expect("descriptors enough")
    }

    fn message(parts: Vec<Part>) -> Inbox<Part> {
        let mut messages = Inbox::default();
        messages.push(b"message".into(), parts);
        messages
    }

    fn items(mut convoy: Convoy) -> Vec<Item<Descriptor>> {
        let mut packed = convoy.pack_travellers();
        let item = |slot: Slot| slot.item(&mut packed);
        convoy.roots.pop(|_, slots| slots.into_iter().map(item).collect()).expect("a message")
    }

    fn kinds(items: &[Item<Descriptor>]) -> String {
        let kind = |item: &Item<Descriptor>| match item {
            Item::Memory(_) => 'm',
            Item::Port(_) => 'p',
            Item::ClosedPort => 'c',
            Item::Lost => 'l',
            Item::Descriptor { .. } => 'd',
        };
        items.iter().map(kind).collect()
    }

    #[test]
    fn everything_that_was_planned_leaves_in_its_place() {
        let hub = Hub::default();
        let ((a, peer), (b, c)) = (hub.channel(), hub.channel());
        let reserved = reserved(&[&a, &b, &c]);
        let mut aftermath = Aftermath::default();
        let parts = vec![
            Part::Port(a),
            Part::Memory(vec![1].into()),
            Part::Port(b),
            Part::ClosedPort,
            Part::Port(c),
            Part::Lost,
        ];
        let items = items(reserved.commit(message(parts), &mut aftermath));
        assert_eq!(kinds(&items), "pmpcpl");
        assert_eq!(peer.stats().place, Place::OtherProcess);
        assert!(aftermath.unsettled.iter().any(|handle| handle.is(peer.handle())), "it is to be settled");
    }

    #[test]
    fn a_part_that_was_announced_and_did_not_come_spoils_no_other() {
        let hub = Hub::default();
        let ((a, a_peer), (b, b_peer)) = (hub.channel(), hub.channel());
        let items = items(
            reserved(&[&a, &b]).commit(message(vec![Part::ClosedPort, Part::Port(b)]), &mut Aftermath::default()),
        );
        assert_eq!(kinds(&items), "cp");
        assert_eq!((a_peer.stats().place, b_peer.stats().place), (Place::Queued, Place::OtherProcess));
        drop(a);
    }

    #[test]
    fn ports_that_cannot_come_along_close_when_the_lock_is_released() {
        let hub = Hub::default();
        let (port, peer) = hub.channel();
        let mut aftermath = Aftermath::default();
        let parts = vec![Part::Memory(vec![1].into()), Part::Port(port)];
        let items = items(Reserved::default().commit(message(parts), &mut aftermath));
        assert_eq!(kinds(&items), "mc");
        assert_eq!(peer.stats().place, Place::Queued);
        drop(aftermath);
        assert_eq!(peer.stats().place, Place::Gone);
    }
}
