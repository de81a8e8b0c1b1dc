//! The body of a message on its way into a queue or an outbox: one that is copied there, or one that stays where it is.

use std::ops::Deref;

pub use crate::slab::Bytes;

#[derive(Debug)]
pub enum Body<'a> {
    Borrowed(&'a [u8]),
    Owned(Bytes),
}

impl Body<'_> {
    /// One in memory of its own.
    pub fn copied(bytes: &[u8]) -> Body<'static> {
        Body::Owned(Bytes::copied(bytes))
    }

    pub fn into_bytes(self) -> Bytes {
        match self {
            Body::Borrowed(bytes) => bytes.to_vec().into(),
            Body::Owned(bytes) => bytes,
        }
    }
}

impl Deref for Body<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Body::Borrowed(bytes) => bytes,
            Body::Owned(bytes) => bytes,
        }
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Body<'a> {
        Body::Borrowed(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Body<'a> {
    fn from(bytes: &'a [u8; N]) -> Body<'a> {
        Body::Borrowed(bytes)
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Body::Owned(bytes.into())
    }
}
