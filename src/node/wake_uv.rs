//! Wakes an environment through libuv: one `uv_poll_t` on the poller's own descriptor.
//!
//! The functions are looked up and the handle's size is asked for at run time: the addon is not tied to one libuv.

use std::ffi::{c_int, c_void, CStr};
use std::ptr;

use napi::sys;

use super::symbol;

type Handle = *mut c_void;
type PollCallback = unsafe extern "C" fn(Handle, c_int, c_int);
type CloseCallback = unsafe extern "C" fn(Handle);

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
    uv_close: fn(Handle, CloseCallback);
    uv_ref: fn(Handle);
    uv_unref: fn(Handle);
}

/// What is told of wakes and, last of all, of the handle's end.
pub trait Woken {
    fn woken(&self);
    /// The handle is closed: nothing will be called any more.
    fn closed(self: Box<Self>);
}

/// The handle of one environment. It does not keep the loop alive unless told to.
#[derive(Debug)]
pub struct UvWake {
    uv: Uv,
    handle: Handle,
}

/// What the handle's data points to.
struct Data<W> {
    woken: Box<W>,
    memory: Box<[u64]>,
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
        let size = unsafe { (uv.uv_handle_size)(UV_POLL) };
        let mut memory = vec![0u64; size.div_ceil(8)].into_boxed_slice();
        let handle: Handle = memory.as_mut_ptr().cast();
        // SAFETY: `handle` has the size libuv asks for and keeps its address, being on the heap; the loop is live, and
        // this is its thread.
        if unsafe { (uv.uv_poll_init)(uv_loop, handle, descriptor) } != 0 {
            return None;
        }
        let data = Box::into_raw(Box::new(Data { woken, memory }));
        // SAFETY: `handle` is initialized; `data` lives until `on_closed`.
        unsafe {
            (uv.uv_handle_set_data)(handle, data.cast());
            (uv.uv_unref)(handle);
            (uv.uv_poll_start)(handle, UV_READABLE, on_readable::<W>);
        }
        Some(UvWake { uv, handle })
    }

    /// Whether this handle keeps the event loop alive.
    pub fn hold(&self, on: bool) {
        // SAFETY: the handle is open: `close` is called once, with nothing after it.
        unsafe {
            if on {
                (self.uv.uv_ref)(self.handle)
            } else {
                (self.uv.uv_unref)(self.handle)
            }
        }
    }

    /// Closes the handle; `Woken::closed` follows from the loop.
    pub fn close<W: Woken>(&self) {
        // SAFETY: as above.
        unsafe {
            (self.uv.uv_poll_stop)(self.handle);
            (self.uv.uv_close)(self.handle, on_closed::<W>);
        }
    }
}

unsafe extern "C" fn on_readable<W: Woken>(handle: Handle, _status: c_int, _events: c_int) {
    // SAFETY: only handles made by `start::<W>` get here, and their data lives until `on_closed`.
    let data = unsafe { data_of::<W>(handle) };
    // SAFETY: as above.
    unsafe { (*data).woken.woken() };
}

unsafe extern "C" fn on_closed<W: Woken>(handle: Handle) {
    // SAFETY: libuv calls this once, last; the box was given away by `start`.
    let data = unsafe { Box::from_raw(data_of::<W>(handle)) };
    let Data { woken, memory } = *data;
    woken.closed();
    drop(memory);
}

/// The data pointer stands first in every `uv_handle_t`, as libuv documents.
unsafe fn data_of<W>(handle: Handle) -> *mut Data<W> {
    // SAFETY: `handle` is a live libuv handle.
    unsafe { *handle.cast::<*mut Data<W>>() }
}
