//! Looks up functions of the process that we run in.

use std::ffi::{c_char, c_void, CStr};
use std::ptr;

extern "C" {
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The address of the function of that name, wherever in the process it is.
pub fn find(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a null library means all symbols of the process.
    let address = unsafe { dlsym(ptr::null_mut(), name.as_ptr()) };
    (!address.is_null()).then_some(address)
}
