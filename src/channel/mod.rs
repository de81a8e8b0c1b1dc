//! A channel: two entangled ends, of which this process holds both or one, and all that an end can be at a moment.
//!
//! - `link`: what an end can be, and what each state answers to its owner
//! - `local`: a peer in this process; `far`: a peer behind a socket, with its halves `outgoing`, of which `pending` is what
//!   waits for its ports to be shipped, and `incoming`
//! - `transitions`: how one state becomes another; `cargo`: what goes along when an end leaves
//! - `pair`: the lock, and what the two sides tell each other and their homes
//! - `hoard`: what may wait of descriptors in all ends together
//! - `handle`: what parcels and the backstop do with anybody's end; what an owner does with its own is here
//! - `look`: what is seen of an end by whoever looks at the whole process
//!
//! Below this room lie the home, the inbox, the message, the wire and the system. How ports travel inside of messages
//! is none of its business: it only knows how one end leaves, and that the ports in a message close with it.
//!
//! Invariant: one mutex per channel. Who holds one takes no other lock but the hoard's and that of the pool of memory, under
//! which nobody takes any. Homes are woken, and parts dropped,
//! after it is released; and what takes the longer the larger a message is, is done where nobody waits: bodies and memory
//! that are worth it are copied before the lock is taken, and messages are packed after it is released.

mod cargo;
mod far;
mod handle;
mod hoard;
mod incoming;
mod link;
mod local;
mod look;
mod outgoing;
mod pair;
mod pending;
mod transitions;

use std::collections::hash_map::RandomState;
use std::fmt::Debug;
use std::hash::BuildHasher;
use std::io;

pub(crate) use cargo::{Cargo, Peer, Road};
pub(crate) use handle::Queued;
pub use incoming::Reader;
pub use look::Sight;
pub(crate) use outgoing::Flushed;
pub use outgoing::Urgency;
pub(crate) use pending::{Convoy, Departing, Next};
pub(crate) use transitions::Departed;

use crate::error::{Fault, Refused};
use crate::inbox::Inbox;
use crate::limits::{APART_BYTES, BATCH_BYTES, INBOX_BYTES, MESSAGE_BYTES};
use crate::message;
use crate::slab;
use crate::sync::{Arc, AtomicU64, Mutex, Ordering};
use crate::sys::{Descriptor, Socket};
use crate::wire::body::Body;
use far::Far;
use hoard::Hoard;
use link::Link;
use pair::{Pair, Side, Wake};

pub type Part = message::Part<End>;

/// What all channels of one process share.
#[derive(Debug)]
pub struct Shared {
    /// Held while ports are put into messages and while ends turn into descriptors: with it, what is inside what, and
    /// whether an end is local or far, stand still. Taken before any channel's mutex. Nothing that grows with the bytes
    /// of a message is done under it: no thread waits for another's transfer.
    pub(crate) shipping: Mutex<()>,
    backstop: Box<dyn Backstop>,
    hoard: Hoard,
    /// Keyed by the system: who knows some ids cannot tell others from them.
    ids: RandomState,
    last: AtomicU64,
}

/// Whoever writes what a posting thread could not, or does not want to, write itself.
pub trait Backstop: Debug + Send + Sync {
    /// Makes sure that it is there when an end behind a socket needs it, while it can still be had.
    fn stand_by(&self) -> io::Result<()>;
    /// Flushes this end soon, and again until it is flushed. `false`: it cannot.
    fn take_over(&self, end: Handle, urgency: Urgency) -> bool;
    /// This socket, which `job` waits for, is flushed, or about to leave the process or to close.
    fn forget(&self, socket: &Socket, job: usize);
}

/// Two entangled ends.
#[derive(Debug)]
pub struct Channel {
    shared: Arc<Shared>,
    /// Tells channels apart in every process that an end of this one may reach.
    id: u64,
    /// Tells them apart in this process, where both ends of one may have come back as two.
    serial: u64,
    pair: Pair,
}

impl Drop for Channel {
    fn drop(&mut self) {
        slab::freed(size_of::<Channel>());
    }
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

/// What posting leads to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Something waits to be written together with what follows: [`End::flush`] it at the end of the turn.
    pub coalesced: bool,
    /// And it is enough for that: flush it now, after what else was posted before (rule 9).
    pub batch: bool,
    /// More than `HIGH_WATER` bytes are queued; [`Filled::Drained`] will follow, if somebody heeds it.
    pub full: bool,
    /// The message would have held the port that it was for, so that nobody could ever take it out: it is lost, and its
    /// ports have closed.
    pub lost: bool,
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

impl Shared {
    pub fn new(backstop: Box<dyn Backstop>) -> Shared {
        Shared {
            shipping: Mutex::new(()),
            backstop,
            hoard: Hoard::new(),
            ids: RandomState::new(),
            last: AtomicU64::new(0),
        }
    }

    /// Ends the ports in which most descriptors wait that have arrived, as long as they are too many for this process. The
    /// caller holds no lock.
    pub(crate) fn relieve(&self) {
        while let Some(worst) = self.hoard.worst() {
            worst.fail(Fault::DescriptorsHoarded);
        }
    }

    /// To be asked before the first end of a process is behind a socket: with nobody to write what that does not take at once,
    /// it would wait for ever, or be lost when the end closes.
    pub fn stand_by(&self) -> io::Result<()> {
        self.backstop.stand_by()
    }

    fn next_serial(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    /// The id of the channel with this serial number.
    fn id(&self, serial: u64) -> u64 {
        self.ids.hash_one(serial)
    }
}

impl Filled {
    /// Copies a run to `out`, unless it is empty.
    fn run(run: &[u8], out: &mut [u8]) -> Option<Filled> {
        if run.is_empty() {
            return None;
        }
        out[..run.len()].copy_from_slice(run);
        Some(Filled::Run(run.len()))
    }

    /// What is at the front of an inbox that is not empty: `most` bytes of plain messages, or a single longer one.
    fn front(inbox: &Inbox<Part>, out: &mut [u8], most: usize) -> Filled {
        let run = inbox.plain(most.min(out.len()), out.len());
        Filled::run(run, out).unwrap_or(Filled::Parcel)
    }
}

/// What the owner of an end does with it, while it stays what it is.
impl End {
    pub fn handle(&self) -> &Handle {
        &self.0
    }

    /// Posts a message without parts. `coalesce`: this port has written in this turn already.
    pub fn post(&self, body: &[u8], coalesce: bool) -> Result<Posted, Refused> {
        if body.len() > MESSAGE_BYTES {
            return Err(Refused::TooLarge);
        }
        let body = self.0.kept(body);
        Ok(self.0.with(|side, peer| match &mut side.link {
            Link::Far(far) => {
                far.outgoing.post(body, coalesce, &self.0);
                (side.posted_far(), Wake::nobody())
            }
            _ => local::post(side, peer, |inbox| inbox.push(body, Vec::new())),
        }))
    }

    /// Writes what is coalesced.
    pub fn flush(&self) {
        self.0.flush();
    }

    /// The process behind the socket is known to be dead: nothing more will come, whoever else holds its descriptor.
    pub fn conclude(&self) {
        self.0.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.socket().shut_down_reading()));
    }

    /// Bytes posted here that have not left this process or, inside it, were not delivered.
    pub fn buffered_amount(&self) -> usize {
        self.0.look(|side, peer| match (&side.link, &peer.link) {
            (Link::Far(far), _) => far.outgoing.weight(),
            (_, Link::Local(inbox)) => inbox.weight(),
            _ => 0,
        })
    }

    /// The next event of this port.
    pub fn fill(&self, out: &mut [u8], reader: &mut Reader) -> Filled {
        self.0.relieved(|side| {
            side.see_news();
            if side.take_drained() {
                Filled::Drained
            } else {
                side.fill(out, BATCH_BYTES, reader, side.is_started())
            }
        })
    }

    /// The next message alone, whether this port is started or not.
    pub fn fill_one(&self, out: &mut [u8], reader: &mut Reader) -> Filled {
        self.0.relieved(|side| {
            // Whoever waits for the message after this one must be woken by it.
            side.see_news();
            side.fill(out, 0, reader, true)
        })
    }

    /// Drops the first `bytes` of the last [`Filled::Run`]: they are being delivered (rule 8).
    pub fn commit(&self, bytes: usize) {
        self.0.with(|side, peer| {
            side.link.consume_plain(bytes);
            ((), local::tell_poster(side, peer))
        });
    }

    /// Whether [`fill`](Self::fill) may find something without any further announcement.
    pub fn has_news(&self) -> bool {
        self.0.look(|side, _| side.has_news())
    }

    /// The same for who is about to wait: what comes from here on is announced, whatever was announced before.
    pub fn sees_news(&self) -> bool {
        self.0.with(|side, _| {
            side.see_news();
            (side.has_news(), Wake::nobody())
        })
    }

    /// Whether its socket, if it is behind one, has something to read.
    pub fn is_readable(&self) -> bool {
        self.0.look(|side, _| side.link.outgoing().is_some_and(|outgoing| outgoing.socket().is_readable()))
    }

    /// Whether nobody has the other end of its socket any more; what that has said may still be there.
    pub fn is_hung_up(&self) -> bool {
        self.0.look(|side, _| side.link.outgoing().is_none_or(|outgoing| outgoing.socket().hung_up()))
    }

    /// A copy of its socket to wait with; `None` while the peer is in this process.
    pub fn copy_of_socket(&self) -> Option<io::Result<Descriptor>> {
        self.0.copy_of_socket()
    }

    /// What somebody who looks at this port wants to know.
    pub fn stats(&self) -> Stats {
        self.0.look(|side, peer| Stats { place: side.place_of(peer), waiting: side.link.waiting() })
    }

    /// The key of its peer, if that is attached to the same event loop; 0 otherwise.
    pub fn peer_key(&self) -> u32 {
        self.0.look(|side, peer| if side.place_of(peer) == Place::Here { peer.key() } else { 0 })
    }
}

impl Handle {
    /// A body as this end's queue takes it: one that is worth it gets memory of its own, now, while nobody waits. What leaves
    /// through a socket is part of a run there, unless it is too large for one.
    pub(crate) fn kept<'a>(&self, body: &'a [u8]) -> Body<'a> {
        if body.len() >= INBOX_BYTES || (body.len() >= APART_BYTES && self.is_local()) {
            Body::copied(body)
        } else {
            Body::Borrowed(body)
        }
    }

    /// Nothing more will be written to its socket, which the process behind that is told; what comes from there is still read.
    pub fn end_writing(&self) {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.socket().shut_down_writing()));
    }

    /// Neither way of its socket goes on: whoever waits there until it can write is told that nobody will read it.
    pub fn hang_up(&self) {
        self.look(|side, _| side.link.outgoing().map(|outgoing| outgoing.socket().shut_down()));
    }

    fn backstop(&self) -> &dyn Backstop {
        &*self.channel.shared.backstop
    }

    /// Lets `change` see this end and its peer under the lock, and wakes whom it names when that is released.
    fn with<T>(&self, change: impl FnOnce(&mut Side, &mut Side) -> (T, Wake)) -> T {
        self.channel.pair.with(self.side, |side, peer| {
            let (found, wake) = change(side, peer);
            side.count_descriptors(|count| self.channel.shared.hoard.note(self, count));
            let is_refused = side.link.far().is_some_and(Far::heed_refusal);
            // Behind a socket nobody else would be woken.
            (found, if is_refused { side.announce() } else { wake })
        })
    }

    /// The same where nobody has to be woken.
    fn look<T>(&self, look: impl FnOnce(&mut Side, &mut Side) -> T) -> T {
        self.with(|side, peer| (look(side, peer), Wake::nobody()))
    }

    /// The same for what reads: more descriptors may wait afterwards than the process can spare.
    fn relieved<T>(&self, read: impl FnOnce(&mut Side) -> T) -> T {
        let found = self.look(|side, _| read(side));
        self.channel.shared.relieve();
        found
    }

    /// Ends this port, and only this port, for something that is not its peer's closing.
    fn fail(&self, fault: Fault) {
        self.with(|side, _| {
            side.link.fail(fault);
            ((), side.announce())
        });
    }
}
