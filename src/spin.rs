//! How long an event loop in low-latency mode looks for messages before it sleeps.
//!
//! It learns, as hypervisors do before they halt a processor: what came soon after it had gone to sleep could have been
//! waited for, so it will look for longer; what came late would have been waited for in vain, so it will look for less, and
//! after some of that not at all. It says when, and does nothing itself.

use std::time::{Duration, Instant};

use crate::limits::{SPIN_LEAST, SPIN_MOST};

/// Invariant: `patience` is zero, or between `SPIN_LEAST` and `SPIN_MOST`.
#[derive(Debug)]
pub struct Spin {
    patience: Duration,
    /// When this loop last heard or said something.
    active: Instant,
    /// It has looked in vain since, and sleeps.
    asleep: bool,
}

impl Spin {
    pub fn new(now: Instant) -> Spin {
        Spin { patience: SPIN_LEAST, active: now, asleep: true }
    }

    /// Messages have come.
    pub fn heard(&mut self, now: Instant) {
        if self.asleep {
            let after = now.saturating_duration_since(self.active);
            self.patience = match self.patience {
                patience if after <= SPIN_MOST => (patience * 2).clamp(SPIN_LEAST, SPIN_MOST),
                patience if patience / 2 < SPIN_LEAST => Duration::ZERO,
                patience => patience / 2,
            };
        }
        self.said(now);
    }

    /// Something was posted: an answer may come.
    pub fn said(&mut self, now: Instant) {
        self.active = now;
        self.asleep = self.patience.is_zero();
    }

    /// Whether to look once more before the loop sleeps.
    pub fn goes_on(&mut self, now: Instant) -> bool {
        self.asleep |= now.saturating_duration_since(self.active) >= self.patience;
        !self.asleep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_micros(1);

    /// Looks until it sleeps, and says how long that took.
    fn looks(spin: &mut Spin, now: &mut Instant) -> Duration {
        let begin = *now;
        while spin.goes_on(*now) {
            *now += TICK;
        }
        *now - begin
    }

    #[test]
    fn it_looks_as_long_as_it_was_worth_it_and_no_longer_than_the_limit() {
        let mut now = Instant::now();
        let mut spin = Spin::new(now);
        assert!(!spin.goes_on(now), "nothing was said yet");
        let mut looked = Vec::new();
        for _ in 0..4 {
            spin.said(now);
            looked.push(looks(&mut spin, &mut now));
            now += TICK;
            // Just after it has gone to sleep.
            spin.heard(now);
        }
        assert_eq!(looked, [SPIN_LEAST, SPIN_LEAST * 2, SPIN_LEAST * 4, SPIN_MOST]);
        spin.said(now);
        assert!(looks(&mut spin, &mut now) < SPIN_MOST, "the last one came later than the limit");
    }

    #[test]
    fn what_comes_while_it_looks_changes_nothing() {
        let mut now = Instant::now();
        let mut spin = Spin::new(now);
        spin.said(now);
        for _ in 0..100 {
            now += SPIN_LEAST / 2;
            assert!(spin.goes_on(now));
            spin.heard(now);
        }
        assert_eq!(looks(&mut spin, &mut now), SPIN_LEAST);
    }

    #[test]
    fn it_gives_up_what_is_in_vain_and_begins_anew_when_messages_come_soon() {
        let mut now = Instant::now();
        let mut spin = Spin::new(now);
        let mut looked = Duration::ZERO;
        for _ in 0..20 {
            now += SPIN_MOST * 10;
            spin.heard(now);
            looked = looks(&mut spin, &mut now);
        }
        assert_eq!(looked, Duration::ZERO, "a message now and then costs nothing");
        for _ in 0..2 {
            now += SPIN_LEAST;
            spin.heard(now);
        }
        assert!(looks(&mut spin, &mut now) >= SPIN_LEAST);
    }
}
