//! Memory of ours as the engine's: it tells when nobody has it any more.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::abi::SharedPtr;
use super::functions::{Deleter, Wrappers};

/// # Safety
/// `length` bytes at `data` are the engine's alone until `owner` is dropped.
pub unsafe fn wrap<T: Send + Sync>(v8: &Wrappers, owner: Arc<T>, data: *mut u8, length: usize) -> Option<SharedPtr> {
    // SAFETY: so the caller promises.
    unsafe { wrap_with(v8, v8.wrap, owner, data, length) }
}

/// # Safety
/// There are `length` bytes at `data` until `owner` is dropped, and nobody uses them but with atomics or as bytes of JavaScript's.
pub unsafe fn wrap_shared<T: Send + Sync>(
    v8: &Wrappers,
    owner: Arc<T>,
    data: *mut u8,
    length: usize,
) -> Option<SharedPtr> {
    // SAFETY: so the caller promises.
    unsafe { wrap_with(v8, v8.wrap_shared, owner, data, length) }
}

/// # Safety
/// As of the two above.
unsafe fn wrap_with<T: Send + Sync>(
    v8: &Wrappers,
    make: unsafe extern "C" fn(*mut *mut c_void, *mut u8, usize, Deleter, *mut c_void),
    owner: Arc<T>,
    data: *mut u8,
    length: usize,
) -> Option<SharedPtr> {
    unsafe extern "C" fn give_back<T>(_: *mut c_void, _: usize, owner: *mut c_void) {
        // SAFETY: it came from `Arc::into_raw` below, and the engine calls this once.
        drop(unsafe { Arc::from_raw(owner.cast_const().cast::<T>()) });
    }
    let mut object = ptr::null_mut();
    let owner = Arc::into_raw(owner).cast_mut().cast();
    // SAFETY: the function puts a `std::unique_ptr`, which is one pointer, where it is told to.
    unsafe { make(&mut object, data, length, give_back::<T>, owner) };
    // SAFETY: it is that pointer, and these are the ways to undo it.
    (!object.is_null()).then(|| unsafe { SharedPtr::owning(object, v8.destroy, v8.delete) })
}
