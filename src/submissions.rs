//! What the JavaScript of one thread has posted without a call: frames in a log, taken by whoever comes first.
//!
//! It is what a store buffer is to a processor: what is in there is posted as far as its own thread can tell, because that
//! takes it before it looks at any port; and other threads take it before they say that there is nothing. In between the
//! backstop sees to it that nothing waits for a thread that is busy.
//!
//! Invariants: only the loop's own thread moves the tail, and only under the lock back to the start; what lies between head
//! and tail is whole, never written to, and taken once, in order, under the lock. It is the only lock held when channels'
//! own are taken. A thread that has moved the tail and finds nobody minding the log says so; who stops minding looks at the
//! tail once more afterwards.

use std::ptr;

use crate::sync::{fence, lock, AtomicU32, Mutex, Ordering};
use crate::wire::frame;

/// The words in front of the log, which JavaScript reads and writes as a part of the same buffer.
#[repr(C)]
#[derive(Debug)]
pub struct Words {
    /// Where the log ends, in words of four bytes.
    pub tail: AtomicU32,
    /// Not 0: somebody will look at the log without being asked.
    pub minded: AtomicU32,
    /// The port that the frames at the tail are for; 0 at the start of the log. Its own thread's business.
    pub key: AtomicU32,
}

/// Posts frames of messages without parts to the port of a key.
pub type Post = dyn Fn(u32, &[u8]) + Send + Sync;

pub struct Submissions {
    log: Mutex<Log>,
    post: Box<Post>,
}

struct Log {
    /// Null: there is nothing and never will be.
    words: *const Words,
    bytes: *const u8,
    length: usize,
    /// Up to here it was taken, in bytes.
    head: usize,
    /// The port that the frames at the head are for.
    key: u32,
    /// The ports that other threads have posted to since the log was rewound.
    others: Vec<u32>,
}

// SAFETY: whoever lends the memory takes it back under the lock; the words are atomics, and of the bytes only those are
// read that are written to no more.
unsafe impl Send for Log {}

impl Submissions {
    /// `post` is what threads other than the loop's own post with.
    pub fn new(post: Box<Post>) -> Submissions {
        let log = Log { words: ptr::null(), bytes: ptr::null(), length: 0, head: 0, key: 0, others: Vec::new() };
        Submissions { log: Mutex::new(log), post }
    }

    /// Lends the memory of an empty log.
    ///
    /// # Safety
    /// `words` and the `length` bytes at `bytes` stay until [`end`](Self::end), and between them and the tail nobody
    /// writes to those.
    pub unsafe fn lend(&self, words: *const Words, bytes: *const u8, length: usize) {
        let mut log = lock(&self.log);
        (log.words, log.bytes, log.length) = (words, bytes, length);
    }

    /// Takes the memory back. What is in there is lost, unless it was taken before.
    pub fn end(&self) {
        let mut log = lock(&self.log);
        (log.words, log.bytes, log.length) = (ptr::null(), ptr::null(), 0);
    }

    /// The loop's own thread takes everything, and the log begins anew. Where others have come first it posts nothing,
    /// so that it learns of the port what whoever has posted to it is told.
    pub fn take_own(&self, mut post: impl FnMut(u32, &[u8])) {
        let mut log = lock(&self.log);
        std::mem::take(&mut log.others).into_iter().for_each(|key| post(key, &[]));
        log.take(post);
        log.rewind();
    }

    /// Another thread takes everything.
    pub fn take(&self) -> bool {
        lock(&self.log).take_for(&*self.post)
    }

    /// Whether it is minded from now on and was not before: the caller sees to it that somebody will [`look`](Self::look).
    pub fn mind(&self) -> bool {
        lock(&self.log).words().is_some_and(|words| words.minded.swap(1, Ordering::SeqCst) == 0)
    }

    /// Whoever minds the log takes what is there. `false`: there was nothing, and it is minded no more.
    pub fn look(&self) -> bool {
        let mut log = lock(&self.log);
        if log.take_for(&*self.post) {
            return true;
        }
        if let Some(words) = log.words() {
            words.minded.store(0, Ordering::SeqCst);
        }
        // Its thread may have found it minded still: then the tail it has moved before is seen here.
        fence(Ordering::SeqCst);
        if !log.take_for(&*self.post) {
            return false;
        }
        if let Some(words) = log.words() {
            words.minded.store(1, Ordering::SeqCst);
        }
        true
    }
}

impl Log {
    fn words(&self) -> Option<&Words> {
        // SAFETY: null, or lent.
        unsafe { self.words.as_ref() }
    }

    fn take_for(&mut self, post: &Post) -> bool {
        let mut others = std::mem::take(&mut self.others);
        let some = self.take(|key, frames| {
            post(key, frames);
            others.push(key);
        });
        others.dedup();
        self.others = others;
        some
    }

    fn take(&mut self, mut post: impl FnMut(u32, &[u8])) -> bool {
        let Some(words) = self.words() else {
            return false;
        };
        let tail = (words.tail.load(Ordering::SeqCst) as usize * 4).min(self.length);
        if tail <= self.head {
            return false;
        }
        // SAFETY: these bytes were lent, and what is in front of the tail is not written to until the log is rewound.
        let mut rest = unsafe { std::slice::from_raw_parts(self.bytes.add(self.head), tail - self.head) };
        self.head = tail;
        while !rest.is_empty() {
            let run = frame::plain_run(rest, rest.len(), rest.len());
            let (frames, behind) = rest.split_at(run);
            if run > 0 {
                post(self.key, frames);
            }
            let Some((mark, after)) = behind.split_first_chunk() else {
                break;
            };
            self.key = key_of(mark);
            rest = after;
        }
        true
    }

    fn rewind(&mut self) {
        if let Some(words) = self.words() {
            words.tail.store(0, Ordering::SeqCst);
            words.key.store(0, Ordering::Relaxed);
        }
        self.head = 0;
        self.key = 0;
    }
}

/// The key in a mark: what stands where a header would, in front of the frames for another port than those before. A word
/// of zeros, which no frame begins with, the key, and eight bytes that say nothing.
fn key_of(mark: &[u8; frame::HEADER]) -> u32 {
    u32::from_ne_bytes([mark[4], mark[5], mark[6], mark[7]])
}
