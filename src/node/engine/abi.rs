//! What V8's functions take and give back, laid out as libstdc++ does on x86-64.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

/// A `std::shared_ptr`. It is returned and passed through memory, because it has a destructor.
#[repr(C)]
pub struct SharedPtr {
    pub object: *mut c_void,
    pub control: *mut Control,
}

/// libstdc++'s `_Sp_counted_base`.
#[repr(C)]
pub struct Control {
    vtable: *const ControlVtable,
    pub uses: AtomicI32,
    weak: AtomicI32,
}

#[repr(C)]
pub struct ControlVtable {
    destructors: [*const c_void; 2],
    dispose: unsafe extern "C" fn(*mut Control),
    destroy: unsafe extern "C" fn(*mut Control),
    deleter: unsafe extern "C" fn(*mut Control, *const c_void) -> *mut c_void,
}

// SAFETY: what it points to is code.
unsafe impl Sync for ControlVtable {}

/// A control block of our own, for an object that C++ has given us to own.
#[repr(C)]
struct Owner {
    control: Control,
    object: *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void),
    delete: unsafe extern "C" fn(*mut c_void),
}

/// As of a class without a name to ask for: it has no deleter that anybody could get.
static OWNER: ControlVtable = ControlVtable {
    destructors: [ptr::null(); 2],
    dispose: Owner::dispose,
    destroy: Owner::free,
    deleter: Owner::deleter,
};

impl Owner {
    unsafe extern "C" fn dispose(control: *mut Control) {
        // SAFETY: it is the first field of one of ours, and the last user has gone.
        unsafe {
            let owner = control.cast::<Owner>();
            ((*owner).destroy)((*owner).object);
            ((*owner).delete)((*owner).object);
        }
    }

    unsafe extern "C" fn free(control: *mut Control) {
        // SAFETY: it was made by `SharedPtr::owning`, and nobody knows it any more.
        drop(unsafe { Box::from_raw(control.cast::<Owner>()) });
    }

    unsafe extern "C" fn deleter(_: *mut Control, _: *const c_void) -> *mut c_void {
        ptr::null_mut()
    }
}

impl SharedPtr {
    /// What `std::shared_ptr(std::unique_ptr)` makes.
    ///
    /// # Safety
    /// `object` is a `std::unique_ptr`'s own, of the type whose destructor `destroy` is, and came from C++'s allocator, as
    /// whose opposite `delete` is.
    pub unsafe fn owning(
        object: *mut c_void,
        destroy: unsafe extern "C" fn(*mut c_void),
        delete: unsafe extern "C" fn(*mut c_void),
    ) -> SharedPtr {
        let control = Control { vtable: &OWNER, uses: AtomicI32::new(1), weak: AtomicI32::new(1) };
        let owner = Box::into_raw(Box::new(Owner { control, object, destroy, delete }));
        SharedPtr { object, control: owner.cast() }
    }

    pub fn empty() -> SharedPtr {
        SharedPtr { object: ptr::null_mut(), control: ptr::null_mut() }
    }
}

impl Clone for SharedPtr {
    fn clone(&self) -> SharedPtr {
        if !self.control.is_null() {
            // SAFETY: the control block lives as long as it is counted, and this value is one of those counted.
            unsafe { (*self.control).uses.fetch_add(1, Ordering::Relaxed) };
        }
        SharedPtr { object: self.object, control: self.control }
    }
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
pub struct CompiledModule {
    native: SharedPtr,
    pub source_url: SourceUrl,
    spare: [u64; 8],
}

/// libstdc++'s `std::string`.
#[repr(C)]
pub struct SourceUrl {
    pub text: *mut c_void,
    length: usize,
    pub local: [u8; 16],
}

impl CompiledModule {
    /// Room for one, with nothing in it.
    pub fn room() -> Box<CompiledModule> {
        let source_url = SourceUrl { text: ptr::null_mut(), length: 0, local: [0; 16] };
        Box::new(CompiledModule { native: SharedPtr::empty(), source_url, spare: [0; 8] })
    }
}
