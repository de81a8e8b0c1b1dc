//! What the fuzzers share: what a hostile peer may write, and what it costs.

pub mod memory;
pub mod sockets;
pub mod stream;
