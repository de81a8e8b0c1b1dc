//! What stands for memory by the page where the system has none for us, or the interpreter that looks for undefined behaviour
//! knows none: the heap.

use std::ops::{Deref, DerefMut};

#[derive(Debug)]
pub struct Pages(Box<[u8]>);

impl Pages {
    pub fn new(length: usize) -> Option<Pages> {
        Some(Pages(vec![0; length].into_boxed_slice()))
    }

    /// Where they begin.
    pub fn raw(&self) -> *mut u8 {
        self.0.as_ptr().cast_mut()
    }

    pub fn grow(&mut self, _: usize) -> bool {
        false
    }

    pub fn advise_huge(&self) {}
}

pub fn trim_heap() {}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
