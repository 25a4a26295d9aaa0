//! A slice is what was asked for, in the order that was asked for, and says where it goes on.

use std::time::Duration;

use contracts::Timestamp;
use messaging::Selection;
use serde_json::json;

use super::bench::{Bench, Say, id};
use super::promises;
use crate::{HistoryError, Order, Query, Slice};

promises! {
    an_entry_says_all_that_is_known_of_an_event,
    the_newest_come_first_and_go_on_before_the_last,
    the_oldest_come_first_where_they_are_wanted,
    what_is_rare_is_found_however_far_back_it_stands,
    a_slice_begins_at_a_time,
    what_a_request_led_to_is_sliced_like_the_rest,
    before_the_stream_was_read_nobody_knows_what_a_request_led_to,
}

async fn slice(bench: &Bench, query: Query) -> Slice {
    bench.history.slice(&query).await.unwrap()
}

fn sequences(slice: &Slice) -> Vec<u64> {
    slice.entries.iter().map(|entry| entry.sequence).collect()
}

fn of_type(event_type: &str) -> Selection {
    Selection::new(None, None, Some(event_type.to_owned())).unwrap()
}

/// Goes through all of it, a few at a time.
async fn all(bench: &Bench, mut query: Query) -> Vec<u64> {
    let mut found = Vec::new();
    loop {
        let part = slice(bench, query.clone()).await;
        assert!(part.entries.len() <= query.limit);
        found.extend(sequences(&part));
        match (part.goes_on, query.order) {
            (None, _) => return found,
            (before, Order::Newest) => query.before = before,
            (Some(after), Order::Oldest) => query.after = after,
        }
    }
}

async fn an_entry_says_all_that_is_known_of_an_event(bench: &Bench) {
    let created = Say::new("order", 1, "OrderCreated", 50).with(json!({ "ticket_id": id(9) }));
    bench.says(&created).await;
    bench.says(&Say::new("order", 1, "OrderAccepted", 51).after(&created)).await;
    let slice = slice(bench, Query::default()).await;
    let [accepted, first] = &slice.entries[..] else { panic!("{slice:?}") };
    assert_eq!((accepted.sequence, accepted.version, accepted.service), (2, 2, Some("orders")));
    assert_eq!((accepted.causation_id, accepted.correlation_id), (id(50), created.correlation_id));
    assert_eq!((first.category.as_str(), first.aggregate_id, first.event_id), ("order", id(1), id(50)));
    assert_eq!((first.event_type.as_str(), &first.data), ("OrderCreated", &created.data));
    assert_eq!(first.at, Timestamp::from_millis(1_800_000_050_000));
    assert_eq!(first.actor.to_string(), "service:tests");
    assert!(bench.runtime.now().since(first.stored_at) < Duration::from_secs(30));
    assert_eq!(slice.goes_on, None);
}

async fn the_newest_come_first_and_go_on_before_the_last(bench: &Bench) {
    for event in 1..=20 {
        bench.says(&Say::new("user", event % 4, "UserUpdated", event)).await;
    }
    let first = slice(bench, Query { limit: 3, ..Query::default() }).await;
    assert_eq!((sequences(&first), first.goes_on), (vec![20, 19, 18], Some(18)));
    let selection = Selection::new(Some("user".to_owned()), Some(id(2)), None).unwrap();
    let of_one = Query { selection, limit: 2, ..Query::default() };
    let first = slice(bench, of_one.clone()).await;
    assert_eq!((sequences(&first), first.goes_on), (vec![18, 14], Some(14)));
    assert_eq!(all(bench, of_one.clone()).await, [18, 14, 10, 6, 2]);
    assert_eq!(all(bench, Query { after: 6, before: Some(18), ..of_one }).await, [14, 10]);
    assert_eq!(all(bench, Query { limit: 7, ..Query::default() }).await, (1..=20).rev().collect::<Vec<_>>());
    // The last part says that it is the last, even where it is full.
    let last = slice(bench, Query { limit: 20, ..Query::default() }).await;
    assert_eq!((last.entries.len(), last.goes_on), (20, None));
}

async fn the_oldest_come_first_where_they_are_wanted(bench: &Bench) {
    for event in 1..=9 {
        bench.says(&Say::new("user", event % 2, "UserUpdated", event)).await;
    }
    let query = Query { order: Order::Oldest, limit: 2, ..Query::default() };
    assert_eq!(all(bench, query.clone()).await, (1..=9).collect::<Vec<_>>());
    let odd = Query { selection: Selection::of_aggregate(id(1)), ..query };
    assert_eq!(all(bench, Query { after: 1, before: Some(9), ..odd }).await, [3, 5, 7]);
}

async fn what_is_rare_is_found_however_far_back_it_stands(bench: &Bench) {
    let mut rare = Vec::new();
    for event in 1..=400 {
        let is_rare = event < 40 || event == 200;
        let event_type = if is_rare { "UserBanned" } else { "UserUpdated" };
        let sequence = bench.says(&Say::new("user", event, event_type, event)).await;
        rare.extend(is_rare.then_some(sequence));
    }
    rare.reverse();
    let query = Query { selection: of_type("UserBanned"), limit: 3, ..Query::default() };
    assert_eq!(sequences(&slice(bench, query.clone()).await), rare[..3]);
    assert_eq!(all(bench, query).await, rare);
    let none = Query { selection: of_type("UserUnbanned"), ..Query::default() };
    assert!(slice(bench, none).await.entries.is_empty());
}

async fn a_slice_begins_at_a_time(bench: &Bench) {
    let pause = Duration::from_millis(30);
    for event in 1..=3 {
        bench.says(&Say::new("user", event, "UserCreated", event)).await;
    }
    bench.runtime.sleep(pause).await;
    let since = Some(bench.runtime.now());
    bench.runtime.sleep(pause).await;
    for event in 4..=5 {
        bench.says(&Say::new("user", event, "UserCreated", event)).await;
    }
    assert_eq!(sequences(&slice(bench, Query { since, ..Query::default() }).await), [5, 4]);
    let created = Query { since, selection: of_type("UserCreated"), limit: 1, ..Query::default() };
    assert_eq!(all(bench, created.clone()).await, [5, 4]);
    let later = bench.runtime.now() + Duration::from_secs(3_600);
    assert!(slice(bench, Query { since: Some(later), ..created }).await.entries.is_empty());
}

async fn what_a_request_led_to_is_sliced_like_the_rest(bench: &Bench) {
    bench.says(&Say::new("order", 1, "OrderCreated", 1).of_request(77)).await;
    bench.keeps_up().await;
    for event in 2..=7 {
        let request = if event % 2 == 0 { 77 } else { 88 };
        bench.says(&Say::new("order", event, "OrderCreated", event).of_request(request)).await;
    }
    bench.says(&Say::new("ticket", 1, "TicketReserved", 8).of_request(77)).await;
    bench.knows_all().await;
    let query = Query { correlation_id: Some(id(77)), limit: 2, ..Query::default() };
    assert_eq!(all(bench, query.clone()).await, [8, 6, 4, 2, 1]);
    let oldest = Query { order: Order::Oldest, ..query.clone() };
    assert_eq!(all(bench, oldest).await, [1, 2, 4, 6, 8]);
    let reserved = Query { selection: of_type("TicketReserved"), ..query.clone() };
    assert_eq!(all(bench, reserved).await, [8]);
    assert!(all(bench, Query { correlation_id: Some(id(99)), ..query }).await.is_empty());
}

async fn before_the_stream_was_read_nobody_knows_what_a_request_led_to(bench: &Bench) {
    bench.says(&Say::new("order", 1, "OrderCreated", 1)).await;
    let query = Query { correlation_id: Some(id(1_000_001)), ..Query::default() };
    assert!(matches!(bench.history.slice(&query).await, Err(HistoryError::NotReadYet)));
    bench.keeps_up().await;
    assert_eq!(sequences(&slice(bench, query).await), [1]);
}
