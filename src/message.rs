//! What a message is made of, beside its bytes.

use std::any::Any;
use std::fmt::Debug;
use std::io;

use crate::inbox::Weigh;
use crate::slab::Bytes;
use crate::sys::Descriptor;

/// Something that a message carries and owns: dropping it closes the ports in it. `E` is the end of a channel.
#[derive(Debug)]
pub enum Part<E> {
    Port(E),
    /// A port that was closed before it was transferred; it arrives, and closes.
    ClosedPort,
    Memory(Bytes),
    Foreign(Box<dyn Foreign>),
    Handed(Handed),
    /// Something foreign that could not come along to this process.
    Lost,
}

impl<E> Part<E> {
    pub fn port(&self) -> Option<&E> {
        match self {
            Part::Port(end) => Some(end),
            Part::ClosedPort | Part::Memory(_) | Part::Foreign(_) | Part::Handed(_) | Part::Lost => None,
        }
    }

    /// How many descriptors it takes in another process, if it is no port.
    pub fn descriptors(&self) -> usize {
        match self {
            Part::Handed(_) => 1,
            Part::Foreign(foreign) => foreign.descriptors(),
            Part::Port(_) | Part::ClosedPort | Part::Memory(_) | Part::Lost => 0,
        }
    }

    /// Memory of our own with the same bytes.
    pub fn copied(bytes: &[u8]) -> Part<E> {
        Part::Memory(Bytes::copied(bytes))
    }
}

/// A descriptor that is handed over as what its kind says, which whoever receives it has to make sure of.
#[derive(Debug)]
pub struct Handed {
    pub kind: u32,
    /// What there is to know of it beside.
    pub body: Vec<u8>,
    pub descriptor: Descriptor,
}

/// Something of the runtime's that only threads of one process can hand each other.
pub trait Foreign: Debug + Send {
    /// How long the bytes are that another process can be given instead.
    fn size(&self) -> usize;
    /// Those bytes, held where they are or copied, which takes its time: nobody holds a lock meanwhile. `None`: it cannot
    /// leave this process.
    fn copy(&self) -> Option<Bytes>;
    /// How many descriptors it takes in another process.
    fn descriptors(&self) -> usize {
        0
    }
    /// A descriptor that another process can be given instead, which there may be none left for. `None`: there is no such thing.
    fn hand(&self) -> io::Result<Option<Handed>> {
        Ok(None)
    }
    /// For the layer that knows what it is.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<E> Weigh for Part<E> {
    fn weight(&self) -> usize {
        match self {
            Part::Memory(bytes) => bytes.len(),
            Part::Foreign(foreign) => foreign.size(),
            Part::Handed(handed) => handed.body.len(),
            Part::Port(_) | Part::ClosedPort | Part::Lost => 0,
        }
    }
}

/// A message that was taken out of a queue for delivery.
#[derive(Debug)]
pub struct Message<E> {
    pub body: Bytes,
    pub parts: Vec<Part<E>>,
}

impl<E> Message<E> {
    /// Its bytes, the memory that travels with it included.
    pub fn weight(&self) -> usize {
        self.body.len() + self.parts.iter().map(Weigh::weight).sum::<usize>()
    }
}
