//! The processes that were started here: each ends before the thread that did is gone, and by itself if it follows that.

use std::collections::hash_map::Entry;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::channel::Handle;
use crate::sys::{end_with, Companion};

#[derive(Debug, Default)]
pub struct Family {
    members: Mutex<HashMap<i32, Member>>,
    is_over: AtomicBool,
}

#[derive(Debug)]
struct Member {
    companion: Companion,
    /// The end of ours whose other end it follows, once it does.
    followed: Option<Handle>,
    thread: ThreadId,
}

impl Member {
    /// `None`: of any.
    fn is_of(&self, thread: Option<ThreadId>) -> bool {
        thread.is_none_or(|thread| thread == self.thread)
    }
}

impl Family {
    /// A child of this thread that is to end with it. By itself, if it [follows](crate::flusher::Flusher::follow) the other end of
    /// `followed`.
    pub fn take_along(&self, pid: i32, followed: Option<Handle>) {
        match self.members().entry(pid) {
            Entry::Occupied(mut known) => known.get_mut().followed = followed,
            Entry::Vacant(free) => {
                let thread = thread::current().id();
                _ = Companion::of(pid).map(|companion| free.insert(Member { companion, followed, thread }));
            }
        }
    }

    /// It has ended.
    pub fn let_go(&self, pid: i32) {
        self.members().remove(&pid);
    }

    /// Whether they are ending with the process, while JavaScript goes on.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// Those of this thread that follow are told to end, as long as what they follow is open.
    pub fn tell(&self) {
        self.tell_those_of(Some(thread::current().id()));
    }

    /// The process ends.
    pub fn tell_all(&self) {
        self.is_over.store(true, Ordering::Release);
        self.tell_those_of(None);
    }

    /// Waits until all of this thread have ended.
    pub fn end(&self) {
        self.end_those_of(Some(thread::current().id()));
    }

    pub fn end_all(&self) {
        self.end_those_of(None);
    }

    fn members(&self) -> MutexGuard<'_, HashMap<i32, Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_those_of(&self, thread: Option<ThreadId>) {
        let told: Vec<Handle> = self
            .members()
            .values()
            .filter(|member| member.is_of(thread))
            .filter_map(|member| member.followed.clone())
            .collect();
        told.iter().for_each(Handle::end_writing);
    }

    fn end_those_of(&self, thread: Option<ThreadId>) {
        // Before they are waited for: others come and go meanwhile.
        let ending: Vec<_> = self.members().extract_if(|_, member| member.is_of(thread)).collect();
        end_with(ending.into_iter().map(|(_, member)| (member.companion, member.followed.is_some())));
    }
}
