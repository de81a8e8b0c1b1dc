//! What V8 has that several threads can hold, on x86-64 Linux, built with libstdc++, as every official Node.js is.

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::io;
use std::ptr;
use std::sync::Arc;

use napi::sys;
use once_cell::sync::OnceCell;

use super::abi::{CompiledModule, SharedPtr};
use super::functions::{shared_ptr, Buffers, Modules, Shareds, Wrappers};
use super::probe;
use super::wrap::{wrap, wrap_shared};
use super::young;
use crate::message::{Foreign, Handed};
use crate::node::buffers::to_array_buffer;
use crate::node::js::{self, JsResult, Thrown};
use crate::node::shared;
use crate::slab::{Bytes, Hold, Lent, Slab};
use crate::sys::SharedMemory;

/// Each kind is tried out once, by whoever needs it first, and used if all that it did was right.
static BUFFERS: OnceCell<Option<Buffers>> = OnceCell::new();
static WRAPPERS: OnceCell<Option<Wrappers>> = OnceCell::new();
static SHAREDS: OnceCell<Option<Shareds>> = OnceCell::new();
static MODULES: OnceCell<Option<Modules>> = OnceCell::new();

fn buffers(env: sys::napi_env) -> Option<&'static Buffers> {
    BUFFERS.get_or_init(|| probe::tried(env, Buffers::find, probe::buffers)).as_ref()
}

fn wrappers(env: sys::napi_env) -> Option<&'static Wrappers> {
    WRAPPERS.get_or_init(|| probe::tried(env, Wrappers::find, probe::wrappers)).as_ref()
}

fn shareds(env: sys::napi_env) -> Option<&'static Shareds> {
    SHAREDS.get_or_init(|| probe::tried(env, Shareds::find, probe::shareds)).as_ref()
}

fn modules(env: sys::napi_env) -> Option<&'static Modules> {
    MODULES.get_or_init(|| probe::tried(env, Modules::find, probe::modules)).as_ref()
}

/// Something of the engine's that is on its way from one thread to another.
pub enum Store {
    /// The memory of an ArrayBuffer, which has been or is about to be detached.
    Buffer(Backing),
    /// The memory of a SharedArrayBuffer.
    Shared(Backing),
    Module(Module),
}

pub struct Backing {
    store: SharedPtr,
    data: *const u8,
    length: usize,
}

pub struct Module {
    compiled: Box<CompiledModule>,
    delete: unsafe extern "C" fn(*mut c_void),
}

// SAFETY: backing stores are counted atomically and made to be used from any thread; that is how V8's own serializer passes
// them on.
unsafe impl Send for Backing {}

// SAFETY: the same of native modules; the source URL beside one is nobody else's.
unsafe impl Send for Module {}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Store::Buffer(_) => "Store::Buffer",
            Store::Shared(_) => "Store::Shared",
            Store::Module(_) => "Store::Module",
        })
    }
}

/// Whether SharedArrayBuffers and WebAssembly.Modules can reach other threads here. Modules are tried out when the first
/// one is to go: that starts the engine's compiler.
pub fn shares(env: sys::napi_env) -> bool {
    shareds(env).is_some() && Modules::find().is_some()
}

/// Whether an ArrayBuffer has memory that can be taken away from it: not a WebAssembly.Memory's, not none. `None` where
/// the engine does not tell.
pub fn is_detachable(env: sys::napi_env, value: sys::napi_value) -> Option<bool> {
    let mut is_detached = false;
    // SAFETY: `value` is an ArrayBuffer.
    unsafe { sys::napi_is_detached_arraybuffer(env, value, &mut is_detached) };
    if is_detached {
        return Some(false);
    }
    // SAFETY: as above.
    buffers(env).map(|v8| unsafe { (v8.is_detachable)(value) })
}

impl Store {
    /// The memory of an ArrayBuffer, for another thread to have. The caller detaches the buffer afterwards.
    pub fn of_buffer(env: sys::napi_env, value: sys::napi_value) -> Option<Store> {
        let v8 = buffers(env)?;
        let (data, length) = js::array_buffer(env, value)?;
        Some(Store::Buffer(Backing { store: shared_ptr(v8.store, value), data, length }))
    }

    /// Memory of the engine's own that belongs to no thread yet, with these bytes.
    pub fn copy_of(env: sys::napi_env, bytes: &[u8]) -> Option<Store> {
        buffers(env)?;
        if let Some(store) = Store::slab_of(env, bytes) {
            return Some(store);
        }
        let Ok(value) = to_array_buffer(env, bytes) else {
            js::clear_exception(env);
            return None;
        };
        let store = Store::of_buffer(env, value);
        // SAFETY: `value` is an ArrayBuffer that nobody else has.
        unsafe { sys::napi_detach_arraybuffer(env, value) };
        store
    }

    /// The same in a slab, if that is worth it: it faults no pages where one was used lately.
    fn slab_of(env: sys::napi_env, bytes: &[u8]) -> Option<Store> {
        wrappers(env)?;
        let mut slab = Slab::paged(bytes.len())?;
        slab.expect_use();
        slab[..bytes.len()].copy_from_slice(bytes);
        let slab = Arc::new(slab);
        let (slab, data) = Lent::new(&slab[..bytes.len()], Some(&slab)).keep()?;
        // SAFETY: the bytes lie there in the slab, and nobody else has it.
        unsafe { Store::of_slab(env, slab, data, bytes.len()) }
    }

    /// This memory as the engine's own, which keeps the slab as long as anybody has it.
    ///
    /// # Safety
    /// The bytes lie in the slab, and nobody else writes to them or reads them.
    pub unsafe fn of_slab(env: sys::napi_env, slab: Arc<Slab>, data: *mut u8, length: usize) -> Option<Store> {
        buffers(env)?;
        let v8 = wrappers(env)?;
        // SAFETY: so the caller promises; the slab lives until `give_back` is called, once.
        let store = unsafe { wrap(v8, slab, data, length) }?;
        Some(Store::Buffer(Backing { store, data, length }))
    }

    /// This memory for a SharedArrayBuffer, which keeps it as long as anybody has it.
    pub fn of_memory(env: sys::napi_env, memory: Arc<SharedMemory>) -> Option<Store> {
        shareds(env)?;
        let v8 = wrappers(env)?;
        let (data, length) = (memory.raw(), memory.len().get());
        // SAFETY: it is mapped until it is dropped; we use atomics only.
        let store = unsafe { wrap_shared(v8, memory, data, length) }?;
        Some(Store::Shared(Backing { store, data, length: 0 }))
    }

    /// The memory of a SharedArrayBuffer that processes can share.
    pub fn memory(&self) -> Option<Arc<SharedMemory>> {
        match self {
            Store::Shared(backing) => shared::find(backing.data),
            Store::Buffer(_) | Store::Module(_) => None,
        }
    }

    /// What a SharedArrayBuffer or a WebAssembly.Module refers to; `None` for anything else.
    pub fn of_shared(env: sys::napi_env, value: sys::napi_value) -> Option<Store> {
        if let Some(v8) = shareds(env) {
            // SAFETY: `value` is live.
            if unsafe { (v8.is)(value) } {
                let store = shared_ptr(v8.store, value);
                // SAFETY: the store has just been made.
                let data = unsafe { (v8.data)(store.object) };
                return Some(Store::Shared(Backing { store, data, length: 0 }));
            }
        }
        let v8 = modules(env)?;
        // SAFETY: `value` is live.
        if !unsafe { (v8.is)(value) } {
            return None;
        }
        let mut compiled = CompiledModule::room();
        // SAFETY: the function constructs its result in place, in more than enough room.
        unsafe { (v8.take)(&mut *compiled, value) };
        Some(Store::Module(Module { compiled, delete: v8.delete }))
    }

    /// The object for it in this environment.
    pub fn into_value(self, env: sys::napi_env) -> JsResult {
        // SAFETY: called on the thread of a live environment, within a handle scope of it.
        let value = unsafe {
            match self {
                Store::Buffer(Backing { mut store, length, .. }) => {
                    let v8 = buffers(env).ok_or(Thrown)?;
                    let value = (v8.new)((v8.isolate)(), &mut store);
                    young::received(env, length);
                    value
                }
                Store::Shared(Backing { mut store, .. }) => {
                    let v8 = shareds(env).ok_or(Thrown)?;
                    (v8.new)((v8.isolate)(), &mut store)
                }
                Store::Module(module) => {
                    let v8 = modules(env).ok_or(Thrown)?;
                    (v8.new)((v8.isolate)(), &*module.compiled)
                }
            }
        };
        if value.is_null() {
            return js::null(env);
        }
        Ok(value)
    }

    pub fn is_buffer(&self) -> bool {
        matches!(self, Store::Buffer(_))
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let string = &self.compiled.source_url;
        let local = ptr::from_ref(&string.local).cast_mut().cast::<c_void>();
        if !string.text.is_null() && string.text != local {
            // SAFETY: a string that does not lie in itself owns memory from the C++ allocator.
            unsafe { (self.delete)(string.text) };
        }
    }
}

impl Hold for Backing {
    fn bytes(&self) -> &[u8] {
        // SAFETY: the store keeps the memory alive, and with its buffer detached nobody else writes to it.
        unsafe { std::slice::from_raw_parts(self.data, self.length) }
    }
}

impl fmt::Debug for Backing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Backing({})", self.length)
    }
}

impl Foreign for Store {
    fn size(&self) -> usize {
        match self {
            Store::Buffer(backing) => backing.length,
            Store::Shared(_) | Store::Module(_) => 0,
        }
    }

    fn copy(&self) -> Option<Bytes> {
        match self {
            Store::Buffer(backing) if backing.length == 0 => Some(Vec::new().into()),
            Store::Buffer(Backing { store, data, length }) => {
                Some(Bytes::held(Backing { store: store.clone(), data: *data, length: *length }))
            }
            Store::Shared(_) | Store::Module(_) => None,
        }
    }

    fn descriptors(&self) -> usize {
        usize::from(self.memory().is_some())
    }

    fn hand(&self) -> io::Result<Option<Handed>> {
        self.memory().map(|memory| shared::handed(&memory)).transpose()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
