//! Wakes an environment through libuv: one `uv_poll_t` on the poller's own descriptor, one `uv_idle_t`, which keeps the loop
//! turning while it is on, and one `uv_check_t`, which tells once when the loop has looked at its descriptors.
//!
//! The functions are looked up and the handle's size is asked for at run time: the addon is not tied to one libuv.

use std::ffi::{c_int, c_void, CStr};
use std::ptr;

use napi::sys;

use super::symbol;

type Handle = *mut c_void;
type PollCallback = unsafe extern "C" fn(Handle, c_int, c_int);
type TurnCallback = unsafe extern "C" fn(Handle);
type CloseCallback = unsafe extern "C" fn(Handle);

const UV_CHECK: c_int = 2;
const UV_IDLE: c_int = 6;
const UV_POLL: c_int = 8;
const UV_READABLE: c_int = 1;

macro_rules! uv_functions {
    ($($name:ident: fn($($arg:ty),*) $(-> $result:ty)?;)*) => {
        #[derive(Debug, Clone, Copy)]
        struct Uv { $($name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)* }

        impl Uv {
            fn load() -> Option<Uv> {
                Some(Uv {
                    $($name: {
                        let function = symbol::find(CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()).ok()?)?;
                        // SAFETY: these signatures have been the same in every libuv 1.x.
                        unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($arg),*) $(-> $result)?>(function) }
                    },)*
                })
            }
        }
    };
}

uv_functions! {
    uv_handle_size: fn(c_int) -> usize;
    uv_handle_set_data: fn(Handle, *mut c_void);
    uv_poll_init: fn(*mut sys::uv_loop_s, Handle, c_int) -> c_int;
    uv_poll_start: fn(Handle, c_int, PollCallback) -> c_int;
    uv_poll_stop: fn(Handle) -> c_int;
    uv_idle_init: fn(*mut sys::uv_loop_s, Handle) -> c_int;
    uv_idle_start: fn(Handle, TurnCallback) -> c_int;
    uv_idle_stop: fn(Handle) -> c_int;
    uv_check_init: fn(*mut sys::uv_loop_s, Handle) -> c_int;
    uv_check_start: fn(Handle, TurnCallback) -> c_int;
    uv_check_stop: fn(Handle) -> c_int;
    uv_close: fn(Handle, CloseCallback);
    uv_ref: fn(Handle);
    uv_unref: fn(Handle);
}

/// What is told of wakes and, last of all, of their end.
pub trait Woken {
    fn woken(&self);
    /// The loop has come round once more, because it was [told to](UvWake::turn).
    fn turned(&self);
    /// The loop has looked at its descriptors, because it was told to [say so](UvWake::say_when_polled).
    fn polled(&self);
    /// Nothing will be called any more: what libuv had is given back. (What a thread had goes with the environment's own.)
    fn closed(self: Box<Self>);
}

/// The handles of one environment. They do not keep the loop alive unless told to.
#[derive(Debug)]
pub struct UvWake {
    uv: Uv,
    poll: Handle,
    idle: Handle,
    check: Handle,
}

/// What the data of all handles points to.
struct Data<W> {
    woken: Box<W>,
    uv: Uv,
    poll: Box<[u64]>,
    idle: Box<[u64]>,
    check: Box<[u64]>,
}

impl UvWake {
    /// Watches `descriptor` on `env`'s loop and calls `woken` whenever it is readable.
    pub fn start<W: Woken>(env: sys::napi_env, descriptor: c_int, woken: Box<W>) -> Option<UvWake> {
        let uv = Uv::load()?;
        let mut uv_loop = ptr::null_mut();
        // SAFETY: `env` is live.
        if unsafe { sys::napi_get_uv_event_loop(env, &mut uv_loop) } != sys::Status::napi_ok {
            return None;
        }
        // SAFETY: asks for a number only.
        let memory = |kind| vec![0u64; unsafe { (uv.uv_handle_size)(kind) }.div_ceil(8)].into_boxed_slice();
        let mut data =
            Box::new(Data { woken, uv, poll: memory(UV_POLL), idle: memory(UV_IDLE), check: memory(UV_CHECK) });
        let poll: Handle = data.poll.as_mut_ptr().cast();
        let idle: Handle = data.idle.as_mut_ptr().cast();
        let check: Handle = data.check.as_mut_ptr().cast();
        // SAFETY: the handles have the size libuv asks for and keep their addresses, being on the heap; the loop is live,
        // and this is its thread.
        unsafe {
            if (uv.uv_poll_init)(uv_loop, poll, descriptor) != 0 {
                return None;
            }
            // These cannot fail.
            (uv.uv_idle_init)(uv_loop, idle);
            (uv.uv_check_init)(uv_loop, check);
        }
        let data: *mut Data<W> = Box::into_raw(data);
        // SAFETY: the handles are initialized; `data` lives until `on_poll_closed`.
        unsafe {
            for handle in [poll, idle, check] {
                (uv.uv_handle_set_data)(handle, data.cast());
                (uv.uv_unref)(handle);
            }
            (uv.uv_poll_start)(poll, UV_READABLE, on_readable::<W>);
        }
        Some(UvWake { uv, poll, idle, check })
    }

    /// Whether this keeps the event loop alive.
    pub fn hold(&self, on: bool) {
        // SAFETY: the handle is open: `close` is called once, with nothing after it.
        unsafe {
            if on {
                (self.uv.uv_ref)(self.poll)
            } else {
                (self.uv.uv_unref)(self.poll)
            }
        }
    }

    /// Has the loop go round without sleeping, with its timers and all else, and calls [`Woken::turned`] each time. That
    /// does not keep it alive.
    pub fn turn<W: Woken>(&self, on: bool) {
        // SAFETY: as above; starting or stopping twice does nothing.
        unsafe {
            if on {
                (self.uv.uv_idle_start)(self.idle, on_turn::<W>);
            } else {
                (self.uv.uv_idle_stop)(self.idle);
            }
        }
    }

    /// Calls [`Woken::polled`] once, when the loop has looked at its descriptors in this turn.
    pub fn say_when_polled<W: Woken>(&self) {
        // SAFETY: as above.
        unsafe { (self.uv.uv_check_start)(self.check, on_polled::<W>) };
    }

    /// Closes the handles; `Woken::closed` follows from the loop.
    pub fn close<W: Woken>(&self) {
        // SAFETY: as above.
        unsafe {
            (self.uv.uv_poll_stop)(self.poll);
            (self.uv.uv_idle_stop)(self.idle);
            (self.uv.uv_check_stop)(self.check);
            (self.uv.uv_close)(self.idle, on_idle_closed::<W>);
        }
    }
}

unsafe extern "C" fn on_readable<W: Woken>(handle: Handle, _status: c_int, _events: c_int) {
    // SAFETY: only handles made by `start::<W>` get here, and their data lives until `on_poll_closed`.
    let data = unsafe { data_of::<W>(handle) };
    // SAFETY: as above.
    unsafe { (*data).woken.woken() };
}

unsafe extern "C" fn on_turn<W: Woken>(handle: Handle) {
    // SAFETY: as for `on_readable`.
    let data = unsafe { data_of::<W>(handle) };
    // SAFETY: as above.
    unsafe { (*data).woken.turned() };
}

unsafe extern "C" fn on_polled<W: Woken>(handle: Handle) {
    // SAFETY: as for `on_readable`; the handle is open.
    unsafe {
        let data = data_of::<W>(handle);
        ((*data).uv.uv_check_stop)(handle);
        (*data).woken.polled();
    }
}

/// One after the other: the data goes with the last.
unsafe extern "C" fn on_idle_closed<W: Woken>(handle: Handle) {
    // SAFETY: the data lives until `on_poll_closed`, and the check handle is open until here.
    unsafe {
        let data = data_of::<W>(handle);
        ((*data).uv.uv_close)((*data).check.as_mut_ptr().cast(), on_check_closed::<W>);
    }
}

unsafe extern "C" fn on_check_closed<W: Woken>(handle: Handle) {
    // SAFETY: the same for the poll handle.
    unsafe {
        let data = data_of::<W>(handle);
        ((*data).uv.uv_close)((*data).poll.as_mut_ptr().cast(), on_poll_closed::<W>);
    }
}

unsafe extern "C" fn on_poll_closed<W: Woken>(handle: Handle) {
    // SAFETY: libuv calls this once, last; the box was given away by `start`.
    let Data { woken, poll, idle, check, .. } = *unsafe { Box::from_raw(data_of::<W>(handle)) };
    woken.closed();
    drop((poll, idle, check));
}

/// The data pointer stands first in every `uv_handle_t`, as libuv documents.
unsafe fn data_of<W>(handle: Handle) -> *mut Data<W> {
    // SAFETY: `handle` is a live libuv handle.
    unsafe { *handle.cast::<*mut Data<W>>() }
}
