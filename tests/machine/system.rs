//! The real thing: as many hubs as the model has processes, each with an event loop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use message_channel_main::channel::{End, Filled, Part, Reader};
use message_channel_main::home::Home;
use message_channel_main::hub::Hub;
use message_channel_main::limits::INBOX_BYTES;
use message_channel_main::parcel::{self, Loan};
use message_channel_main::sync::Arc;
use message_channel_main::sys::Poller;
use message_channel_main::wire::frame::{padded, HEADER};

use crate::common::{eventually, link, open_descriptors};
use crate::model::{Message, Model, Next, Place, PortId, Transition, PROCESSES};

const PATIENCE: Duration = Duration::from_secs(20);

/// How many descriptors this process has without any system. Counted once: one that failed may still be going.
static DESCRIPTORS: OnceLock<usize> = OnceLock::new();

pub struct System {
    /// What must be, at this very event.
    pub model: Model,
    processes: Vec<Process>,
    ends: BTreeMap<PortId, End>,
}

struct Process {
    hub: Hub,
    home: Arc<Home>,
    reader: Reader,
    out: Vec<u8>,
    /// Ports that were looked at out of turn and have more, by the numbers they are attached under.
    look_again: BTreeSet<PortId>,
}

/// The bytes that a message of this number and size consists of: blocks that each say whose they are, and which.
fn body(id: u64, size: usize) -> Vec<u8> {
    let mut block = [id as u8; 512];
    let mut body = Vec::with_capacity(size);
    while body.len() < size {
        block[..8].copy_from_slice(&(id ^ ((body.len() as u64) << 32)).to_le_bytes());
        body.extend_from_slice(&block[..block.len().min(size - body.len())]);
    }
    body
}

impl Process {
    fn new() -> Process {
        Process {
            hub: Hub::default(),
            home: Arc::new(Home::new().unwrap()),
            reader: Reader::default(),
            out: vec![0; INBOX_BYTES],
            look_again: BTreeSet::new(),
        }
    }

    /// Waits for ports with news.
    fn news(&mut self, timeout: Duration) -> BTreeSet<PortId> {
        let mut news = std::mem::take(&mut self.look_again);
        let timeout = if news.is_empty() { timeout } else { Duration::ZERO };
        self.home.poller.wait(&mut Poller::events(), Some(timeout), |key| _ = news.insert(key)).unwrap();
        news.extend(self.home.take_news().map(|key| key as PortId));
        news
    }
}

impl System {
    pub fn new(model: Model) -> System {
        DESCRIPTORS.get_or_init(open_descriptors);
        let processes: Vec<Process> = (0..PROCESSES).map(|_| Process::new()).collect();
        let mut system = System { model, processes, ends: BTreeMap::new() };
        for process in 0..PROCESSES {
            let next = (process + 1) % PROCESSES;
            let (here, there) = link(&system.processes[process].hub, &system.processes[next].hub);
            system.hold(2 * process, here);
            system.hold(2 * process + 1, there);
        }
        system
    }

    pub fn apply(&mut self, transition: &Transition) {
        match transition {
            Transition::Create { process } => {
                let (a, b) = self.processes[*process].hub.channel();
                let id = self.model.ports.len();
                self.model = step(&self.model, transition);
                self.hold(id, a);
                self.hold(id + 1, b);
            }
            Transition::Post { port, size, memory, ports, coalesce } => {
                self.post(*port, *size, *memory, ports, *coalesce);
            }
            Transition::Start { port, started } => {
                self.model = step(&self.model, transition);
                self.ends[port].start(*started);
            }
            Transition::Deliver { port, count } => self.deliver(*port, *count),
            Transition::Read { port } => self.read(*port),
            Transition::Glance { port } => self.glance(*port),
            Transition::Run { process } => self.run(*process),
            Transition::Close { port } => {
                self.model.close(*port);
                self.ends.remove(port);
            }
        }
    }

    /// Attaches an end where the model holds it.
    fn hold(&mut self, port: PortId, end: End) {
        let process = self.model.process_of(port).expect("held");
        end.attach(&self.processes[process].home, port as u32);
        self.ends.insert(port, end);
    }

    fn post(&mut self, port: PortId, size: usize, memory: Option<usize>, ports: &[PortId], coalesce: bool) {
        let message = self.model.post(port, size, memory, ports);
        let bytes = body(message.id, size);
        if ports.is_empty() && memory.is_none() {
            self.ends[&port].post(&bytes, coalesce).unwrap();
            return;
        }
        let ends: Vec<End> = ports.iter().map(|port| self.ends.remove(port).unwrap()).collect();
        let handles = ends.iter().map(|end| end.handle().clone()).collect();
        let memory = memory.map(|size| body(message.id + 1, size));
        let target = self.ends[&port].handle();
        if let ([], Some(memory)) = (&ends[..], &memory) {
            parcel::post_memory(target, &bytes, memory.len(), vec![Loan::Borrowed(memory)]).unwrap();
            return;
        }
        parcel::post(target, &bytes, handles, memory.as_ref().map_or(0, Vec::len), 0, || {
            ends.iter().for_each(End::detach);
            memory.into_iter().map(|bytes| Part::Memory(bytes.into())).chain(ends.into_iter().map(Part::Port)).collect()
        })
        .unwrap();
    }

    /// The messages that a started port has now, frame by frame, `most` of them; then the batch is void.
    fn turn(&mut self, port: PortId, most: usize) -> usize {
        let Some(process) = self.model.process_of(port) else {
            return 0;
        };
        let Process { reader, out, .. } = &mut self.processes[process];
        let mut delivered = 0;
        match self.ends[&port].fill(out, reader) {
            Filled::Run(length) => {
                assert!(self.model.is_started(port), "port {port} is not started");
                let run = out[..length].to_vec();
                let mut at = 0;
                while at < length && delivered < most {
                    let size = u32::from_le_bytes(run[at + 4..at + 8].try_into().unwrap()) as usize;
                    self.ends[&port].commit(HEADER + padded(size));
                    self.delivered(port, &run[at + HEADER..at + HEADER + size], vec![]);
                    at += HEADER + padded(size);
                    delivered += 1;
                }
            }
            Filled::Parcel => {
                assert!(self.model.is_started(port), "port {port} is not started");
                if delivered < most {
                    self.take(port);
                    delivered += 1;
                }
            }
            Filled::Closed => self.closed(port),
            Filled::Drained => _ = self.processes[process].look_again.insert(port),
            Filled::Fault(fault) => panic!("port {port}: {fault}"),
            // What there is not now will be announced.
            Filled::Nothing => return 0,
        }
        if self.ends.get(&port).is_some_and(End::has_news) {
            self.processes[process].look_again.insert(port);
        }
        delivered
    }

    fn take(&mut self, port: PortId) {
        let message =
            parcel::take(self.ends[&port].handle(), |lent| Part::copied(&lent)).unwrap().expect("a parcel is there");
        self.delivered(port, &message.body, message.parts);
    }

    /// Compares a message with the one that the model has next.
    fn delivered(&mut self, port: PortId, bytes: &[u8], parts: Vec<Part>) {
        let Next::Message(Message { id, size, memory, ports }) = self.model.next(port) else {
            panic!("port {port} has {} bytes too many", bytes.len());
        };
        assert_eq!(bytes[..8], id.to_le_bytes(), "port {port}: another message");
        assert!(bytes == body(id, size), "port {port}: message {id} has changed");
        self.model.deliver(port);
        let mut parts = parts.into_iter();
        if let Some(size) = memory {
            assert!(matches!(parts.next(), Some(Part::Memory(bytes)) if bytes == body(id + 1, size)));
        }
        assert_eq!(parts.len(), ports.len());
        for (port, part) in ports.into_iter().zip(parts) {
            match part {
                Part::Port(end) => self.hold(port, end),
                other => panic!("port {port} arrived as {other:?}"),
            }
        }
    }

    fn closed(&mut self, port: PortId) {
        assert_eq!(self.model.next(port), Next::Closed, "port {port} closed too early");
        self.model.close(port);
        self.ends.remove(&port);
    }

    fn deliver(&mut self, port: PortId, count: usize) {
        let count = count.min(self.model.ports[port].inbox.len());
        let process = self.model.process_of(port).unwrap();
        // The caller looks out of turn, so the first look needs no news.
        let mut left = count - self.turn_at_most(port, count);
        let deadline = Instant::now() + PATIENCE;
        while left > 0 {
            assert!(Instant::now() < deadline, "port {port} lacks {left} messages");
            let news = self.processes[process].news(PATIENCE);
            if news.contains(&port) {
                left -= self.turn_at_most(port, left);
            }
            // Those of others are looked at when it is their turn.
            let others = news.into_iter().filter(|&other| other != port);
            self.processes[process].look_again.extend(others);
            if !self.processes[process].look_again.is_empty() {
                std::thread::yield_now();
            }
        }
    }

    /// A turn, unless it could only find the close: that is for the event loop to find.
    fn turn_at_most(&mut self, port: PortId, most: usize) -> usize {
        if most == 0 {
            0
        } else {
            self.turn(port, most)
        }
    }

    fn read(&mut self, port: PortId) {
        let next = self.model.next(port);
        let process = self.model.process_of(port).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Process { reader, out, look_again, .. } = &mut self.processes[process];
            let filled = self.ends[&port].fill_one(out, reader);
            if self.ends[&port].has_news() {
                look_again.insert(port);
            }
            match filled {
                Filled::Run(length) => {
                    let size = u32::from_le_bytes(out[4..8].try_into().unwrap()) as usize;
                    assert_eq!(length, HEADER + padded(size), "one message at a time");
                    let bytes = out[HEADER..HEADER + size].to_vec();
                    self.ends[&port].commit(length);
                    return self.delivered(port, &bytes, vec![]);
                }
                Filled::Parcel => return self.take(port),
                Filled::Closed => return self.closed(port),
                Filled::Nothing if next == Next::Nothing => return,
                // What was posted, or the close, is still on its way.
                Filled::Nothing => assert!(Instant::now() < deadline, "port {port} waits for {next:?}"),
                Filled::Drained | Filled::Fault(_) => panic!("port {port}: {filled:?}"),
            }
            std::thread::yield_now();
        }
    }

    fn glance(&mut self, port: PortId) {
        let process = self.model.process_of(port).unwrap();
        let Process { reader, out, look_again, .. } = &mut self.processes[process];
        match self.ends[&port].fill(out, reader) {
            Filled::Fault(fault) => panic!("port {port}: {fault}"),
            Filled::Closed => assert_eq!(self.model.next(port), Next::Closed),
            Filled::Run(_) | Filled::Parcel => assert!(matches!(self.model.next(port), Next::Message(_))),
            Filled::Drained => {}
            Filled::Nothing => return,
        }
        if self.ends[&port].has_news() {
            look_again.insert(port);
        }
    }

    fn run(&mut self, process: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut vague = BTreeSet::new();
        loop {
            let busy = self.model.busy(process);
            let (still_vague, clear) = vague.into_iter().partition(|&port| self.model.is_vague(port));
            vague = still_vague;
            self.processes[process].look_again.extend::<BTreeSet<PortId>>(clear);
            let timeout = if busy.is_some() { PATIENCE } else { Duration::ZERO };
            let news = self.processes[process].news(timeout);
            if let Some(port) = busy {
                assert!(Instant::now() < deadline, "port {port} waits for {:?}", self.model.next(port));
            } else if news.is_subset(&vague) {
                self.processes[process].look_again.append(&mut vague);
                return;
            }
            for port in news {
                if !self.ends.contains_key(&port) || self.model.process_of(port) != Some(process) {
                    continue;
                }
                if self.model.is_vague(port) {
                    vague.insert(port);
                } else {
                    self.turn(port, usize::MAX);
                }
            }
        }
    }

    /// Delivers all there is, closes everything, and counts.
    pub fn finish(mut self) {
        while let Some((port, process)) = self.to_deliver() {
            self.apply(&Transition::Start { port, started: true });
            self.run(process);
        }
        for port in self.model.held().map(|(port, ..)| port).collect::<Vec<_>>() {
            assert!(self.model.ports[port].inbox.is_empty());
            self.apply(&Transition::Close { port });
        }
        assert!(self.model.ports.iter().all(|port| port.place == Place::Closed));
        assert!(self.ends.is_empty());
        drop(self);
        eventually("every descriptor closed", || DESCRIPTORS.get() == Some(&open_descriptors()));
    }

    /// A port with messages that will come.
    fn to_deliver(&self) -> Option<(PortId, usize)> {
        let has_message = |port| matches!(self.model.next(port), Next::Message(_)) && !self.model.is_vague(port);
        self.model.held().find(|&(port, ..)| has_message(port)).map(|(port, process, _)| (port, process))
    }
}

fn step(model: &Model, transition: &Transition) -> Model {
    use proptest_state_machine::ReferenceStateMachine;
    <Model as ReferenceStateMachine>::apply(model.clone(), transition)
}
