//! What the relay relies on: nothing committed is overlooked, nothing published is lost when it moves out.

use std::time::Duration;

use contracts::Timestamp;
use uuid::Uuid;

use super::{Bench, Counter, CounterEvent, Do, cause, id, promises, write};
use crate::{Decider as _, Head};

promises! {
    what_is_committed_is_unpublished_until_it_is_marked,
    a_mark_at_another_version_marks_nothing,
    what_was_committed_just_now_is_left_to_its_own_relay,
    the_unpublished_come_in_pages,
    archiving_keeps_the_last_and_loses_nothing,
    what_is_unpublished_is_not_archived,
    an_aggregate_goes_on_when_everything_was_archived,
    what_changed_since_comes_in_pages,
}

const LATER: Timestamp = Timestamp::from_millis(4_000_000_000_000);

fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000) + Duration::from_secs(second)
}

/// Counters 1 to `count`, each committed in the second of its number.
async fn some(bench: &Bench, count: u64) {
    for number in 1..=count {
        let opened = CounterEvent::Opened { label: number.to_string() };
        let state = Counter::fold([&opened]);
        write(&*bench.store, id(number.into()), &state, 0, &[opened], at(number)).await.unwrap();
    }
}

async fn unpublished(bench: &Bench) -> Vec<Uuid> {
    bench.store.unpublished(LATER, None, 100).await.unwrap()
}

async fn versions_from(bench: &Bench, version: u64) -> Vec<u64> {
    let events = bench.store.events_from(id(1), version).await.unwrap();
    events.into_iter().map(|event| event.version).collect()
}

async fn what_is_committed_is_unpublished_until_it_is_marked(bench: &Bench) {
    let counters = bench.counters();
    assert!(unpublished(bench).await.is_empty());
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    assert_eq!(unpublished(bench).await, [id(1)]);
    bench.store.mark_published(id(1), 1).await.unwrap();
    assert!(unpublished(bench).await.is_empty());
    counters.execute(id(1), cause(2), Do::Close).await.unwrap();
    assert_eq!(unpublished(bench).await, [id(1)]);
}

async fn a_mark_at_another_version_marks_nothing(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Close).await.unwrap();
    for version in [0, 1, 3] {
        bench.store.mark_published(id(1), version).await.unwrap();
        assert_eq!(unpublished(bench).await, [id(1)], "version {version}");
    }
    bench.store.mark_published(id(1), 2).await.unwrap();
    assert!(unpublished(bench).await.is_empty());
}

async fn what_was_committed_just_now_is_left_to_its_own_relay(bench: &Bench) {
    some(bench, 3).await;
    assert!(bench.store.unpublished(at(1), None, 100).await.unwrap().is_empty());
    assert_eq!(bench.store.unpublished(at(2), None, 100).await.unwrap(), [id(1)]);
    assert_eq!(bench.store.unpublished(at(4), None, 100).await.unwrap(), [id(1), id(2), id(3)]);
}

async fn the_unpublished_come_in_pages(bench: &Bench) {
    some(bench, 7).await;
    bench.store.mark_published(id(4), 1).await.unwrap();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = bench.store.unpublished(LATER, after, 2).await.unwrap();
        let Some(last) = page.last().copied() else { break };
        after = Some(last);
        pages.push(page);
    }
    assert_eq!(pages, [[id(1), id(2)], [id(3), id(5)], [id(6), id(7)]]);
}

async fn archiving_keeps_the_last_and_loses_nothing(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Add(vec![1; 9])).await.unwrap();
    let before = bench.store.events_from(id(1), 1).await.unwrap();
    bench.store.mark_published(id(1), 10).await.unwrap();

    bench.store.archive(id(1), 20).await.unwrap();
    assert_eq!(bench.store.head(id(1)).await.unwrap(), Some(Head { version: 10, held: 10 }));
    bench.store.archive(id(1), 4).await.unwrap();
    assert_eq!(bench.store.head(id(1)).await.unwrap(), Some(Head { version: 10, held: 4 }));
    assert_eq!(bench.store.events_from(id(1), 1).await.unwrap(), before);
    let loaded = bench.store.load(id(1)).await.unwrap().unwrap();
    assert!(loaded.archived);
    assert_eq!(loaded.last_event, before.last().map(|event| event.id));

    counters.execute(id(1), cause(3), Do::Add(vec![1; 5])).await.unwrap();
    bench.store.mark_published(id(1), 15).await.unwrap();
    // Twice, as two relays would.
    let (one, other) = tokio::join!(bench.store.archive(id(1), 3), bench.store.archive(id(1), 3));
    one.and(other).unwrap();
    assert_eq!(bench.store.head(id(1)).await.unwrap(), Some(Head { version: 15, held: 3 }));
    for from in [1, 5, 6, 7, 11, 12, 13, 14, 15, 16] {
        assert_eq!(versions_from(bench, from).await, (from..=15).collect::<Vec<_>>(), "from {from}");
    }
}

async fn what_is_unpublished_is_not_archived(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    counters.execute(id(1), cause(2), Do::Add(vec![1; 9])).await.unwrap();
    bench.store.archive(id(1), 2).await.unwrap();
    assert_eq!(bench.store.head(id(1)).await.unwrap(), Some(Head { version: 10, held: 10 }));
    assert!(!bench.store.load(id(1)).await.unwrap().unwrap().archived);
}

async fn an_aggregate_goes_on_when_everything_was_archived(bench: &Bench) {
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    bench.store.mark_published(id(1), 1).await.unwrap();
    bench.store.archive(id(1), 0).await.unwrap();
    assert_eq!(bench.store.head(id(1)).await.unwrap(), Some(Head { version: 1, held: 0 }));
    assert_eq!(versions_from(bench, 1).await, [1]);

    let added = counters.execute(id(1), cause(2), Do::Add(vec![4])).await.unwrap();
    assert_eq!(added.events[0].version, 2);
    assert_eq!(versions_from(bench, 1).await, [1, 2]);
    assert_eq!(versions_from(bench, 2).await, [2]);
}

async fn what_changed_since_comes_in_pages(bench: &Bench) {
    some(bench, 7).await;
    // What changes stays in its place.
    let state = Counter { total: 1, ..bench.store.load(id(2)).await.unwrap().unwrap().snapshot.state };
    let added = [CounterEvent::Added { amount: 1 }];
    write(&*bench.store, id(2), &state, 1, &added, at(9)).await.unwrap();
    bench.store.mark_published(id(6), 1).await.unwrap();

    let since = async |since, after, limit| {
        let tails = bench.store.changed_since(since, after, limit).await.unwrap();
        tails.into_iter().map(|tail| tail.id).collect::<Vec<_>>()
    };
    let all: Vec<_> = (1..=7).map(id).collect();
    assert_eq!(since(None, None, 100).await, all);
    assert_eq!(since(Some(at(5)), None, 100).await, [id(2), id(5), id(6), id(7)]);
    assert_eq!(since(Some(at(5)), None, 3).await, [id(2), id(5), id(6)]);
    assert_eq!(since(Some(at(5)), Some(id(6)), 3).await, [id(7)]);
    assert!(since(None, Some(id(7)), 3).await.is_empty());
    assert!(since(Some(at(10)), None, 3).await.is_empty());

    let tails = bench.store.changed_since(Some(at(7)), None, 100).await.unwrap();
    for (tail, version) in tails.iter().zip([2, 1]) {
        let last = bench.store.events_from(tail.id, version).await.unwrap();
        assert_eq!((tail.version, last.len(), tail.event_id), (version, 1, last[0].id));
    }
}
