//! What process we run in: whether it is Node.js, its functions by their names, and the file that we are.

use std::ffi::{c_void, CStr};
use std::sync::atomic::{AtomicBool, Ordering};

/// The process is no Node.js.
static FOREIGN: AtomicBool = AtomicBool::new(false);

/// From now on nothing of an engine's is used: another runtime's functions of these names may do anything.
pub fn be_foreign() {
    FOREIGN.store(true, Ordering::Relaxed);
}

pub fn is_foreign() -> bool {
    FOREIGN.load(Ordering::Relaxed)
}

#[cfg(unix)]
mod dl {
    use std::ffi::{c_char, c_int, c_void};
    use std::ptr;

    extern "C" {
        pub fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
        pub fn dladdr(address: *const c_void, found: *mut Found) -> c_int;
    }

    /// `Dl_info` of dladdr(3).
    #[repr(C)]
    pub struct Found {
        pub file: *const c_char,
        base: *mut c_void,
        symbol: *const c_char,
        address: *mut c_void,
    }

    impl Found {
        pub fn nothing() -> Found {
            Found { file: ptr::null(), base: ptr::null_mut(), symbol: ptr::null(), address: ptr::null_mut() }
        }
    }

    /// Means all symbols of the process.
    pub const EVERYWHERE: *mut c_void =
        if cfg!(target_vendor = "apple") { -2isize as *mut c_void } else { ptr::null_mut() };
}

/// The address of the function of that name, wherever in the process it is.
#[cfg(unix)]
pub fn find(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: it looks a name up.
    let address = unsafe { dl::dlsym(dl::EVERYWHERE, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

#[cfg(not(unix))]
pub fn find(_: &CStr) -> Option<*mut c_void> {
    None
}

/// The path of this addon, as it was loaded; `None` where that cannot be asked.
#[cfg(unix)]
pub fn own_file() -> Option<String> {
    let mut found = dl::Found::nothing();
    // SAFETY: asks about an address of ours and writes to `found` only.
    if unsafe { dl::dladdr(own_file as *const c_void, &mut found) } == 0 || found.file.is_null() {
        return None;
    }
    // SAFETY: the linker's text ends with a zero and lives as long as the library is loaded.
    unsafe { CStr::from_ptr(found.file) }.to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
pub fn own_file() -> Option<String> {
    None
}
