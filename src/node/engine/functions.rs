//! V8's functions that we use, by their mangled names. What has a destructor is returned and passed through memory; a
//! `Local` is the address of a handle, and so is a `napi_value`.

use std::ffi::c_void;

use napi::sys;

use super::abi::{CompiledModule, SharedPtr};
use crate::node::symbol;

type Isolate = *mut c_void;

macro_rules! functions {
    ($(#[$doc:meta])* struct $type:ident { $($field:ident: fn($($arg:ty),*) $(-> $result:ty)? = $($name:literal)|+;)* }) => {
        $(#[$doc])*
        pub struct $type { $(pub $field: unsafe extern "C" fn($($arg),*) $(-> $result)?,)* }

        impl $type {
            pub fn find() -> Option<$type> {
                Some($type {
                    // SAFETY: each name is the mangled form of its signature. Member functions take the object first;
                    // what is returned through memory comes before even that.
                    $($field: unsafe {
                        std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($arg),*) $(-> $result)?>([$($name),+].into_iter().find_map(symbol::find)?)
                    },)*
                })
            }
        }
    };
}

functions! {
    /// The memory of ArrayBuffers.
    struct Buffers {
        isolate: fn() -> Isolate = c"_ZN2v87Isolate10GetCurrentEv";
        store: fn(*mut SharedPtr, sys::napi_value) = c"_ZN2v811ArrayBuffer15GetBackingStoreEv";
        new: fn(Isolate, *mut SharedPtr) -> sys::napi_value =
            c"_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE";
        data: fn(*const c_void) -> *mut u8 = c"_ZNK2v812BackingStore4DataEv";
        is_detachable: fn(sys::napi_value) -> bool = c"_ZNK2v811ArrayBuffer12IsDetachableEv";
    }
}

/// Called once with the memory, its length and what was given with it, when nobody owns it any more; on any thread.
pub type Deleter = unsafe extern "C" fn(*mut c_void, usize, *mut c_void);

functions! {
    /// Memory of ours, for ArrayBuffers and SharedArrayBuffers.
    struct Wrappers {
        wrap: fn(*mut *mut c_void, *mut u8, usize, Deleter, *mut c_void) =
            c"_ZN2v811ArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_";
        wrap_shared: fn(*mut *mut c_void, *mut u8, usize, Deleter, *mut c_void) =
            c"_ZN2v817SharedArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_";
        destroy: fn(*mut c_void) = c"_ZN2v812BackingStoreD1Ev";
        delete: fn(*mut c_void) = c"_ZdlPv";
    }
}

functions! {
    /// The memory of SharedArrayBuffers.
    struct Shareds {
        isolate: fn() -> Isolate = c"_ZN2v87Isolate10GetCurrentEv";
        store: fn(*mut SharedPtr, sys::napi_value) = c"_ZN2v817SharedArrayBuffer15GetBackingStoreEv";
        new: fn(Isolate, *mut SharedPtr) -> sys::napi_value =
            c"_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE";
        is: fn(sys::napi_value) -> bool = c"_ZNK2v85Value19IsSharedArrayBufferEv";
        data: fn(*const c_void) -> *mut u8 = c"_ZNK2v812BackingStore4DataEv";
    }
}

functions! {
    /// The code of WebAssembly.Modules.
    struct Modules {
        isolate: fn() -> Isolate = c"_ZN2v87Isolate10GetCurrentEv";
        take: fn(*mut CompiledModule, sys::napi_value) = c"_ZN2v816WasmModuleObject17GetCompiledModuleEv";
        new: fn(Isolate, *const CompiledModule) -> sys::napi_value =
            c"_ZN2v816WasmModuleObject18FromCompiledModuleEPNS_7IsolateERKNS_18CompiledWasmModuleE";
        is: fn(sys::napi_value) -> bool = c"_ZNK2v85Value18IsWasmModuleObjectEv";
        delete: fn(*mut c_void) = c"_ZdlPv";
    }
}

functions! {
    /// Objects, in one call.
    struct Objects {
        map_entries: fn(sys::napi_value) -> sys::napi_value = c"_ZNK2v83Map7AsArrayEv";
        set_members: fn(sys::napi_value) -> sys::napi_value = c"_ZNK2v83Set7AsArrayEv";
        copy: fn(sys::napi_value) -> sys::napi_value = c"_ZN2v86Object5CloneEv";
    }
}

functions! {
    /// What tells objects apart.
    struct Identities {
        hash: fn(sys::napi_value) -> i32 = c"_ZN2v86Object15GetIdentityHashEv";
        is_object: fn(sys::napi_value) -> bool = c"_ZNK2v85Value8IsObjectEv";
    }
}

/// What V8 calls, with a `v8::FunctionCallbackInfo`.
pub type Callback = unsafe extern "C" fn(*const usize);

/// A context or a function.
type Handle = sys::napi_value;

functions! {
    /// Functions that V8 calls itself. The data of one is a `Local<Data>` in newer versions, which is passed in the same way.
    struct Makers {
        isolate: fn() -> Isolate = c"_ZN2v87Isolate10GetCurrentEv";
        context: fn(Isolate) -> Handle = c"_ZN2v87Isolate17GetCurrentContextEv";
        function: fn(Handle, Callback, sys::napi_value, i32, i32, i32) -> Handle =
            c"_ZN2v88Function3NewENS_5LocalINS_7ContextEEEPFvRKNS_20FunctionCallbackInfoINS_5ValueEEEENS1_IS5_EEiNS_19ConstructorBehaviorENS_14SideEffectTypeE"
            | c"_ZN2v88Function3NewENS_5LocalINS_7ContextEEEPFvRKNS_20FunctionCallbackInfoINS_5ValueEEEENS1_INS_4DataEEEiNS_19ConstructorBehaviorENS_14SideEffectTypeE";
    }
}

functions! {
    /// Where the stack ends.
    struct Stacks {
        isolate: fn() -> Isolate = c"_ZN2v87Isolate10GetCurrentEv";
        set_limit: fn(Isolate, usize) = c"_ZN2v87Isolate13SetStackLimitEm";
    }
}

functions! {
    /// How characters are kept.
    struct Strings {
        is_one_byte: fn(sys::napi_value) -> bool = c"_ZNK2v86String9IsOneByteEv";
    }
}

pub fn shared_ptr(of: unsafe extern "C" fn(*mut SharedPtr, sys::napi_value), value: sys::napi_value) -> SharedPtr {
    let mut result = SharedPtr::empty();
    // SAFETY: `value` is of the type whose function this is; it constructs its result in place.
    unsafe { of(&mut result, value) };
    result
}
