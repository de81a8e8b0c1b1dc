//! Memory by the page, straight from the system: what is given back is given back to all.

use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::slice;

use rustix::mm::{madvise, mmap_anonymous, mremap, munmap, Advice, MapFlags, MremapFlags, ProtFlags};

/// Initialized: the system clears what it hands out.
#[derive(Debug)]
pub struct Pages {
    data: NonNull<u8>,
    length: usize,
}

// SAFETY: it is plain memory with one owner.
unsafe impl Send for Pages {}
// SAFETY: as above; sharing it only reads.
unsafe impl Sync for Pages {}

impl Pages {
    /// `None`: the system has none.
    pub fn new(length: usize) -> Option<Pages> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the system chooses where, so nothing else lies there.
        let data = unsafe { mmap_anonymous(ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, flags) };
        Some(Pages { data: NonNull::new(data.ok()?.cast())?, length })
    }
}

impl Pages {
    /// Where they begin.
    pub fn raw(&self) -> *mut u8 {
        self.data.as_ptr()
    }

    /// Makes them more, with the same in them, perhaps elsewhere; pages are moved, not copied. `false`: the system has none.
    pub fn grow(&mut self, length: usize) -> bool {
        if length <= self.length {
            return false;
        }
        // SAFETY: so much is mapped there, and nobody else refers to it.
        let moved = unsafe { mremap(self.data.as_ptr().cast(), self.length, length, MremapFlags::MAYMOVE) };
        let Some(data) = moved.ok().and_then(|data| NonNull::new(data.cast())) else {
            return false;
        };
        (self.data, self.length) = (data, length);
        true
    }

    /// Lets the system take memory for them in large pages, which are faulted one for hundreds of others. It need not.
    pub fn advise_huge(&self) {
        // SAFETY: it changes nothing that is in there.
        let _ = unsafe { madvise(self.data.as_ptr().cast(), self.length, Advice::LinuxHugepage) };
    }
}

/// Has the allocator give back the pages on which nothing is in use any more, wherever they lie. Others do so by themselves.
pub fn trim_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it changes nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so much was mapped, it is initialized, and lives as long as this.
        unsafe { slice::from_raw_parts(self.data.as_ptr(), self.length) }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and nobody else has it.
        unsafe { slice::from_raw_parts_mut(self.data.as_ptr(), self.length) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: it was mapped so, and nothing refers to it any more. Should the system refuse, it stays mapped.
        let _ = unsafe { munmap(self.data.as_ptr().cast(), self.length) };
    }
}
