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
mod scope;
mod shared;
mod symbol;
mod wake;
mod wake_thread;
mod wake_uv;

use napi::bindgen_prelude::{Env, Function, Object, Unknown};
use napi::JsValue;
use napi_derive::napi;

/// Binds the calling environment (the main thread or a worker) to its own poller and answers with the native functions.
/// `on_wake` is called from the event loop, in a callback scope, when ports have news; `thread` is what JS calls
/// its thread; `foreign`: this is not Node.js, and has neither libuv nor V8's functions for us; `trial` makes what these are tried
/// out with.
#[napi]
pub fn attach<'env>(
    env: Env,
    on_wake: Function<'env, (), Unknown<'env>>,
    thread: u32,
    foreign: bool,
    trial: Function<'env, (), Unknown<'env>>,
) -> napi::Result<Object<'env>> {
    if foreign {
        symbol::be_foreign();
    }
    engine::try_with(env.raw(), trial.raw());
    let uv = crate::sys::SUPPORTED && !foreign;
    let exports = env::Environment::create(env.raw(), on_wake.raw(), thread, uv, calls::all())?;
    Ok(Object::from_raw(env.raw(), exports))
}

/// The path of this addon, for threads that are to load the same.
#[napi]
pub fn addon_file() -> Option<String> {
    symbol::own_file()
}
