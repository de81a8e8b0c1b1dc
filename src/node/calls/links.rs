//! Ports that reach another process or thread by a number: inherited descriptors, and the places where threads meet.

use std::ptr;

use napi::sys;

use super::refuse;
use crate::channel::End;
use crate::error::Refused;
use crate::node::engine;
use crate::node::env::Environment;
use crate::node::js::{self, Kind, Thrown};
use crate::node::process::{self, HUB, PARKING};
use crate::parcel;
use crate::sync::lock;
use crate::sys::{die_with_parent, from_raw, into_raw, lead_own_group, stack_limit};

calls! {
    fn into_descriptor as "intoDescriptor" (env, key) {
        let end = taken(env, key)?;
        match parcel::into_descriptor(end) {
            Ok(descriptor) => {
                let descriptor = into_raw(descriptor);
                // The thread may be terminated before it has closed it.
                env.owned.borrow_mut().add(descriptor);
                js::from_int(env.raw, descriptor)
            }
            Err((end, refused)) => {
                // Its key has just been freed, so it gets the same one.
                env.ports().insert(end);
                Err(refuse(env, &refused))
            }
        }
    }

    fn from_descriptor as "fromDescriptor" (env, descriptor) {
        HUB.shared().stand_by().map_err(|error| refuse(env, &error.into()))?;
        let descriptor = js::int(env.raw, descriptor);
        env.owned.borrow_mut().release_descriptor(descriptor);
        let inherited = from_raw(descriptor);
        let end = inherited.and_then(|descriptor| match parcel::from_descriptor(HUB.shared(), descriptor) {
            Ok(end) => Some(end),
            Err(stranger) => {
                into_raw(stranger);
                None
            }
        });
        match end {
            Some(end) => js::from_int(env.raw, env.ports().insert(end) as i32),
            None => Err(refuse(env, &Refused::NotAPort)),
        }
    }

    fn close_descriptor as "closeDescriptor" (env, descriptor) {
        let descriptor = js::int(env.raw, descriptor);
        env.owned.borrow_mut().release_descriptor(descriptor);
        drop(from_raw(descriptor));
        Ok(ptr::null_mut())
    }

    fn own_descriptor as "ownDescriptor" (env, descriptor) {
        let number = env.owned.borrow_mut().add(js::int(env.raw, descriptor));
        js::from_int(env.raw, number.unwrap_or(0) as i32)
    }

    fn owns_descriptor as "ownsDescriptor" (env, number) {
        js::from_bool(env.raw, env.owned.borrow().is_same(js::uint(env.raw, number)))
    }

    fn release_owned as "releaseOwned" (env, number) {
        env.owned.borrow_mut().release(js::uint(env.raw, number));
        Ok(ptr::null_mut())
    }

    fn close_owned as "closeOwned" (env, number) {
        env.owned.borrow_mut().close(js::uint(env.raw, number));
        Ok(ptr::null_mut())
    }

    /// The thread that started this process may have ended before it could be followed, and its process go on: it has closed its
    /// end of `link` then.
    fn follow as "follow" (env, parent, link) {
        lead_own_group();
        let followed = die_with_parent(js::int(env.raw, parent));
        let ports = env.ports();
        let there = ports.get(js::uint(env.raw, link)).is_some_and(|port| {
            env.follows.replace(Some(port.end.handle().clone()));
            // The kernel forgets who is to die with whom when a process takes another user or group.
            HUB.follow(&port.end) && !port.end.is_hung_up()
        });
        js::from_int(env.raw, i32::from(followed && there))
    }

    /// A process that follows this thread ends before that is gone. `key` is 0 until it follows.
    fn take_along as "takeAlong" (env, pid, key) {
        let followed = env.ports().get(js::uint(env.raw, key)).map(|port| port.end.handle().clone());
        HUB.family().take_along(js::int(env.raw, pid), followed);
        Ok(ptr::null_mut())
    }

    /// The program ends.
    fn end_family as "endFamily" (env) {
        if !HUB.family().is_empty() {
            HUB.family().tell();
            process::hang_up_ports(&env.roster, env.follows.borrow().as_ref());
            HUB.family().end();
        }
        Ok(ptr::null_mut())
    }

    /// `false`: it ends with this process, which is ending.
    fn let_go as "letGo" (env, pid) {
        HUB.family().let_go(js::int(env.raw, pid));
        js::from_bool(env.raw, !HUB.family().is_over())
    }

    fn stack as "stack" (env, kilobytes) {
        js::from_bool(env.raw, engine::set_stack(js::uint(env.raw, kilobytes) as usize * 1024))
    }

    fn most_stack as "stackLimit" (env) {
        js::from_number(env.raw, stack_limit() as f64)
    }

    fn park as "park" (env, key) {
        let end = taken(env, key)?;
        js::from_int(env.raw, lock(&PARKING).park(end) as i32)
    }

    /// Parks it for this thread, with which it closes.
    fn park_here as "parkHere" (env, key) {
        let end = taken(env, key)?;
        let id = lock(&PARKING).park(end);
        env.left.borrow_mut().parked.insert(id);
        js::from_int(env.raw, id as i32)
    }

    fn claim as "claim" (env, id) {
        let id = js::uint(env.raw, id);
        env.left.borrow_mut().parked.remove(&id);
        let claimed = lock(&PARKING).claim(id);
        let key = claimed.map_or(0, |end| env.ports().insert(end));
        js::from_int(env.raw, key as i32)
    }

    /// At the place of this thread.
    fn meet as "meet" (env, place) {
        let place = js::uint(env.raw, place);
        env.left.borrow_mut().own = Some(place);
        let end = lock(&PARKING).meet(place, || HUB.channel());
        js::from_int(env.raw, env.ports().insert(end) as i32)
    }

    /// At a place to which nobody comes any more when this thread has ended.
    fn meet_while_here as "meetWhileHere" (env, place) {
        let place = js::uint(env.raw, place);
        env.left.borrow_mut().places.insert(place);
        let end = lock(&PARKING).meet(place, || HUB.channel());
        js::from_int(env.raw, env.ports().insert(end) as i32)
    }

    /// The thread of this place has ended.
    fn part as "part" (env, place) {
        let place = js::uint(env.raw, place);
        env.left.borrow_mut().places.remove(&place);
        let left = lock(&PARKING).part(place);
        drop(left);
        process::end_of_thread(place);
        Ok(ptr::null_mut())
    }
}

/// The port of this key, which JS has no more.
fn taken(env: &Environment, key: sys::napi_value) -> Result<End, Thrown> {
    let closed = || js::throw(env.raw, Kind::TypeError, "ERR_INVALID_ARG_VALUE", "the port is closed");
    env.take_end(js::uint(env.raw, key)).ok_or_else(closed)
}
