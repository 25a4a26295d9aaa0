//! No two documents that meet an index's condition share what it guards.

use contracts::Timestamp;
use futures::future::join_all;

use super::counter::Status;
use super::{Bench, Counter, CounterEvent, Do, cause, id, promises, write};
use crate::ExecutionError;

promises! {
    what_another_holds_is_taken,
    of_many_who_want_the_same_one_gets_it,
    what_is_let_go_of_can_be_had,
    an_own_earlier_try_is_recognised,
    what_lacks_a_guarded_field_is_not_guarded,
}

async fn what_another_holds_is_taken(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let refused = counters.create(id(2), cause(2), Do::Open("lobby"), |_| {}).await;
    assert!(matches!(&refused, Err(ExecutionError::Taken(index)) if index == "live_label"));
    assert!(counters.load(id(2)).await.unwrap().is_none(), "what was refused left nothing");
    // The index's condition holds for what is halted, too.
    counters.execute(id(1), cause(3), Do::Halt).await.unwrap();
    let refused = counters.execute(id(2), cause(4), Do::Open("lobby")).await;
    assert!(matches!(refused, Err(ExecutionError::Taken(_))));
    counters.create(id(3), cause(5), Do::Open("hall"), |_| {}).await.unwrap();
}

async fn of_many_who_want_the_same_one_gets_it(bench: &Bench) {
    let counters = bench.counters();
    let create = |number| counters.create(id(number), cause(number), Do::Open("lobby"), |_| {});
    let outcomes = join_all((1..=20).map(create)).await;
    let taken = |outcome: &&Result<_, _>| matches!(outcome, Err(ExecutionError::Taken(_)));
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((won, outcomes.iter().filter(taken).count()), (1, 19));
}

async fn what_is_let_go_of_can_be_had(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Close).await.unwrap();
    counters.create(id(2), cause(3), Do::Open("lobby"), |_| {}).await.unwrap();
    // An update meets the index as a creation does.
    let refused = counters.execute(id(1), cause(4), Do::Reopen).await;
    assert!(matches!(&refused, Err(ExecutionError::Taken(index)) if index == "live_label"));
    assert_eq!(counters.load(id(1)).await.unwrap().unwrap().version, 2);
    counters.execute(id(2), cause(5), Do::Close).await.unwrap();
    counters.execute(id(1), cause(4), Do::Reopen).await.unwrap();
    assert_eq!(counters.load(id(1)).await.unwrap().unwrap().version, 3);
}

async fn an_own_earlier_try_is_recognised(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Close).await.unwrap();
    counters.execute(id(1), cause(3), Do::Reopen).await.unwrap();
    for number in 1..=3 {
        let again = counters.create(id(1), cause(number), Do::Open("lobby"), |_| {}).await.unwrap();
        assert!(again.events.is_empty());
    }
    let again = counters.execute(id(1), cause(3), Do::Reopen).await.unwrap();
    assert_eq!(again.snapshot.unwrap().version, 3);
}

async fn what_lacks_a_guarded_field_is_not_guarded(bench: &Bench) {
    let state = Counter { status: Status::Open, label: None, total: 0 };
    let event = [CounterEvent::Reopened {}];
    for number in 1..=2 {
        write(&*bench.store, id(number), &state, 0, &event, Timestamp::default()).await.unwrap();
    }
    assert!(bench.store.head(id(2)).await.unwrap().is_some());
}
