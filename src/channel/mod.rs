//! A channel and its two ends: what each is at the moment, and every transition between those states.
//!
//! One mutex per channel. A thread that holds one takes another only under [`Shared::shipping`], so no two threads can
//! wait for each other. Homes are woken, and parts dropped, after the lock is released.

mod far;

use std::fmt::Debug;

use far::Front;
pub(crate) use far::{Flushed, Remote};
pub use far::{Reader, Urgency};

use crate::error::{Fault, Refused};
use crate::home::Home;
use crate::inbox::Inbox;
use crate::limits::{BATCH_BYTES, COALESCE_BYTES, HIGH_WATER, MESSAGE_BYTES};
use crate::message::{self, Message};
use crate::sync::{lock, Arc, AtomicU64, Mutex, MutexGuard, Ordering};
use crate::sys::Socket;

pub type Part = message::Part<End>;

/// What all channels of one process share.
#[derive(Debug)]
pub struct Shared {
    /// Held while ends turn into descriptors: with it, whether an end is local or remote stands still.
    pub(crate) shipping: Mutex<()>,
    pub(crate) backstop: Box<dyn Backstop>,
    last_id: AtomicU64,
}

/// Whoever writes what a posting thread could not, or does not want to, write itself.
pub trait Backstop: Debug + Send + Sync {
    /// Flushes this end soon, and again until it is flushed. `false`: it cannot.
    fn take_over(&self, end: Handle, urgency: Urgency) -> bool;
    /// This socket, which `job` waits for, is flushed, or about to leave the process or to close.
    fn forget(&self, socket: &Socket, job: usize);
}

/// Two entangled ends, of which this process may hold both or one.
#[derive(Debug)]
pub struct Channel {
    pub(crate) shared: Arc<Shared>,
    /// Tells channels apart in every process that an end of this one may reach.
    pub(crate) id: u64,
    sides: Mutex<[Side; 2]>,
}

/// One end of a channel, owned by whoever may post to it. Dropping it closes it.
#[derive(Debug)]
pub struct End(Handle);

/// The way to an end, without owning it.
#[derive(Debug, Clone)]
pub struct Handle {
    channel: Arc<Channel>,
    side: usize,
}

#[derive(Debug)]
struct Side {
    /// Where it is attached; `None` while a message owns it.
    seat: Option<Seat>,
    /// Whether messages may be delivered.
    started: bool,
    /// Its home has been told of news that it has not looked at.
    announced: bool,
    /// The poster was told that `HIGH_WATER` is passed and waits for `drained`.
    full: bool,
    drained: bool,
    link: Link,
}

#[derive(Debug)]
struct Seat {
    home: Arc<Home>,
    key: u32,
}

/// How an end reaches its peer.
#[derive(Debug)]
enum Link {
    /// The peer is in this process: these are its posts, not yet delivered.
    Local(Inbox<Part>),
    /// The peer is behind a socket.
    Remote(Box<Remote<Part>>),
    /// Closed, but what was posted has not left yet. The backstop sends it, then the socket closes.
    Lingering(Box<Remote<Part>>),
    /// Closed or shipped away.
    Gone,
}

/// What posting leads to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Something waits to be written together with what follows: [`End::flush`] it at the end of the turn.
    pub coalesced: bool,
    /// More than `HIGH_WATER` bytes are queued; [`Filled::Drained`] will follow.
    pub full: bool,
}

/// The next event of a port.
#[derive(Debug, PartialEq, Eq)]
pub enum Filled {
    Nothing,
    /// So many bytes of whole messages without parts were copied; [`End::commit`] those that get delivered.
    Run(usize),
    /// The next message has parts or does not fit: take it by itself.
    Parcel,
    Drained,
    Fault(Fault),
    /// The peer is gone and everything was delivered.
    Closed,
}

/// Where a port's peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Gone = 0,
    /// Attached to the same event loop.
    Here = 1,
    OtherThread = 2,
    /// In a message that nobody has taken yet.
    Queued = 3,
    OtherProcess = 4,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    pub place: Place,
    /// Bytes that have arrived here and were not delivered.
    pub waiting: usize,
}

/// Where a port's next message is.
pub(crate) enum Queued {
    Message(Option<Message<End>>),
    OnTheSocket,
}

/// A home to wake once no lock is held.
#[must_use]
#[derive(Default)]
struct Wake(Option<Arc<Home>>);

impl Wake {
    fn now(self) {
        if let Some(home) = self.0 {
            home.wake();
        }
    }
}

impl Shared {
    /// `seed` makes the ids of this process unlike those of every other.
    pub fn new(seed: u64, backstop: Box<dyn Backstop>) -> Shared {
        Shared { shipping: Mutex::new(()), backstop, last_id: AtomicU64::new(seed) }
    }

    fn next_id(&self) -> u64 {
        // An odd stride walks through all of u64 and keeps neighbours of different seeds apart.
        self.last_id.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
    }
}

impl Channel {
    /// A new channel with both ends in this process. It owns no descriptor.
    pub fn create(shared: &Arc<Shared>) -> (End, End) {
        let sides = [Link::Local(Inbox::default()), Link::Local(Inbox::default())];
        let channel = Channel::with(shared, shared.next_id(), sides);
        (End::new(channel.clone(), 0), End::new(channel, 1))
    }

    /// The end of a channel whose other end is behind `remote`'s socket. Without an `id`, of a channel that nobody else
    /// knows by one.
    pub(crate) fn arrived(shared: &Arc<Shared>, id: Option<u64>, remote: Remote<Part>) -> End {
        let id = id.unwrap_or_else(|| shared.next_id());
        let link = Link::Remote(Box::new(remote));
        End::new(Channel::with(shared, id, [link, Link::Gone]), 0)
    }

    fn with(shared: &Arc<Shared>, id: u64, [a, b]: [Link; 2]) -> Arc<Channel> {
        Arc::new(Channel { shared: shared.clone(), id, sides: Mutex::new([Side::new(a), Side::new(b)]) })
    }
}

impl Side {
    fn new(link: Link) -> Side {
        Side { seat: None, started: false, announced: false, full: false, drained: false, link }
    }

    fn announce(&mut self) -> Wake {
        match &self.seat {
            Some(seat) if !self.announced => {
                self.announced = true;
                seat.home.announce(seat.key);
                Wake(Some(seat.home.clone()))
            }
            _ => Wake(None),
        }
    }

    /// Notes what the poster is told about its backlog of `weight` bytes.
    fn posted(&mut self, weight: usize, coalesced: bool) -> Posted {
        let full = weight > HIGH_WATER;
        self.full |= full;
        Posted { coalesced, full }
    }

    /// Tells the poster, if it waits for that, that its backlog is down to `weight` bytes.
    fn receded(&mut self, weight: usize) -> Wake {
        if !self.full || weight > HIGH_WATER {
            return Wake(None);
        }
        self.full = false;
        self.drained = true;
        self.announce()
    }

    /// Tells the poller what this end waits for now.
    fn rewatch(&mut self) {
        if let (Link::Remote(remote), Some(seat)) = (&mut self.link, &self.seat) {
            remote.watch(&seat.home.poller, seat.key as usize, self.started);
        }
    }

    fn leave_seat(&mut self) {
        let seat = self.seat.take();
        if let (Link::Remote(remote), Some(seat)) = (&mut self.link, &seat) {
            remote.unwatch(&seat.home.poller);
        }
        self.started = false;
        self.announced = false;
    }
}

/// The end at `side` and its peer.
fn split(sides: &mut [Side; 2], side: usize) -> (&mut Side, &mut Side) {
    let [a, b] = sides;
    if side == 0 {
        (a, b)
    } else {
        (b, a)
    }
}

impl End {
    fn new(channel: Arc<Channel>, side: usize) -> End {
        End(Handle { channel, side })
    }

    pub fn handle(&self) -> &Handle {
        &self.0
    }

    /// Whether these are the two ends of one channel.
    pub fn is_entangled_with(&self, other: &Handle) -> bool {
        self.0.channel.id == other.channel.id
    }

    /// Attaches this end to an event loop, under the key by which that loop knows it. Not started yet.
    pub fn attach(&self, home: &Arc<Home>, key: u32) {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        side.seat = Some(Seat { home: home.clone(), key });
        side.rewatch();
        let over = match &mut side.link {
            Link::Local(inbox) => inbox.is_empty() && !matches!(peer.link, Link::Local(_)),
            Link::Remote(remote) => remote.is_over(),
            Link::Lingering(_) | Link::Gone => true,
        };
        let wake = if over { side.announce() } else { Wake(None) };
        drop(sides);
        wake.now();
    }

    /// Takes this end away from its event loop; what is queued stays with it.
    pub fn detach(&self) {
        let mut sides = self.0.lock();
        split(&mut sides, self.0.side).0.leave_seat();
    }

    /// Allows, or no longer allows, messages to be delivered.
    pub fn start(&self, started: bool) {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        side.started = started;
        side.rewatch();
        let news = started
            && match &side.link {
                Link::Local(inbox) => !inbox.is_empty() || !matches!(peer.link, Link::Local(_)),
                Link::Remote(remote) => remote.has_news(),
                Link::Lingering(_) | Link::Gone => true,
            };
        let wake = if news { side.announce() } else { Wake(None) };
        drop(sides);
        wake.now();
    }

    /// Posts a message without parts. `coalesce`: this port has written in this turn already.
    pub fn post(&self, body: &[u8], coalesce: bool) -> Result<Posted, Refused> {
        if body.len() > MESSAGE_BYTES {
            return Err(Refused::TooLarge);
        }
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        match (&mut side.link, &mut peer.link) {
            (Link::Local(_), Link::Local(inbox)) => {
                inbox.push_plain(body);
                let weight = inbox.weight();
                Ok(self.0.posted_here(sides, weight))
            }
            (Link::Remote(remote), _) => {
                let idle = remote.is_flushed();
                remote.push_plain(body);
                if (idle && !coalesce) || remote.outbox.len() >= COALESCE_BYTES {
                    self.0.write(remote);
                } else {
                    self.0.entrust(remote, Urgency::Soon);
                }
                let coalesced = !remote.is_flushed();
                let weight = remote.weight();
                Ok(side.posted(weight, coalesced))
            }
            // To a peer that is gone: nobody will ever see it.
            _ => Ok(Posted::default()),
        }
    }

    /// The process behind the socket is known to be dead: nothing more will come, whoever else holds its descriptor.
    pub fn conclude(&self) {
        self.0.with_remote(|remote| remote.socket.shut_down_reading());
    }

    /// Writes what is coalesced.
    pub fn flush(&self) {
        self.0.flush();
    }

    /// Bytes posted here that have not left this process or, inside it, were not delivered.
    pub fn buffered_amount(&self) -> usize {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        match (&side.link, &peer.link) {
            (Link::Local(_), Link::Local(inbox)) => inbox.weight(),
            (Link::Remote(remote), _) => remote.weight(),
            _ => 0,
        }
    }

    /// The next event of this port.
    pub fn fill(&self, out: &mut [u8], reader: &mut Reader) -> Filled {
        let mut sides = self.0.lock();
        let (side, _) = split(&mut sides, self.0.side);
        side.announced = false;
        if std::mem::take(&mut side.drained) {
            return Filled::Drained;
        }
        let started = side.started;
        self.next_message(&mut sides, out, BATCH_BYTES, reader, started)
    }

    /// The next message alone, whether this port is started or not.
    pub fn fill_one(&self, out: &mut [u8], reader: &mut Reader) -> Filled {
        let mut sides = self.0.lock();
        // Whoever waits for the message after this one must be woken by it.
        split(&mut sides, self.0.side).0.announced = false;
        self.next_message(&mut sides, out, 0, reader, true)
    }

    fn next_message(
        &self,
        sides: &mut [Side; 2],
        out: &mut [u8],
        most: usize,
        reader: &mut Reader,
        started: bool,
    ) -> Filled {
        let (side, peer) = split(sides, self.0.side);
        match &mut side.link {
            Link::Local(inbox) if inbox.is_empty() => match peer.link {
                Link::Local(_) => Filled::Nothing,
                _ => Filled::Closed,
            },
            Link::Local(_) if !started => Filled::Nothing,
            Link::Local(inbox) => {
                let run = inbox.plain(most.min(out.len()), out.len());
                Front::of(run, out).map_or(Filled::Parcel, Filled::from)
            }
            Link::Remote(remote) => {
                let filled = fill_remote(remote, out, most, reader, started);
                side.rewatch();
                filled
            }
            Link::Lingering(_) | Link::Gone => Filled::Closed,
        }
    }

    /// What somebody who looks at this port wants to know.
    pub fn stats(&self) -> Stats {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        let home = side.seat.as_ref().map(|seat| &seat.home);
        let (place, waiting) = match (&side.link, &peer.link) {
            (Link::Local(inbox), Link::Local(_)) => match (&peer.seat, home) {
                (None, _) => (Place::Queued, inbox.weight()),
                (Some(seat), Some(home)) if Arc::ptr_eq(&seat.home, home) => (Place::Here, inbox.weight()),
                (Some(_), _) => (Place::OtherThread, inbox.weight()),
            },
            (Link::Local(inbox), _) => (Place::Gone, inbox.weight()),
            (Link::Remote(remote), _) => (Place::OtherProcess, remote.inbox.weight() + remote.decoder.len()),
            (Link::Lingering(_) | Link::Gone, _) => (Place::Gone, 0),
        };
        Stats { place, waiting }
    }

    /// The key of its peer, if that is attached to the same event loop; 0 otherwise.
    pub fn peer_key(&self) -> u32 {
        let mut sides = self.0.lock();
        match split(&mut sides, self.0.side) {
            (Side { seat: Some(seat), .. }, Side { seat: Some(other), link: Link::Local(_), .. })
                if Arc::ptr_eq(&seat.home, &other.home) =>
            {
                other.key
            }
            _ => 0,
        }
    }

    /// Whether its socket, if it is behind one, has something to read.
    pub fn is_readable(&self) -> bool {
        self.0.with_remote(|remote| remote.socket.is_readable()).unwrap_or(false)
    }

    /// Drops the first `bytes` of the last [`Filled::Run`]: they are being delivered.
    pub fn commit(&self, bytes: usize) {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        let wake = match &mut side.link {
            Link::Local(inbox) => {
                inbox.consume_plain(bytes);
                peer.receded(inbox.weight())
            }
            Link::Remote(remote) => {
                remote.consume_plain(bytes);
                Wake(None)
            }
            Link::Lingering(_) | Link::Gone => Wake(None),
        };
        drop(sides);
        wake.now();
    }

    /// Whether [`fill`](Self::fill) may find something without any further announcement.
    pub fn has_news(&self) -> bool {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        side.drained
            || match &side.link {
                Link::Local(inbox) => !inbox.is_empty() || !matches!(peer.link, Link::Local(_)),
                Link::Remote(remote) => remote.has_news(),
                Link::Lingering(_) | Link::Gone => true,
            }
    }

    /// Ships this end: what is left here is [`Link::Gone`]. The caller holds `shipping`, has detached it, and passes a
    /// socketpair if it [needs one](Handle::is_local). Ends whose peers now have messages to settle go to `unsettled`.
    pub(crate) fn ship(self, pair: Option<(Socket, Socket)>, unsettled: &mut Vec<Handle>) -> Option<Remote<Part>> {
        let mut sides = self.0.lock();
        let (side, peer) = split(&mut sides, self.0.side);
        match std::mem::replace(&mut side.link, Link::Gone) {
            // Rule 1: the unread inbox is what the peer has posted, so it becomes what the peer has yet to send.
            Link::Local(inbox) => {
                let Some((ours, theirs)) = pair else {
                    side.link = Link::Local(inbox);
                    return None;
                };
                let mut remote = Box::new(Remote::new(theirs));
                remote.pending = inbox;
                let peer_handle = Handle { channel: self.0.channel.clone(), side: 1 - self.0.side };
                match std::mem::replace(&mut peer.link, Link::Gone) {
                    Link::Local(inbox) => {
                        remote.inbox = inbox;
                        peer.link = Link::Remote(remote);
                        peer.rewatch();
                        unsettled.push(peer_handle);
                    }
                    _ if remote.is_flushed() => {}
                    _ => {
                        remote.stop_reading();
                        peer.link = Link::Lingering(remote);
                        unsettled.push(peer_handle);
                    }
                }
                Some(Remote::new(ours))
            }
            // Rule 2: it takes its luggage along; what the kernel takes now is none, and does not wait for the journey.
            Link::Remote(mut remote) => {
                remote.flush();
                if let Some(job) = remote.blocked.take() {
                    self.0.channel.shared.backstop.forget(&remote.socket, job);
                }
                Some(*remote)
            }
            link => {
                side.link = link;
                None
            }
        }
    }
}

impl Drop for End {
    /// Closes this end and, by a work list, every port in the messages that nobody will read now.
    fn drop(&mut self) {
        let mut doomed = vec![self.0.clone()];
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

impl Handle {
    fn lock(&self) -> MutexGuard<'_, [Side; 2]> {
        lock(&self.channel.sides)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.channel.shared
    }

    pub(crate) fn channel_id(&self) -> u64 {
        self.channel.id
    }

    /// Whether this is the way to the same end.
    pub(crate) fn is(&self, other: &Handle) -> bool {
        Arc::ptr_eq(&self.channel, &other.channel) && self.side == other.side
    }

    /// Whether shipping this end takes a new socketpair. Stands still under `shipping`.
    pub(crate) fn is_local(&self) -> bool {
        matches!(split(&mut self.lock(), self.side).0.link, Link::Local(_))
    }

    /// Ends a post to a peer in this process, whose inbox now weighs so much.
    fn posted_here(&self, mut sides: MutexGuard<'_, [Side; 2]>, weight: usize) -> Posted {
        let (side, peer) = split(&mut sides, self.side);
        let wake = if peer.started { peer.announce() } else { Wake(None) };
        let posted = side.posted(weight, false);
        drop(sides);
        wake.now();
        posted
    }

    /// Posts a message with parts if the peer is in this process, else gives the parts back.
    pub(crate) fn post_local(&self, body: &[u8], parts: Vec<Part>) -> Result<Posted, Vec<Part>> {
        let mut sides = self.lock();
        let (side, peer) = split(&mut sides, self.side);
        match (&mut side.link, &mut peer.link) {
            (Link::Local(_), Link::Local(inbox)) => {
                inbox.push(body, parts);
                let weight = inbox.weight();
                Ok(self.posted_here(sides, weight))
            }
            (Link::Remote(_), _) => Err(parts),
            _ => {
                drop(sides);
                drop(parts);
                Ok(Posted::default())
            }
        }
    }

    /// Queues a message whose parts have still to be shipped. The caller holds `shipping` and settles afterwards.
    pub(crate) fn post_pending(&self, body: &[u8], parts: Vec<Part>) -> Posted {
        let mut sides = self.lock();
        let (side, _) = split(&mut sides, self.side);
        if let Link::Remote(remote) = &mut side.link {
            remote.pending.push(body, parts);
            let weight = remote.weight();
            side.posted(weight, false)
        } else {
            drop(sides);
            drop(parts);
            Posted::default()
        }
    }

    /// Takes the next message if it was queued inside this process.
    pub(crate) fn take_queued(&self) -> Queued {
        let mut sides = self.lock();
        let (side, peer) = split(&mut sides, self.side);
        let (inbox, local) = match &mut side.link {
            Link::Local(inbox) => (inbox, true),
            Link::Remote(remote) if remote.inbox.is_empty() => return Queued::OnTheSocket,
            Link::Remote(remote) => (&mut remote.inbox, false),
            Link::Lingering(_) | Link::Gone => return Queued::Message(None),
        };
        let message = inbox.pop(|body, parts| Message { body: body.to_vec(), parts });
        let wake = if local { peer.receded(inbox.weight()) } else { Wake(None) };
        drop(sides);
        wake.now();
        Queued::Message(message)
    }

    /// Lets `look` at the socket and queues, if this end is behind one. Parts that it lets go are dropped by the
    /// caller, after the lock.
    pub(crate) fn with_remote<T>(&self, look: impl FnOnce(&mut Remote<Part>) -> T) -> Option<T> {
        match &mut split(&mut self.lock(), self.side).0.link {
            Link::Remote(remote) | Link::Lingering(remote) => Some(look(remote)),
            Link::Local(_) | Link::Gone => None,
        }
    }

    /// Lets `look` at both queues of the channel, if both ends are in this process.
    pub(crate) fn with_queues<T>(&self, look: impl FnOnce([&Inbox<Part>; 2]) -> T) -> Option<T> {
        match &*self.lock() {
            [Side { link: Link::Local(a), .. }, Side { link: Link::Local(b), .. }] => Some(look([a, b])),
            _ => None,
        }
    }

    /// Writes at once, and leaves to the backstop what the kernel does not take.
    fn write(&self, remote: &mut Remote<Part>) {
        remote.flush();
        if !remote.is_flushed() {
            self.entrust(remote, Urgency::Now);
        }
    }

    /// Tells the backstop, unless it knows already.
    fn entrust(&self, remote: &mut Remote<Part>, urgency: Urgency) {
        if remote.entrusted < Some(urgency) && self.channel.shared.backstop.take_over(self.clone(), urgency) {
            remote.entrusted = Some(urgency);
        }
    }

    /// Writes what waits.
    pub(crate) fn flush(&self) {
        let mut sides = self.lock();
        let (side, _) = split(&mut sides, self.side);
        if let Link::Remote(remote) | Link::Lingering(remote) = &mut side.link {
            self.write(remote);
            let weight = remote.weight();
            let wake = side.receded(weight);
            drop(sides);
            wake.now();
        }
    }

    /// The backstop's flush for its `job`: answers how many bytes went and what is left to do. `wait` registers the
    /// socket with the backstop's poller, once.
    pub(crate) fn flush_for_backstop(&self, job: usize, wait: impl FnOnce(&Socket) -> bool) -> (usize, Flushed) {
        let mut sides = self.lock();
        let (side, _) = split(&mut sides, self.side);
        let (Link::Remote(remote) | Link::Lingering(remote)) = &mut side.link else {
            return (0, Flushed::Done);
        };
        let (moved, mut flushed) = remote.flush();
        match flushed {
            Flushed::Blocked if remote.blocked.is_none() => {
                if wait(&remote.socket) {
                    remote.blocked = Some(job);
                } else {
                    flushed = Flushed::Later;
                }
            }
            Flushed::Done if !remote.pending.is_empty() => flushed = Flushed::Later,
            Flushed::Blocked | Flushed::Later | Flushed::Unfinished => {}
            Flushed::Done => {
                remote.entrusted = None;
                if let Some(job) = remote.blocked.take() {
                    self.channel.shared.backstop.forget(&remote.socket, job);
                }
            }
        }
        let weight = remote.weight();
        let wake = side.receded(weight);
        if flushed == Flushed::Done && matches!(side.link, Link::Lingering(_)) {
            shut(&mut side.link);
        }
        drop(sides);
        wake.now();
        (moved, flushed)
    }

    /// Closes this end. Its peer is told once it has read what was posted before. Answers with the parts of the
    /// messages that were not delivered.
    fn close(&self) -> Vec<Part> {
        let mut sides = self.lock();
        let (side, peer) = split(&mut sides, self.side);
        side.leave_seat();
        let mut parts = Vec::new();
        let mut wake = Wake(None);
        match std::mem::replace(&mut side.link, Link::Gone) {
            Link::Local(inbox) => {
                parts.extend(inbox.into_parts());
                wake = peer.announce();
            }
            Link::Remote(mut remote) => {
                parts.extend(std::mem::take(&mut remote.inbox).into_parts());
                remote.decoder = Default::default();
                remote.flush();
                side.link = Link::Lingering(remote);
                if let Link::Lingering(remote) = &mut side.link {
                    if remote.is_flushed() {
                        if let Some(job) = remote.blocked.take() {
                            self.channel.shared.backstop.forget(&remote.socket, job);
                        }
                        shut(&mut side.link);
                    } else {
                        remote.stop_reading();
                        self.entrust(remote, Urgency::Now);
                    }
                }
            }
            link => side.link = link,
        }
        drop(sides);
        wake.now();
        parts
    }
}

/// Ends the socket for every copy of its descriptor, wherever one may have leaked to.
fn shut(link: &mut Link) {
    if let Link::Remote(remote) | Link::Lingering(remote) = std::mem::replace(link, Link::Gone) {
        remote.socket.shut_down();
    }
}

fn fill_remote(remote: &mut Remote<Part>, out: &mut [u8], most: usize, reader: &mut Reader, started: bool) -> Filled {
    if let Some(fault) = remote.take_fault() {
        return Filled::Fault(fault);
    }
    if !started {
        return if remote.is_over() { Filled::Closed } else { Filled::Nothing };
    }
    match remote.fill(out, most, reader) {
        Ok(front) => Filled::from(front),
        Err(fault) => {
            remote.fail(fault);
            remote.take_fault().map_or(Filled::Closed, Filled::Fault)
        }
    }
}

impl From<Front> for Filled {
    fn from(front: Front) -> Filled {
        match front {
            Front::Nothing => Filled::Nothing,
            Front::Run(bytes) => Filled::Run(bytes),
            Front::Parcel => Filled::Parcel,
            Front::Over => Filled::Closed,
        }
    }
}
