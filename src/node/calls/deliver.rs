//! Delivery: what a port has next, and taking it.

use std::any::Any;
use std::ptr;

use napi::sys;

use super::memory::{kept, kept_where_it_is, SideCar};
use super::shared::{into_value, OnItsWay};
use super::text::Text;
use crate::channel::{End, Filled, Part};
use crate::limits::INBOX_BYTES;
use crate::message::{Handed, Message};
use crate::node::buffers::{to_array_buffer, Word};
use crate::node::engine::Store;
use crate::node::env::Environment;
use crate::node::js::{self, check, JsResult};
use crate::node::process;
use crate::node::shared;
use crate::parcel;
use crate::slab::Bytes;
use crate::sys::into_raw;

/// What `next` and `read` answer with.
const NOTHING: i32 = 0;
const MESSAGES: i32 = 1;
const PARCEL: i32 = 2;
const CLOSE: i32 = 3;
const DRAIN: i32 = 4;
const FAULT: i32 = 5;
const SLEPT: i32 = 6;

calls! {
    fn next as "next" (env) {
        env.void_batch();
        if let Some(key) = env.parcel.take() {
            env.ports().look_again(key);
        }
        if let Ok((number, waited)) = env.slept.1.try_recv() {
            env.control.set(Word::Key, number);
            env.control.set(Word::Length, waited as u32);
            return js::from_int(env.raw, SLEPT);
        }
        let next = env.ports().next(env.inbox.bytes_mut());
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
                if let Some(end) = env.ports().remove(key) {
                    env.ended.set(end.handle().numbers());
                }
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
        let whole = body.len() > INBOX_BYTES;
        let body = if whole {
            whole_array(env, body)?
        } else {
            env.inbox.bytes_mut()[..body.len()].copy_from_slice(&body);
            env.control.set(Word::Length, body.len() as u32);
            js::null(env.raw)?
        };
        let (mut keys, mut memories, mut shares, mut handed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Port(end) => keys.push(js::from_int(env.raw, env.ports().insert(end) as i32)),
                Part::ClosedPort => keys.push(js::from_int(env.raw, 0)),
                Part::Memory(bytes) => memories.push(to_array_buffer(env.raw, &bytes)),
                Part::Foreign(foreign) => match foreign.into_any().downcast::<Store>() {
                    Ok(store) if store.is_buffer() => memories.push(store.into_value(env.raw)),
                    Ok(store) => shares.push(store.into_value(env.raw)),
                    Err(other) => match other.downcast::<Text>() {
                        Ok(text) => memories.push(text.into_value(env.raw)),
                        Err(other) => shares.push(share(env, other)),
                    },
                },
                Part::Handed(memory) if memory.kind == shared::KIND => shares.push(match shared::opened(memory) {
                    Some(memory) => into_value(env.raw, memory),
                    None => js::undefined(env.raw), // it is not what it says: the message is no good
                }),
                Part::Handed(thing) => handed.extend(owned(env, thing)),
                Part::Lost => shares.push(js::undefined(env.raw)),
            }
        }
        // Of the commonest such message no list is made.
        if let ([Ok(buffer)], [], [], [], false) = (&memories[..], &keys[..], &shares[..], &handed[..], whole) {
            return Ok(*buffer);
        }
        let lists = [keys, memories, shares, handed].map(|list| js::array(env.raw, list.into_iter()));
        js::array(env.raw, [Ok(body)].into_iter().chain(lists).collect::<Vec<_>>().into_iter())
    }

    fn discard as "discard" (env) {
        let parts = take_message(env).into_iter().flat_map(|message| message.parts);
        let beside = parts.filter_map(|part| match part {
            Part::Foreign(foreign) => foreign.into_any().downcast::<SideCar>().ok(),
            _ => None,
        });
        js::from_int(env.raw, beside.last().map_or(0, |beside| beside.0 as i32))
    }

    fn read as "read" (env, key) {
        env.void_batch();
        let key = js::uint(env.raw, key);
        let mut ports = env.ports();
        let filled = match ports.fill_one(key, env.inbox.bytes_mut()) {
            // Somebody who has told this thread so by other means may have posted something.
            Filled::Nothing => {
                process::take_submissions();
                ports.fill_one(key, env.inbox.bytes_mut())
            }
            filled => filled,
        };
        let kind = match filled {
            Filled::Run(length) => {
                env.batch.set(Some(key));
                env.control.set(Word::Length, length as u32);
                env.control.set(Word::Delivered, 0);
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

    fn consume as "consume" (env) {
        env.void_batch();
        Ok(ptr::null_mut())
    }
}

/// Takes the message that `next` or `read` has announced.
fn take_message(env: &Environment) -> Option<Message<End>> {
    let key = env.parcel.take()?;
    let mut ports = env.ports();
    // A fault is the port's next event.
    let message = parcel::take(ports.get(key)?.end.handle(), |lent| {
        kept_where_it_is(env.raw, &lent).unwrap_or_else(|| kept(env.raw, &lent))
    })
    .ok()
    .flatten();
    let (bytes, parts) = message.as_ref().map_or((0, 0), |message| (message.weight(), message.parts.len()));
    ports.took(key, bytes, parts);
    message
}

/// A kind, a descriptor, the number by which this thread owns it, and what there is to know beside.
fn owned(env: &Environment, Handed { kind, body, descriptor }: Handed) -> [JsResult; 4] {
    let descriptor = into_raw(descriptor);
    // Until an object has it: the thread may be terminated before one has.
    let number = env.owned.borrow_mut().add(descriptor).unwrap_or(0);
    let [kind, descriptor, number] = [kind as i32, descriptor, number as i32].map(|it| js::from_int(env.raw, it));
    [kind, descriptor, number, byte_array(env, &body)]
}

/// What JS gets for something foreign that is no memory.
fn share(env: &Environment, foreign: Box<dyn Any>) -> JsResult {
    match foreign.downcast::<SideCar>() {
        Ok(beside) => js::from_int(env.raw, beside.0 as i32),
        Err(other) => match other.downcast::<OnItsWay>() {
            Ok(memory) => into_value(env.raw, memory.0),
            Err(_) => js::undefined(env.raw),
        },
    }
}

/// A Uint8Array of these bytes, where they are if that can be.
fn whole_array(env: &Environment, bytes: Bytes) -> JsResult {
    let (slab, data, length) = match bytes.into_slab() {
        Ok(lies) => lies,
        Err(bytes) => return byte_array(env, &bytes),
    };
    // SAFETY: the bytes lie there in the slab, and nobody else looks at them any more.
    match unsafe { Store::of_slab(env.raw, slab.clone(), data, length) } {
        Some(store) => array_of(env, store.into_value(env.raw)?, length),
        // SAFETY: as above.
        None => byte_array(env, unsafe { js::bytes(data, length) }),
    }
}

fn byte_array(env: &Environment, bytes: &[u8]) -> JsResult {
    array_of(env, to_array_buffer(env.raw, bytes)?, bytes.len())
}

fn array_of(env: &Environment, buffer: sys::napi_value, length: usize) -> JsResult {
    let mut view = ptr::null_mut();
    let uint8 = sys::TypedarrayType::uint8_array;
    // SAFETY: the view covers the whole buffer.
    check(unsafe { sys::napi_create_typedarray(env.raw, uint8, length, buffer, 0, &mut view) })?;
    Ok(view)
}
