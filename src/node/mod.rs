//! The Node-API layer: the only part that knows JavaScript.
//!
//! Everything hot is a bare function over integer keys. `env` is one thread's environment and knows none of these
//! functions; `calls` are the functions, over what an environment holds; this head brings the two together.

mod buffers;
mod calls;
mod engine;
mod env;
mod js;
mod owned;
mod parking;
mod port;
mod process;
mod shared;
mod symbol;
mod wake_uv;

use napi::bindgen_prelude::{Env, Function, Object, Unknown};
use napi::JsValue;
use napi_derive::napi;

use crate::error::Refused;

/// Binds the calling environment (the main thread or a worker) to its own poller and answers with the native functions.
/// `on_wake` is called from the event loop, in a callback scope, when ports have news; `thread` is what JS calls
/// its thread. An error has the code that JS sees for its status.
#[napi]
pub fn attach<'env>(
    env: Env,
    on_wake: Function<'env, (), Unknown<'env>>,
    thread: u32,
) -> Result<Object<'env>, napi::Error<String>> {
    if !crate::sys::SUPPORTED {
        let reason = "message-channel-main runs on Linux only at present: see docs/platforms.md";
        return Err(napi::Error::new(Refused::Unsupported.code().into(), reason));
    }
    let exports = env::Environment::create(env.raw(), on_wake.raw(), thread, calls::all())
        .map_err(|error| napi::Error::new(error.status.to_string(), error.reason))?;
    Ok(Object::from_raw(env.raw(), exports))
}

/// The path of this addon, for threads that are to load the same.
#[napi]
pub fn addon_file() -> Option<String> {
    symbol::own_file()
}
