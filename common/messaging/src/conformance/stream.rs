//! The stream itself: each aggregate's messages in their order, compared and set, kept as they were.

use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;

use super::{Bench, id, message, of_type, promises};
use crate::{LastMessage, Message, PublishError, Stored};

promises! {
    preparing_it_again_changes_nothing,
    a_message_is_only_appended_behind_the_one_it_names,
    of_many_publishers_of_one_version_one_wins,
    publishing_what_is_there_stores_nothing,
    what_was_learned_over_another_connection_is_not_published_over_this_one,
    each_aggregate_has_a_last_message_of_its_own,
    what_is_published_is_kept_as_it_was,
    what_is_lost_and_published_again_where_it_stood_was_stored_later,
    what_is_not_there_is_not_got,
    the_stream_is_read_by_category_and_in_pages,
    a_time_has_a_place_on_the_stream,
    what_is_published_from_now_on_is_followed,
}

async fn preparing_it_again_changes_nothing(bench: &Bench) {
    let empty = bench.bus.state().await.unwrap();
    assert_eq!(empty.last_sequence, 0);
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.bus.prepare().await.unwrap();
    let state = bench.bus.state().await.unwrap();
    assert_eq!((state.created, state.last_sequence), (empty.created, 1));
    assert!(bench.runtime.now().since(state.created) < Duration::from_secs(30));
}

async fn a_message_is_only_appended_behind_the_one_it_names(bench: &Bench) {
    let conflict = async |version, expected_last| {
        let outcome = bench.bus.publish(&message(1, version), expected_last).await;
        assert!(
            matches!(outcome, Err(PublishError::Conflict)),
            "{version} behind {expected_last}: {outcome:?}"
        );
    };
    conflict(1, 1).await;
    assert_eq!(bench.bus.publish(&message(1, 1), 0).await.unwrap(), 1);
    conflict(2, 0).await;
    conflict(2, 2).await;
    // Another aggregate's messages do not matter, whatever it is called.
    assert_eq!(bench.bus.publish(&message(2, 1), 0).await.unwrap(), 2);
    assert_eq!(bench.bus.publish(&of_type("session", "SessionRevoked", 1, 1), 0).await.unwrap(), 3);
    conflict(2, 2).await;
    conflict(2, 3).await;
    // Another type of the same aggregate does.
    assert_eq!(bench.bus.publish(&of_type("user", "UserCreated", 1, 2), 1).await.unwrap(), 4);
    conflict(3, 1).await;
    assert_eq!(bench.bus.publish(&message(1, 3), 4).await.unwrap(), 5);
    assert_eq!(bench.bus.state().await.unwrap().last_sequence, 5);
}

async fn of_many_publishers_of_one_version_one_wins(bench: &Bench) {
    for version in 1..=5 {
        let expected_last = bench.bus.last("user", id(1)).await.unwrap().map_or(0, |last| last.sequence);
        let publish = async |rival: u128| {
            let mut message = message(1, version);
            message.recorded.id = id(u128::from(version) * 100 + rival);
            bench.bus.publish(&message, expected_last).await
        };
        let outcomes = join_all((0..10).map(publish)).await;
        let conflict = |outcome: &&Result<_, _>| matches!(outcome, Err(PublishError::Conflict));
        let stored = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!((stored, outcomes.iter().filter(conflict).count()), (1, 9));
    }
    let versions: Vec<_> =
        bench.told(&["user"]).await.iter().map(|message| message.recorded.version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5]);
}

async fn publishing_what_is_there_stores_nothing(bench: &Bench) {
    for (version, expected_last) in [(1, 0), (2, 1)] {
        bench.bus.publish(&message(1, version), expected_last).await.unwrap();
    }
    // Not even behind the aggregate's last message, where a stream that was replaced may have that stand.
    for (version, expected_last) in [(1, 0), (2, 1), (1, 2), (2, 2)] {
        // A bus that knows the message may say where it stands.
        match bench.bus.publish(&message(1, version), expected_last).await {
            Ok(sequence) => assert_eq!(sequence, version),
            Err(error) => assert!(matches!(error, PublishError::Conflict), "{error:?}"),
        }
    }
    assert_eq!(bench.bus.state().await.unwrap().last_sequence, 2);
}

async fn what_was_learned_over_another_connection_is_not_published_over_this_one(bench: &Bench) {
    let connection = *bench.bus.connections().borrow();
    let outcome = bench.bus.publish_over(connection - 1, &message(1, 1), 0).await;
    assert!(matches!(outcome, Err(PublishError::Conflict)), "{outcome:?}");
    assert_eq!(bench.bus.publish_over(connection, &message(1, 1), 0).await.unwrap(), 1);
}

async fn each_aggregate_has_a_last_message_of_its_own(bench: &Bench) {
    assert_eq!(bench.bus.last("user", id(1)).await.unwrap(), None);
    let session = of_type("session", "SessionRevoked", 1, 1);
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.bus.publish(&message(2, 1), 0).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    bench.bus.publish(&session, 0).await.unwrap();

    let last = async |category, aggregate| bench.bus.last(category, id(aggregate)).await.unwrap();
    let at = |sequence, message: Message| {
        Some(LastMessage { sequence, version: message.recorded.version, event_id: message.recorded.id })
    };
    assert_eq!(last("user", 1).await, at(3, message(1, 2)));
    assert_eq!(last("user", 2).await, at(2, message(2, 1)));
    assert_eq!(last("session", 1).await, at(4, session));
    assert_eq!(last("session", 2).await, None);
}

async fn what_is_published_is_kept_as_it_was(bench: &Bench) {
    let mut strange = message(1, 1);
    strange.recorded.event.data =
        serde_json::json!({ "text": "Ünïcode \u{1f3ab}\n\"quoted\"", "list": [1, -2, null] });
    let mut bare = message(1, 2);
    bare.recorded.cause.traceparent = None;
    for (message, expected_last) in [(&strange, 0), (&bare, 1)] {
        let sequence = bench.bus.publish(message, expected_last).await.unwrap();
        let Stored { parcel, .. } = bench.bus.get(sequence).await.unwrap().unwrap();
        assert_eq!(parcel.open().as_deref(), Ok(message));
        let wire = parcel.wire();
        for (name, value) in message.to_wire().headers {
            assert_eq!(wire.headers.get(&name), Some(&value), "{name}");
        }
    }
}

async fn what_is_lost_and_published_again_where_it_stood_was_stored_later(bench: &Bench) {
    let stored = async || {
        assert_eq!(bench.bus.publish(&message(2, 1), 0).await.unwrap(), 2);
        bench.bus.get(2).await.unwrap().unwrap()
    };
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut first = None;
    bench.lose_tail(async { first = Some(stored().await) }).await;
    bench.prepared().await;
    bench.jump_ahead(Duration::from_millis(1));
    let (first, second) = (first.unwrap(), stored().await);
    assert_eq!(first.parcel, second.parcel);
    assert!(first.stored_at < second.stored_at, "{first:?} {second:?}");
}

async fn what_is_not_there_is_not_got(bench: &Bench) {
    assert_eq!(bench.bus.get(1).await.unwrap(), None);
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    assert!(bench.bus.get(1).await.unwrap().is_some());
    assert_eq!(bench.bus.get(2).await.unwrap(), None);
    assert_eq!(bench.bus.get(1_000_000).await.unwrap(), None);
}

async fn the_stream_is_read_by_category_and_in_pages(bench: &Bench) {
    for aggregate in 1..=10 {
        bench.bus.publish(&message(aggregate, 1), 0).await.unwrap();
        bench.bus.publish(&of_type("session", "SessionRevoked", aggregate, 1), 0).await.unwrap();
        bench.bus.publish(&of_type("order", "OrderAccepted", aggregate, 1), 0).await.unwrap();
    }
    let read = async |categories: &[&str], sequence, limit| -> Vec<u64> {
        let page = bench.bus.read(categories, sequence, limit).await.unwrap();
        for (sequence, parcel) in &page {
            assert_eq!(bench.bus.get(*sequence).await.unwrap().unwrap().parcel, *parcel);
        }
        page.into_iter().map(|(sequence, _)| sequence).collect()
    };
    assert_eq!(read(&["user"], 1, 3).await, [1, 4, 7]);
    assert_eq!(read(&["user"], 0, 3).await, [1, 4, 7]);
    assert_eq!(read(&["user"], 8, 100).await, [10, 13, 16, 19, 22, 25, 28]);
    assert_eq!(read(&["session", "order"], 26, 100).await, [26, 27, 29, 30]);
    assert_eq!(read(&["user", "session", "order"], 29, 1).await, [29]);
    assert!(read(&["user"], 29, 100).await.is_empty());
    assert!(read(&["user"], 31, 100).await.is_empty());
    assert!(read(&["payment"], 1, 100).await.is_empty());
    assert!(read(&[], 1, 100).await.is_empty());
}

async fn a_time_has_a_place_on_the_stream(bench: &Bench) {
    let pause = Duration::from_millis(30);
    let before = bench.runtime.now();
    assert_eq!(bench.bus.sequence_at(before).await.unwrap(), 1);
    bench.runtime.sleep(pause).await;
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    bench.runtime.sleep(pause).await;
    let between = bench.runtime.now();
    bench.runtime.sleep(pause).await;
    bench.bus.publish(&message(1, 3), 2).await.unwrap();
    bench.runtime.sleep(pause).await;

    assert_eq!(bench.bus.sequence_at(before).await.unwrap(), 1);
    assert_eq!(bench.bus.sequence_at(between).await.unwrap(), 3);
    assert_eq!(bench.bus.sequence_at(bench.runtime.now()).await.unwrap(), 4);
}

async fn what_is_published_from_now_on_is_followed(bench: &Bench) {
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut users = bench.bus.follow("user").await.unwrap();
    let mut sessions = bench.bus.follow("session").await.unwrap();
    let session = of_type("session", "SessionRevoked", 1, 1);
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    bench.bus.publish(&session, 0).await.unwrap();
    bench.bus.publish(&message(2, 1), 0).await.unwrap();

    let soon = Duration::from_secs(5);
    for expected in [message(1, 2), message(2, 1)] {
        assert_eq!(bench.runtime.timeout(soon, users.next()).await.unwrap(), Some(expected));
    }
    assert_eq!(bench.runtime.timeout(soon, sessions.next()).await.unwrap(), Some(session));
    assert!(bench.runtime.timeout(Duration::from_millis(100), users.next()).await.is_err());
}
