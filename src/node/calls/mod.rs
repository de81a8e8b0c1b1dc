//! The functions that JS calls, each over a port's key; `lib/native.js` says what they promise.

use std::any::Any;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use napi::sys;

use crate::channel::{End, Filled, Part, Posted};
use crate::error::Refused;
use crate::limits::{INBOX_BYTES, MESSAGE_BYTES, PARTS};
use crate::message::{Foreign, Message};
use crate::node::buffers::{to_array_buffer, Word};
use crate::node::engine::{self, is_detachable, Store};
use crate::node::env::{Environment, HUB, PARKING};
use crate::node::js::{self, check, JsResult, Kind, Thrown};
use crate::parcel;
use crate::sync::lock;

/// Flags that posting answers with.
const FLUSH: i32 = 1;
const FULL: i32 = 2;
const LOOP: i32 = 4;

/// What `next` and `read` answer with.
const NOTHING: i32 = 0;
const MESSAGES: i32 = 1;
const PARCEL: i32 = 2;
const CLOSE: i32 = 3;
const DRAIN: i32 = 4;
const FAULT: i32 = 5;

/// Counts the messages that have something in a side-car.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What `detachable` answers where only Node can tell.
const UNKNOWN: i32 = -1;

/// A value that rides beside the message, in the side-car of its port, in the side-car's message of this number.
#[derive(Debug)]
struct SideCar(u32);

impl Foreign for SideCar {
    fn bytes(&self) -> Option<&[u8]> {
        None
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* fn $name:ident as $js:literal ($env:ident $(, $arg:ident)*) $body:block)*) => {
        /// Every function, by its name in JS.
        pub const FUNCTIONS: &[(&str, unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value)] =
            &[$(($js, $name)),*];
        $(
            $(#[$doc])*
            unsafe extern "C" fn $name(raw: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
                const NAMES: &[&str] = &[$(stringify!($arg)),*];
                const COUNT: usize = NAMES.len();
                let mut arguments = [ptr::null_mut(); COUNT];
                let (mut count, mut data) = (COUNT, ptr::null_mut::<c_void>());
                // SAFETY: Node-API fills what is missing with `undefined`; `data` is what the function was made with.
                unsafe {
                    sys::napi_get_cb_info(raw, info, &mut count, arguments.as_mut_ptr(), ptr::null_mut(), &mut data);
                }
                // SAFETY: the environment outlives all JS of its thread.
                let $env = unsafe { &*(data as *const Environment) };
                let [$($arg),*] = arguments;
                let body = || -> JsResult { $body };
                js::returned(body())
            }
        )*
    };
}

functions! {
    fn set_outbox as "setOutbox" (env, buffer) {
        env.outbox.adopt(env.raw, buffer)?;
        Ok(ptr::null_mut())
    }

    fn create_channel as "createChannel" (env) {
        let (a, b) = HUB.channel();
        let mut ports = env.ports.borrow_mut();
        let (a, b) = (ports.insert(a), ports.insert(b));
        env.control.set(Word::Key, b);
        js::from_int(env.raw, a as i32)
    }

    fn post as "post" (env, key, length) {
        let (key, length) = (js::uint(env.raw, key), js::uint(env.raw, length) as usize);
        let mut ports = env.ports.borrow_mut();
        let coalesce = ports.coalesces(key);
        let Some(port) = ports.get(key) else {
            return js::from_int(env.raw, 0);
        };
        let posted = port.end.post(env.outbox.bytes(length), coalesce).map_err(|refused| refuse(env, &refused))?;
        js::from_int(env.raw, flags(posted, ports.posted(key, posted)))
    }

    fn post_parts as "postParts" (env, key, length, keys, transfers, clones, shares) {
        let key = js::uint(env.raw, key);
        let keys: Vec<u32> = js::elements(env.raw, keys)?.into_iter().map(|key| js::uint(env.raw, key)).collect();
        let transfers = js::elements(env.raw, transfers)?;
        let (clones, shares) = (js::elements(env.raw, clones)?, js::elements(env.raw, shares)?);
        let Some(luggage) = Luggage::read(env.raw, &transfers, &clones, &shares) else {
            return Err(js::throw(env.raw, Kind::TypeError, "ERR_INVALID_ARG_TYPE", "not a buffer"));
        };
        let body = env.outbox.bytes(js::uint(env.raw, length) as usize);
        let flags = post_parts_of(env, key, body, &keys, luggage).map_err(|refused| refuse(env, &refused))?;
        for buffer in transfers {
            // SAFETY: `buffer` is an ArrayBuffer; JS has checked that it can be detached.
            unsafe { sys::napi_detach_arraybuffer(env.raw, buffer) };
        }
        js::from_int(env.raw, flags)
    }

    fn flush as "flush" (env) {
        env.ports.borrow_mut().flush();
        Ok(ptr::null_mut())
    }

    fn start as "start" (env, key) {
        start_or_pause(env, js::uint(env.raw, key), true)
    }

    fn pause as "pause" (env, key) {
        start_or_pause(env, js::uint(env.raw, key), false)
    }

    fn close as "close" (env, key) {
        drop(take_end(env, js::uint(env.raw, key)));
        Ok(ptr::null_mut())
    }

    fn buffered_amount as "bufferedAmount" (env, key) {
        let ports = env.ports.borrow();
        let amount = ports.get(js::uint(env.raw, key)).map_or(0, |port| port.end.buffered_amount());
        js::from_number(env.raw, amount as f64)
    }

    fn hold as "hold" (env, on) {
        env.hold(js::bool(env.raw, on));
        Ok(ptr::null_mut())
    }

    fn next as "next" (env) {
        env.void_batch();
        if let Some(key) = env.parcel.take() {
            env.ports.borrow_mut().look_again(key);
        }
        let next = env.ports.borrow_mut().next(env.inbox.bytes_mut());
        let Some((key, filled)) = next else {
            return js::from_int(env.raw, NOTHING);
        };
        env.control.set(Word::Key, key);
        let kind = match filled {
            Filled::Nothing => NOTHING,
            Filled::Run(length) => {
                env.batch.set(Some(key));
                env.control.set(Word::Length, length as u32);
                env.control.set(Word::Delivered, 0);
                env.control.set(Word::Live, key);
                MESSAGES
            }
            Filled::Parcel => {
                env.parcel.set(Some(key));
                PARCEL
            }
            Filled::Closed => {
                env.ports.borrow_mut().remove(key);
                CLOSE
            }
            Filled::Drained => DRAIN,
            Filled::Fault(fault) => {
                env.fault.set(Some(fault));
                FAULT
            }
        };
        js::from_int(env.raw, kind)
    }

    fn take as "take" (env) {
        let Some(message) = take_message(env) else {
            return js::null(env.raw);
        };
        let Message { body, parts } = message;
        let body = if body.len() <= INBOX_BYTES {
            env.inbox.bytes_mut()[..body.len()].copy_from_slice(&body);
            env.control.set(Word::Length, body.len() as u32);
            js::null(env.raw)?
        } else {
            byte_array(env, &body)?
        };
        let (mut keys, mut memories, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Port(end) => keys.push(js::from_int(env.raw, env.ports.borrow_mut().insert(end) as i32)),
                Part::ClosedPort => keys.push(js::from_int(env.raw, 0)),
                Part::Memory(bytes) => memories.push(to_array_buffer(env.raw, &bytes)),
                Part::Foreign(foreign) => match foreign.into_any().downcast::<Store>() {
                    Ok(store) if store.is_buffer() => memories.push(store.into_value(env.raw)),
                    Ok(store) => shares.push(store.into_value(env.raw)),
                    Err(other) => shares.push(match other.downcast::<SideCar>() {
                        Ok(beside) => js::from_int(env.raw, beside.0 as i32),
                        Err(_) => js::undefined(env.raw),
                    }),
                },
                Part::Lost => shares.push(js::undefined(env.raw)),
            }
        }
        let lists = [keys, memories, shares].map(|list| js::array(env.raw, list.into_iter()));
        js::array(env.raw, [Ok(body)].into_iter().chain(lists).collect::<Vec<_>>().into_iter())
    }

    fn discard as "discard" (env) {
        drop(take_message(env));
        Ok(ptr::null_mut())
    }

    fn read as "read" (env, key) {
        env.void_batch();
        let key = js::uint(env.raw, key);
        let mut ports = env.ports.borrow_mut();
        let kind = match ports.fill_one(key, env.inbox.bytes_mut()) {
            Filled::Run(length) => {
                env.control.set(Word::Length, length as u32);
                ports.look_again(key);
                MESSAGES
            }
            Filled::Parcel => {
                env.parcel.set(Some(key));
                PARCEL
            }
            Filled::Nothing | Filled::Drained => NOTHING,
            Filled::Fault(_) | Filled::Closed => {
                ports.look_again(key);
                CLOSE
            }
        };
        js::from_int(env.raw, kind)
    }

    fn consume as "consume" (env, key, length) {
        let mut ports = env.ports.borrow_mut();
        let (key, length) = (js::uint(env.raw, key), js::uint(env.raw, length) as usize);
        if let Some(port) = ports.get(key) {
            port.end.commit(length);
        }
        ports.look_again(key);
        Ok(ptr::null_mut())
    }

    fn local as "local" (env, key) {
        let key = js::uint(env.raw, key);
        let local = env.ports.borrow().get(key).is_some_and(|port| port.end.handle().is_local());
        js::from_bool(env.raw, local)
    }

    fn peer as "peer" (env, key) {
        let ports = env.ports.borrow();
        let key = ports.get(js::uint(env.raw, key)).map_or(0, |port| port.end.peer_key());
        js::from_int(env.raw, key as i32)
    }

    fn engine as "engine" (env) {
        js::from_bool(env.raw, engine::shares(env.raw))
    }

    fn number as "number" (env) {
        // Only what waits in one queue must differ.
        js::from_int(env.raw, (NUMBER.fetch_add(1, Ordering::Relaxed) % i32::MAX as u32 + 1) as i32)
    }

    fn fits as "fits" (env, bytes, parts) {
        let (bytes, parts) = (js::number(env.raw, bytes), js::uint(env.raw, parts) as usize);
        js::from_bool(env.raw, bytes <= MESSAGE_BYTES as f64 && parts <= PARTS)
    }

    fn detachable as "detachable" (env, buffer) {
        let detachable = js::array_buffer(env.raw, buffer).map_or(Some(false), |_| is_detachable(env.raw, buffer));
        js::from_int(env.raw, detachable.map_or(UNKNOWN, i32::from))
    }

    fn stats as "stats" (env, key) {
        let stats = env.ports.borrow().get(js::uint(env.raw, key)).map(|port| port.end.stats());
        let (place, waiting) = stats.map_or((0, 0), |stats| (stats.place as i32, stats.waiting));
        js::array(env.raw, [js::from_int(env.raw, place), js::from_number(env.raw, waiting as f64)].into_iter())
    }

    fn fault_text as "faultText" (env) {
        let Some(fault) = env.fault.get() else {
            return js::null(env.raw);
        };
        let texts = [js::from_str(env.raw, fault.code()), js::from_str(env.raw, &fault.to_string())];
        js::array(env.raw, texts.into_iter())
    }

    fn into_descriptor as "intoDescriptor" (env, key) {
        let key = js::uint(env.raw, key);
        let Some(end) = take_end(env, key) else {
            return Err(no_such_port(env));
        };
        match parcel::into_descriptor(end) {
            Ok(descriptor) => js::from_int(env.raw, crate::sys::into_raw(descriptor)),
            Err((end, refused)) => {
                // Its key has just been freed, so it gets the same one.
                env.ports.borrow_mut().insert(end);
                Err(refuse(env, &refused))
            }
        }
    }

    fn from_descriptor as "fromDescriptor" (env, descriptor) {
        let inherited = crate::sys::from_raw(js::int(env.raw, descriptor));
        let end = inherited.and_then(|descriptor| match parcel::from_descriptor(HUB.shared(), descriptor) {
            Ok(end) => Some(end),
            Err(stranger) => {
                crate::sys::into_raw(stranger);
                None
            }
        });
        match end {
            Some(end) => js::from_int(env.raw, env.ports.borrow_mut().insert(end) as i32),
            None => Err(refuse(env, &Refused::NotAPort)),
        }
    }

    fn close_descriptor as "closeDescriptor" (env, descriptor) {
        drop(crate::sys::from_raw(js::int(env.raw, descriptor)));
        Ok(ptr::null_mut())
    }

    fn conclude as "conclude" (env, key) {
        if let Some(port) = env.ports.borrow().get(js::uint(env.raw, key)) {
            port.end.conclude();
        }
        Ok(ptr::null_mut())
    }

    fn park as "park" (env, key) {
        let Some(end) = take_end(env, js::uint(env.raw, key)) else {
            return Err(no_such_port(env));
        };
        js::from_int(env.raw, lock(&PARKING).park(end) as i32)
    }

    fn claim as "claim" (env, id) {
        let claimed = lock(&PARKING).claim(js::uint(env.raw, id));
        let key = claimed.map_or(0, |end| env.ports.borrow_mut().insert(end));
        js::from_int(env.raw, key as i32)
    }

    fn meet as "meet" (env, place) {
        let end = lock(&PARKING).meet(js::uint(env.raw, place), || HUB.channel());
        js::from_int(env.raw, env.ports.borrow_mut().insert(end) as i32)
    }

    fn part as "part" (env, place) {
        let left = lock(&PARKING).part(js::uint(env.raw, place));
        drop(left);
        Ok(ptr::null_mut())
    }

    fn wait as "wait" (env, key, milliseconds) {
        let (key, milliseconds) = (js::uint(env.raw, key), js::uint(env.raw, milliseconds));
        env.void_batch();
        let there = env.wait_for(key, Duration::from_millis(milliseconds.into()));
        js::from_int(env.raw, i32::from(there))
    }

    fn linger as "linger" (env) {
        env.ports.borrow_mut().flush();
        HUB.linger();
        Ok(ptr::null_mut())
    }

    fn fatal as "fatal" (env, error) {
        // SAFETY: `error` is a live value.
        unsafe { sys::napi_fatal_exception(env.raw, error) };
        Ok(ptr::null_mut())
    }

    fn drain_ticks as "drainTicks" (env) {
        drain(env.raw)?;
        Ok(ptr::null_mut())
    }
}

fn flags(posted: Posted, flush: bool) -> i32 {
    (if flush { FLUSH } else { 0 }) | (if posted.full { FULL } else { 0 })
}

/// What a message takes along beside ports: moved, copied or shared memory, in the order of the codec's indices.
#[derive(Default)]
struct Luggage {
    memories: Vec<Memory>,
    shares: Vec<Box<dyn Foreign>>,
    weight: usize,
}

enum Memory {
    /// Moved with its buffer.
    Store(Store),
    /// To be copied from here when nothing can fail any more.
    Bytes(*const u8, usize),
}

impl Luggage {
    /// Looks at everything without changing it. `None` if something is not what it should be.
    fn read(
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
        for &view in clones {
            let (data, length) = js::byte_view(env, view)?;
            luggage.add(length, Memory::Bytes(data, length));
        }
        for &shared in shares {
            luggage.shares.push(match js::uint(env, shared) {
                0 => Box::new(Store::of_shared(env, shared)?),
                number => Box::new(SideCar(number)),
            });
        }
        Some(luggage)
    }

    fn add(&mut self, length: usize, memory: Memory) {
        self.weight = self.weight.saturating_add(length);
        self.memories.push(memory);
    }

    fn len(&self) -> usize {
        self.memories.len() + self.shares.len()
    }

    /// `stays`: the message goes to a thread of this process, which can take over memory of the engine's own.
    fn into_parts(self, env: sys::napi_env, stays: bool) -> impl Iterator<Item = Part> {
        let memory = move |memory| match memory {
            Memory::Store(store) => Part::Foreign(Box::new(store)),
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
        self.memories.into_iter().map(memory).chain(self.shares.into_iter().map(Part::Foreign))
    }
}

/// A copy in memory of the engine's own where that is worth it, because whoever receives it needs no second one.
fn kept(env: sys::napi_env, bytes: &[u8]) -> Part {
    /// To make a buffer and to take its memory out costs as much as copying about this much.
    const WORTH_KEEPING: usize = 16 << 10;
    let store = if bytes.len() < WORTH_KEEPING { None } else { Store::copy_of(env, bytes) };
    store.map_or_else(|| Part::copied(bytes), |store| Part::Foreign(Box::new(store)))
}

fn post_parts_of(env: &Environment, key: u32, body: &[u8], keys: &[u32], luggage: Luggage) -> Result<i32, Refused> {
    if keys.len() + luggage.len() > PARTS {
        return Err(Refused::TooLarge);
    }
    if is_loop(env, key, keys) {
        // An end queued in its own peer is heard of by nobody, ever. The channel closes instead.
        keys.iter().for_each(|&key| drop(take_end(env, key)));
        return Ok(LOOP);
    }
    let ends = {
        let ports = env.ports.borrow();
        let handle = |&key: &u32| ports.get(key).map(|port| port.end.handle().clone());
        handle(&key).map(|target| (target, keys.iter().filter_map(handle).collect()))
    };
    let Some((target, ports)) = ends else {
        return Ok(0);
    };
    let (weight, stays) = (luggage.weight, target.is_local());
    let take = || {
        let ports = keys.iter().map(|&key| take_end(env, key).map_or(Part::ClosedPort, Part::Port));
        ports.chain(luggage.into_parts(env.raw, stays)).collect()
    };
    let posted = parcel::post(&target, body, ports, weight, take)?;
    Ok(flags(posted, false))
}

fn is_loop(env: &Environment, key: u32, keys: &[u32]) -> bool {
    let ports = env.ports.borrow();
    let Some(port) = ports.get(key) else {
        return false;
    };
    keys.iter().filter_map(|&key| ports.get(key)).any(|other| port.end.is_entangled_with(other.end.handle()))
}

fn start_or_pause(env: &Environment, key: u32, started: bool) -> JsResult {
    if !started {
        env.void_batch_of(key);
    }
    if let Some(port) = env.ports.borrow().get(key) {
        port.end.start(started);
    }
    Ok(ptr::null_mut())
}

/// Takes a port out of the table, with all that JS has not begun to deliver.
fn take_end(env: &Environment, key: u32) -> Option<End> {
    env.void_batch_of(key);
    env.ports.borrow_mut().remove(key)
}

/// Takes the message that `next` or `read` has announced.
fn take_message(env: &Environment) -> Option<Message<End>> {
    let key = env.parcel.take()?;
    let mut ports = env.ports.borrow_mut();
    // A fault is the port's next event.
    let message = parcel::take(ports.get(key)?.end.handle(), |bytes| kept(env.raw, bytes)).ok().flatten();
    ports.look_again(key);
    message
}

fn byte_array(env: &Environment, bytes: &[u8]) -> JsResult {
    let length = bytes.len();
    let buffer = to_array_buffer(env.raw, bytes)?;
    let mut view = ptr::null_mut();
    let uint8 = sys::TypedarrayType::uint8_array;
    // SAFETY: the view covers the buffer just made.
    check(unsafe { sys::napi_create_typedarray(env.raw, uint8, length, buffer, 0, &mut view) })?;
    Ok(view)
}

/// Opens and closes a callback scope, which runs what the previous callback has left to run.
fn drain(env: sys::napi_env) -> Result<(), Thrown> {
    let (mut resource, mut name, mut context, mut scope) =
        (ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live; everything opened is closed or destroyed again.
    unsafe {
        check(sys::napi_create_object(env, &mut resource))?;
        name = js::from_str(env, "MessagePort").unwrap_or(name);
        check(sys::napi_async_init(env, resource, name, &mut context))?;
        check(sys::napi_open_callback_scope(env, resource, context, &mut scope))?;
        check(sys::napi_close_callback_scope(env, scope))?;
        check(sys::napi_async_destroy(env, context))
    }
}

fn refuse(env: &Environment, refused: &Refused) -> Thrown {
    let kind = match refused {
        Refused::TooLarge => Kind::RangeError,
        Refused::NotAPort | Refused::HasLuggage => Kind::TypeError,
        Refused::Descriptors(_) | Refused::Unsupported => Kind::Error,
    };
    js::throw(env.raw, kind, refused.code(), &refused.to_string())
}

fn no_such_port(env: &Environment) -> Thrown {
    js::throw(env.raw, Kind::TypeError, "ERR_INVALID_ARG_VALUE", "the port is closed")
}
