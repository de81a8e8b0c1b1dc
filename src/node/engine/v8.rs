//! V8 on x86-64 Linux, built with libstdc++, as every official Node.js is.

use std::any::Any;
use std::ffi::{c_void, CStr};
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

use napi::sys;
use once_cell::sync::{Lazy, OnceCell};

use crate::message::Foreign;
use crate::node::js::{self, check, JsResult, Thrown};
use crate::node::symbol;

/// A `std::shared_ptr`. It is returned and passed through memory, because it has a destructor.
#[repr(C)]
struct SharedPtr {
    object: *mut c_void,
    control: *mut Control,
}

/// libstdc++'s `_Sp_counted_base`.
#[repr(C)]
struct Control {
    vtable: *const ControlVtable,
    uses: AtomicI32,
    weak: AtomicI32,
}

#[repr(C)]
struct ControlVtable {
    destructors: [*const c_void; 2],
    dispose: unsafe extern "C" fn(*mut Control),
    destroy: unsafe extern "C" fn(*mut Control),
}

impl Drop for SharedPtr {
    fn drop(&mut self) {
        if self.control.is_null() {
            return;
        }
        // SAFETY: the control block lives as long as it is counted, and this value is one of those counted.
        unsafe {
            let vtable = (*self.control).vtable;
            if (*self.control).uses.fetch_sub(1, Ordering::AcqRel) == 1 {
                ((*vtable).dispose)(self.control);
                if (*self.control).weak.fetch_sub(1, Ordering::AcqRel) == 1 {
                    ((*vtable).destroy)(self.control);
                }
            }
        }
    }
}

/// Room for a `v8::CompiledWasmModule`: a shared_ptr and a std::string, which may point into itself and so stays where
/// it was made.
#[repr(C)]
struct CompiledModule {
    native: SharedPtr,
    source_url: SourceUrl,
    spare: [u64; 8],
}

/// libstdc++'s `std::string`.
#[repr(C)]
struct SourceUrl {
    text: *mut c_void,
    length: usize,
    local: [u8; 16],
}

type Isolate = *mut c_void;

/// V8's functions. A `Local` is the address of a handle, and so is a `napi_value`.
struct V8 {
    isolate: unsafe extern "C" fn() -> Isolate,
    buffer_store: unsafe extern "C" fn(*mut SharedPtr, sys::napi_value),
    buffer_new: unsafe extern "C" fn(Isolate, *mut SharedPtr) -> sys::napi_value,
    shared_store: unsafe extern "C" fn(*mut SharedPtr, sys::napi_value),
    shared_new: unsafe extern "C" fn(Isolate, *mut SharedPtr) -> sys::napi_value,
    module_take: unsafe extern "C" fn(*mut CompiledModule, sys::napi_value),
    module_new: unsafe extern "C" fn(Isolate, *const CompiledModule) -> sys::napi_value,
    buffer_is_detachable: unsafe extern "C" fn(sys::napi_value) -> bool,
    is_module: unsafe extern "C" fn(sys::napi_value) -> bool,
    is_shared: unsafe extern "C" fn(sys::napi_value) -> bool,
    delete: unsafe extern "C" fn(*mut c_void),
}

// The fields say what is transmuted to what.
#[allow(clippy::missing_transmute_annotations)]
static V8: Lazy<Option<V8>> = Lazy::new(|| {
    let find = |name: &CStr| symbol::find(name);
    // SAFETY: each name is the mangled form of the signature it is given. Member functions take the object first; what
    // is returned through memory comes before even that.
    unsafe {
        use std::mem::transmute;
        Some(V8 {
            isolate: transmute(find(c"_ZN2v87Isolate10GetCurrentEv")?),
            buffer_store: transmute(find(c"_ZN2v811ArrayBuffer15GetBackingStoreEv")?),
            buffer_new: transmute(find(c"_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE")?),
            shared_store: transmute(find(c"_ZN2v817SharedArrayBuffer15GetBackingStoreEv")?),
            shared_new: transmute(find(
                c"_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE",
            )?),
            module_take: transmute(find(c"_ZN2v816WasmModuleObject17GetCompiledModuleEv")?),
            module_new: transmute(find(
                c"_ZN2v816WasmModuleObject18FromCompiledModuleEPNS_7IsolateERKNS_18CompiledWasmModuleE",
            )?),
            buffer_is_detachable: transmute(find(c"_ZNK2v811ArrayBuffer12IsDetachableEv")?),
            is_module: transmute(find(c"_ZNK2v85Value18IsWasmModuleObjectEv")?),
            is_shared: transmute(find(c"_ZNK2v85Value19IsSharedArrayBufferEv")?),
            delete: transmute(find(c"_ZdlPv")?),
        })
    }
});

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

pub struct Module(Box<CompiledModule>);

// SAFETY: backing stores and native modules are counted atomically and made to be used from any thread; that is how
// V8's own serializer passes them on.
unsafe impl Send for Store {}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Store::Buffer(_) => "Store::Buffer",
            Store::Shared(_) => "Store::Shared",
            Store::Module(_) => "Store::Module",
        })
    }
}

/// Whether all this works here: decided once, by trying it.
static WORKS: OnceCell<bool> = OnceCell::new();

/// To be called in every environment before anything else of this module.
pub fn probe(env: sys::napi_env) {
    WORKS.get_or_init(|| round_trip(env).unwrap_or(false));
}

fn v8() -> Option<&'static V8> {
    if *WORKS.get()? {
        V8.as_ref()
    } else {
        None
    }
}

/// Whether SharedArrayBuffers and WebAssembly.Modules can reach other threads here.
pub fn can_share() -> bool {
    v8().is_some()
}

/// Whether an ArrayBuffer has memory that can be taken away from it: not a WebAssembly.Memory's, not none.
pub fn is_detachable(env: sys::napi_env, value: sys::napi_value) -> bool {
    let mut is_detached = false;
    // SAFETY: `value` is an ArrayBuffer.
    unsafe { sys::napi_is_detached_arraybuffer(env, value, &mut is_detached) };
    // SAFETY: as above.
    !is_detached && v8().is_none_or(|v8| unsafe { (v8.buffer_is_detachable)(value) })
}

impl Store {
    /// The memory of an ArrayBuffer, for another thread to have. The caller detaches the buffer afterwards.
    pub fn of_buffer(env: sys::napi_env, value: sys::napi_value) -> Option<Store> {
        let v8 = v8()?;
        let (data, length) = js::array_buffer(env, value)?;
        Some(Store::Buffer(Backing { store: shared_ptr(v8.buffer_store, value), data, length }))
    }

    /// What a SharedArrayBuffer or a WebAssembly.Module refers to. JS passes nothing else here.
    pub fn of_shared(value: sys::napi_value) -> Option<Store> {
        let v8 = v8()?;
        // SAFETY: both look at a live value.
        let (is_module, is_shared) = unsafe { ((v8.is_module)(value), (v8.is_shared)(value)) };
        if !is_module && !is_shared {
            return None;
        }
        if is_module {
            let empty = SourceUrl { text: ptr::null_mut(), length: 0, local: [0; 16] };
            let native = SharedPtr { object: ptr::null_mut(), control: ptr::null_mut() };
            let mut module = Box::new(CompiledModule { native, source_url: empty, spare: [0; 8] });
            // SAFETY: the function constructs its result in place, in more than enough room.
            unsafe { (v8.module_take)(&mut *module, value) };
            return Some(Store::Module(Module(module)));
        }
        let store = shared_ptr(v8.shared_store, value);
        Some(Store::Shared(Backing { store, data: ptr::null(), length: 0 }))
    }

    /// The object for it in this environment.
    pub fn into_value(self, env: sys::napi_env) -> JsResult {
        let Some(v8) = v8() else {
            return Err(Thrown);
        };
        // SAFETY: called on the thread of a live environment, within a handle scope of it.
        unsafe {
            let isolate = (v8.isolate)();
            let value = match self {
                Store::Buffer(Backing { mut store, .. }) => (v8.buffer_new)(isolate, &mut store),
                Store::Shared(Backing { mut store, .. }) => (v8.shared_new)(isolate, &mut store),
                Store::Module(module) => (v8.module_new)(isolate, &*module.0),
            };
            if value.is_null() {
                return js::null(env);
            }
            Ok(value)
        }
    }

    pub fn is_buffer(&self) -> bool {
        matches!(self, Store::Buffer(_))
    }
}

fn shared_ptr(of: unsafe extern "C" fn(*mut SharedPtr, sys::napi_value), value: sys::napi_value) -> SharedPtr {
    let mut result = SharedPtr { object: ptr::null_mut(), control: ptr::null_mut() };
    // SAFETY: `value` is of the type whose function this is; it constructs its result in place.
    unsafe { of(&mut result, value) };
    result
}

impl Drop for Module {
    fn drop(&mut self) {
        let string = &self.0.source_url;
        let local = ptr::from_ref(&string.local).cast_mut().cast::<c_void>();
        if let (false, Some(v8)) = (string.text.is_null() || string.text == local, v8()) {
            // SAFETY: a string that does not lie in itself owns memory from the C++ allocator.
            unsafe { (v8.delete)(string.text) };
        }
    }
}

impl Foreign for Store {
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Store::Buffer(backing) if backing.length == 0 => Some(&[]),
            // SAFETY: the store keeps the memory alive, and with its buffer detached nobody else writes to it.
            Store::Buffer(backing) => Some(unsafe { std::slice::from_raw_parts(backing.data, backing.length) }),
            Store::Shared(_) | Store::Module(_) => None,
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Whether the memory of an ArrayBuffer is the same after it was taken out and made another ArrayBuffer of.
fn round_trip(env: sys::napi_env) -> Result<bool, Thrown> {
    let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_create_arraybuffer(env, 8, &mut data, &mut value) })?;
    let Some(v8) = V8.as_ref() else {
        return Ok(false);
    };
    let mut store = shared_ptr(v8.buffer_store, value);
    // SAFETY: within a call from JS, on the environment's thread.
    let other = unsafe { (v8.buffer_new)((v8.isolate)(), &mut store) };
    Ok(js::array_buffer(env, other) == Some((data.cast(), 8)))
}
