//! Ports inside messages: how ends turn into descriptors with luggage, and back.

use std::collections::{HashSet, VecDeque};
use std::io;

use crate::channel::{Channel, Departed, End, Handle, Part, Posted, Queued, Road, Shared};
use crate::error::{Fault, Refused};
use crate::inbox::{Inbox, Weigh};
use crate::limits::{LUGGAGE_BYTES, MESSAGE_BYTES, PARTS};
use crate::message::Message;
use crate::sync::{lock, Arc};
use crate::sys::{Descriptor, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;
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
    let Some(mut decoder) = handle.lend_decoder() else {
        return Ok(None);
    };
    let read = decoder.take(|unit, descriptors| {
        let items = tail::read(unit.tail, unit.parts, descriptors)?;
        let parts = items.into_iter().map(|item| open(handle, item, &keep)).collect::<Result<_, _>>()?;
        Ok(Message { body: unit.body.to_vec(), parts })
    });
    let read = read.map_err(Fault::from);
    handle.return_decoder(decoder, read.as_ref().err().copied());
    read
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
            let id = Some(luggage.channel);
            let end = Channel::arrived(carrier.shared(), id, socket, luggage.inbound, luggage.outbound);
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
    let pair = match Socket::pair() {
        Ok(pair) => pair,
        Err(error) => return Err((end, error.into())),
    };
    match end.split(pair) {
        Some((socket, staying)) => {
            settle_all(vec![staying], &mut Pairs::new());
            Ok(socket.into_descriptor())
        }
        None => unreachable!("a local end with a socketpair ships"),
    }
}

/// The end that a process inherited as a descriptor. What is no port is left alone.
pub fn from_descriptor(shared: &Arc<Shared>, descriptor: Descriptor) -> Result<End, Descriptor> {
    let socket = Socket::inherited(descriptor)?;
    Ok(Channel::arrived(shared, None, socket, Decoder::default(), Outbox::default()))
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
    let Some(cargo) = handle.first_pending() else {
        return false;
    };
    let survey = survey(handle, cargo.ends);
    if survey.loops {
        // Nobody could ever take this end out of it. Its ports close, this end with them.
        drop(handle.drop_pending());
        return true;
    }
    while pairs.len() < survey.pairs {
        match Socket::pair() {
            Ok(pair) => pairs.push_back(pair),
            Err(_) => return false,
        }
    }
    handle.ship_pending(|parts| pack(parts, pairs, unsettled));
    true
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
        // Rule 3: once the first end of a channel is shipped, the second has both queues for its luggage.
        match end.road(halves.contains(&end.channel_id())) {
            Road::Split => {
                halves.insert(end.channel_id());
                survey.pairs += 1;
            }
            Road::Depart(cargo) => {
                survey.bytes = survey.bytes.saturating_add(cargo.bytes);
                ends.extend(cargo.ends);
            }
        }
    }
    survey
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
    socket: Socket,
    inbox: Inbox<Slot>,
    decoder: Decoder<Descriptor>,
    outbox: Outbox<Descriptor>,
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
        let departed = match if end.handle().is_local() { pairs.pop_front() } else { None } {
            Some(pair) => end.split(pair).map(|(socket, staying)| {
                unsettled.push(staying);
                Departed::bare(socket)
            }),
            None => end.depart(),
        };
        nodes.push(departed.map(|departed| {
            let Departed { socket, inbox, decoder, outbox, pending } = departed;
            let inbox = inbox.map_parts(|part| slot(part, &mut ends));
            let pending = pending.map_parts(|part| slot(part, &mut ends));
            Node { channel, socket, inbox, decoder, outbox, pending }
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
        inbound.append(self.decoder);
        write_all(&mut self.pending, &mut self.outbox, packed);
        Luggage { channel: self.channel, port: self.socket.into_descriptor(), inbound, outbound: self.outbox }
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
