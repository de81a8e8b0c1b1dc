//! Memory that processes share: making it, and waiting for its words.

use std::any::Any;
use std::io;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use napi::sys;

use crate::limits::SHARED_BYTES;
use crate::message::{Foreign, Handed};
use crate::node::engine::Store;
use crate::node::js::{self, JsResult, Kind, Thrown};
use crate::node::shared;
use crate::slab::Bytes;
use crate::sys::{SharedMemory, Sleep, Waited};

/// What `sharedWait` answers with.
const WOKEN: i32 = 0;
const NOT_EQUAL: i32 = 1;
const TIMED_OUT: i32 = 2;

calls! {
    fn shared_create as "sharedCreate" (env, length) {
        let length = js::number(env.raw, length);
        let count = if length >= 1.0 && length <= SHARED_BYTES as f64 { length as usize } else { 0 };
        let Some(count) = NonZeroUsize::new(count) else {
            return Err(js::throw(env.raw, Kind::RangeError, "ERR_OUT_OF_RANGE", "no such size"));
        };
        let memory = shared::create(count).map_err(|error| refuse(env.raw, &error))?;
        into_value(env.raw, memory)
    }

    fn is_shared_memory as "isSharedMemory" (env, buffer) {
        js::from_bool(env.raw, memory_of(env.raw, buffer).is_some())
    }

    fn shared_turn as "sharedTurn" (env, buffer, offset) {
        let turn = memory_of(env.raw, buffer).and_then(|memory| memory.turn(js::number(env.raw, offset) as usize));
        js::from_int(env.raw, turn.ok_or_else(|| not_shared(env.raw))? as i32)
    }

    fn shared_wait as "sharedWait" (env, buffer, offset, expected, milliseconds, turn, again) {
        let memory = memory_of(env.raw, buffer).ok_or_else(|| not_shared(env.raw))?;
        let timeout = Duration::try_from_secs_f64(js::number(env.raw, milliseconds) / 1000.0).unwrap_or_default();
        let (offset, expected) = (js::number(env.raw, offset) as usize, js::int(env.raw, expected) as u32);
        let (turn, again) = (js::int(env.raw, turn) as u32, js::bool(env.raw, again));
        let waited = memory.wait(offset, expected, timeout, turn, again);
        js::from_int(env.raw, outcome(waited.ok_or_else(|| not_shared(env.raw))?))
    }

    /// Answers by an event of `next` with this number.
    fn shared_wait_later as "sharedWaitLater" (env, buffer, offset, expected, milliseconds, turn, number) {
        let memory = memory_of(env.raw, buffer).ok_or_else(|| not_shared(env.raw))?;
        let (offset, expected) = (js::number(env.raw, offset) as usize, js::int(env.raw, expected) as u32);
        let deadline = Duration::try_from_secs_f64(js::number(env.raw, milliseconds) / 1000.0)
            .ok()
            .and_then(|left| Instant::now().checked_add(left));
        let (number, sender, home) = (js::uint(env.raw, number), env.slept.0.clone(), env.home.clone());
        let owner = Arc::downgrade(env.awaiting.borrow_mut().get_or_insert_default());
        let done = Box::new(move |waited| {
            // If nobody listens any more, the thread has ended.
            let _ = sender.send((number, outcome(waited)));
            home.wake();
        });
        let turn = js::int(env.raw, turn) as u32;
        let sleep = Sleep { memory, offset, expected, turn, deadline, owner, done };
        shared::wait_later(sleep).map_err(|error| refuse(env.raw, &error))?;
        Ok(ptr::null_mut())
    }

    fn shared_notify as "sharedNotify" (env, buffer, offset, count) {
        let woken = memory_of(env.raw, buffer)
            .and_then(|memory| memory.notify(js::number(env.raw, offset) as usize, js::uint(env.raw, count)));
        js::from_int(env.raw, woken.ok_or_else(|| not_shared(env.raw))? as i32)
    }
}

fn outcome(waited: Waited) -> i32 {
    match waited {
        Waited::Woken => WOKEN,
        Waited::NotEqual => NOT_EQUAL,
        Waited::TimedOut => TIMED_OUT,
    }
}

/// The memory behind a SharedArrayBuffer; `None` for all others, and for what is none.
pub(super) fn memory_of(env: sys::napi_env, value: sys::napi_value) -> Option<Arc<SharedMemory>> {
    match Store::of_shared(env, value) {
        Some(store) => store.memory(),
        None => shared::find(js::address(env, value)?),
    }
}

/// It on its way, where the engine lets nobody have its own.
#[derive(Debug)]
pub(super) struct OnItsWay(pub Arc<SharedMemory>);

impl Foreign for OnItsWay {
    fn size(&self) -> usize {
        0
    }

    fn copy(&self) -> Option<Bytes> {
        None
    }

    fn descriptors(&self) -> usize {
        1
    }

    fn hand(&self) -> io::Result<Option<Handed>> {
        shared::handed(&self.0).map(Some)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// A SharedArrayBuffer of this memory.
pub(super) fn into_value(env: sys::napi_env, memory: Arc<SharedMemory>) -> JsResult {
    if let Some(value) = js::shared_buffer(env, &memory, memory.raw(), memory.len().get()) {
        return Ok(value);
    }
    match Store::of_memory(env, memory) {
        Some(store) => store.into_value(env),
        None => Err(refuse(env, &io::ErrorKind::Unsupported.into())),
    }
}

fn not_shared(env: sys::napi_env) -> Thrown {
    js::throw(env, Kind::TypeError, "ERR_INVALID_ARG_TYPE", "not a word of memory from sharedMemory.create()")
}

fn refuse(env: sys::napi_env, error: &io::Error) -> Thrown {
    /// `EMFILE` and `ENFILE`.
    const NO_DESCRIPTORS: [Option<i32>; 2] = [Some(24), Some(23)];
    let (code, text) = match error.kind() {
        io::ErrorKind::Unsupported => (
            "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
            "memory cannot be shared between processes here: that needs Linux, and Node.js on x86-64 or one whose \
             Node-API makes shared buffers"
                .to_owned(),
        ),
        _ if NO_DESCRIPTORS.contains(&error.raw_os_error()) => {
            ("ERR_DESCRIPTORS_EXHAUSTED", format!("no descriptor is left for shared memory: {error}"))
        }
        _ => ("ERR_MEMORY_ALLOCATION_FAILED", format!("the system has no memory to share: {error}")),
    };
    js::throw(env, Kind::Error, code, &text)
}
