//! Message ports whose queues live here and whose ends move between threads and processes.
//!
//! A room is a file or a folder here, and its head says what it is for; `tests/arrows.rs` holds who may use whom. The
//! core (everything but `node`) knows nothing of Node-API and has no statics but the pool of memory in [`slab`], and what a
//! signal handler can reach in [`sys`]: a [`hub::Hub`] stands for what one process shares, a [`home::Home`] for one event
//! loop, and a test makes as many of both as it wants.

pub mod channel;
pub mod error;
pub mod family;
pub mod flusher;
pub mod home;
pub mod hub;
pub mod inbox;
pub mod limits;
pub mod look;
pub mod message;
pub mod parcel;
pub mod slab;
pub mod spin;
pub mod submissions;
pub mod sync;
pub mod sys;
pub mod wire;

#[cfg(all(feature = "node", not(test)))]
mod node;
