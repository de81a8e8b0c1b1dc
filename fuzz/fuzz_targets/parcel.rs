//! A process and its ports, one of whose peers is hostile: it writes what it likes, with descriptors of every kind, to the
//! socket of its port and to those of all the ports that it has sent, while what arrives is read, handed on and closed.
//!
//! What must hold whatever happens: no panic; another port of the process goes on working; messages between honest
//! processes arrive, whatever is in them; and when everybody has gone, every descriptor and all memory is given back.
#![no_main]

use std::cell::RefCell;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use message_channel_main::channel::{End, Filled, Part, Place, Reader};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::limits::INBOX_BYTES;
use message_channel_main::message::Message;
use message_channel_main::parcel;
use message_channel_main::sync::Arc;
use message_channel_main::sys::{Poller, Received, Socket};
use message_channel_main::wire::frame::{padded, Header, HEADER};
use message_channel_main_fuzz::memory::{self, Counting};
use message_channel_main_fuzz::sockets::{
    dup, open_descriptors, set_option, write, Famine, Strangers, RIGHTS, SO_PASSPIDFD,
};
use message_channel_main_fuzz::stream::{stream, Stream};
use rustix::net::Shutdown;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// So much happens in one run.
const STEPS: usize = 24;
/// Bodies that are longer than one read, and than a socket's buffer.
const LARGE: usize = 400_000;
/// Ports and peers that one run keeps; what comes on top is closed.
const KEPT: usize = 24;
/// Runs between two looks at what is left of them.
const LOOK: usize = 50;
/// What tables that have grown keep.
const SLACK: usize = 4 << 20;
/// The most that one run may hold: sockets' buffers, and every step's largest messages a few times over.
const MOST: usize = 256 << 20;
/// Nothing takes so long.
const PATIENCE: Duration = Duration::from_secs(40);

/// What goes on from run to run: a process, an honest port of it, and a link through which it hands ports to itself, as two
/// processes would: what comes from it must be of the hub that it came from.
struct World {
    here: Hub,
    link: (End, End),
    good: (End, UnixStream),
    home: Arc<Home>,
    reader: Reader,
    out: Vec<u8>,
    strangers: Strangers,
    /// What has run since somebody looked what is left of it.
    recent: Vec<Vec<u8>>,
    /// A port has stayed in a backlog since: see [`Run::post_ports`].
    may_stay: bool,
    /// Descriptors and bytes, when nobody is there.
    idle: (usize, usize),
    key: u32,
}

/// One run: the ports that are open here, and the hostile halves of sockets.
struct Run<'w> {
    world: &'w mut World,
    ports: Vec<End>,
    peers: Vec<UnixStream>,
    /// Descriptors that the hostile peer was given.
    booty: Vec<OwnedFd>,
    ids: Vec<u64>,
    homes: [Arc<Home>; 2],
    /// A copy of the socket of the first port.
    first: Option<UnixStream>,
}

impl World {
    fn new() -> World {
        let here = Hub::default();
        let (near, far) = here.channel();
        let descriptor = parcel::into_descriptor(far).expect("a descriptor");
        let link = (near, parcel::from_descriptor(here.shared(), descriptor).expect("a port"));
        let good = exposed(&here);
        let home = Arc::new(Home::new().expect("a home"));
        for (key, end) in [(1, &link.0), (2, &link.1), (3, &good.0)] {
            end.attach(&home, key);
            end.start(true);
        }
        // What is left to be coalesced starts the thread that writes it.
        exposed(&here).0.post(b"", true).expect("a small message");
        let mut world = World {
            here,
            link,
            good,
            home,
            reader: Reader::default(),
            out: vec![0; INBOX_BYTES],
            strangers: Strangers::default(),
            recent: Vec::new(),
            may_stay: false,
            idle: (0, 0),
            key: 3,
        };
        world.check_the_others();
        world.idle = (open_descriptors(&world.strangers.pipe).len(), memory::held());
        world
    }

    fn run(&mut self, bytes: &[u8]) {
        self.live(bytes);
        self.recent.push(bytes.to_vec());
        if self.recent.len() == LOOK {
            self.check_what_is_left();
        }
    }

    fn live(&mut self, bytes: &[u8]) {
        memory::begin();
        let before = memory::held();
        {
            let mut input = Unstructured::new(bytes);
            let (ours, peer) = UnixStream::pair().expect("a pair");
            let first = Some(ours.try_clone().expect("a copy"));
            let end = port_of(&self.here, ours);
            let homes = [self.home.clone(), Arc::new(Home::new().expect("a home"))];
            let mut run = Run {
                world: self,
                ports: Vec::new(),
                peers: vec![peer],
                booty: Vec::new(),
                ids: Vec::new(),
                homes,
                first,
            };
            run.keep(end);
            // Out of bytes is out of ideas.
            let _ = run.steps(&mut input);
        }
        let peak = memory::peak().saturating_sub(before);
        assert!(peak < MOST, "{peak} bytes in one run");
        self.check_the_others();
    }

    /// The honest port works, and so does the honest link.
    fn check_the_others(&mut self) {
        let mut frame = Header::Message { body: 8, parts: 0, tail: 0 }.to_bytes().to_vec();
        frame.extend(b"unharmed");
        self.good.1.write_all(&frame).expect("a socket that is open");
        assert_eq!(self.good.0.fill(&mut self.out, &mut self.reader), Filled::Run(frame.len()));
        assert_eq!(self.out[..frame.len()], frame);
        self.good.0.commit(frame.len());
        self.good.0.post(b"answered", false).expect("a small message");
        let mut answer = [0; HEADER + 8];
        self.good.1.read_exact(&mut answer).expect("an answer");
        assert_eq!(&answer[HEADER..], b"answered");
        let message = self.carry(b"linked", Vec::new()).expect("a small message");
        assert_eq!((&message.body[..], message.parts.len()), (&b"linked"[..], 0));
    }

    /// A message from here to there, where it always arrives.
    fn carry(&mut self, body: &[u8], parts: Vec<Part>) -> Option<Message<End>> {
        let count = parts.len();
        if parts.is_empty() {
            self.link.0.post(body, false).ok()?;
        } else if post_with(&self.link.0, body, parts).is_none() {
            return None;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.link.1.fill(&mut self.out, &mut self.reader) {
                Filled::Run(bytes) => {
                    let length = u32::from_le_bytes([self.out[4], self.out[5], self.out[6], self.out[7]]) as usize;
                    assert_eq!(bytes, HEADER + padded(length), "one message");
                    self.link.1.commit(bytes);
                    return Some(Message {
                        body: self.out[HEADER..HEADER + length].to_vec().into(),
                        parts: Vec::new(),
                    });
                }
                Filled::Parcel => {
                    let message =
                        parcel::take(self.link.1.handle(), |lent| Part::copied(&lent)).expect("an honest message");
                    let message = message.expect("a parcel that is there");
                    assert_eq!(message.parts.len(), count);
                    return Some(message);
                }
                Filled::Nothing => {
                    assert!(Instant::now() < deadline, "a message between honest processes does not arrive");
                    self.link.0.flush();
                    std::thread::yield_now();
                }
                Filled::Drained => {}
                other => panic!("{other:?} of an honest link"),
            }
        }
    }

    /// Whatever has come and gone has left nothing. If it has, each of the last runs is tried again, alone.
    fn check_what_is_left(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        self.home.take_news().for_each(drop);
        let may_stay = std::mem::take(&mut self.may_stay);
        let Err(left) = self.return_to(self.idle) else {
            return;
        };
        if may_stay {
            self.idle = (open_descriptors(&self.strangers.pipe).len(), memory::held());
            return;
        }
        for bytes in recent {
            let before = (open_descriptors(&self.strangers.pipe).len(), memory::held());
            self.live(&bytes);
            if let Err(left) = self.return_to(before) {
                panic!("{left}, all of it by {bytes:?}");
            }
        }
        panic!("{left}");
    }

    /// Waits until there are so many descriptors and bytes again; what there is instead, if that never comes.
    fn return_to(&self, (idle, before): (usize, usize)) -> std::result::Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (open, bytes) = (open_descriptors(&self.strangers.pipe), memory::held());
            if open.len() <= idle && bytes <= before + SLACK {
                return Ok(());
            }
            if Instant::now() > deadline {
                let all = open.len();
                return Err(format!("{all} descriptors for {idle}, {bytes} bytes for {before}: {open:?}"));
            }
            std::thread::yield_now();
        }
    }
}

impl Run<'_> {
    fn steps(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        // A peer may have kept a copy of what it gave away.
        if input.ratio(1u8, 8u8)? {
            self.peers.extend(self.first.take());
        }
        self.speak(0, input)?;
        for _ in 0..STEPS {
            if input.is_empty() {
                break;
            }
            self.step(input)?;
        }
        // All that has arrived is read, unless it is closed unread.
        if input.ratio(3u8, 4u8)? {
            for _ in 0..STEPS {
                let news = (0..self.ports.len()).filter(|&port| self.next_event(port)).count();
                if news == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let kind = input.int_in_range(0..=24u8)?;
        let port = choose(input, self.ports.len())?;
        let peer = choose(input, self.peers.len())?;
        match (kind, port, peer) {
            (0..=3, _, Some(peer)) => self.speak(peer, input)?,
            (4..=6, Some(port), _) => {
                self.next_event(port);
            }
            (7, Some(port), _) => self.single(port),
            (8, Some(port), _) => self.post(port, input)?,
            (9, Some(port), _) => self.post_ports(port, input)?,
            (10 | 11, Some(port), _) => self.ship(port),
            (12, Some(port), _) => drop(self.ports.swap_remove(port)),
            (13, _, Some(peer)) => drop(self.peers.swap_remove(peer)),
            (14, _, Some(peer)) => self.reflect(peer, input)?,
            (15, _, _) => {
                let (a, b) = self.world.here.channel();
                self.keep(a);
                self.keep(b);
            }
            (16, _, Some(peer)) => self.tamper(peer, input)?,
            (17, Some(port), _) => self.unsettle(port, input)?,
            (18, Some(port), _) => self.bare(port),
            (19, _, _) => self.wait(),
            (20, Some(port), _) => {
                let _famine = Famine::begin(input)?;
                self.next_event(port);
            }
            (21, Some(port), _) => {
                let _famine = Famine::begin(input)?;
                self.post_ports(port, input)?;
            }
            (22, _, _) => self.nest(input)?,
            (23 | 24, Some(port), _) => {
                let _famine = Famine::begin(input)?;
                self.bare(port);
            }
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, end: End) {
        if self.ports.len() < KEPT {
            self.world.key += 1;
            end.attach(&self.homes[0], self.world.key);
            end.start(true);
            self.ports.push(end);
        }
    }

    fn keep_parts(&mut self, parts: Vec<Part>) {
        for part in parts {
            if let Part::Port(end) = part {
                self.keep(end);
            }
        }
    }

    /// The hostile peer writes a stream to one of its sockets.
    fn speak(&mut self, peer: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let Stream { bytes, rights } = stream(input, &self.ids, LARGE)?;
        let mut from = 0;
        for &(at, count) in &rights {
            if !write(&self.peers[peer], &bytes[from..at], &[]) {
                return Ok(());
            }
            let to = bytes.len().min(at + 1);
            let mut made = Vec::new();
            let mut descriptors: Vec<BorrowedFd<'_>> = Vec::new();
            let mut kept = Vec::new();
            // A few that are all different, again and again.
            for _ in 0..count.min(4) {
                match input.int_in_range(0..=15u8)? {
                    0 => made.push(self.stranger(input)?),
                    1 => made.push(dup(&self.peers[choose(input, self.peers.len())?.unwrap_or(0)])),
                    2 => made.extend(choose(input, self.booty.len())?.map(|index| dup(&self.booty[index]))),
                    _ => {
                        let (mine, theirs) = UnixStream::pair().expect("a pair");
                        if input.ratio(1u8, 8u8)? {
                            kept.push(mine.try_clone().expect("a copy"));
                        }
                        made.push(mine.into());
                        kept.push(theirs);
                    }
                }
            }
            descriptors.extend(made.iter().map(AsFd::as_fd).cycle().take(if made.is_empty() {
                0
            } else {
                count.min(RIGHTS)
            }));
            let sent = write(&self.peers[peer], &bytes[at..to], &descriptors);
            let room = KEPT.saturating_sub(self.peers.len());
            self.peers.extend(kept.into_iter().take(room));
            if !sent {
                return Ok(());
            }
            from = to;
        }
        write(&self.peers[peer], &bytes[from..], &[]);
        Ok(())
    }

    fn stranger(&self, input: &mut Unstructured<'_>) -> Result<OwnedFd> {
        let all = &self.world.strangers.all;
        Ok(dup(&all[input.choose_index(all.len())?]))
    }

    /// What a port has for its owner is taken; `false`: nothing.
    fn next_event(&mut self, port: usize) -> bool {
        let Some(end) = self.ports.get(port) else {
            return false;
        };
        match end.fill(&mut self.world.out, &mut self.world.reader) {
            Filled::Run(bytes) => {
                assert!(bytes >= HEADER && bytes.is_multiple_of(8), "whole messages");
                let length = u32::from_le_bytes([4, 5, 6, 7].map(|at| self.world.out[at])) as usize;
                end.commit(HEADER + padded(length));
            }
            Filled::Parcel => match parcel::take(end.handle(), |lent| Part::copied(&lent)) {
                Ok(Some(message)) => self.keep_parts(message.parts),
                Ok(None) => panic!("a parcel that is not there"),
                Err(_) => assert!(
                    matches!(end.fill(&mut self.world.out, &mut self.world.reader), Filled::Fault(_) | Filled::Drained),
                    "a fault is told"
                ),
            },
            Filled::Drained | Filled::Fault(_) => {}
            Filled::Closed | Filled::Nothing => return false,
        }
        true
    }

    /// The same as a program that asks for one message.
    fn single(&mut self, port: usize) {
        let end = &self.ports[port];
        if let Filled::Run(bytes) = end.fill_one(&mut self.world.out, &mut self.world.reader) {
            let length = u32::from_le_bytes([4, 5, 6, 7].map(|at| self.world.out[at])) as usize;
            assert_eq!(bytes, HEADER + padded(length), "one message");
            end.commit(bytes);
        }
    }

    fn post(&mut self, port: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let large = input.ratio(1u8, 32u8)? && is_far(&self.ports[port]);
        let length = if large { LARGE } else { input.int_in_range(0..=100)? };
        self.ports[port].post(&vec![7; length], input.arbitrary()?).expect("a message of acceptable size");
        if input.arbitrary()? {
            self.ports[port].flush();
        }
        Ok(())
    }

    /// Some of the ports go into another one, unless its socket is full: two that are each in the other's backlog stay for as
    /// long as the process, and are promised to nobody. Nor do local queues become so long that they would fill one.
    fn post_ports(&mut self, target: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let target = self.ports.swap_remove(target);
        let most = if is_far(&target) { 100_000 } else { 3_000 };
        let mut parts = vec![Part::Memory(vec![1; most >> input.int_in_range(0..=15)?].into()), Part::ClosedPort];
        let ports = input.int_in_range(0..=2u8)?;
        let is_full = is_far(&target) && target.buffered_amount() > 0;
        for _ in 0..if is_full { 0 } else { ports } {
            if let Some(index) = choose(input, self.ports.len())? {
                let end = self.ports.swap_remove(index);
                end.detach();
                parts.push(Part::Port(end));
            }
        }
        let takes_ports = parts.len() > 2;
        post_with(&target, b"ports", parts);
        // This message may have been what was too much for the socket.
        self.world.may_stay |= takes_ports && is_far(&target) && target.buffered_amount() > 0;
        self.ports.push(target);
        Ok(())
    }

    /// A port goes to the other process, and everything that it has along.
    fn ship(&mut self, port: usize) {
        let end = self.ports.swap_remove(port);
        end.detach();
        if let Some(message) = self.world.carry(b"moved", vec![Part::Port(end), Part::Lost]) {
            assert!(matches!(message.parts[..], [Part::Port(_) | Part::ClosedPort, Part::Lost]));
            self.keep_parts(message.parts);
        }
    }

    /// The hostile peer is given what a child inherits.
    fn bare(&mut self, port: usize) {
        let end = self.ports.swap_remove(port);
        end.detach();
        match parcel::into_descriptor(end) {
            Ok(descriptor) => self.adopt(descriptor),
            Err((end, _)) => self.keep(end),
        }
    }

    fn adopt(&mut self, descriptor: OwnedFd) {
        if self.peers.len() < KEPT {
            self.peers.push(descriptor.into());
        }
    }

    /// The hostile peer reads, keeps what it gets, and says it again.
    fn reflect(&mut self, peer: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let mut bytes = vec![0; 1 << 16];
        let mut rights = Vec::new();
        // It has no reason to lose anything, and reads as carefully as we do.
        let Ok(socket) = Socket::from_descriptor(dup(&self.peers[peer])) else {
            return Ok(());
        };
        let Received::Bytes(count) = socket.receive(&mut bytes, &mut rights) else {
            return Ok(());
        };
        let bytes = &bytes[..count];
        // Where a port's channel stands in a message that has no body and no other part before it.
        if let Some(id) = bytes.windows(16).find(|words| words[..8] == [2, 0, 0, 0, 0, 0, 0, 0]) {
            self.ids.extend(id.last_chunk().map(|id| u64::from_le_bytes(*id)));
        }
        if input.arbitrary()? {
            let to = choose(input, self.peers.len())?.unwrap_or(peer);
            let descriptors: Vec<BorrowedFd<'_>> = rights.iter().map(AsFd::as_fd).collect();
            write(&self.peers[to], bytes, &descriptors);
        }
        for descriptor in rights {
            if input.arbitrary()? {
                self.adopt(descriptor);
            } else if self.booty.len() < KEPT {
                self.booty.push(descriptor);
            }
        }
        Ok(())
    }

    /// The hostile peer does to a socket what one can do to sockets.
    fn tamper(&mut self, peer: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let socket = &self.peers[peer];
        // What the kernel refuses is not done.
        match input.int_in_range(0..=11u8)? {
            0 => rustix::net::shutdown(socket, Shutdown::Write).unwrap_or_default(),
            1 => rustix::net::shutdown(socket, Shutdown::Read).unwrap_or_default(),
            2 => rustix::net::shutdown(socket, Shutdown::Both).unwrap_or_default(),
            3 => rustix::io::ioctl_fionbio(socket, input.arbitrary()?).unwrap_or_default(),
            4 => set_option(socket, libc::SO_PEEK_OFF, input.int_in_range(-1..=100)?),
            5 => set_option(socket, libc::SO_RCVLOWAT, input.int_in_range(0..=100_000)?),
            6 => set_option(socket, libc::SO_SNDBUF, 1),
            7 => set_option(socket, libc::SO_RCVBUF, 1),
            8 => set_option(socket, libc::SO_PASSCRED, 1),
            9 => set_option(socket, libc::SO_PASSSEC, 1),
            10 => set_option(socket, SO_PASSPIDFD, 1),
            _ => set_option(socket, libc::SO_TIMESTAMP, 1),
        }
        Ok(())
    }

    /// Ports go into the queue of a port that has not left; a port of those that wait there may be next to leave.
    fn nest(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (a, b) = self.world.here.channel();
        self.keep(b);
        let (inner, other) = self.world.here.channel();
        self.keep(other);
        post_with(&a, b"nested", vec![Part::Port(inner), Part::Memory(vec![2; 10].into())]);
        self.keep(a);
        if input.arbitrary()? {
            self.post_ports(self.ports.len() - 1, input)?;
        }
        Ok(())
    }

    /// Its owner does what owners do beside reading.
    fn unsettle(&mut self, port: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let end = &self.ports[port];
        match input.int_in_range(0..=6u8)? {
            0 => end.start(false),
            1 => end.start(true),
            2 => end.conclude(),
            3 => end.flush(),
            4 => {
                end.detach();
                end.attach(&self.homes[1], self.world.key);
                end.start(true);
            }
            5 => {
                let (stats, amount) = (end.stats(), end.buffered_amount());
                assert!(stats.waiting < MOST && amount < MOST);
            }
            _ => {
                let _ = (end.has_news(), end.is_readable(), end.copy_of_socket());
            }
        }
        Ok(())
    }

    /// The event loop looks what is new.
    fn wait(&mut self) {
        let mut events = Poller::events();
        for home in &self.homes {
            home.poller.wait(&mut events, Some(Duration::ZERO), |_| {}).expect("a wait");
            home.take_news().for_each(drop);
        }
    }
}

/// A port whose peer is this program's own socket.
fn exposed(hub: &Hub) -> (End, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    (port_of(hub, ours), theirs)
}

fn port_of(hub: &Hub, socket: UnixStream) -> End {
    parcel::from_descriptor(hub.shared(), socket.into()).expect("a port")
}

fn is_far(end: &End) -> bool {
    end.stats().place == Place::OtherProcess
}

fn choose(input: &mut Unstructured<'_>, count: usize) -> Result<Option<usize>> {
    if count == 0 {
        return Ok(None);
    }
    input.choose_index(count).map(Some)
}

/// Posts as the layer above does; `None`: nobody will ever get it.
fn post_with(target: &End, body: &[u8], parts: Vec<Part>) -> Option<()> {
    let ports = parts.iter().filter_map(|part| part.port().map(|end| end.handle().clone())).collect();
    let memory = parts.iter().map(|part| if let Part::Memory(bytes) = part { bytes.len() } else { 0 }).sum();
    let descriptors = parts.iter().map(Part::descriptors).sum();
    let posted = parcel::post(target.handle(), body, ports, memory, descriptors, || parts).ok()?;
    (!posted.lost).then_some(())
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|bytes: &[u8]| WORLD.with_borrow_mut(|world| world.run(bytes)));
