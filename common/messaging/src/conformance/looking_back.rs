//! Who looks back at the stream gets the part that was asked for, and no other.

use futures::StreamExt as _;
use std::time::Duration;
use uuid::Uuid;

use super::{Bench, id, message, of_type, promises};
use crate::{Extent, Message, Numbered, Selection, Tail};

promises! {
    a_part_is_what_was_selected_in_its_order,
    a_part_ends_at_its_limit,
    what_was_selected_is_counted_from_a_sequence_on,
    of_ids_it_is_known_which_event_it_is_and_of_which_request,
    a_tail_brings_what_stands_there_and_all_that_comes,
    a_tail_ends_when_the_stream_is_lost,
}

const SOON: Duration = Duration::from_secs(10);

fn selection(category: Option<&str>, aggregate: Option<u128>, event_type: Option<&str>) -> Selection {
    let word = |word: Option<&str>| word.map(str::to_owned);
    Selection::new(word(category), aggregate.map(id), word(event_type)).unwrap()
}

async fn told(bench: &Bench) {
    for (message, expected_last) in [
        (message(1, 1), 0),
        (of_type("session", "SessionRevoked", 1, 1), 0),
        (message(2, 1), 0),
        (message(1, 2), 1),
        (of_type("user", "UserBanned", 1, 3), 4),
    ] {
        bench.bus.publish(&message, expected_last).await.unwrap();
    }
}

async fn sequences(bench: &Bench, selection: &Selection, from: u64, limit: usize) -> Vec<u64> {
    let part = bench.archive.part(selection, from, limit, Extent::Whole).await.unwrap();
    part.into_iter().map(|numbered| numbered.sequence).collect()
}

async fn next(bench: &Bench, tail: &mut Tail) -> (u64, Message) {
    let next = bench.runtime.timeout(SOON, tail.next()).await.expect("a message comes");
    let Numbered { sequence, stored } = next.unwrap().unwrap();
    (sequence, stored.parcel.open().unwrap().into_owned())
}

async fn a_part_is_what_was_selected_in_its_order(bench: &Bench) {
    told(bench).await;
    for (selection, expected) in [
        (Selection::everything(), vec![1, 2, 3, 4, 5]),
        (Selection::of_aggregate(id(1)), vec![1, 2, 4, 5]),
        (selection(Some("user"), None, None), vec![1, 3, 4, 5]),
        (selection(Some("user"), Some(1), None), vec![1, 4, 5]),
        (selection(None, None, Some("UserBanned")), vec![5]),
        (selection(Some("session"), None, Some("UserBanned")), vec![]),
        (Selection::of_aggregate(Uuid::nil()), vec![]),
    ] {
        assert_eq!(sequences(bench, &selection, 0, 100).await, expected, "{selection:?}");
    }
    let part = bench.archive.part(&Selection::of_aggregate(id(2)), 1, 9, Extent::Whole).await.unwrap();
    assert_eq!(part[0].stored.parcel.open().as_deref(), Ok(&message(2, 1)));
    assert!(bench.runtime.now().since(part[0].stored.stored_at) < Duration::from_secs(30));
}

async fn a_part_ends_at_its_limit(bench: &Bench) {
    told(bench).await;
    let users = selection(Some("user"), None, None);
    assert_eq!(sequences(bench, &users, 2, 2).await, [3, 4]);
    assert_eq!(sequences(bench, &users, 5, 2).await, [5]);
    assert!(sequences(bench, &users, 6, 2).await.is_empty());
    assert!(sequences(bench, &users, 1, 0).await.is_empty());
}

async fn what_was_selected_is_counted_from_a_sequence_on(bench: &Bench) {
    assert_eq!(bench.archive.count(&Selection::everything(), 0).await.unwrap(), 0);
    told(bench).await;
    let users = selection(Some("user"), Some(1), None);
    for (from, expected) in [(0, 3), (1, 3), (2, 2), (5, 1), (6, 0), (600, 0)] {
        assert_eq!(bench.archive.count(&users, from).await.unwrap(), expected, "from {from}");
    }
    assert_eq!(bench.archive.count(&Selection::everything(), 2).await.unwrap(), 4);
}

async fn of_ids_it_is_known_which_event_it_is_and_of_which_request(bench: &Bench) {
    told(bench).await;
    let part = bench.archive.part(&Selection::everything(), 1, 9, Extent::Ids).await.unwrap();
    assert_eq!(part.len(), 5);
    for (number, expected) in [(0, message(1, 1)), (3, message(1, 2))] {
        let parcel = &part[number].stored.parcel;
        assert_eq!(parcel.event_id(), Some(expected.recorded.id));
        assert_eq!(parcel.correlation_id(), Some(expected.recorded.cause.correlation_id));
    }
}

async fn a_tail_brings_what_stands_there_and_all_that_comes(bench: &Bench) {
    told(bench).await;
    let mut tail = bench.archive.tail(4).await.unwrap();
    assert_eq!(next(bench, &mut tail).await, (4, message(1, 2)));
    assert_eq!(next(bench, &mut tail).await.0, 5);
    let mut beyond = bench.archive.tail(6).await.unwrap();
    for version in 2..=50 {
        let expected_last = if version == 2 { 3 } else { version + 3 };
        let sequence = bench.bus.publish(&message(2, version), expected_last).await.unwrap();
        assert_eq!(next(bench, &mut tail).await, (sequence, message(2, version)));
        assert_eq!(next(bench, &mut beyond).await.0, sequence);
    }
}

async fn a_tail_ends_when_the_stream_is_lost(bench: &Bench) {
    told(bench).await;
    let mut tail = bench.archive.tail(6).await.unwrap();
    bench.lose_stream().await;
    let ended = bench.runtime.timeout(SOON, tail.next()).await.expect("it ends");
    assert!(matches!(ended, Some(Err(_))), "{ended:?}");
    assert!(tail.next().await.is_none());
}
