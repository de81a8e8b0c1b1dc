//! Ports one by one: made, started, looked at, closed.

use std::ptr;

use crate::channel::Place;
use crate::look::name_of;
use crate::node::buffers::Word;
use crate::node::env::Environment;
use crate::node::js::{self, JsResult};
use crate::node::process::{self, HUB};

calls! {
    fn create_channel as "createChannel" (env) {
        let (a, b) = HUB.channel();
        let mut ports = env.ports();
        let (a, b) = (ports.insert(a), ports.insert(b));
        env.control.set(Word::Key, b);
        js::from_int(env.raw, a as i32)
    }

    fn start as "start" (env, key) {
        start_or_pause(env, js::uint(env.raw, key), true)
    }

    fn pause as "pause" (env, key) {
        start_or_pause(env, js::uint(env.raw, key), false)
    }

    fn close as "close" (env, key) {
        drop(env.take_end(js::uint(env.raw, key)));
        Ok(ptr::null_mut())
    }

    fn buffered_amount as "bufferedAmount" (env, key) {
        let ports = env.ports();
        let amount = ports.get(js::uint(env.raw, key)).map_or(0, |port| port.end.buffered_amount());
        js::from_number(env.raw, amount as f64)
    }

    fn heed_drain as "heedDrain" (env, key) {
        let owed = env.ports().get(js::uint(env.raw, key)).is_some_and(|port| port.end.handle().heed_drain());
        js::from_bool(env.raw, owed)
    }

    fn local as "local" (env, key) {
        let key = js::uint(env.raw, key);
        let local = env.ports().get(key).is_some_and(|port| port.end.handle().is_local());
        js::from_bool(env.raw, local)
    }

    fn peer as "peer" (env, key) {
        let ports = env.ports();
        let key = ports.get(js::uint(env.raw, key)).map_or(0, |port| port.end.peer_key());
        js::from_int(env.raw, key as i32)
    }

    fn stats as "stats" (env, key) {
        process::take_submissions();
        let stats = env.ports().get(js::uint(env.raw, key)).map(|port| port.end.stats());
        let (place, waiting) = stats.map_or((Place::Gone, 0), |stats| (stats.place, stats.waiting));
        js::array(env.raw, [js::from_str(env.raw, name_of(place)), js::from_number(env.raw, waiting as f64)].into_iter())
    }

    fn fault_text as "faultText" (env) {
        let Some(fault) = env.fault.get() else {
            return js::null(env.raw);
        };
        let texts = [js::from_str(env.raw, fault.code()), js::from_str(env.raw, &fault.to_string())];
        js::array(env.raw, texts.into_iter())
    }

    fn end_writing as "endWriting" (env, key) {
        if let Some(port) = env.ports().get(js::uint(env.raw, key)) {
            port.end.handle().end_writing();
        }
        Ok(ptr::null_mut())
    }

    fn conclude as "conclude" (env, key) {
        if let Some(port) = env.ports().get(js::uint(env.raw, key)) {
            port.end.conclude();
        }
        Ok(ptr::null_mut())
    }
}

fn start_or_pause(env: &Environment, key: u32, started: bool) -> JsResult {
    if !started {
        env.void_batch_of(key);
    }
    if let Some(port) = env.ports().get(key) {
        port.end.start(started);
    }
    Ok(ptr::null_mut())
}
