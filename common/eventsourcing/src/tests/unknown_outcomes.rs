//! A commit whose outcome nobody knows is settled by reading again: it happens once, whichever way it went.

use std::sync::Arc;

use super::faulty_store::{Fault, FaultyStore};
use crate::conformance::{Bench, Do, cause, id};
use crate::{EventStore as _, ExecutionError, Outbox as _};

const EACH: [Fault; 5] = [
    Fault::Applied,
    Fault::NotApplied,
    Fault::AppliedBeforeTheNextRead,
    Fault::AppliedBeforeTheNextCommit,
    Fault::AppliedAfterTheNextCommit,
];

#[tokio::test]
async fn a_creation_with_an_unknown_outcome_happens_once() {
    for fault in EACH {
        let store = Arc::new(FaultyStore::new([fault]));
        let counters = Bench::over(store.clone(), None).counters();
        let created = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
        assert_eq!(created.snapshot.unwrap().version, 1, "{fault:?}");
        let again = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
        assert!(again.events.is_empty(), "{fault:?}");
        assert_eq!(store.events_from(id(1), 1).await.unwrap().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_change_with_an_unknown_outcome_happens_once() {
    for fault in EACH {
        for repeated in 1..=4 {
            let store = Arc::new(FaultyStore::new(std::iter::repeat_n(fault, repeated)));
            let counters = Bench::over(store.clone(), None).counters();
            counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
            counters.execute(id(1), cause(2), Do::Add(vec![2, 3])).await.unwrap();
            let again = counters.execute(id(1), cause(2), Do::Add(vec![2, 3])).await.unwrap();
            let snapshot = again.snapshot.unwrap();
            assert_eq!((snapshot.state.total, snapshot.version), (5, 3), "{repeated} times {fault:?}");
            assert_eq!(store.events_from(id(1), 1).await.unwrap().len(), 3, "{repeated} times {fault:?}");
        }
    }
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_is_said_to_be() {
    let store = Arc::new(FaultyStore::new([Fault::NotApplied; 6]));
    let counters = Bench::over(store.clone(), None).counters();
    let outcome = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await;
    assert!(matches!(outcome, Err(ExecutionError::Unavailable(_))));
    assert!(store.load(id(1)).await.unwrap().is_none());
    // The same cause may be tried again.
    let created = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    assert_eq!(created.events.len(), 1);
}

#[tokio::test]
async fn what_was_applied_without_an_answer_waits_for_the_sweep() {
    let store = Arc::new(FaultyStore::new([Fault::Applied]));
    let bench = Bench::over(store.clone(), None);
    bench.counters().create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let later = bench.runtime.now() + std::time::Duration::from_secs(60);
    assert_eq!(store.unpublished(later, None, 10).await.unwrap(), [id(1)]);
}

#[tokio::test]
async fn a_command_that_panics_changes_nothing_and_is_not_worth_another_try() {
    let counters = Bench::memory().counters();
    let outcome = counters.create(id(1), cause(1), Do::Open("lobby"), |_| panic!("on purpose")).await;
    assert!(matches!(outcome, Err(ExecutionError::Broken(_))));
    assert!(counters.load(id(1)).await.unwrap().is_none());
    let created = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    assert_eq!(created.events.len(), 1);
}
