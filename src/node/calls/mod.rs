//! The functions that JS calls, each over a port's key; the JavaScript face says what they promise.
//!
//! One file a subject. Each declares its functions with `calls!`, and this head gathers their lists; `text` has none of its own, and is
//! what some of them take along.

/// Declares functions of JS, and `CALLS`, the list of them. What stands behind a semicolon is the slice of what else was given, of so
/// many values at most.
macro_rules! calls {
    ($($(#[$doc:meta])* fn $name:ident as $js:literal ($env:ident $(, $arg:ident)* $(; $rest:ident: $most:expr)?) $body:block)*) => {
        /// Every function of this file, by its name in JS.
        pub const CALLS: &[$crate::node::js::Call] = &[$(($js, $name)),*];
        $(
            $(#[$doc])*
            unsafe extern "C" fn $name(
                raw: ::napi::sys::napi_env,
                info: ::napi::sys::napi_callback_info,
            ) -> ::napi::sys::napi_value {
                const NAMES: &[&str] = &[$(stringify!($arg)),*];
                const COUNT: usize = NAMES.len();
                const ROOM: usize = COUNT $(+ $most)?;
                let mut arguments = [::std::ptr::null_mut(); ROOM];
                let (mut count, mut data) = (ROOM, ::std::ptr::null_mut());
                // SAFETY: Node-API fills what is missing with `undefined`; `data` is what the function was made with.
                unsafe {
                    let (arguments, this) = (arguments.as_mut_ptr(), ::std::ptr::null_mut());
                    ::napi::sys::napi_get_cb_info(raw, info, &mut count, arguments, this, &mut data);
                }
                // SAFETY: the environment outlives all JS of its thread.
                let $env = unsafe { &*(data as *const $crate::node::env::Environment) };
                let [$($arg,)* ..] = arguments;
                $(let $rest = &arguments[COUNT..count.clamp(COUNT, COUNT + $most)];)?
                let body = || -> $crate::node::js::JsResult { $body };
                $crate::node::js::returned(body())
            }
        )*
    };
}

mod deliver;
mod links;
mod look;
mod memory;
mod ports;
mod post;
mod shared;
mod short;
mod text;
mod turns;
mod values;

use super::env::Environment;
use super::js::{self, Call, Kind, Thrown};
use crate::error::Refused;

/// Every function, by its name in JS.
pub fn all() -> impl Iterator<Item = &'static Call> {
    [
        ports::CALLS,
        post::CALLS,
        deliver::CALLS,
        memory::CALLS,
        links::CALLS,
        turns::CALLS,
        look::CALLS,
        values::CALLS,
        shared::CALLS,
        short::CALLS,
    ]
    .into_iter()
    .flatten()
}

fn refuse(env: &Environment, refused: &Refused) -> Thrown {
    let kind = match refused {
        Refused::TooLarge => Kind::RangeError,
        Refused::NotAPort | Refused::HasLuggage => Kind::TypeError,
        Refused::Descriptors(_) | Refused::Unsupported => Kind::Error,
    };
    js::throw(env.raw, kind, refused.code(), &refused.to_string())
}
