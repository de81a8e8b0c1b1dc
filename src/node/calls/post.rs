//! Posting.

use std::ptr;

use napi::sys;

use super::memory::Luggage;
use super::refuse;
use crate::channel::{Part, Posted};
use crate::error::Refused;
use crate::limits::{INBOX_BYTES, MESSAGE_BYTES, PARTS, PORTS};
use crate::node::buffers::SharedBuffer;
use crate::node::env::Environment;
use crate::node::js::{self, JsResult, Kind, Thrown};
use crate::node::process::HUB;
use crate::parcel;

/// Flags that posting answers with.
const FLUSH: i32 = 1;
const FULL: i32 = 2;
const LOOP: i32 = 4;

calls! {
    fn set_outbox as "setOutbox" (env, buffer) {
        env.outbox.replace(env.raw, SharedBuffer::of(env.raw, buffer)?);
        Ok(ptr::null_mut())
    }

    fn post as "post" (env, key, length) {
        let (key, length) = (js::uint(env.raw, key), js::uint(env.raw, length) as usize);
        if length >= INBOX_BYTES {
            let posted = post_parts_of(env, key, env.outbox.bytes(length), &[], Luggage::default());
            return js::from_int(env.raw, posted.map_err(|refused| refuse(env, &refused))?);
        }
        let mut ports = env.ports();
        let coalesce = ports.coalesces(key);
        if !coalesce {
            ports.write_earlier();
        }
        let Some(port) = ports.get(key) else {
            return js::from_int(env.raw, 0);
        };
        let posted = port.end.post(env.outbox.bytes(length), coalesce).map_err(|refused| refuse(env, &refused))?;
        env.said();
        js::from_int(env.raw, flags(posted, ports.posted(key, posted)))
    }

    fn post_parts as "postParts" (env, key, length, keys, transfers, clones, shares, handed) {
        let key = js::uint(env.raw, key);
        let keys: Vec<u32> = js::elements(env.raw, keys)?.into_iter().map(|key| js::uint(env.raw, key)).collect();
        let transfers = js::elements(env.raw, transfers)?;
        let (clones, shares) = (js::elements(env.raw, clones)?, js::elements(env.raw, shares)?);
        let mut luggage = Luggage::read(env.raw, &transfers, &clones, &shares).ok_or_else(|| no_buffer(env))?;
        luggage.hand(env.raw, &js::elements(env.raw, handed)?).map_err(|error| refuse(env, &error.into()))?;
        post_and_detach(env, key, length, &keys, &transfers, luggage)
    }

    fn post_buffer as "postBuffer" (env, key, length, buffer) {
        let key = js::uint(env.raw, key);
        let luggage = Luggage::read(env.raw, &[buffer], &[], &[]).ok_or_else(|| no_buffer(env))?;
        post_and_detach(env, key, length, &[], &[buffer], luggage)
    }

    fn post_text as "postText" (env, key, length, text) {
        let key = js::uint(env.raw, key);
        let luggage = Luggage::of_text(env.raw, text).ok_or_else(|| no_buffer(env))?;
        post_and_detach(env, key, length, &[], &[], luggage)
    }

    /// Takes what was posted without a call. Answers with the ports that are above the high-water mark by that.
    fn submit as "submit" (env) {
        full(env)
    }

    /// The same at the end of a turn: writes what is coalesced.
    fn flush as "flush" (env) {
        env.ports().flush();
        full(env)
    }

    fn mind as "mind" (env) {
        js::from_bool(env.raw, HUB.mind(&env.submissions))
    }

    fn fits as "fits" (env, bytes, ports, parts) {
        let (bytes, ports) = (js::number(env.raw, bytes), js::uint(env.raw, ports) as usize);
        let parts = ports.saturating_add(js::uint(env.raw, parts) as usize);
        js::from_bool(env.raw, bytes <= MESSAGE_BYTES as f64 && ports <= PORTS && parts <= PARTS)
    }
}

fn no_buffer(env: &Environment) -> Thrown {
    js::throw(env.raw, Kind::TypeError, "ERR_INVALID_ARG_TYPE", "not a buffer")
}

/// `transfers` are the buffers that move with the luggage.
fn post_and_detach(
    env: &Environment,
    key: u32,
    length: sys::napi_value,
    keys: &[u32],
    transfers: &[sys::napi_value],
    luggage: Luggage,
) -> JsResult {
    let body = env.outbox.bytes(js::uint(env.raw, length) as usize);
    let flags = post_parts_of(env, key, body, keys, luggage).map_err(|refused| refuse(env, &refused))?;
    for &buffer in transfers {
        // SAFETY: `buffer` is an ArrayBuffer; JS has checked that it can be detached.
        unsafe { sys::napi_detach_arraybuffer(env.raw, buffer) };
    }
    js::from_int(env.raw, flags)
}

fn full(env: &Environment) -> JsResult {
    let full = env.ports().take_full();
    if full.is_empty() {
        return js::null(env.raw);
    }
    js::array(env.raw, full.into_iter().map(|key| js::from_int(env.raw, key as i32)))
}

fn flags(posted: Posted, flush: bool) -> i32 {
    (if flush { FLUSH } else { 0 }) | (if posted.full { FULL } else { 0 }) | (if posted.lost { LOOP } else { 0 })
}

fn post_parts_of(env: &Environment, key: u32, body: &[u8], keys: &[u32], luggage: Luggage) -> Result<i32, Refused> {
    if keys.len() + luggage.len() > PARTS {
        return Err(Refused::TooLarge);
    }
    env.ports().write_earlier();
    let ends = {
        let ports = env.ports();
        let handle = |&key: &u32| ports.get(key).map(|port| port.end.handle().clone());
        handle(&key).map(|target| (target, keys.iter().filter_map(handle).collect()))
    };
    let Some((target, ports)) = ends else {
        return Ok(0);
    };
    let (weight, descriptors, stays) = (luggage.weight, luggage.descriptors(), target.is_local());
    if !stays && keys.is_empty() && luggage.is_memory() {
        let posted = parcel::post_memory(&target, body, weight, luggage.into_loans())?;
        env.said();
        return Ok(flags(posted, false));
    }
    // Memory is copied before anybody has to wait for it.
    let memory: Vec<Part> = luggage.into_parts(env.raw, stays)?.collect();
    let take = || {
        let ports = keys.iter().map(|&key| env.take_end(key).map_or(Part::ClosedPort, Part::Port));
        ports.chain(memory).collect()
    };
    let posted = parcel::post(&target, body, ports, weight, descriptors, take)?;
    env.said();
    Ok(flags(posted, false))
}
