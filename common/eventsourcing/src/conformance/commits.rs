//! One command, one write: what was committed is there as it was, and no writer overwrites another.

use contracts::Timestamp;
use futures::FutureExt as _;
use futures::future::join_all;

use super::counter::Secret;
use super::{Bench, Counter, CounterEvent, CounterRejection, Do, cause, id, promises, write};
use crate::{CommitError, Decider as _, ExecutionError};

promises! {
    a_committed_aggregate_is_loaded_as_it_was,
    what_does_not_exist_is_not_loaded,
    a_commit_at_another_version_is_a_conflict,
    of_two_creations_one_wins,
    every_one_of_many_writers_decides_on_the_real_state,
    where_nothing_happens_nothing_is_written,
    what_is_private_is_set_in_the_same_write_and_left_alone_otherwise,
    the_fold_of_all_events_is_the_state,
    the_publisher_is_told_of_each_commit_and_what_came_before,
    a_caller_that_goes_away_cuts_nothing_off,
    a_shut_gate_refuses_every_command,
}

async fn a_committed_aggregate_is_loaded_as_it_was(bench: &Bench) {
    let counters = bench.counters();
    let amend = |secret: &mut Secret| secret.word = Some("rosebud".to_owned());
    let created = counters.create(id(1), cause(1), Do::Open("lobby"), amend).await.unwrap();
    let committed = created.snapshot.unwrap();

    let loaded = bench.store.load(id(1)).await.unwrap().unwrap();
    assert_eq!(loaded.snapshot.state, committed.state);
    assert_eq!(loaded.snapshot.private, Secret { word: Some("rosebud".to_owned()) });
    assert_eq!((loaded.snapshot.id, loaded.snapshot.version), (id(1), 1));
    assert_eq!(loaded.snapshot.created_at, committed.created_at);
    assert_eq!(loaded.snapshot.updated_at, created.events[0].at);
    assert_eq!(loaded.causes, [id(1)]);
    assert_eq!(loaded.last_event, Some(created.events[0].id));
    assert!(!loaded.archived);

    let recorded = bench.store.events_from(id(1), 1).await.unwrap();
    assert_eq!((recorded[0].id, recorded[0].version), (created.events[0].id, 1));
    assert_eq!((recorded[0].at, &recorded[0].cause), (created.events[0].at, &cause(1)));
    assert_eq!(recorded[0].event.event_type, "Opened");
    assert_eq!(recorded[0].event.data, serde_json::json!({ "label": "lobby" }));
}

async fn what_does_not_exist_is_not_loaded(bench: &Bench) {
    assert!(bench.store.load(id(404)).await.unwrap().is_none());
    assert!(bench.store.head(id(404)).await.unwrap().is_none());
    assert!(bench.store.events_from(id(404), 1).await.unwrap().is_empty());
    assert!(!bench.store.archived_cause(id(404), id(1)).await.unwrap());
    bench.store.mark_published(id(404), 1).await.unwrap();
    bench.store.archive(id(404), 1).await.unwrap();
}

async fn a_commit_at_another_version_is_a_conflict(bench: &Bench) {
    let opened = CounterEvent::Opened { label: "lobby".to_owned() };
    let state = Counter::fold([&opened]);
    write(&*bench.store, id(1), &state, 0, &[opened], Timestamp::default()).await.unwrap();

    let added = [CounterEvent::Added { amount: 1 }];
    for version in [0, 2, 7] {
        let outcome = write(&*bench.store, id(1), &state, version, &added, Timestamp::default()).await;
        assert!(matches!(outcome, Err(CommitError::Conflict)), "version {version}: {outcome:?}");
    }
    let absent = write(&*bench.store, id(2), &state, 1, &added, Timestamp::default()).await;
    assert!(matches!(absent, Err(CommitError::Conflict)), "{absent:?}");
    assert_eq!(bench.store.head(id(1)).await.unwrap().unwrap().version, 1);
    write(&*bench.store, id(1), &state, 1, &added, Timestamp::default()).await.unwrap();
}

async fn of_two_creations_one_wins(bench: &Bench) {
    let counters = bench.counters();
    let create = |number| counters.create(id(1), cause(number), Do::Open("lobby"), |_| {});
    let outcomes = join_all((1..=10).map(create)).await;

    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = |outcome: &&Result<_, _>| {
        matches!(outcome, Err(ExecutionError::Rejected(CounterRejection::AlreadyOpen)))
    };
    assert_eq!((won, outcomes.iter().filter(refused).count()), (1, 9));
    assert_eq!(bench.store.head(id(1)).await.unwrap().unwrap().version, 1);
}

async fn every_one_of_many_writers_decides_on_the_real_state(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let add = |number| counters.execute(id(1), cause(number), Do::Add(vec![150]));
    let outcomes = join_all((100..120).map(add)).await;

    // Six times 150 is within the limit, the seventh is not.
    let added = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = |outcome: &&Result<_, _>| {
        matches!(outcome, Err(ExecutionError::Rejected(CounterRejection::OverTheLimit)))
    };
    assert_eq!((added, outcomes.iter().filter(refused).count()), (6, 14));
    let snapshot = counters.load(id(1)).await.unwrap().unwrap();
    assert_eq!((snapshot.state.total, snapshot.version), (900, 7));
}

async fn where_nothing_happens_nothing_is_written(bench: &Bench) {
    let counters = bench.counters();
    let nothing = counters.execute(id(1), cause(1), Do::Reopen).await.unwrap();
    assert!(nothing.events.is_empty() && nothing.snapshot.is_none());
    assert!(bench.store.load(id(1)).await.unwrap().is_none());

    counters.create(id(1), cause(2), Do::Open("lobby"), |_| {}).await.unwrap();
    let nothing = counters.execute(id(1), cause(3), Do::Reopen).await.unwrap();
    assert!(nothing.events.is_empty());
    assert_eq!(nothing.snapshot.unwrap().version, 1);
    assert_eq!(bench.store.head(id(1)).await.unwrap().unwrap().version, 1);
}

async fn what_is_private_is_set_in_the_same_write_and_left_alone_otherwise(bench: &Bench) {
    let counters = bench.counters();
    let word = |word: &'static str| move |secret: &mut Secret| secret.word = Some(word.to_owned());
    let private = async || counters.load(id(1)).await.unwrap().unwrap().private.word.unwrap();

    counters.create(id(1), cause(1), Do::Open("lobby"), word("first")).await.unwrap();
    counters.execute(id(1), cause(2), Do::Add(vec![1])).await.unwrap();
    assert_eq!(private().await, "first");
    counters.execute_and_amend(id(1), cause(3), Do::Add(vec![1]), word("second")).await.unwrap();
    assert_eq!(private().await, "second");
    // Where nothing happens, nothing is amended; nor when the command is refused.
    counters.execute_and_amend(id(1), cause(4), Do::Reopen, word("third")).await.unwrap();
    let refused = counters.execute_and_amend(id(1), cause(5), Do::Add(vec![9_999]), word("fourth")).await;
    assert!(refused.is_err());
    assert_eq!(private().await, "second");
    let events = bench.store.events_from(id(1), 1).await.unwrap();
    let told = serde_json::to_string(&events).unwrap();
    assert!(!told.contains("first") && !told.contains("second"), "{told}");
}

async fn the_fold_of_all_events_is_the_state(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let commands =
        [Do::Add(vec![1, 2, 3]), Do::Halt, Do::Close, Do::Reopen, Do::Add(vec![5]), Do::Close, Do::Close];
    for (command, number) in commands.into_iter().zip(10..) {
        counters.execute(id(1), cause(number), command).await.unwrap();
        let snapshot = counters.load(id(1)).await.unwrap().unwrap();
        let events = bench.store.events_from(id(1), 1).await.unwrap();
        let versions: Vec<_> = events.iter().map(|event| event.version).collect();
        assert_eq!(versions, (1..=snapshot.version).collect::<Vec<_>>());
        let told: Vec<CounterEvent> = events
            .into_iter()
            .map(|event| serde_json::from_value(serde_json::to_value(event.event).unwrap()).unwrap())
            .collect();
        assert_eq!(Counter::fold(&told), snapshot.state);
    }
}

async fn the_publisher_is_told_of_each_commit_and_what_came_before(bench: &Bench) {
    let counters = bench.counters();
    let created = counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let added = counters.execute(id(1), cause(2), Do::Add(vec![1, 2])).await.unwrap();
    counters.execute(id(1), cause(2), Do::Add(vec![1, 2])).await.unwrap();
    counters.execute(id(1), cause(3), Do::Reopen).await.unwrap();

    let told = || bench.published.0.lock().unwrap().len();
    bench.eventually("both commits are told", || told() == 2).await;
    let mut told = bench.published.0.lock().unwrap().clone();
    told.sort_by_key(|(_, committed)| committed.events[0].version);
    let ids = |number: usize| told[number].1.events.iter().map(|event| event.id).collect::<Vec<_>>();
    assert_eq!((told[0].1.previous, ids(0)), (None, vec![created.events[0].id]));
    assert_eq!(told[1].1.previous, Some(created.events[0].id));
    assert_eq!(ids(1), added.events.iter().map(|event| event.id).collect::<Vec<_>>());
    assert_eq!(told[1].1.events, bench.store.events_from(id(1), 2).await.unwrap());
}

async fn a_caller_that_goes_away_cuts_nothing_off(bench: &Bench) {
    let counters = bench.counters();
    for number in 1..=20 {
        // Dropped after it was polled once.
        let _ = counters.create(id(number), cause(number), Do::Open("lobby"), |_| {}).now_or_never();
        let _ = counters.execute(id(number), cause(number + 100), Do::Close).now_or_never();
        let told = || bench.published.0.lock().unwrap().iter().any(|(told, _)| *told == id(number));
        bench.eventually("the commit is published", told).await;
        let created = bench.store.events_from(id(number), 1).await.unwrap();
        assert_eq!(created[0].cause.causation_id, id(number));
        let close = async || counters.execute(id(number), cause(number + 100), Do::Close).await;
        close().await.unwrap();
        assert_eq!(bench.store.head(id(number)).await.unwrap().unwrap().version, 2);
    }
}

async fn a_shut_gate_refuses_every_command(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    bench.gate.shut();
    let refused = counters.execute(id(1), cause(2), Do::Add(vec![1])).await;
    assert!(matches!(refused, Err(ExecutionError::Unavailable(_))));
    let refused = counters.create(id(2), cause(3), Do::Open("hall"), |_| {}).await;
    assert!(matches!(refused, Err(ExecutionError::Unavailable(_))));
    assert_eq!(bench.store.head(id(1)).await.unwrap().unwrap().version, 1);
    assert!(bench.store.head(id(2)).await.unwrap().is_none());
    // Questions are still answered.
    assert!(counters.load(id(1)).await.unwrap().is_some());
}
