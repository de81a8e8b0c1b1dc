//! Wakes an environment through Node-API alone: a thread waits for the home's poller, and has the event loop call us by one
//! ThreadsafeFunction. For runtimes that have no libuv, and systems where libuv cannot watch our poller.
//!
//! Between a call and the end of what it does the thread waits for nothing, so that calls never pile up.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::thread::{Builder, JoinHandle};

use napi::sys;

use super::js::{self, check};
use super::wake_uv::Woken;
use crate::sync::Arc;
use crate::sys::{Poller, Watch};

type Function = sys::napi_threadsafe_function;

/// Of one environment. It does not keep the loop alive unless told to.
#[derive(Debug)]
pub struct ThreadWake {
    env: sys::napi_env,
    function: Function,
    /// A `Data`.
    data: *const c_void,
    watch: Arc<Watch>,
    /// Answers whether it still has the function.
    thread: RefCell<Option<JoinHandle<bool>>>,
    /// A call has said that the function is closing, and with that has released it.
    lost: Cell<bool>,
}

/// What the function is called with, null from the end on. It is never freed, because nothing says when a runtime has made
/// the last call.
type Data<W> = Cell<*mut W>;

struct Caller(Function);

// SAFETY: a ThreadsafeFunction is made to be called from other threads.
unsafe impl Send for Caller {}

impl Caller {
    /// `false`: it is closing, and must not be touched again.
    fn call(&self) -> bool {
        // SAFETY: the environment's thread releases it, after the thread that calls has ended.
        let status = unsafe {
            sys::napi_call_threadsafe_function(self.0, ptr::null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking)
        };
        status != sys::Status::napi_closing
    }
}

impl ThreadWake {
    pub fn start<W: Woken + 'static>(env: sys::napi_env, watch: Watch, woken: Box<W>) -> Option<ThreadWake> {
        let watch = Arc::new(watch);
        let data: &'static Data<W> = Box::leak(Box::new(Cell::new(ptr::null_mut())));
        let data_pointer = ptr::from_ref(data).cast_mut().cast();
        let function = create(env, data_pointer, on_called::<W>)?;
        let (caller, waiting) = (Caller(function), watch.clone());
        let waits = move || {
            let caller = caller;
            while waiting.wait() {
                if !caller.call() {
                    return false;
                }
            }
            true
        };
        let Ok(thread) = Builder::new().name("port-poller".into()).spawn(waits) else {
            // SAFETY: nobody else has it.
            unsafe { sys::napi_release_threadsafe_function(function, sys::ThreadsafeFunctionReleaseMode::abort) };
            return None;
        };
        // A call comes when this thread is back in its loop.
        data.set(Box::into_raw(woken));
        Some(ThreadWake {
            env,
            function,
            data: data_pointer,
            watch,
            thread: RefCell::new(Some(thread)),
            lost: Cell::new(false),
        })
    }

    pub fn hold(&self, on: bool) {
        if self.lost.get() {
            return;
        }
        // SAFETY: called on the environment's thread, before `close`.
        unsafe {
            if on {
                sys::napi_ref_threadsafe_function(self.env, self.function);
            } else {
                sys::napi_unref_threadsafe_function(self.env, self.function);
            }
        }
    }

    pub fn call(&self) {
        if !self.lost.get() {
            self.lost.set(!Caller(self.function).call());
        }
    }

    /// What it was called for is done.
    pub fn wait_again(&self, poller: &Poller) {
        self.watch.again(poller);
    }

    pub fn close<W: Woken + 'static>(&self) {
        let Some(thread) = self.thread.borrow_mut().take() else {
            return;
        };
        self.watch.stop();
        // It waits for nobody but the poller.
        if thread.join().unwrap_or(false) && !self.lost.get() {
            let release = sys::ThreadsafeFunctionReleaseMode::release;
            // SAFETY: nobody calls it any more; this is its one release.
            unsafe { sys::napi_release_threadsafe_function(self.function, release) };
        }
        self.lost.set(true);
        // SAFETY: `start::<W>` has made it.
        let woken = unsafe { &*self.data.cast::<Data<W>>() }.replace(ptr::null_mut());
        // SAFETY: it came from a box, and nobody finds it any more. If this thread keeps nothing now, it stays for good.
        let _ = ENDED.try_with(|ended| ended.borrow_mut().push(unsafe { Box::from_raw(woken) }));
    }
}

/// A function that calls `on_called`, and does not hold the loop.
fn create(
    env: sys::napi_env,
    data: *mut c_void,
    on_called: unsafe extern "C" fn(sys::napi_env, sys::napi_value, *mut c_void, *mut c_void),
) -> Option<Function> {
    let name = js::from_str(env, "MessagePort").ok()?;
    let (mut function, nothing) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live and this is its thread; `data` is never freed.
    unsafe {
        let made = sys::napi_create_threadsafe_function(
            env,
            ptr::null_mut(),
            ptr::null_mut(),
            name,
            0,
            1,
            nothing,
            None,
            data,
            Some(on_called),
            &mut function,
        );
        check(made).ok()?;
        check(sys::napi_unref_threadsafe_function(env, function)).ok()?;
    }
    Some(function)
}

thread_local! {
    /// What has ended stays until its thread ends: there is no telling which JavaScript a runtime still runs.
    static ENDED: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

unsafe extern "C" fn on_called<W: Woken>(env: sys::napi_env, _: sys::napi_value, data: *mut c_void, _: *mut c_void) {
    if env.is_null() {
        return; // the environment is ending
    }
    // SAFETY: only functions made by `start::<W>` come here, and their data is never freed.
    let woken = unsafe { &*data.cast::<Data<W>>() }.get();
    // SAFETY: it lives until `close` takes it away, on this thread.
    if let Some(woken) = unsafe { woken.as_ref() } {
        woken.woken();
    }
}
