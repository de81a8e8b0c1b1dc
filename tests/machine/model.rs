//! What ports promise, as plain lists.

use std::collections::VecDeque;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

pub const PROCESSES: usize = 3;

/// An end of a channel; the other one's number differs in the last bit.
pub type PortId = usize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: u64,
    pub size: usize,
    pub memory: Option<usize>,
    pub ports: Vec<PortId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Held in this process.
    Held {
        process: usize,
        started: bool,
    },
    /// In a message that this port has not read.
    Queued(PortId),
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    pub place: Place,
    pub inbox: VecDeque<Message>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub ports: Vec<Port>,
    next_message: u64,
}

#[derive(Debug, Clone)]
pub enum Transition {
    Create {
        process: usize,
    },
    Post {
        port: PortId,
        size: usize,
        memory: Option<usize>,
        ports: Vec<PortId>,
        coalesce: bool,
    },
    /// Start, or pause.
    Start {
        port: PortId,
        started: bool,
    },
    /// Let a started port deliver so many of its messages, and void the rest of its batch.
    Deliver {
        port: PortId,
        count: usize,
    },
    /// Receive one message synchronously, or learn that there is none, or the close.
    Read {
        port: PortId,
    },
    /// Look at what a started port has, and void all of it.
    Glance {
        port: PortId,
    },
    /// Let the event loop of a process run until nothing is left to deliver.
    Run {
        process: usize,
    },
    Close {
        port: PortId,
    },
}

/// What the next event of a held port must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Message(Message),
    Closed,
    Nothing,
}

pub fn peer(port: PortId) -> PortId {
    port ^ 1
}

impl Model {
    fn new() -> Model {
        let mut model = Model { ports: Vec::new(), next_message: 0 };
        for process in 0..PROCESSES {
            // A link to the next process.
            model.create(process);
            let there = model.ports.len() - 1;
            model.ports[there].place = Place::Held { process: (process + 1) % PROCESSES, started: false };
        }
        model
    }

    fn create(&mut self, process: usize) {
        for _ in 0..2 {
            self.ports.push(Port { place: Place::Held { process, started: false }, inbox: VecDeque::new() });
        }
    }

    pub fn held(&self) -> impl Iterator<Item = (PortId, usize, bool)> + '_ {
        self.ports.iter().enumerate().filter_map(|(id, port)| match port.place {
            Place::Held { process, started } => Some((id, process, started)),
            Place::Queued(_) | Place::Closed => None,
        })
    }

    pub fn process_of(&self, port: PortId) -> Option<usize> {
        match self.ports.get(port)?.place {
            Place::Held { process, .. } => Some(process),
            Place::Queued(_) | Place::Closed => None,
        }
    }

    pub fn is_started(&self, port: PortId) -> bool {
        matches!(self.ports.get(port), Some(Port { place: Place::Held { started: true, .. }, .. }))
    }

    /// What delivery, or a synchronous read, finds next at a port.
    pub fn next(&self, port: PortId) -> Next {
        match self.ports[port].inbox.front() {
            Some(message) => Next::Message(message.clone()),
            None if self.ports[peer(port)].place == Place::Closed => Next::Closed,
            None => Next::Nothing,
        }
    }

    /// What the event loop finds next at a port: messages only if it is started.
    pub fn next_event(&self, port: PortId) -> Next {
        match self.next(port) {
            Next::Message(_) if !self.is_started(port) || self.is_vague(port) => Next::Nothing,
            next => next,
        }
    }

    /// Whether a port has messages that may not have come yet: what its peer could not send travels with it, so it comes
    /// when somebody holds the peer again.
    pub fn is_vague(&self, port: PortId) -> bool {
        matches!(self.ports[peer(port)].place, Place::Queued(_)) && !self.ports[port].inbox.is_empty()
    }

    /// Whether messages that carry `ports` may be lost: no port in there may have a message still to be read, which it
    /// may not have sent yet.
    fn may_lose(&self, ports: &[PortId]) -> bool {
        ports.iter().all(|&port| self.ports[peer(port)].inbox.is_empty() && self.may_lose_inbox(port))
    }

    fn may_lose_inbox(&self, port: PortId) -> bool {
        self.ports[port].inbox.iter().all(|message| self.may_lose(&message.ports))
    }

    /// Ports of this process that have an event.
    pub fn busy(&self, process: usize) -> Option<PortId> {
        self.held().find(|&(id, place, _)| place == process && self.next_event(id) != Next::Nothing).map(|(id, ..)| id)
    }

    pub fn post(&mut self, port: PortId, size: usize, memory: Option<usize>, ports: &[PortId]) -> Message {
        let message = Message { id: self.next_message, size, memory, ports: ports.to_vec() };
        self.next_message += 1;
        let to = peer(port);
        if self.ports[to].place == Place::Closed {
            ports.iter().for_each(|&port| self.close(port));
        } else {
            ports.iter().for_each(|&port| self.ports[port].place = Place::Queued(to));
            self.ports[to].inbox.push_back(message.clone());
        }
        message
    }

    /// Delivers the next message of a port: its ports are held where it is.
    pub fn deliver(&mut self, port: PortId) {
        let process = self.process_of(port).expect("a held port");
        let message = self.ports[port].inbox.pop_front().expect("a message");
        for port in message.ports {
            self.ports[port].place = Place::Held { process, started: false };
        }
    }

    pub fn close(&mut self, port: PortId) {
        self.ports[port].place = Place::Closed;
        for message in std::mem::take(&mut self.ports[port].inbox) {
            message.ports.into_iter().for_each(|port| self.close(port));
        }
    }

    /// One event of a port, whatever it is.
    pub fn advance(&mut self, port: PortId) {
        match self.next(port) {
            Next::Message(_) => self.deliver(port),
            Next::Closed => self.close(port),
            Next::Nothing => {}
        }
    }

    /// Whether `ports` may be posted through `port`. Not if the message could be reached only through itself: a port
    /// that is queued on a channel lies with either end of it, for what is not sent yet travels with the sender.
    fn may_post(&self, port: PortId, ports: &[PortId]) -> bool {
        let Some(process) = self.process_of(port) else {
            return false;
        };
        let mut distinct = ports.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != ports.len() || !ports.iter().all(|&port| self.process_of(port) == Some(process)) {
            return false;
        }
        if self.ports[peer(port)].place == Place::Closed && !self.may_lose(ports) {
            return false;
        }
        let (mut seen, mut todo) = (Vec::new(), vec![port, peer(port)]);
        while let Some(port) = todo.pop() {
            if ports.contains(&port) {
                return false;
            }
            if let (Place::Queued(on), false) = (self.ports[port].place, seen.contains(&port)) {
                todo.extend([on, peer(on)]);
            }
            seen.push(port);
        }
        true
    }

    /// Ports that may be posted through `port` together.
    fn pick(&self, port: PortId, picks: &[prop::sample::Index]) -> Vec<PortId> {
        let mut picked = Vec::new();
        for pick in picks {
            let fits = |id: &PortId| self.may_post(port, &[&picked[..], &[*id]].concat());
            let here: Vec<PortId> = self.held().map(|(id, ..)| id).filter(fits).collect();
            if !here.is_empty() {
                picked.push(*pick.get(&here));
            }
        }
        picked
    }
}

impl ReferenceStateMachine for Model {
    type State = Model;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::new()).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Transition> {
        let create = (0..PROCESSES).prop_map(|process| Transition::Create { process });
        let run = (0..PROCESSES).prop_map(|process| Transition::Run { process });
        let held = |fit: &dyn Fn(PortId) -> bool| -> Vec<PortId> {
            model.held().map(|(id, ..)| id).filter(|&id| fit(id)).collect()
        };
        let all = held(&|_| true);
        if all.is_empty() {
            return create.boxed();
        }
        // Where none fits, a precondition rejects whatever else is picked.
        let one_of = |ports: Vec<PortId>| prop::sample::select(if ports.is_empty() { all.clone() } else { ports });
        let started = held(&|id| model.is_started(id));
        let clear = held(&|id| !model.is_vague(id));
        let deliverable = held(&|id| model.is_started(id) && !model.is_vague(id));
        let closable = held(&|id| model.may_lose_inbox(id));
        // Few are large enough to fill a socket.
        let size = || prop_oneof![8 => 8usize..200, 1 => 60_000usize..70_000, 2 => 150_000usize..400_000];
        let post = (one_of(all.clone()), size(), prop::option::weighted(0.1, size()), any::<bool>()).prop_map(
            |(port, size, memory, coalesce)| Transition::Post { port, size, memory, ports: vec![], coalesce },
        );
        let picks = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
        let here = model.clone();
        let post_ports = (one_of(all.clone()), size(), picks).prop_map(move |(port, size, picks)| {
            let ports = here.pick(port, &picks);
            Transition::Post { port, size, memory: None, ports, coalesce: false }
        });
        let start = (one_of(all.clone()), prop::bool::weighted(0.8));
        prop_oneof![
            2 => create,
            6 => post,
            5 => post_ports,
            3 => start.prop_map(|(port, started)| Transition::Start { port, started }),
            3 => (one_of(deliverable), 1usize..5).prop_map(|(port, count)| Transition::Deliver { port, count }),
            4 => one_of(clear).prop_map(|port| Transition::Read { port }),
            2 => one_of(started).prop_map(|port| Transition::Glance { port }),
            2 => run,
            1 => one_of(closable).prop_map(|port| Transition::Close { port }),
        ]
        .boxed()
    }

    fn preconditions(model: &Model, transition: &Transition) -> bool {
        match transition {
            Transition::Create { .. } | Transition::Run { .. } => true,
            Transition::Post { port, ports, .. } => model.may_post(*port, ports),
            Transition::Deliver { port, .. } => model.is_started(*port) && !model.is_vague(*port),
            Transition::Glance { port } => model.is_started(*port),
            Transition::Start { port, .. } => model.process_of(*port).is_some(),
            Transition::Read { port } => model.process_of(*port).is_some() && !model.is_vague(*port),
            Transition::Close { port } => model.process_of(*port).is_some() && model.may_lose_inbox(*port),
        }
    }

    fn apply(mut model: Model, transition: &Transition) -> Model {
        match transition {
            Transition::Create { process } => model.create(*process),
            Transition::Post { port, size, memory, ports, .. } => drop(model.post(*port, *size, *memory, ports)),
            Transition::Start { port, started } => {
                if let Place::Held { started: now, .. } = &mut model.ports[*port].place {
                    *now = *started;
                }
            }
            Transition::Deliver { port, count } => {
                for _ in 0..*count {
                    if matches!(model.next(*port), Next::Message(_)) {
                        model.deliver(*port);
                    }
                }
            }
            Transition::Read { port } => model.advance(*port),
            Transition::Glance { .. } => {}
            Transition::Run { process } => {
                while let Some(port) = model.busy(*process) {
                    model.advance(port);
                }
            }
            Transition::Close { port } => model.close(*port),
        }
        model
    }
}
