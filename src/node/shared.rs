//! Which memory of this process is shared with others, by its address: whatever way a SharedArrayBuffer has come to a
//! thread, it is known by where it lies.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::message::Handed;
use crate::sys::{SharedMemory, Sleep, Sleepers, SHARED_MEMORY};

/// What says that a descriptor is such memory; its body is the length.
pub const KIND: u32 = SHARED_MEMORY;

static MAPPED: Mutex<BTreeMap<usize, Weak<SharedMemory>>> = Mutex::new(BTreeMap::new());

/// The threads that wait where nobody's own thread does.
static SLEEPERS: Sleepers = Sleepers::new();

/// Answers later.
pub fn wait_later(sleep: Sleep) -> io::Result<()> {
    SLEEPERS.add(sleep)
}

/// Some who waited are gone.
pub fn forget_the_gone() {
    SLEEPERS.ring();
}

fn mapped() -> MutexGuard<'static, BTreeMap<usize, Weak<SharedMemory>>> {
    MAPPED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kept(memory: SharedMemory) -> Arc<SharedMemory> {
    let memory = Arc::new(memory);
    let mut mapped = mapped();
    mapped.retain(|_, memory| memory.strong_count() > 0);
    mapped.insert(memory.raw() as usize, Arc::downgrade(&memory));
    memory
}

pub fn create(length: NonZeroUsize) -> io::Result<Arc<SharedMemory>> {
    SharedMemory::create(length).map(kept)
}

/// The memory that lies there.
pub fn find(data: *const u8) -> Option<Arc<SharedMemory>> {
    mapped().get(&(data as usize))?.upgrade()
}

pub fn handed(memory: &SharedMemory) -> io::Result<Handed> {
    let body = (memory.len().get() as u64).to_le_bytes().to_vec();
    Ok(Handed { kind: KIND, body, descriptor: memory.descriptor()? })
}

/// What a peer says to be such memory, by its kind. `None`: it is not.
pub fn opened(handed: Handed) -> Option<Arc<SharedMemory>> {
    let length: [u8; 8] = handed.body.try_into().ok()?;
    let length = NonZeroUsize::new(usize::try_from(u64::from_le_bytes(length)).ok()?)?;
    SharedMemory::open(handed.descriptor, length).ok().map(kept)
}
