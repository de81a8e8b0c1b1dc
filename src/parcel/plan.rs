//! The plan of a departure: everything that leaves the process together, seen before anything changes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;

use crate::channel::{Cargo, Handle, Peer, Road};
use crate::limits::{LUGGAGE_BYTES, PORTS};
use crate::sys::{Descriptor, Socket};

/// What one message, or one end, takes along. It holds for as long as `shipping` is held: an end on its way has no
/// owner who could post to it or read from it, so what it would take along can only become less.
pub(super) struct Plan {
    /// Every end that leaves, outermost first: what an end has in its queues comes after it.
    steps: VecDeque<Step<(), ()>>,
    bytes: usize,
    descriptors: usize,
    /// Somebody packs a message of one of them, who settles the carrier afterwards; or what waits for descriptors is in
    /// the way.
    waits: bool,
}

/// A plan whose every need is met: nothing that follows can fail.
#[derive(Default)]
pub(super) struct Reserved {
    pub steps: VecDeque<Step<(Socket, Socket), Descriptor>>,
}

pub(super) struct Step<P, C> {
    pub end: Handle,
    pub way: Way<P, C>,
}

pub(super) enum Way<P, C> {
    /// Rule 1, through a socketpair. `whole`: with what it has not read.
    Split { pair: P, whole: bool },
    /// Rule 2, with its luggage.
    Depart,
    /// The same for the carrier itself, which is anywhere inside of its own message: with a copy of its socket.
    Board(C),
}

/// Socketpairs that were made before anybody could wait for it.
pub(super) struct Spare(Vec<(Socket, Socket)>);

impl Spare {
    /// One for each of so many ports. What cannot be had now may not be needed.
    pub fn for_ports(count: usize) -> Spare {
        Spare((0..count).map_while(|_| Socket::pair().ok()).collect())
    }

    pub fn none() -> Spare {
        Spare(Vec::new())
    }

    fn take(&mut self) -> io::Result<(Socket, Socket)> {
        self.0.pop().map_or_else(Socket::pair, Ok)
    }
}

impl Plan {
    /// Of messages that leave through `carrier` and have this cargo.
    pub fn of_messages(carrier: &Handle, cargo: Cargo) -> Plan {
        Plan::of(Some(carrier), false, cargo)
    }

    /// Of the first message that waits at `carrier`: that may be inside, and goes along with all that is behind it.
    pub fn of_first(carrier: &Handle, cargo: Cargo) -> Plan {
        Plan::of(Some(carrier), true, cargo)
    }

    /// Of an end that leaves by itself.
    pub fn of_end(end: &Handle) -> Plan {
        Plan::of(None, false, Cargo { ends: vec![end.clone()], ..Cargo::default() })
    }

    /// Walks to every end that the cargo leads to: also to those in messages that wait inside the luggage. What waits there
    /// may lead to the other end of the carrier's channel: then that leaves first, with what it waits in.
    fn of(carrier: Option<&Handle>, may_board: bool, cargo: Cargo) -> Plan {
        let mut plan =
            Plan { steps: VecDeque::new(), bytes: cargo.bytes, descriptors: cargo.descriptors, waits: false };
        let mut ends = VecDeque::from(cargo.ends);
        // Channels with both ends in this process, one of which leaves already.
        let mut split = HashMap::new();
        let mut seen = HashSet::new();
        while let Some(end) = ends.pop_front() {
            let boards = may_board && carrier.is_some_and(|carrier| end.is(carrier));
            let is_carriers = carrier.is_some_and(|carrier| end.channel_id() == carrier.channel_id());
            if (is_carriers && !boards) || !seen.insert(end.identity()) {
                plan.waits = true;
                continue;
            }
            // Rule 3: once the first end of a channel is shipped, the second has a socket.
            let after = split.get(&end.channel_id()).copied().unwrap_or(Peer::Stays);
            let (way, cargo) = if boards {
                (Way::Board(()), end.behind_first())
            } else {
                match end.road(after, carrier) {
                    Road::Split(unread) => {
                        let along = unread.filter(|unread| leads_to(&unread.ends, |inside| end.is_peer_of(inside)));
                        let whole = along.is_some();
                        split.insert(end.channel_id(), if whole { Peer::SplitWhole } else { Peer::Split });
                        (Way::Split { pair: (), whole }, along.unwrap_or_default())
                    }
                    Road::Depart(cargo) => (Way::Depart, cargo),
                    Road::Wait => {
                        plan.waits = true;
                        continue;
                    }
                }
            };
            plan.bytes = plan.bytes.saturating_add(cargo.bytes);
            plan.descriptors = plan.descriptors.saturating_add(cargo.descriptors).saturating_add(1);
            ends.extend(cargo.ends);
            plan.steps.push_back(Step { end, way });
        }
        plan
    }

    /// Whether it has to wait until another message is packed or shipped.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Whether one message may take it all along.
    pub fn fits(&self) -> bool {
        self.bytes <= LUGGAGE_BYTES && self.descriptors <= PORTS
    }

    /// Whether there is nothing to take along.
    pub fn is_bare(&self) -> bool {
        self.steps.iter().all(|step| matches!(step.way, Way::Split { whole: false, .. }))
    }

    /// Makes the copies that it needs, and the socketpairs that `spare` lacks.
    pub fn reserve(self, mut spare: Spare) -> io::Result<Reserved> {
        let reserve = |Step { end, way }| {
            let way = match way {
                Way::Split { pair: (), whole } => Way::Split { pair: spare.take()?, whole },
                Way::Depart => Way::Depart,
                Way::Board(()) => {
                    Way::Board(end.copy_of_socket().unwrap_or_else(|| Err(io::ErrorKind::NotConnected.into()))?)
                }
            };
            Ok(Step { end, way })
        };
        Ok(Reserved { steps: self.steps.into_iter().map(reserve).collect::<io::Result<_>>()? })
    }
}

/// Whether one of these ends, or one anywhere inside of them, is `wanted`.
pub(super) fn leads_to(ends: &[Handle], wanted: impl Fn(&Handle) -> bool) -> bool {
    let mut inside = ends.to_vec();
    while let Some(end) = inside.pop() {
        if wanted(&end) {
            return true;
        }
        inside.extend(end.contents());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{End, Part};
    use crate::hub::Hub;
    use crate::parcel;

    fn post_ports(target: &End, ports: Vec<End>) {
        let handles = ports.iter().map(|end| end.handle().clone()).collect();
        let take = || ports.into_iter().map(Part::Port).collect();
        parcel::post(target.handle(), b"ports", handles, 0, 0, take).expect("descriptors enough");
    }

    fn plan(carrier: &End, ends: &[&End]) -> Plan {
        Plan::of_messages(
            carrier.handle(),
            Cargo { ends: ends.iter().map(|end| end.handle().clone()).collect(), ..Cargo::default() },
        )
    }

    /// One letter a step, and what it goes by.
    fn steps(plan: &Plan, names: &[(char, &Handle)]) -> String {
        let mut steps = String::new();
        for Step { end, way } in &plan.steps {
            steps.extend(names.iter().find(|(_, handle)| handle.is(end)).map(|(name, _)| name));
            steps.push(if let Way::Split { .. } = way { '+' } else { '-' });
        }
        steps
    }

    /// A channel whose far end has left the process, and is kept here as another's.
    fn far(hub: &Hub) -> (End, End) {
        let (here, there) = hub.channel();
        let descriptor = parcel::into_descriptor(there).expect("a descriptor");
        (here, parcel::from_descriptor(hub.shared(), descriptor).expect("a port"))
    }

    #[test]
    fn the_ids_of_some_channels_tell_nothing_of_the_others() {
        let hub = Hub::default();
        let ids: Vec<u64> = (0..100).map(|_| hub.channel().0.handle().channel_id()).collect();
        let steps: HashSet<u64> = ids.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        assert_eq!(steps.len(), 99);
        assert_ne!(Hub::default().channel().0.handle().channel_id(), ids[0]);
    }

    #[test]
    fn a_local_end_takes_a_pair_and_nothing_of_what_it_has_not_read() {
        let hub = Hub::default();
        let (carrier, _there) = far(&hub);
        let (a, b) = hub.channel();
        let (inner, _inner_peer) = hub.channel();
        post_ports(&b, vec![inner]);
        let plan = plan(&carrier, &[&a]);
        assert_eq!(steps(&plan, &[('a', a.handle())]), "a+");
        assert!(plan.is_bare() && plan.fits() && !plan.waits());
        assert_eq!(plan.bytes, 0);
    }

    #[test]
    fn the_second_end_of_a_channel_takes_both_queues_and_the_ports_in_them_follow() {
        let hub = Hub::default();
        let (carrier, _there) = far(&hub);
        let (a, b) = hub.channel();
        let (to_a, _x) = hub.channel();
        let (to_b, _y) = hub.channel();
        let names = [to_a.handle().clone(), to_b.handle().clone()];
        post_ports(&b, vec![to_a]);
        post_ports(&a, vec![to_b]);
        for (ends, expected) in [([&a, &b], "a+b-2+1+"), ([&b, &a], "b+a-1+2+")] {
            let plan = plan(&carrier, &ends);
            let names = [('a', a.handle()), ('b', b.handle()), ('1', &names[0]), ('2', &names[1])];
            assert_eq!(steps(&plan, &names), expected);
            assert!(plan.bytes > 2 * b"ports".len() && !plan.is_bare());
        }
    }

    #[test]
    fn what_is_inside_is_found_however_deep() {
        let hub = Hub::default();
        let (inner, _inner_peer) = hub.channel();
        let (a, b) = hub.channel();
        let (c, d) = hub.channel();
        let handle = inner.handle().clone();
        // In the queue between the two ends of a channel, which is in the queue between those of another.
        post_ports(&a, vec![inner]);
        post_ports(&c, vec![a, b]);
        assert!(leads_to(&[d.handle().clone()], |end| end.is(&handle)));
        assert!(!leads_to(&[c.handle().clone()], |end| end.is(&handle)));
    }

    #[test]
    fn an_end_takes_its_queue_along_if_its_peer_waits_in_there() {
        let hub = Hub::default();
        let (carrier, _there) = far(&hub);
        let (a, b) = hub.channel();
        let (port, peer) = hub.channel();
        let names = [a.handle().clone(), port.handle().clone()];
        post_ports(&a, vec![port]);
        post_ports(&peer, vec![a]);
        let plan = plan(&carrier, &[&b]);
        let names = [('a', &names[0]), ('b', b.handle()), ('p', &names[1])];
        // The port itself is bare: what it has not read becomes its peer's to send, and `a` with it.
        assert_eq!(steps(&plan, &names), "b+p+");
        let whole = |peer: &End| {
            let plan =
                Plan::of_messages(carrier.handle(), Cargo { ends: vec![peer.handle().clone()], ..Cargo::default() });
            plan.steps.iter().any(|step| matches!(step.way, Way::Split { whole: true, .. }))
        };
        assert!(whole(&b) && !whole(&peer));
    }

    #[test]
    fn looking_changes_nothing_and_bytes_without_end_do_not_fit() {
        let hub = Hub::default();
        let (carrier, _there) = far(&hub);
        let (a, b) = hub.channel();
        a.post(&[7; 1000], false).expect("posted");
        let before = (a.stats(), b.stats());
        for _ in 0..3 {
            assert!(plan(&carrier, &[&a, &b]).bytes > 1000);
        }
        assert_eq!((a.stats(), b.stats()), before);
        let cargo = |bytes| Cargo { bytes, ends: vec![a.handle().clone(), b.handle().clone()], ..Cargo::default() };
        assert!(!Plan::of_messages(carrier.handle(), cargo(LUGGAGE_BYTES)).fits());
        assert!(!Plan::of_messages(carrier.handle(), cargo(usize::MAX)).fits());
        assert!(Plan::of_messages(carrier.handle(), cargo(LUGGAGE_BYTES / 2)).fits());
    }
}
