//! Looks up functions of the process that we run in, and the file that we are.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::ptr;

extern "C" {
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dladdr(address: *const c_void, found: *mut Found) -> c_int;
}

/// `Dl_info` of dladdr(3).
#[repr(C)]
struct Found {
    file: *const c_char,
    base: *mut c_void,
    symbol: *const c_char,
    address: *mut c_void,
}

/// The address of the function of that name, wherever in the process it is.
pub fn find(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a null library means all symbols of the process.
    let address = unsafe { dlsym(ptr::null_mut(), name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

/// The path of this addon, as it was loaded.
pub fn own_file() -> Option<String> {
    let mut found = Found { file: ptr::null(), base: ptr::null_mut(), symbol: ptr::null(), address: ptr::null_mut() };
    // SAFETY: asks about an address of ours and writes to `found` only.
    if unsafe { dladdr(own_file as *const c_void, &mut found) } == 0 || found.file.is_null() {
        return None;
    }
    // SAFETY: the linker's text ends with a zero and lives as long as the library is loaded.
    unsafe { CStr::from_ptr(found.file) }.to_str().ok().map(str::to_owned)
}
