//! Memory and what else rides along with a message: moved, copied, shared, or beside it in the side-car.

use std::any::Any;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use napi::sys;

use super::shared::{memory_of, OnItsWay};
use super::text::Unread;
use crate::channel::Part;
use crate::message::{Foreign, Handed};
use crate::node::engine::{self, is_alike, is_detachable, Store};
use crate::node::js;
use crate::parcel::Loan;
use crate::slab::{Bytes, Lent};
use crate::sys::{copy_of, may_leave, number_is_of_kind};

/// Counts the messages that have something in a side-car.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What `detachable` answers where only Node can tell.
const UNKNOWN: i32 = -1;

/// What it answers where it can be, and nobody has marked it.
const PLAIN: i32 = 2;

/// A value that rides beside the message, in the side-car of its port, in the side-car's message of this number.
#[derive(Debug)]
pub(super) struct SideCar(pub u32);

impl Foreign for SideCar {
    fn size(&self) -> usize {
        0
    }

    fn copy(&self) -> Option<Bytes> {
        None
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

calls! {
    fn engine as "engine" (env) {
        js::from_bool(env.raw, engine::shares(env.raw))
    }

    fn number as "number" (env) {
        // Only what waits in one queue must differ.
        js::from_int(env.raw, (NUMBER.fetch_add(1, Ordering::Relaxed) % i32::MAX as u32 + 1) as i32)
    }

    fn of_kind as "isOfKind" (env, kind, fd) {
        js::from_bool(env.raw, number_is_of_kind(js::uint(env.raw, kind), js::int(env.raw, fd)))
    }

    fn leaves as "mayLeave" (env, fd) {
        js::from_bool(env.raw, copy_of(js::int(env.raw, fd)).map_or(true, |copy| may_leave(&copy)))
    }

    fn detachable as "detachable" (env, buffer, plain) {
        let detachable = js::array_buffer(env.raw, buffer).map_or(Some(false), |_| is_detachable(env.raw, buffer));
        let is_plain = detachable == Some(true) && is_alike(buffer, plain);
        js::from_int(env.raw, if is_plain { PLAIN } else { detachable.map_or(UNKNOWN, i32::from) })
    }
}

/// What a message takes along beside ports: moved, copied or shared memory, in the order of the codec's indices.
#[derive(Default)]
pub(super) struct Luggage {
    memories: Vec<Memory>,
    shares: Vec<Box<dyn Foreign>>,
    handed: Vec<Handed>,
    descriptors: usize,
    pub weight: usize,
}

enum Memory {
    /// Moved with its buffer.
    Store(Store),
    /// To be copied from here.
    Bytes(*const u8, usize),
    Text(Unread),
}

impl Luggage {
    /// Looks at everything without changing it. `None` if something is not what it should be.
    pub fn read(
        env: sys::napi_env,
        transfers: &[sys::napi_value],
        clones: &[sys::napi_value],
        shares: &[sys::napi_value],
    ) -> Option<Luggage> {
        let mut luggage = Luggage::default();
        for &buffer in transfers {
            let (data, length) = js::array_buffer(env, buffer)?;
            let store = Store::of_buffer(env, buffer);
            luggage.add(length, store.map_or(Memory::Bytes(data, length), Memory::Store));
        }
        for &clone in clones {
            match js::byte_view(env, clone) {
                Some((data, length)) => luggage.add(length, Memory::Bytes(data, length)),
                None => luggage.add_text(env, clone)?,
            }
        }
        for &shared in shares {
            luggage.shares.push(match js::uint(env, shared) {
                0 => match Store::of_shared(env, shared) {
                    Some(store) => Box::new(store),
                    None => Box::new(OnItsWay(memory_of(env, shared)?)),
                },
                number => Box::new(SideCar(number)),
            });
        }
        for foreign in &luggage.shares {
            luggage.descriptors += foreign.descriptors();
        }
        Some(luggage)
    }

    /// Copies what is handed over, each a kind, a descriptor and what there is to know beside. Fails if something is not
    /// open, or no descriptor is left.
    pub fn hand(&mut self, env: sys::napi_env, handed: &[sys::napi_value]) -> io::Result<()> {
        for thing in handed.chunks_exact(3) {
            let body = js::byte_view(env, thing[2]).map(|(data, length)| {
                // SAFETY: JS waits for this very call.
                unsafe { js::bytes(data, length) }.to_vec()
            });
            let body = body.unwrap_or_default();
            self.weight = self.weight.saturating_add(body.len());
            let descriptor = copy_of(js::int(env, thing[1]))?;
            self.handed.push(Handed { kind: js::uint(env, thing[0]), body, descriptor });
            self.descriptors += 1;
        }
        Ok(())
    }

    /// A text and nothing else; `None` if it is none.
    pub fn of_text(env: sys::napi_env, text: sys::napi_value) -> Option<Luggage> {
        let mut luggage = Luggage::default();
        luggage.add_text(env, text)?;
        Some(luggage)
    }

    fn add_text(&mut self, env: sys::napi_env, text: sys::napi_value) -> Option<()> {
        let text = Unread::of(env, text)?;
        self.add(text.size(), Memory::Text(text));
        Some(())
    }

    fn add(&mut self, length: usize, memory: Memory) {
        self.weight = self.weight.saturating_add(length);
        self.memories.push(memory);
    }

    /// How many descriptors it takes in another process. Of these there may be as many as ports.
    pub fn descriptors(&self) -> usize {
        self.descriptors
    }

    pub fn len(&self) -> usize {
        self.memories.len() + self.shares.len() + self.handed.len()
    }

    /// Whether it is nothing but memory.
    pub fn is_memory(&self) -> bool {
        self.shares.is_empty() && self.handed.is_empty()
    }

    /// The memory, where it is. JS waits meanwhile.
    pub fn into_loans<'a>(self) -> Vec<Loan<'a>> {
        let loan = |memory| match memory {
            Memory::Text(text) => Loan::Given(text.read().into_bytes()),
            Memory::Store(store) => Loan::Given(store.copy().unwrap_or_else(|| Vec::new().into())),
            // SAFETY: JS waits for this very call.
            Memory::Bytes(data, length) => Loan::Borrowed(unsafe { js::bytes(data, length) }),
        };
        self.memories.into_iter().map(loan).collect()
    }

    /// `stays`: the message goes to a thread of this process, which can take over memory of the engine's own.
    ///
    /// Fails if no descriptor is left for what processes can share.
    pub fn into_parts(self, env: sys::napi_env, stays: bool) -> io::Result<impl Iterator<Item = Part>> {
        let share = |foreign: Box<dyn Foreign>| {
            let handed = if stays { None } else { foreign.hand()? };
            Ok(handed.map_or(Part::Foreign(foreign), Part::Handed))
        };
        let shares: Vec<Part> = self.shares.into_iter().map(share).collect::<io::Result<_>>()?;
        let memory = move |memory| match memory {
            Memory::Store(store) => Part::Foreign(Box::new(store)),
            Memory::Text(text) if stays => Part::Foreign(Box::new(text.read())),
            Memory::Text(text) => Part::Memory(text.read().into_bytes()),
            Memory::Bytes(data, length) => {
                // SAFETY: JS waits for this very call.
                let bytes = unsafe { js::bytes(data, length) };
                if stays {
                    kept(env, bytes)
                } else {
                    Part::copied(bytes)
                }
            }
        };
        Ok(self.memories.into_iter().map(memory).chain(shares).chain(self.handed.into_iter().map(Part::Handed)))
    }
}

/// A copy in memory of the engine's own where that is worth it, because whoever receives it needs no second one.
pub(super) fn kept(env: sys::napi_env, bytes: &[u8]) -> Part {
    /// To make a buffer and to take its memory out costs as much as copying about this much.
    const WORTH_KEEPING: usize = 16 << 10;
    let store = if bytes.len() < WORTH_KEEPING { None } else { Store::copy_of(env, bytes) };
    store.map_or_else(|| Part::copied(bytes), |store| Part::Foreign(Box::new(store)))
}

/// The same memory as the engine's own, without a copy. `None`: it cannot be had, or is not worth it.
pub(super) fn kept_where_it_is(env: sys::napi_env, lent: &Lent<'_>) -> Option<Part> {
    let (slab, at) = lent.keep()?;
    // SAFETY: the bytes lie there in the slab, and nobody else looks at them any more.
    let store = unsafe { Store::of_slab(env, slab, at, lent.len()) };
    store.map(|store| Part::Foreign(Box::new(store)))
}
