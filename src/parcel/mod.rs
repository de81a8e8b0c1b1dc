//! Ports inside messages: how ends turn into descriptors with luggage, and back.

use std::collections::{HashSet, VecDeque};
use std::io;

use crate::channel::{Channel, End, Handle, Part, Posted, Queued, Remote, Shared};
use crate::error::{Fault, Refused};
use crate::inbox::{Inbox, Weigh};
use crate::limits::{LUGGAGE_BYTES, MESSAGE_BYTES, PARTS};
use crate::message::Message;
use crate::sync::{lock, Arc};
use crate::sys::{Descriptor, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::tail::{self, Item, Luggage, Sink};
use crate::wire::Malformed;

/// Socketpairs made before anything changes, for the ends that will need one.
type Pairs = VecDeque<(Socket, Socket)>;

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
        return Ok(target.post_local(body, take()).unwrap_or_else(|parts| {
            // The peer has left this process in this very moment, so nothing is reserved: it may have to wait.
            let _shipping = lock(&target.shared().shipping);
            post_and_settle(target, body, parts, &mut Pairs::new())
        }));
    }
    let _shipping = lock(&target.shared().shipping);
    let survey = survey(target, ports);
    if survey.bytes.saturating_add(memory) > LUGGAGE_BYTES {
        return Err(Refused::TooLarge);
    }
    let mut pairs = (0..survey.pairs).map(|_| Socket::pair()).collect::<io::Result<_>>()?;
    Ok(post_and_settle(target, body, take(), &mut pairs))
}

fn post_and_settle(target: &Handle, body: &[u8], parts: Vec<Part>, pairs: &mut Pairs) -> Posted {
    let posted = target.post_pending(body, parts);
    settle_all(vec![target.clone()], pairs);
    posted
}

/// Takes the next message of a port, whatever it carries. `keep` copies memory that came over a socket to where it is
/// to stay. No lock is held while it does.
pub fn take(handle: &Handle, keep: impl Fn(&[u8]) -> Part) -> Result<Option<Message<End>>, Fault> {
    match handle.take_queued() {
        Queued::Message(message) => return Ok(message),
        Queued::OnTheSocket => {}
    }
    // Only the thread that this end is attached to reads it: nobody misses its decoder meanwhile.
    let Some(mut decoder) = handle.with_remote(|remote| std::mem::take(&mut remote.decoder)) else {
        return Ok(None);
    };
    let read = decoder.take(|unit, descriptors| {
        let items = tail::read(unit.tail, unit.parts, descriptors)?;
        let parts = items.into_iter().map(|item| open(handle, item, &keep)).collect::<Result<_, _>>()?;
        Ok(Message { body: unit.body.to_vec(), parts })
    });
    handle.with_remote(|remote| remote.decoder = decoder);
    read.map_err(|malformed| {
        let fault = Fault::from(malformed);
        handle.with_remote(|remote| remote.fail(fault));
        fault
    })
}

/// Turns what came over `carrier`'s socket into a part of a message.
fn open(carrier: &Handle, item: Item<Descriptor, &[u8]>, keep: impl Fn(&[u8]) -> Part) -> Result<Part, Malformed> {
    Ok(match item {
        Item::Memory(bytes) => keep(bytes),
        Item::ClosedPort => Part::ClosedPort,
        Item::Lost => Part::Lost,
        Item::Port(luggage) => {
            if luggage.channel == carrier.channel_id() {
                return Err(Malformed::Loop);
            }
            let socket = Socket::from_descriptor(luggage.port).map_err(|_| Malformed::NotAPort)?;
            let mut remote = Remote::new(socket);
            remote.decoder = luggage.inbound;
            remote.outbox = luggage.outbound;
            let end = Channel::arrived(carrier.shared(), Some(luggage.channel), remote);
            // Its peer waits for what its last owner could not send; the new one may never post.
            end.flush();
            Part::Port(end)
        }
    })
}

/// Turns an end into a bare descriptor, for a process that inherits it. What it had not yet read goes along in the
/// kernel; it has nothing else to take along, so only an end whose peer is in this process can.
pub fn into_descriptor(end: End) -> Result<Descriptor, (End, Refused)> {
    let shared = end.handle().shared().clone();
    let _shipping = lock(&shared.shipping);
    if !end.handle().is_local() {
        return Err((end, Refused::HasLuggage));
    }
    let mut pairs = match Socket::pair() {
        Ok(pair) => Pairs::from([pair]),
        Err(error) => return Err((end, error.into())),
    };
    let mut unsettled = Vec::new();
    let remote = end.ship(pairs.pop_front(), &mut unsettled);
    settle_all(unsettled, &mut pairs);
    match remote {
        Some(remote) => Ok(remote.socket.into_descriptor()),
        None => unreachable!("a local end with a socketpair ships"),
    }
}

/// The end that a process inherited as a descriptor. What is no port is left alone.
pub fn from_descriptor(shared: &Arc<Shared>, descriptor: Descriptor) -> Result<End, Descriptor> {
    let socket = Socket::inherited(descriptor)?;
    Ok(Channel::arrived(shared, None, Remote::new(socket)))
}

/// Ships what waits behind `handle` for its ports to be shipped.
pub(crate) fn settle(handle: Handle) {
    let shared = handle.shared().clone();
    let _shipping = lock(&shared.shipping);
    settle_all(vec![handle], &mut Pairs::new());
}

/// Ships the pending messages of `unsettled` and, as a work list (rule 4), of every end that this turns remote. The
/// caller holds `shipping`. What finds no descriptors stays pending, and with the backstop.
fn settle_all(mut unsettled: Vec<Handle>, pairs: &mut Pairs) {
    while let Some(handle) = unsettled.pop() {
        while settle_one(&handle, pairs, &mut unsettled) {}
        handle.flush();
    }
}

/// Ships the first pending message of one end. `false`: there is none, or no descriptor for it.
fn settle_one(handle: &Handle, pairs: &mut Pairs, unsettled: &mut Vec<Handle>) -> bool {
    let ports = handle.with_remote(|remote| {
        let (_, parts) = remote.pending.peek()?;
        Some(handles(parts))
    });
    let Some(Some(ports)) = ports else {
        return false;
    };
    let survey = survey(handle, ports);
    if survey.loops {
        // Nobody could ever take this end out of it. Its ports close, this end with them.
        drop(handle.with_remote(|remote| remote.pending.pop(|_, parts| parts)));
        return true;
    }
    while pairs.len() < survey.pairs {
        match Socket::pair() {
            Ok(pair) => pairs.push_back(pair),
            Err(_) => return false,
        }
    }
    // The lock is kept from taking the message out of `pending` to having it in the outbox: a post in between would
    // overtake it.
    handle.with_remote(|remote| {
        let Remote { pending, outbox, .. } = remote;
        pending.pop(|body, parts| write(outbox, body, pack(parts, pairs, unsettled)));
    });
    true
}

/// Writes one message, with a tail only if it has parts.
fn write(sink: &mut impl Sink<Descriptor>, body: &[u8], items: Vec<Item<Descriptor>>) {
    if items.is_empty() {
        crate::wire::frame::push_plain(sink.bytes(), body);
    } else {
        tail::write_message(sink, body, items);
    }
}

/// What shipping some ends takes.
#[derive(Default)]
struct Survey {
    /// Socketpairs.
    pairs: usize,
    /// Bytes of luggage.
    bytes: usize,
    /// The end that they are to leave through is among them.
    loops: bool,
}

/// Looks at every end that `ends` lead to: also at those in messages that wait inside the luggage. The caller holds
/// `shipping`. Every end has one owner, so a way that does not end can only lead through `carrier`.
fn survey(carrier: &Handle, mut ends: Vec<Handle>) -> Survey {
    let mut survey = Survey::default();
    // Channels with both ends in this process, one of them among `ends`.
    let mut halves = HashSet::new();
    while let Some(end) = ends.pop() {
        if end.is(carrier) {
            survey.loops = true;
            continue;
        }
        let luggage = end.with_remote(|remote| {
            let weight = remote.inbox.weight() + remote.decoder.len() + remote.weight();
            (weight, handles(remote.inbox.parts().chain(remote.pending.parts())))
        });
        // Rule 3: once the first end of a channel is shipped, the second has both queues for its luggage.
        let luggage = luggage.or_else(|| {
            if halves.insert(end.channel_id()) {
                survey.pairs += usize::from(end.is_local());
                return None;
            }
            end.with_queues(|[a, b]| (a.weight() + b.weight(), handles(a.parts().chain(b.parts()))))
        });
        if let Some((bytes, inside)) = luggage {
            survey.bytes = survey.bytes.saturating_add(bytes);
            ends.extend(inside);
        }
    }
    survey
}

fn handles<'a>(parts: impl Iterator<Item = &'a Part>) -> Vec<Handle> {
    let handle = |part: &Part| match part {
        Part::Port(end) => Some(end.handle().clone()),
        Part::ClosedPort | Part::Memory(_) | Part::Foreign(_) | Part::Lost => None,
    };
    parts.filter_map(handle).collect()
}

/// A part whose port, if it is one, stands in a list of ends.
enum Slot {
    Port(usize),
    ClosedPort,
    Memory(Vec<u8>),
    Lost,
}

impl Weigh for Slot {
    fn weight(&self) -> usize {
        match self {
            Slot::Memory(bytes) => bytes.len(),
            Slot::Port(_) | Slot::ClosedPort | Slot::Lost => 0,
        }
    }
}

/// An end on its way, and the messages in its luggage that still own parts.
struct Node {
    channel: u64,
    remote: Remote<Part>,
    inbox: Inbox<Slot>,
    pending: Inbox<Slot>,
}

/// Ships every end among `parts`, and every end in the luggage of those. The ends are listed outermost first and packed
/// from the back, so that each finds what it contains packed already (rule 4).
fn pack(parts: Vec<Part>, pairs: &mut Pairs, unsettled: &mut Vec<Handle>) -> Vec<Item<Descriptor>> {
    let mut ends = VecDeque::new();
    let mut listed = 0;
    let mut slot = |part: Part, ends: &mut VecDeque<End>| match part {
        Part::Memory(bytes) => Slot::Memory(bytes),
        Part::Foreign(foreign) => foreign.bytes().map_or(Slot::Lost, |bytes| Slot::Memory(bytes.to_vec())),
        Part::Lost => Slot::Lost,
        Part::ClosedPort => Slot::ClosedPort,
        Part::Port(end) => {
            ends.push_back(end);
            listed += 1;
            Slot::Port(listed - 1)
        }
    };
    let roots: Vec<Slot> = parts.into_iter().map(|part| slot(part, &mut ends)).collect();
    let mut nodes = Vec::new();
    while let Some(end) = ends.pop_front() {
        let channel = end.handle().channel_id();
        let pair = if end.handle().is_local() { pairs.pop_front() } else { None };
        nodes.push(end.ship(pair, unsettled).map(|mut remote| Node {
            channel,
            inbox: std::mem::take(&mut remote.inbox).map_parts(|part| slot(part, &mut ends)),
            pending: std::mem::take(&mut remote.pending).map_parts(|part| slot(part, &mut ends)),
            remote,
        }));
    }
    let mut packed: Vec<Option<Item<Descriptor>>> = nodes.iter().map(|_| None).collect();
    for (index, node) in nodes.into_iter().enumerate().rev() {
        packed[index] = node.map(|node| Item::Port(node.pack(&mut packed)));
    }
    roots.into_iter().map(|slot| slot.item(&mut packed)).collect()
}

impl Slot {
    fn item(self, packed: &mut [Option<Item<Descriptor>>]) -> Item<Descriptor> {
        match self {
            Slot::Memory(bytes) => Item::Memory(bytes),
            Slot::ClosedPort => Item::ClosedPort,
            Slot::Lost => Item::Lost,
            Slot::Port(index) => packed[index].take().unwrap_or(Item::ClosedPort),
        }
    }
}

impl Node {
    /// Rule 2: inbound first what arrived inside this process, then what came over the socket; outbound the other way.
    fn pack(mut self, packed: &mut [Option<Item<Descriptor>>]) -> Luggage<Descriptor> {
        let mut inbound = Decoder::default();
        write_all(&mut self.inbox, &mut inbound, packed);
        inbound.append(self.remote.decoder);
        write_all(&mut self.pending, &mut self.remote.outbox, packed);
        Luggage {
            channel: self.channel,
            port: self.remote.socket.into_descriptor(),
            inbound,
            outbound: self.remote.outbox,
        }
    }
}

fn write_all(queue: &mut Inbox<Slot>, sink: &mut impl Sink<Descriptor>, packed: &mut [Option<Item<Descriptor>>]) {
    let mut write_next = || {
        queue.pop(|body, slots| {
            let items = slots.into_iter().map(|slot| slot.item(packed)).collect();
            write(sink, body, items);
        })
    };
    while write_next().is_some() {}
}
