//! What the ports of one process share.

use std::time::Duration;

use crate::channel::{Channel, End, Shared};
use crate::flusher::Flusher;
use crate::sync::Arc;

#[derive(Debug)]
pub struct Hub {
    shared: Arc<Shared>,
    flusher: Flusher,
}

impl Default for Hub {
    fn default() -> Self {
        let flusher = Flusher::default();
        Hub { shared: Arc::new(Shared::new(Box::new(flusher.clone()))), flusher }
    }
}

impl Hub {
    pub fn channel(&self) -> (End, End) {
        Channel::create(&self.shared)
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
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
