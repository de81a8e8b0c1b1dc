//! Submits to a log as JavaScript does.

use std::cell::UnsafeCell;

use message_channel_main::submissions::{Submissions, Words};
use message_channel_main::sync::{fence, Arc, AtomicU32, Ordering};
use message_channel_main::wire::frame::{self, HEADER};
use message_channel_main::wire::log::ByteLog;

const LENGTH: usize = 512;

pub struct Script {
    pub log: Arc<Submissions>,
    memory: Box<Memory>,
}

struct Memory {
    words: Words,
    bytes: UnsafeCell<[u8; LENGTH]>,
}

pub fn bodies(frames: &[u8]) -> Vec<Vec<u8>> {
    frame::bodies(frames).map(<[u8]>::to_vec).collect()
}

impl Script {
    /// Other threads post with `post`.
    pub fn new(post: impl Fn(u32, &[u8]) + Send + Sync + 'static) -> Script {
        let words = Words { tail: AtomicU32::new(0), minded: AtomicU32::new(0), key: AtomicU32::new(0) };
        let memory = Box::new(Memory { words, bytes: UnsafeCell::new([0; LENGTH]) });
        let log = Arc::new(Submissions::new(Box::new(post)));
        // SAFETY: the memory stays until the log has ended, which `drop` sees to.
        unsafe { log.lend(&memory.words, memory.bytes.get().cast(), LENGTH) };
        Script { log, memory }
    }

    pub fn submit(&self, key: u32, body: &[u8]) {
        let Words { tail, key: last, .. } = &self.memory.words;
        let mut frames = ByteLog::default();
        if last.load(Ordering::Relaxed) != key {
            last.store(key, Ordering::Relaxed);
            let mut mark = [0; HEADER];
            mark[4..8].copy_from_slice(&key.to_ne_bytes());
            frames.push(&mark);
        }
        frame::push_plain(&mut frames, body);
        let at = tail.load(Ordering::Relaxed) as usize * 4;
        assert!(at + frames.len() <= LENGTH);
        let to = self.memory.bytes.get().cast::<u8>();
        // SAFETY: there is room, and nobody reads what is behind the tail.
        unsafe { std::ptr::copy_nonoverlapping(frames.as_slice().as_ptr(), to.add(at), frames.len()) };
        tail.store(((at + frames.len()) / 4) as u32, Ordering::SeqCst);
        // JavaScript's atomics are in one order of all; loom's are not without this.
        fence(Ordering::SeqCst);
    }

    pub fn is_minded(&self) -> bool {
        self.memory.words.minded.load(Ordering::SeqCst) != 0
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.log.end();
    }
}
