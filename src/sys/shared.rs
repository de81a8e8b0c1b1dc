//! Memory that processes share: a sealed memfd, mapped for as long as anybody here has it, and waiting on words of it.

use std::io;
use std::num::NonZeroUsize;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{fcntl_add_seals, fcntl_get_seals, fstat, fstatfs, ftruncate, memfd_create, MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{mmap, munmap, MapFlags, ProtFlags};
use rustix::thread::futex::{self, Timespec, Wait, WaitFlags, WaitvFlags};
use rustix::thread::ClockId;
use rustix::time::clock_gettime;

use super::{Descriptor, Waited};
use crate::limits::{SHARED_BYTES, SHARED_TURNS};

/// Nobody can take away what others have mapped, nor what keeps them from it.
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::SEAL);

/// What is the user's, and behind it the turns: words that count calls of `notify`, by the word that it was for.
///
/// Invariant: as many bytes are mapped as the file has, and it keeps them.
#[derive(Debug)]
pub struct SharedMemory {
    data: NonNull<u8>,
    length: NonZeroUsize,
    file: Descriptor,
}

// SAFETY: it is plain memory that others change at any time, so that nobody is given a reference to more than atomics.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

/// How long the file is, of a length that is [allowed](is_allowed).
fn whole(length: NonZeroUsize) -> usize {
    turns_at(length) + 4 * SHARED_TURNS
}

/// Whether memory may be so long. Of what is longer nothing is reckoned: that could overflow, and less be mapped than is said.
fn is_allowed(length: NonZeroUsize) -> bool {
    length.get() <= SHARED_BYTES
}

/// Where the turns begin, in a cache line of their own.
fn turns_at(length: NonZeroUsize) -> usize {
    length.get().next_multiple_of(64)
}

/// Whether it is memory that is so long for good, and whose every page is there whenever somebody looks. Of large pages the system
/// has only so many: who punches a hole and takes what that has freed leaves nothing for a look but the end of the process.
fn stays(file: &Descriptor, length: NonZeroUsize) -> io::Result<bool> {
    // Only memory has seals.
    let is_sealed = fcntl_get_seals(file)?.contains(SEALS);
    Ok(is_sealed
        && fstatfs(file)?.f_type == libc::TMPFS_MAGIC
        && u64::try_from(fstat(file)?.st_size) == Ok(whole(length) as u64))
}

impl SharedMemory {
    /// New memory, all zero. Fails for more than `SHARED_BYTES`.
    pub fn create(length: NonZeroUsize) -> io::Result<SharedMemory> {
        if !is_allowed(length) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = memfd_create(c"message-channel-main", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, whole(length) as u64)?;
        fcntl_add_seals(&file, SEALS)?;
        SharedMemory::map(file, length)
    }

    /// What a peer has sent, which may be anything, as may the length that it says: nothing is mapped that could become shorter.
    pub fn open(file: Descriptor, length: NonZeroUsize) -> io::Result<SharedMemory> {
        if !is_allowed(length) || !stays(&file, length)? {
            return Err(io::ErrorKind::InvalidData.into());
        }
        SharedMemory::map(file, length)
    }

    fn map(file: Descriptor, length: NonZeroUsize) -> io::Result<SharedMemory> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the system chooses where, so nothing else lies there.
        let data = unsafe { mmap(ptr::null_mut(), whole(length), access, MapFlags::SHARED, &file, 0) }?;
        let data = NonNull::new(data.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(SharedMemory { data, length, file })
    }

    pub fn raw(&self) -> *mut u8 {
        self.data.as_ptr()
    }

    pub fn len(&self) -> NonZeroUsize {
        self.length
    }

    /// Another descriptor of it, for another process.
    pub fn descriptor(&self) -> io::Result<Descriptor> {
        self.file.try_clone()
    }

    /// The word at this offset in bytes, if it lies whole in the memory.
    pub(super) fn word(&self, offset: usize) -> Option<&AtomicU32> {
        let is_inside = offset.is_multiple_of(4) && offset.checked_add(4).is_some_and(|end| end <= self.length.get());
        // SAFETY: it is inside, aligned as the page is, and atomics may be shared with anybody.
        is_inside.then(|| unsafe { AtomicU32::from_ptr(self.data.as_ptr().add(offset).cast()) })
    }

    /// The turn of this word, which the next call of `notify` ends.
    pub(super) fn turn_word(&self, offset: usize) -> Option<&AtomicU32> {
        self.word(offset)?;
        let at = turns_at(self.length) + 4 * (offset / 4 % SHARED_TURNS);
        // SAFETY: it lies behind the user's bytes, inside of what is mapped, aligned, and is used with atomics alone.
        Some(unsafe { AtomicU32::from_ptr(self.data.as_ptr().add(at).cast()) })
    }

    /// See [`SharedMemory::wait`]; whoever is to wait asks before he looks at the word.
    pub fn turn(&self, offset: usize) -> Option<u32> {
        self.turn_word(offset).map(|turn| turn.load(Ordering::SeqCst))
    }

    /// Sleeps while the word is `expected`, until somebody calls `notify` for it in any process, or has done so since `turn`.
    /// `again`: it was `expected` when the wait began, and what it is now is no answer. `None`: no such word.
    pub fn wait(&self, offset: usize, expected: u32, timeout: Duration, turn: u32, again: bool) -> Option<Waited> {
        let (word, turns) = (self.word(offset)?, self.turn_word(offset)?);
        // The word first: between the two looks of the kernel a call of `notify` finds it asleep there.
        let words = [asleep(word, expected, false), asleep(turns, turn, false)];
        let until = until(Instant::now().checked_add(timeout));
        let waited = match futex::waitv(&words, WaitvFlags::empty(), until.as_ref(), ClockId::Monotonic) {
            // Linux before 5.16, or a container that keeps us from it.
            Err(Errno::NOSYS | Errno::PERM) => {
                // Other processes have it mapped elsewhere: not PRIVATE.
                futex::wait(word, futex::Flags::empty(), expected, Timespec::try_from(timeout).ok().as_ref())
            }
            waited => waited.map(|_| ()),
        };
        Some(match waited {
            Err(Errno::AGAIN) if !again && word.load(Ordering::SeqCst) != expected => Waited::NotEqual,
            Err(Errno::TIMEDOUT) => Waited::TimedOut,
            // A signal is as good as a call for nothing: whoever waits looks again.
            Ok(()) | Err(_) => Waited::Woken,
        })
    }

    /// Wakes up to `count` of those who wait for the word, in any process. `None`: no such word.
    pub fn notify(&self, offset: usize, count: u32) -> Option<usize> {
        let word = self.word(offset)?;
        if count == 0 {
            return Some(0); // for which the kernel would wake one
        }
        self.turn_word(offset)?.fetch_add(1, Ordering::SeqCst);
        Some(futex::wake(word, futex::Flags::empty(), count).unwrap_or(0))
    }
}

/// One of the words that the kernel is to wait for.
pub(super) fn asleep(at: &AtomicU32, expected: u32, is_private: bool) -> Wait {
    let mut wait = Wait::new();
    wait.val = expected.into();
    wait.uaddr = at.as_ptr().cast::<std::ffi::c_void>().into();
    wait.flags = if is_private { WaitFlags::SIZE_U32 | WaitFlags::PRIVATE } else { WaitFlags::SIZE_U32 };
    wait
}

/// The kernel wants a point in time, of its own clock.
pub(super) fn until(deadline: Option<Instant>) -> Option<Timespec> {
    let left = deadline?.saturating_duration_since(Instant::now());
    let now = clock_gettime(rustix::time::ClockId::Monotonic);
    let nanoseconds = now.tv_nsec + i64::from(left.subsec_nanos());
    Some(Timespec {
        tv_sec: now
            .tv_sec
            .saturating_add(i64::try_from(left.as_secs()).ok()?)
            .saturating_add(nanoseconds / 1_000_000_000),
        tv_nsec: nanoseconds % 1_000_000_000,
    })
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: it was mapped so, and nothing refers to it any more. Should the system refuse, it stays mapped.
        let _ = unsafe { munmap(self.data.as_ptr().cast(), whole(self.length)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::OwnedFd;

    const LENGTH: NonZeroUsize = NonZeroUsize::new(8192).unwrap();
    const WHOLE: u64 = 8192 + 4 * SHARED_TURNS as u64;
    const LONG: Duration = Duration::from_secs(60);

    fn memory(length: u64, seals: SealFlags) -> OwnedFd {
        let file = memfd_create(c"test", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).expect("memory");
        ftruncate(&file, length).expect("so much");
        fcntl_add_seals(&file, seals).expect("sealed");
        file
    }

    #[test]
    fn what_could_become_shorter_or_is_not_so_long_is_not_mapped() {
        for seals in [
            SealFlags::empty(),
            SealFlags::SHRINK,
            SealFlags::SHRINK | SealFlags::SEAL,
            SealFlags::GROW | SealFlags::SEAL,
            SealFlags::SHRINK | SealFlags::GROW,
            SEALS | SealFlags::WRITE,
        ] {
            assert!(SharedMemory::open(memory(WHOLE, seals), LENGTH).is_err(), "{seals:?}");
        }
        for length in [0, 4096, 8192, WHOLE - 1, WHOLE + 1] {
            assert!(SharedMemory::open(memory(length, SEALS), LENGTH).is_err(), "{length}");
        }
        assert!(SharedMemory::open(memory(WHOLE, SEALS), LENGTH).is_ok());
    }

    #[test]
    fn no_length_is_so_large_that_less_is_mapped() {
        for length in [SHARED_BYTES + 1, usize::MAX - 64, usize::MAX] {
            let length = NonZeroUsize::new(length).expect("no zero");
            assert!(SharedMemory::create(length).is_err());
            assert!(SharedMemory::open(memory(4 * SHARED_TURNS as u64, SEALS), length).is_err(), "{length}");
        }
    }

    #[test]
    fn pages_that_others_can_use_up_are_refused() {
        const LARGE: u64 = 2 << 20;
        let create = |flags| {
            let file = memfd_create(c"test", flags | MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).ok()?;
            ftruncate(&file, LARGE).ok()?;
            fcntl_add_seals(&file, SEALS).ok()?;
            Some(file)
        };
        let length = NonZeroUsize::new(LARGE as usize - 4 * SHARED_TURNS).expect("no zero");
        assert!(create(MemfdFlags::empty()).is_some_and(|file| stays(&file, length).is_ok_and(|stays| stays)));
        // Whether or not there are any now; a kernel without them cannot be sent them.
        if let Some(file) = create(MemfdFlags::HUGETLB | MemfdFlags::HUGE_2MB) {
            assert!(stays(&file, length).is_ok_and(|stays| !stays));
        }
    }

    #[test]
    fn what_is_no_memory_is_refused() {
        let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
        let file = OwnedFd::from(File::open("/proc/self/exe").expect("a file"));
        let folder = OwnedFd::from(File::open("/").expect("a folder"));
        for other in [reader, writer, file, folder] {
            assert!(SharedMemory::open(other, LENGTH).is_err());
        }
    }

    #[test]
    fn nobody_can_shorten_it() {
        let memory = SharedMemory::create(LENGTH).expect("memory");
        let file = memory.descriptor().expect("a descriptor");
        assert!(ftruncate(&file, 0).is_err());
        assert!(ftruncate(&file, 1 << 20).is_err());
    }

    #[test]
    fn two_mappings_are_the_same_words() {
        let memory = SharedMemory::create(LENGTH).expect("memory");
        let other = SharedMemory::open(memory.descriptor().expect("a descriptor"), LENGTH).expect("the same");
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| other.wait(8, 0, LONG, other.turn(8).expect("a turn"), false));
            while memory.notify(8, 1) == Some(0) && !waiter.is_finished() {
                std::thread::yield_now();
            }
            assert_eq!(waiter.join().expect("no panic"), Some(Waited::Woken));
        });
        let turn = memory.turn(8).expect("a turn");
        assert_eq!(memory.wait(8, 1, LONG, turn, false), Some(Waited::NotEqual));
        assert_eq!(memory.wait(8, 1, LONG, turn, true), Some(Waited::Woken));
        assert_eq!(memory.wait(8, 0, Duration::ZERO, turn, false), Some(Waited::TimedOut));
        assert_eq!(memory.notify(8, 0), Some(0));
        for offset in [2, 8190, 8192, usize::MAX - 3] {
            assert_eq!(memory.notify(offset, 1), None);
            assert_eq!(memory.turn(offset), None);
            assert_eq!(memory.wait(offset, 0, LONG, 0, false), None);
        }
    }

    #[test]
    fn a_call_that_came_just_before_one_sleeps_is_heard() {
        let memory = SharedMemory::create(NonZeroUsize::new(5).expect("no zero")).expect("memory");
        let other = SharedMemory::open(memory.descriptor().expect("a descriptor"), memory.len()).expect("the same");
        for again in [false, true] {
            let turn = memory.turn(0).expect("a turn");
            assert_eq!(other.notify(0, 1), Some(0), "nobody sleeps");
            assert_eq!(memory.wait(0, 0, LONG, turn, again), Some(Waited::Woken));
            assert_eq!(
                memory.wait(0, 0, Duration::from_millis(1), turn.wrapping_add(1), again),
                Some(Waited::TimedOut)
            );
        }
        assert_eq!(memory.notify(4, 1), None, "four of its bytes are not there");
    }
}
