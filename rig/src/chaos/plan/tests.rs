//! The plan holds what a run promises.

use std::time::Duration;

use super::drawn;
use crate::between::Passage;
use crate::chaos::{
    Chaos,
    fault::{Deed, Fault, FaultKind},
};

fn plan(minutes: f64, seed: u64) -> Vec<Fault> {
    drawn(&Chaos { minutes, seed, ..Chaos::default() }, None, true)
}

fn count(plan: &[Fault], kind: FaultKind) -> usize {
    plan.iter().filter(|fault| fault.deed.kind() == kind).count()
}

#[test]
fn twenty_minutes_hold_two_hundred_kills_forty_pauses_forty_cuts_and_five_wipes_of_each_kind() {
    for seed in 1..20 {
        let plan = plan(20.0, seed);
        assert!(count(&plan, FaultKind::Kill) >= 200);
        assert!(count(&plan, FaultKind::Pause) >= 40);
        assert!(count(&plan, FaultKind::Cut) >= 40);
        for kind in [FaultKind::WipeRedis, FaultKind::WipeStream, FaultKind::OldStream] {
            assert!(count(&plan, kind) >= 5);
        }
        let pauses = plan.iter().filter(|fault| fault.deed.kind() == FaultKind::Pause);
        let longest = pauses.filter(|fault| fault.lasts == Duration::from_secs(180)).count();
        assert!(longest >= 1, "some pause lasts three minutes");
        let passages = [Passage::Refused, Passage::Swallowed, Passage::NoAnswers, Passage::NoRequests];
        for passage in passages {
            assert!(plan.iter().any(|fault| matches!(fault.deed, Deed::Cut(_, cut) if cut == passage)));
        }
        assert!(plan.iter().all(|fault| fault.at + fault.lasts <= Duration::from_secs(20 * 60 + 1)));
    }
}

#[test]
fn even_a_short_run_holds_one_of_each_kind() {
    for seed in 1..20 {
        let plan = plan(1.0, seed);
        for kind in FaultKind::ALL.into_iter().filter(|kind| *kind != FaultKind::Clock) {
            assert!(count(&plan, kind) >= 1, "{}, seed {seed}", kind.name());
        }
    }
}

#[test]
fn nothing_is_broken_twice_at_once() {
    for seed in 1..20 {
        let plan = plan(20.0, seed);
        for (number, one) in plan.iter().enumerate() {
            for other in &plan[number + 1..] {
                let together = one.at + one.lasts > other.at && one.deed.touches() == other.deed.touches();
                assert!(!together, "{} and {} at {:?}, seed {seed}", one.deed, other.deed, other.at);
            }
        }
    }
}

#[test]
fn a_seed_always_draws_the_same_plan_and_another_seed_another() {
    assert_eq!(plan(2.0, 7), plan(2.0, 7));
    assert_ne!(plan(2.0, 7), plan(2.0, 8));
}

#[test]
fn only_what_is_wanted_is_drawn() {
    let only = vec![FaultKind::WipeRedis];
    let plan = drawn(&Chaos { only, ..Chaos::default() }, None, true);
    assert!(plan.len() >= 5 && plan.iter().all(|fault| fault.deed.kind() == FaultKind::WipeRedis));
}
