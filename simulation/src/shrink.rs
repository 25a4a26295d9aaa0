//! From a history that fails to a smaller one that fails in the same way: fewer people, then fewer faults.

use std::collections::BTreeSet;

use crate::audit::Violation;
use crate::campaign::outcome;
use crate::faults::{Conditions, Fault};
use crate::history::Plan;

/// How many histories are tried.
const TRIES: u32 = 3_000;

/// Fails as `violation` says, with as little as was found to be needed.
pub fn shrink(plan: &Plan, violation: &Violation) -> Plan {
    let mut shrinking = Shrinking { plan: plan.clone(), invariant: violation.invariant, tries: 0 };
    shrinking.calmer();
    shrinking.smaller();
    shrinking.fewer_faults();
    shrinking.plan
}

struct Shrinking {
    plan: Plan,
    invariant: &'static str,
    tries: u32,
}

impl Shrinking {
    /// Keeps the other plan, if it fails in the same way.
    fn keep(&mut self, plan: Plan) -> bool {
        self.tries += 1;
        let fails = self.tries < TRIES
            && outcome(&plan).is_err_and(|violation| violation.invariant == self.invariant);
        if fails {
            self.plan = plan;
        }
        fails
    }

    /// Without whole kinds of faults.
    fn calmer(&mut self) {
        for fault in Fault::ALL {
            if self.plan.conditions.rate(fault) > 0 {
                let mut conditions = self.plan.conditions.clone();
                conditions.rates[fault as usize] = 0;
                self.keep(Plan { conditions, ..self.plan.clone() });
            }
        }
    }

    /// With fewer people and things.
    fn smaller(&mut self) {
        let changes: [fn(&mut Conditions); 6] = [
            |conditions| conditions.replicas = 1,
            |conditions| conditions.skew_ms = 0,
            |conditions| conditions.tickets = 1,
            |conditions| conditions.sellers = 1,
            |conditions| conditions.wishes = 1,
            |conditions| conditions.buyers = conditions.buyers.saturating_sub(1).max(1),
        ];
        for change in changes.into_iter().chain([changes[5], changes[5]]) {
            let mut conditions = self.plan.conditions.clone();
            change(&mut conditions);
            self.keep(Plan { conditions, ..self.plan.clone() });
        }
    }

    /// Without single faults: halves first, then quarters, down to one.
    fn fewer_faults(&mut self) {
        let thrown = self.plan.run().faults;
        let mut kept: Vec<u64> = (1..=thrown).collect();
        let mut size = kept.len();
        while size > 0 {
            let mut at = 0;
            while at < kept.len() {
                let end = (at + size).min(kept.len());
                let fewer: Vec<u64> = kept[..at].iter().chain(&kept[end..]).copied().collect();
                let only: BTreeSet<u64> = fewer.iter().copied().collect();
                if self.keep(Plan { only: Some(only), ..self.plan.clone() }) {
                    kept = fewer;
                } else {
                    at = end;
                }
            }
            size /= 2;
        }
    }
}
