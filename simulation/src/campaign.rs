//! Many histories, on as many threads as are wanted. What comes out does not depend on how many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::audit::Violation;
use crate::history::{Outcome, Plan};
use crate::mutant::Mutant;
use crate::sometimes::Sometimes;

/// Which histories.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    pub first_seed: u64,
    pub histories: u64,
    pub mutant: Option<Mutant>,
    pub jobs: usize,
}

/// What they came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many were run to their end.
    pub histories: u64,
    pub steps: u64,
    pub placed: u64,
    pub completed: u64,
    pub faults: u64,
    /// How long they took on their own clocks, in microseconds.
    pub took_us: u64,
    /// How many histories met each of [`Sometimes::ALL`].
    pub met: Vec<u64>,
    /// The failure of the lowest seed.
    pub failure: Option<(u64, Violation)>,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome) {
        self.histories += 1;
        self.steps += outcome.steps;
        self.placed += outcome.placed;
        self.completed += outcome.completed;
        self.faults += outcome.faults;
        self.took_us += outcome.took_us;
        self.met.resize(Sometimes::ALL.len(), 0);
        for (count, sometimes) in self.met.iter_mut().zip(Sometimes::ALL) {
            *count += u64::from(outcome.met.has(*sometimes));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.placed += other.placed;
        self.completed += other.completed;
        self.faults += other.faults;
        self.took_us += other.took_us;
        self.met.resize(Sometimes::ALL.len(), 0);
        for (count, more) in self.met.iter_mut().zip(&other.met) {
            *count += more;
        }
        if let Some(failure) = &other.failure {
            self.failed(failure.clone());
        }
    }

    fn failed(&mut self, failure: (u64, Violation)) {
        if self.failure.as_ref().is_none_or(|(seed, _)| failure.0 < *seed) {
            self.failure = Some(failure);
        }
    }

    /// What no history has met.
    pub fn never(&self) -> impl Iterator<Item = Sometimes> {
        let met = self.met.iter().copied().chain(std::iter::repeat(0));
        Sometimes::ALL.iter().zip(met).filter(|(_, count)| *count == 0).map(|(sometimes, _)| *sometimes)
    }
}

impl Campaign {
    /// Runs them until one fails; `progress` is told now and then how many are done.
    pub fn run(&self, progress: impl Fn(u64) + Sync) -> Tally {
        let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
        let has_failed = AtomicBool::new(false);
        let total = Mutex::new(Tally::default());
        thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    let mut tally = Tally::default();
                    // Seeds are handed out in their order: what is under way when one fails is finished, so that the
                    // lowest that fails is known.
                    while !has_failed.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= self.histories {
                            break;
                        }
                        let seed = self.first_seed.wrapping_add(number);
                        match outcome(&Plan::of(seed).with(self.mutant)) {
                            Ok(outcome) => tally.add(&outcome),
                            Err(violation) => {
                                has_failed.store(true, Ordering::Relaxed);
                                tally.failed((seed, violation));
                            }
                        }
                        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                    }
                    total.lock().unwrap_or_else(PoisonError::into_inner).merge(&tally);
                });
            }
        });
        total.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is not as it must be, a panic of anything included.
pub(crate) fn outcome(plan: &Plan) -> Result<Outcome, Violation> {
    let ran = catch_unwind(AssertUnwindSafe(|| plan.run()));
    match ran {
        Ok(Outcome { violation: Some(violation), .. }) => Err(violation),
        Ok(outcome) => Ok(outcome),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let told = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned();
            Err(Violation { invariant: "nothing panics", told })
        }
    }
}
