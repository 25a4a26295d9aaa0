//! One cause changes one aggregate once, however often it comes.

use futures::future::join_all;

use super::{Bench, CounterRejection, Do, cause, id, promises};
use crate::ExecutionError;

promises! {
    a_cause_is_handled_once,
    a_cause_that_comes_twenty_times_at_once_is_handled_once,
    a_cause_whose_event_was_archived_is_not_forgotten,
    a_cause_changes_each_aggregate,
    creating_it_again_under_the_same_cause_is_silent,
    creating_what_exists_is_decided_on_its_real_state,
}

async fn a_cause_is_handled_once(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let first = counters.execute(id(1), cause(2), Do::Add(vec![3, 4])).await.unwrap();
    let second = counters.execute(id(1), cause(2), Do::Add(vec![3, 4])).await.unwrap();
    // Whatever it says this time: it is handled.
    let other = counters.execute(id(1), cause(2), Do::Close).await.unwrap();

    assert_eq!(first.events.len(), 2);
    assert!(second.events.is_empty() && other.events.is_empty());
    let snapshot = second.snapshot.unwrap();
    assert_eq!((snapshot.state.total, snapshot.version), (7, 3));
    assert_eq!(other.snapshot.unwrap().version, 3);
}

async fn a_cause_that_comes_twenty_times_at_once_is_handled_once(bench: &Bench) {
    let counters = bench.counters();
    let create = |_| counters.create(id(1), cause(1), Do::Open("lobby"), |_| {});
    let created = join_all((0..20).map(create)).await;
    let recorded: usize = created.into_iter().map(|outcome| outcome.unwrap().events.len()).sum();
    assert_eq!(recorded, 1);

    let add = |_| counters.execute(id(1), cause(2), Do::Add(vec![5]));
    let added = join_all((0..20).map(add)).await;
    let recorded: usize = added.into_iter().map(|outcome| outcome.unwrap().events.len()).sum();
    assert_eq!(recorded, 1);
    assert_eq!(counters.load(id(1)).await.unwrap().unwrap().state.total, 5);
}

async fn a_cause_whose_event_was_archived_is_not_forgotten(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    for number in 2..=9 {
        counters.execute(id(1), cause(number), Do::Add(vec![1])).await.unwrap();
    }
    bench.store.mark_published(id(1), 9).await.unwrap();
    bench.store.archive(id(1), 2).await.unwrap();

    assert!(bench.store.archived_cause(id(1), id(2)).await.unwrap());
    assert!(!bench.store.archived_cause(id(1), id(9)).await.unwrap());
    assert!(!bench.store.archived_cause(id(2), id(2)).await.unwrap());
    for number in 1..=9 {
        let again = counters.execute(id(1), cause(number), Do::Add(vec![1])).await.unwrap();
        assert!(again.events.is_empty(), "cause {number} had a second effect");
    }
    let again = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    assert!(again.events.is_empty());
    let snapshot = counters.load(id(1)).await.unwrap().unwrap();
    assert_eq!((snapshot.state.total, snapshot.version), (8, 9));
}

async fn a_cause_changes_each_aggregate(bench: &Bench) {
    let counters = bench.counters();
    for (number, label) in [(1, "lobby"), (2, "hall"), (3, "stage")] {
        let created = counters.create(id(number), cause(1), Do::Open(label), |_| {}).await.unwrap();
        assert_eq!(created.events.len(), 1);
        let added = counters.execute(id(number), cause(2), Do::Add(vec![1])).await.unwrap();
        assert_eq!(added.snapshot.unwrap().state.total, 1);
    }
}

async fn creating_it_again_under_the_same_cause_is_silent(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Add(vec![3])).await.unwrap();
    let again = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    assert!(again.events.is_empty());
    let snapshot = again.snapshot.unwrap();
    assert_eq!((snapshot.state.total, snapshot.version), (3, 2), "it is answered as it is now");
}

async fn creating_what_exists_is_decided_on_its_real_state(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let refused = counters.create(id(1), cause(2), Do::Open("hall"), |_| {}).await;
    assert!(matches!(refused, Err(ExecutionError::Rejected(CounterRejection::AlreadyOpen))));
    // Its own label is no other's.
    let refused = counters.create(id(1), cause(3), Do::Open("lobby"), |_| {}).await;
    assert!(matches!(refused, Err(ExecutionError::Rejected(CounterRejection::AlreadyOpen))));
    counters.execute(id(1), cause(4), Do::Add(vec![2])).await.unwrap();
    assert_eq!(counters.load(id(1)).await.unwrap().unwrap().state.total, 2);
}
