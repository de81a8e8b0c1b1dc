//! Waiting for many words of shared memory on few threads: the kernel lets one of them wait for up to 128 at once. Each wait
//! takes two, its word and that word's turn: so a call of `notify` is heard also while the thread was just not asleep.

use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rustix::io::Errno;
use rustix::thread::futex::{self, WaitvFlags};
use rustix::thread::ClockId;

use super::shared::{asleep, until};
use super::{Sleep, Waited};
use crate::limits::SLEEPERS_IDLE;

/// How many waits one thread has, beside its bell.
const WAITS: usize = 63;

/// Invariant: whoever changes what a thread waits for rings its bell afterwards.
#[derive(Default)]
struct Sleeper {
    sleeps: Mutex<Vec<Sleep>>,
    bell: AtomicU32,
}

/// The threads. One stays once it was needed; of the others each ends that has had nothing to wait for in `SLEEPERS_IDLE`.
#[derive(Default)]
pub struct Sleepers(Mutex<Vec<Arc<Sleeper>>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sleepers {
    pub const fn new() -> Sleepers {
        Sleepers(Mutex::new(Vec::new()))
    }

    /// Fails where the kernel cannot wait for several words, or has no thread left.
    pub fn add(&'static self, sleep: Sleep) -> io::Result<()> {
        let mut all = locked(&self.0);
        let found = all.iter().find(|sleeper| locked(&sleeper.sleeps).len() < WAITS).cloned();
        let sleeper = match found {
            Some(sleeper) => sleeper,
            None => {
                let sleeper = start(self)?;
                all.push(sleeper.clone());
                sleeper
            }
        };
        locked(&sleeper.sleeps).push(sleep);
        sleeper.ring();
        Ok(())
    }

    /// Has everybody look whether owners are gone.
    pub fn ring(&self) {
        locked(&self.0).iter().for_each(|sleeper| sleeper.ring());
    }

    fn are_many(&self) -> bool {
        locked(&self.0).len() > 1
    }

    /// `false`: it has been given something meanwhile, or is the last.
    fn strike_off(&self, sleeper: &Sleeper) -> bool {
        let mut all = locked(&self.0);
        let is_over = all.len() > 1 && locked(&sleeper.sleeps).is_empty();
        if is_over {
            all.retain(|other| !ptr::eq(&**other, sleeper));
        }
        is_over
    }
}

/// Whether the kernel knows how: a word that is not what is expected says so at once.
fn start(all: &'static Sleepers) -> io::Result<Arc<Sleeper>> {
    let sleeper = Arc::new(Sleeper::default());
    match futex::waitv(&[asleep(&sleeper.bell, 1, true)], WaitvFlags::empty(), None, ClockId::Monotonic) {
        Err(Errno::AGAIN) => {}
        _ => return Err(io::ErrorKind::Unsupported.into()),
    }
    let own = sleeper.clone();
    thread::Builder::new().name("shared-memory".into()).spawn(move || own.run(all))?;
    Ok(sleeper)
}

impl Sleeper {
    fn ring(&self) {
        self.bell.fetch_add(1, Ordering::Release);
        let _ = futex::wake(&self.bell, futex::Flags::PRIVATE, 1);
    }

    fn run(&self, all: &Sleepers) {
        loop {
            let rung = self.bell.load(Ordering::Acquire);
            let (mut words, mut deadline) = (vec![asleep(&self.bell, rung, true)], None::<Instant>);
            for sleep in locked(&self.sleeps).iter() {
                // Its memory is mapped as long as it is in the list, which only this thread shortens.
                if let (Some(word), Some(turns)) =
                    (sleep.memory.word(sleep.offset), sleep.memory.turn_word(sleep.offset))
                {
                    // In this order: see `SharedMemory::wait`.
                    words.extend([asleep(word, sleep.expected, false), asleep(turns, sleep.turn, false)]);
                }
                deadline = [deadline, sleep.deadline].into_iter().flatten().min();
            }
            let is_idle = words.len() == 1 && all.are_many();
            if is_idle {
                deadline = Some(Instant::now() + SLEEPERS_IDLE);
            }
            let woken = futex::waitv(&words, WaitvFlags::empty(), until(deadline).as_ref(), ClockId::Monotonic);
            if is_idle && woken == Err(Errno::TIMEDOUT) && all.strike_off(self) {
                return;
            }
            self.answer(woken.ok().and_then(|index| index.checked_sub(1)).map(|index| index / 2));
        }
    }

    /// Answers whoever was woken. What has changed while the thread was not asleep may have been notified of just then.
    fn answer(&self, woken: Option<usize>) {
        let now = Instant::now();
        let mut answers = Vec::new();
        let mut sleeps = locked(&self.sleeps);
        for (at, sleep) in std::mem::take(&mut *sleeps).into_iter().enumerate() {
            if woken == Some(at) || sleep.has_changed() {
                answers.push((sleep, Waited::Woken));
            } else if sleep.deadline.is_some_and(|deadline| deadline <= now) {
                answers.push((sleep, Waited::TimedOut));
            } else if sleep.owner.strong_count() > 0 {
                sleeps.push(sleep);
            }
        }
        drop(sleeps);
        answers.into_iter().for_each(|(sleep, waited)| (sleep.done)(waited));
    }
}

impl Sleep {
    fn has_changed(&self) -> bool {
        let is =
            |word: Option<&AtomicU32>, as_it_was| word.is_some_and(|word| word.load(Ordering::SeqCst) == as_it_was);
        !is(self.memory.word(self.offset), self.expected) || !is(self.memory.turn_word(self.offset), self.turn)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use super::*;
    use crate::sys::SharedMemory;

    static ALL: Sleepers = Sleepers::new();

    #[test]
    fn threads_that_many_waits_have_needed_end_when_those_are_over() {
        let memory = Arc::new(SharedMemory::create(NonZeroUsize::new(64).expect("no zero")).expect("memory"));
        let owner = Arc::new(());
        for round in 0..2 {
            let answered = Arc::new(AtomicU32::new(0));
            for _ in 0..4 * WAITS {
                let (answered, turn) = (answered.clone(), memory.turn(0).expect("a turn"));
                let done = Box::new(move |_| _ = answered.fetch_add(1, Ordering::SeqCst));
                let (memory, owner) = (memory.clone(), Arc::downgrade(&owner));
                let sleep = Sleep { memory, offset: 0, expected: 0, turn, deadline: None, owner, done };
                match ALL.add(sleep) {
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => return, // an old kernel
                    added => added.expect("a thread"),
                }
            }
            assert_eq!(locked(&ALL.0).len(), 4, "{round}");
            memory.notify(0, i32::MAX as u32);
            let deadline = Instant::now() + Duration::from_secs(20);
            while locked(&ALL.0).len() > 1 || answered.load(Ordering::SeqCst) < 4 * WAITS as u32 {
                assert!(Instant::now() < deadline, "{round}: {} threads", locked(&ALL.0).len());
                thread::yield_now();
            }
        }
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
