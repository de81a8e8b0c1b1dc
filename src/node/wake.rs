//! What wakes an environment: libuv where that is the event loop, and a thread everywhere else.

use napi::sys;

use super::wake_thread::ThreadWake;
use super::wake_uv::UvWake;
pub use super::wake_uv::Woken;
use crate::sys::{Poller, Watch};

/// What wakes one environment. It does not keep the loop alive unless told to.
#[derive(Debug)]
pub enum Wake {
    Uv(UvWake),
    Thread(ThreadWake),
}

impl Wake {
    /// Calls `woken` from the event loop of `env` whenever the poller has something to tell. `watch`, of that poller: a thread is to
    /// wait by it.
    pub fn start<W: Woken + 'static>(
        env: sys::napi_env,
        watch: Option<Watch>,
        poller: &Poller,
        woken: Box<W>,
    ) -> Option<Wake> {
        match watch {
            None => UvWake::start(env, poller.as_raw(), woken).map(Wake::Uv),
            Some(watch) => ThreadWake::start(env, watch, woken).map(Wake::Thread),
        }
    }

    /// Whether this keeps the event loop alive.
    pub fn hold(&self, on: bool) {
        match self {
            Wake::Uv(wake) => wake.hold(on),
            Wake::Thread(wake) => wake.hold(on),
        }
    }

    /// Whether the loop can be told to go round without sleeping. Else somebody has to say when [to wait
    /// again](Wake::wait_again).
    pub fn turns(&self) -> bool {
        matches!(self, Wake::Uv(_))
    }

    /// Has the loop go round without sleeping, with its timers and all else, and calls [`Woken::turned`] each time. That
    /// does not keep it alive.
    pub fn turn<W: Woken>(&self, on: bool) {
        if let Wake::Uv(wake) = self {
            wake.turn::<W>(on);
        }
    }

    /// Calls [`Woken::polled`] once, when the loop has looked at its descriptors in this turn.
    pub fn say_when_polled<W: Woken>(&self) {
        if let Wake::Uv(wake) = self {
            wake.say_when_polled::<W>();
        }
    }

    /// Has the loop call [`Woken::woken`] once more, after everything that is to run before.
    pub fn again(&self, poller: &Poller) {
        match self {
            // What it watches becomes readable.
            Wake::Uv(_) => poller.wake(),
            Wake::Thread(wake) => wake.call(),
        }
    }

    /// The poller was asked for what it had to tell, and the loop has come round since: other runtimes would make one call
    /// after the other, and come to nothing else.
    pub fn wait_again(&self, poller: &Poller) {
        if let Wake::Thread(wake) = self {
            wake.wait_again(poller);
        }
    }

    /// Ends it, and gives back what was to be called, later.
    pub fn close<W: Woken + 'static>(&self) {
        match self {
            Wake::Uv(wake) => wake.close::<W>(),
            Wake::Thread(wake) => wake.close::<W>(),
        }
    }
}
