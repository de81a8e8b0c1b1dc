//! Calls JavaScript from the event loop.

use std::ptr;

use napi::sys;

use super::js::{self, check, Handles, Thrown};

/// What calls from the event loop come in, where nothing else has made one for them.
pub fn async_context(env: sys::napi_env) -> Result<sys::napi_async_context, Thrown> {
    let name = js::from_str(env, "MESSAGEPORT_WAKE")?;
    let mut context = ptr::null_mut();
    // SAFETY: `env` is live; without a resource it makes and keeps one of its own.
    check(unsafe { sys::napi_async_init(env, ptr::null_mut(), name, &mut context) })?;
    Ok(context)
}

/// Calls a function without arguments, in one callback scope for all that has arrived: what Node calls back synchronously
/// in there runs no ticks behind it. Those of each message are drained by the callee.
pub fn call_in_scope(env: sys::napi_env, context: sys::napi_async_context, function: sys::napi_ref) {
    let Ok(_handles) = Handles::open(env) else {
        return;
    };
    let (mut callee, mut receiver, mut scope) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: called on the environment's thread, from its event loop, while it is alive; the scope is closed below.
    unsafe {
        sys::napi_get_reference_value(env, function, &mut callee);
        sys::napi_get_global(env, &mut receiver);
        let opened = !context.is_null()
            && sys::napi_open_callback_scope(env, ptr::null_mut(), context, &mut scope) == sys::Status::napi_ok;
        sys::napi_call_function(env, receiver, callee, 0, ptr::null(), ptr::null_mut());
        // The callee reports what listeners throw. What comes out of it is a worker's termination.
        js::clear_exception(env);
        if opened {
            sys::napi_close_callback_scope(env, scope);
        }
    }
}
