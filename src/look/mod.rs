//! Looking at all ports of a process at once: `roster` says which there are, `report` what they are doing.
//!
//! Invariant: no port lives a moment longer for being looked at, and nobody who posts, makes or closes one waits for a
//! lock that another thread's port needs. A report is no snapshot: each port is as it was when it was looked at.

mod report;
mod roster;

pub use report::{name_of, report};
pub use roster::{Listed, Roster};
