//! Memory of ours as the engine's: it tells when nobody has it any more.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::abi::SharedPtr;
use super::functions::Wrappers;

/// # Safety
/// `length` bytes at `data` are the engine's alone until `owner` is dropped.
pub unsafe fn wrap<T: Send + Sync>(v8: &Wrappers, owner: Arc<T>, data: *mut u8, length: usize) -> Option<SharedPtr> {
    unsafe extern "C" fn give_back<T>(_: *mut c_void, _: usize, owner: *mut c_void) {
        // SAFETY: it came from `Arc::into_raw` below, and the engine calls this once.
        drop(unsafe { Arc::from_raw(owner.cast_const().cast::<T>()) });
    }
    let mut object = ptr::null_mut();
    let owner = Arc::into_raw(owner).cast_mut().cast();
    // SAFETY: the function puts a `std::unique_ptr`, which is one pointer, where it is told to.
    unsafe { (v8.wrap)(&mut object, data, length, give_back::<T>, owner) };
    // SAFETY: it is that pointer, and these are the ways to undo it.
    (!object.is_null()).then(|| unsafe { SharedPtr::owning(object, v8.destroy, v8.delete) })
}
