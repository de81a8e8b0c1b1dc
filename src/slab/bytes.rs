//! Bytes that nobody writes to any more, on their way out: in memory of ours, or in somebody's who keeps them there.

use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use super::{Lent, Slab};

/// Keeps bytes where they are, unchanged, as long as it lives.
pub trait Hold: Debug + Send {
    fn bytes(&self) -> &[u8];
}

#[derive(Debug)]
pub struct Bytes(Memory);

#[derive(Debug)]
enum Memory {
    Heap(Vec<u8>),
    /// So many at its beginning.
    Slab(Slab, usize),
    Kept(Kept),
    Held(Box<dyn Hold>),
    Loan(Loan),
}

/// Bytes of a slab that others have other parts of.
#[derive(Debug)]
struct Kept {
    slab: Arc<Slab>,
    data: *mut u8,
    length: usize,
}

// SAFETY: they lie in the slab, and nobody writes to them.
unsafe impl Send for Kept {}

#[derive(Debug)]
struct Loan(*const u8, usize);

// SAFETY: whoever has made the loan sees to it that the bytes stay, whichever thread looks at them.
unsafe impl Send for Loan {}

impl Bytes {
    /// A copy, which faults no pages where memory of that size was used lately.
    pub fn copied(bytes: &[u8]) -> Bytes {
        let Some(mut slab) = Slab::paged(bytes.len()) else {
            return Bytes(Memory::Heap(bytes.to_vec()));
        };
        slab.expect_use();
        slab[..bytes.len()].copy_from_slice(bytes);
        Bytes(Memory::Slab(slab, bytes.len()))
    }

    /// What `write` writes into room for `room` bytes; it answers how many those are.
    ///
    /// # Safety
    /// So many, from the first one on, it has written.
    pub unsafe fn written(room: usize, write: impl FnOnce(&mut [MaybeUninit<u8>]) -> usize) -> Bytes {
        let Some(mut slab) = Slab::paged(room) else {
            // The heap's need not be cleared first.
            let mut bytes = Vec::with_capacity(room);
            let length = write(bytes.spare_capacity_mut()).min(bytes.capacity());
            // SAFETY: so many are there and, as the caller says, written.
            unsafe { bytes.set_len(length) };
            return Bytes(Memory::Heap(bytes));
        };
        slab.expect_use();
        // SAFETY: what is initialized may be written to like what is not, by whoever only writes; and stays initialized.
        let length = write(unsafe { slice::from_raw_parts_mut(slab.as_mut_ptr().cast(), slab.len()) }).min(slab.len());
        Bytes(Memory::Slab(slab, length))
    }

    /// These where they are, if that is no waste.
    pub fn kept(lent: &Lent<'_>) -> Option<Bytes> {
        let (slab, data) = lent.keep()?;
        Some(Bytes(Memory::Kept(Kept { slab, data, length: lent.len() })))
    }

    /// The slab that they lie in, where in there, and how many they are; or themselves, if that would be a waste.
    pub fn into_slab(self) -> Result<(Arc<Slab>, *mut u8, usize), Bytes> {
        match self.0 {
            Memory::Kept(Kept { slab, data, length }) => Ok((slab, data, length)),
            Memory::Slab(slab, length) => {
                let slab = Arc::new(slab);
                match Lent::new(&slab[..length], Some(&slab)).keep() {
                    Some((slab, data)) => Ok((slab, data, length)),
                    None => Err(slab[..length].to_vec().into()),
                }
            }
            other => Err(Bytes(other)),
        }
    }

    pub fn held(by: impl Hold + 'static) -> Bytes {
        Bytes(Memory::Held(Box::new(by)))
    }

    /// These bytes where they are, for a short while.
    ///
    /// # Safety
    /// Before `bytes` ends to be borrowed this is dropped, or no [loan](Self::is_loan) any more.
    pub unsafe fn loan(bytes: &[u8]) -> Bytes {
        Bytes(Memory::Loan(Loan(bytes.as_ptr(), bytes.len())))
    }

    /// Only the first `length` of a loan.
    pub fn shorten_loan(&mut self, length: usize) {
        if let Memory::Loan(Loan(_, all)) = &mut self.0 {
            *all = length.min(*all);
        }
    }

    /// Whether they are somebody's who may soon write to them.
    pub fn is_loan(&self) -> bool {
        matches!(self.0, Memory::Loan(_))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Memory::Heap(bytes) => bytes,
            Memory::Slab(slab, length) => &slab[..*length],
            // SAFETY: so many lie there, and the slab is kept.
            Memory::Kept(Kept { data, length, .. }) => unsafe { slice::from_raw_parts(*data, *length) },
            Memory::Held(by) => by.bytes(),
            // SAFETY: so whoever has made the loan has promised.
            Memory::Loan(Loan(data, length)) => unsafe { slice::from_raw_parts(*data, *length) },
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(Memory::Heap(bytes))
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Bytes {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}
