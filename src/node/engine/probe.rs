//! Tries out V8's functions before anything depends on them: all that they let us look at has to be right, address by
//! address. What fails here is done without.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::thread;

use napi::sys;

use super::abi::{CompiledModule, SharedPtr};
use super::functions::{shared_ptr, Buffers, Modules, Shareds, Strings, Wrappers};
use super::wrap::{wrap, wrap_shared};
use crate::node::js::{self, check, JsResult, Thrown};
use crate::node::symbol;

/// `MESSAGE_PORTS_ENGINE=none` in the environment does without the engine's own functions: slower, and the same.
const VARIABLE: &str = "MESSAGE_PORTS_ENGINE";

thread_local! {
    static TRIAL: Cell<sys::napi_ref> = const { Cell::new(ptr::null_mut()) };
}

/// What is tried in this thread is made by `trial`, so that no code of the program's runs meanwhile: that might need what is being tried.
pub fn try_with(env: sys::napi_env, trial: sys::napi_value) {
    let mut reference = ptr::null_mut();
    // SAFETY: `trial` is a function of this environment, with which the reference ends.
    if unsafe { sys::napi_create_reference(env, trial, 1, &mut reference) } == sys::Status::napi_ok {
        TRIAL.set(reference);
    }
}

/// By their numbers in lib/native/trials.js.
#[derive(Clone, Copy)]
pub enum Trial {
    Buffer,
    Resizable,
    Empty,
    OfWebAssembly,
    AreAlike,
    Shared,
    Growable,
    AreShared,
    Module,
    IsModule,
    OtherTexts,
    Large,
}

impl Trial {
    pub fn make(self, env: sys::napi_env) -> JsResult {
        self.call(env, &[])
    }

    fn call(self, env: sys::napi_env, arguments: &[sys::napi_value]) -> JsResult {
        let mut trial = ptr::null_mut();
        // SAFETY: it is null, which is refused, or of this thread's environment.
        check(unsafe { sys::napi_get_reference_value(env, TRIAL.get(), &mut trial) })?;
        let mut all = vec![js::from_int(env, self as i32)?];
        all.extend(arguments);
        js::call(env, trial, &all)
    }

    /// Whether it says so; an exception is swallowed, and is a no.
    fn says(self, env: sys::napi_env, arguments: &[sys::napi_value]) -> bool {
        self.call(env, arguments).is_ok_and(|result| js::bool(env, result))
    }
}

pub fn is_allowed() -> bool {
    !symbol::is_foreign() && std::env::var_os(VARIABLE).is_none_or(|value| value != "none")
}

/// The functions, if they are there and work.
pub fn tried<F>(
    env: sys::napi_env,
    find: impl FnOnce() -> Option<F>,
    works: impl FnOnce(sys::napi_env, &F) -> Result<bool, Thrown>,
) -> Option<F> {
    if !is_allowed() {
        return None;
    }
    let found = find()?;
    let works = works(env, &found);
    js::clear_exception(env);
    works.unwrap_or(false).then_some(found)
}

pub fn buffers(env: sys::napi_env, v8: &Buffers) -> Result<bool, Thrown> {
    for trial in [Trial::Buffer, Trial::Resizable, Trial::Empty] {
        let value = trial.make(env)?;
        let Some((data, length)) = js::array_buffer(env, value) else {
            return Ok(false);
        };
        let mut store = shared_ptr(v8.store, value);
        // SAFETY: the buffer is live, within a call from JS on its environment's thread.
        let right = is_plausible(&store, length)
            && unsafe { (v8.is_detachable)(value) && (length == 0 || (v8.data)(store.object) == data) };
        if !right {
            // Not even to drop it would be safe.
            std::mem::forget(store);
            return Ok(false);
        }
        // SAFETY: as above.
        let other = unsafe { (v8.new)((v8.isolate)(), &mut store) };
        let same =
            js::array_buffer(env, other).is_some_and(|(at, count)| count == length && (at == data || count == 0));
        if !same || !Trial::AreAlike.says(env, &[value, other]) {
            return Ok(false);
        }
    }
    let memory = Trial::OfWebAssembly.make(env)?;
    // SAFETY: an ArrayBuffer, which `array_buffer` has seen to.
    if js::array_buffer(env, memory).is_some() && unsafe { (v8.is_detachable)(memory) } {
        return Ok(false);
    }
    outlives(v8, env)
}

/// Whether memory of ours becomes a buffer, and comes back once, when the last has let go of it.
pub fn wrappers(env: sys::napi_env, v8: &Wrappers) -> Result<bool, Thrown> {
    let Some(buffers) = Buffers::find() else {
        return Ok(false);
    };
    let owner = Arc::new([7u8; 64]);
    let data = owner.as_ptr().cast_mut();
    // SAFETY: the bytes live as long as their owner.
    let Some(mut store) = (unsafe { wrap(v8, owner.clone(), data, owner.len()) }) else {
        return Ok(false);
    };
    // SAFETY: it is a backing store, if anything here is what it should be.
    let right = unsafe { (buffers.data)(store.object) } == data && Arc::strong_count(&owner) == 2;
    if !right {
        std::mem::forget((store, owner));
        return Ok(false);
    }
    // SAFETY: within a call from JS, on the environment's thread.
    let value = unsafe { (buffers.new)((buffers.isolate)(), &mut store) };
    let same = js::array_buffer(env, value) == Some((data, owner.len()));
    drop(store);
    let kept = Arc::strong_count(&owner) == 2;
    if !same || !kept {
        std::mem::forget(owner);
        return Ok(false);
    }
    // SAFETY: an ArrayBuffer that nobody else has.
    unsafe { sys::napi_detach_arraybuffer(env, value) };
    let given_back = Arc::strong_count(&owner) == 1;
    if !given_back {
        std::mem::forget(owner);
        return Ok(false);
    }
    Ok(shared_wrapper(v8, &buffers, &owner))
}

/// The same of what is shared, before any JavaScript has it.
fn shared_wrapper(v8: &Wrappers, buffers: &Buffers, owner: &Arc<[u8; 64]>) -> bool {
    let data = owner.as_ptr().cast_mut();
    // SAFETY: the bytes live as long as their owner.
    let Some(store) = (unsafe { wrap_shared(v8, owner.clone(), data, owner.len()) }) else {
        return false;
    };
    // SAFETY: it is a backing store, if anything here is what it should be.
    let right = unsafe { (buffers.data)(store.object) } == data && Arc::strong_count(owner) == 2;
    if !right {
        std::mem::forget((store, owner.clone()));
        return false;
    }
    drop(store);
    Arc::strong_count(owner) == 1
}

/// Whether another thread may be the last to own memory.
fn outlives(v8: &Buffers, env: sys::napi_env) -> Result<bool, Thrown> {
    struct Last(SharedPtr);
    // SAFETY: that is what is tried here.
    unsafe impl Send for Last {}
    let value = Trial::Large.make(env)?;
    let last = Last(shared_ptr(v8.store, value));
    // SAFETY: a detachable ArrayBuffer.
    unsafe { sys::napi_detach_arraybuffer(env, value) };
    // SAFETY: `last` counts among the owners, so the control block is there.
    let alone = unsafe { (*last.0.control).uses.load(Ordering::Acquire) } == 1;
    let dropped = thread::Builder::new().spawn(move || {
        let last = last;
        drop(last);
    });
    Ok(alone && dropped.is_ok_and(|thread| thread.join().is_ok()))
}

/// Whether this looks like a pointer that its buffer and we own; what is empty may have been made for us alone.
fn is_plausible(store: &SharedPtr, length: usize) -> bool {
    let owners = if length == 0 { 1..64 } else { 2..64 };
    // SAFETY: V8 has just made it; what it is not, is null or has an absurd count.
    !store.object.is_null()
        && !store.control.is_null()
        && owners.contains(&unsafe { (*store.control).uses.load(Ordering::Acquire) })
}

pub fn shareds(env: sys::napi_env, v8: &Shareds) -> Result<bool, Thrown> {
    let plain = Trial::Buffer.make(env)?;
    for trial in [Trial::Shared, Trial::Growable] {
        let value = trial.make(env)?;
        // SAFETY: both values are live.
        if unsafe { !(v8.is)(value) || (v8.is)(plain) } {
            return Ok(false);
        }
        let mut store = shared_ptr(v8.store, value);
        if !is_plausible(&store, 8) {
            std::mem::forget(store);
            return Ok(false);
        }
        // SAFETY: within a call from JS, on the environment's thread.
        let other = unsafe { (v8.new)((v8.isolate)(), &mut store) };
        if other.is_null() || !Trial::AreShared.says(env, &[value, other]) {
            return Ok(false);
        }
        let again = shared_ptr(v8.store, value);
        // SAFETY: the store has just been made.
        let data = unsafe { (v8.data)(again.object) };
        // SAFETY: it has eight bytes, the fourth of which JavaScript has just written.
        let is_there = !data.is_null() && unsafe { data.add(3).read() } == 7;
        if !is_there {
            return Ok(false);
        }
    }
    Ok(true)
}

pub fn modules(env: sys::napi_env, v8: &Modules) -> Result<bool, Thrown> {
    let module = Trial::Module.make(env)?;
    // SAFETY: a live value.
    if !unsafe { (v8.is)(module) } {
        return Ok(false);
    }
    let mut compiled = CompiledModule::room();
    // SAFETY: there is room for more than any V8 has put there; the module is live.
    let other = unsafe {
        (v8.take)(ptr::from_mut(&mut *compiled), module);
        (v8.new)((v8.isolate)(), &*compiled)
    };
    Ok(!other.is_null() && other != module && Trial::IsModule.says(env, &[other]))
}

pub fn strings(env: sys::napi_env, v8: &Strings) -> Result<bool, Thrown> {
    let (narrow, wide) = (js::run(env, "'\\xff and more'")?, js::run(env, "'\\u0100 and more'")?);
    // SAFETY: live strings.
    Ok(unsafe { (v8.is_one_byte)(narrow) && !(v8.is_one_byte)(wide) })
}
