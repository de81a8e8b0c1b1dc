//! The event loop: what holds it, what waits beside it, and its end.

use std::ptr;
use std::time::Duration;

use napi::sys;

use crate::node::js::{self, check, Thrown};
use crate::node::process::HUB;

calls! {
    fn hold as "hold" (env, on) {
        env.hold(js::bool(env.raw, on));
        Ok(ptr::null_mut())
    }

    fn hurry as "hurry" (env, on) {
        env.hurry(js::bool(env.raw, on));
        Ok(ptr::null_mut())
    }

    fn wait as "wait" (env, key, milliseconds) {
        let (key, milliseconds) = (js::uint(env.raw, key), js::uint(env.raw, milliseconds));
        env.void_batch();
        let there = env.wait_for(key, Duration::from_millis(milliseconds.into()));
        js::from_int(env.raw, i32::from(there))
    }

    fn rest as "rest" (env) {
        env.rest();
        Ok(ptr::null_mut())
    }

    fn wait_again as "waitAgain" (env) {
        env.wait_again();
        Ok(ptr::null_mut())
    }

    fn linger as "linger" (env) {
        env.ports().flush();
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

/// Opens and closes a callback scope, which runs what the previous callback has left to run.
fn drain(env: sys::napi_env) -> Result<(), Thrown> {
    let name = js::from_str(env, "MessagePort")?;
    let (mut resource, mut context, mut scope) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live; everything opened is closed or destroyed again.
    unsafe {
        check(sys::napi_create_object(env, &mut resource))?;
        check(sys::napi_async_init(env, resource, name, &mut context))?;
        check(sys::napi_open_callback_scope(env, resource, context, &mut scope))?;
        check(sys::napi_close_callback_scope(env, scope))?;
        check(sys::napi_async_destroy(env, context))
    }
}
