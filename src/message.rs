//! What a message is made of, beside its bytes.

use crate::inbox::Weigh;

/// Something that a message carries and owns: dropping it closes the ports in it. `E` is the end of a channel.
#[derive(Debug)]
pub enum Part<E> {
    Port(E),
    /// A port that was closed before it was transferred; it arrives, and closes.
    ClosedPort,
    Memory(Vec<u8>),
}

impl<E> Weigh for Part<E> {
    fn weight(&self) -> usize {
        match self {
            Part::Memory(bytes) => bytes.len(),
            Part::Port(_) | Part::ClosedPort => 0,
        }
    }
}

/// A message that was taken out of a queue for delivery.
#[derive(Debug)]
pub struct Message<E> {
    pub body: Vec<u8>,
    pub parts: Vec<Part<E>>,
}
