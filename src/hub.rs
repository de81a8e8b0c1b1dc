//! What the ports of one process share.

use std::time::Duration;

use crate::channel::{Channel, End, Shared};
use crate::family::Family;
use crate::flusher::Flusher;
pub use crate::flusher::Program;
use crate::submissions::Submissions;
use crate::sync::Arc;

#[derive(Debug)]
pub struct Hub {
    shared: Arc<Shared>,
    flusher: Flusher,
}

impl Default for Hub {
    fn default() -> Self {
        Hub::with(Flusher::default())
    }
}

impl Hub {
    /// One whose backstop also acts for this program: it is never as busy as JavaScript.
    pub fn of(program: Program) -> Hub {
        Hub::with(Flusher::new(program))
    }

    fn with(flusher: Flusher) -> Hub {
        flusher.mind_memory();
        Hub { shared: Arc::new(Shared::new(Box::new(flusher.clone()))), flusher }
    }

    pub fn channel(&self) -> (End, End) {
        Channel::create(&self.shared)
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub fn family(&self) -> &Family {
        self.flusher.family()
    }

    /// See [`Flusher::mind`].
    pub fn mind(&self, log: &Arc<Submissions>) -> bool {
        self.flusher.mind(log)
    }

    /// See [`Flusher::follow`].
    pub fn follow(&self, end: &End) -> bool {
        self.flusher.follow(end)
    }

    /// See [`Flusher::follow_no_more`].
    pub fn follow_no_more(&self) {
        self.flusher.follow_no_more();
    }

    /// See [`Flusher::linger`].
    pub fn linger(&self) {
        self.flusher.linger();
    }

    /// With another limit than a process has at its end.
    pub fn linger_within(&self, in_all: Duration) {
        self.flusher.linger_within(in_all);
    }
}
