//! Stores and stream find together again: a lost stream is told anew without holes, each effect happens once, and a
//! store that lost something says nothing more.

use std::collections::BTreeMap;
use std::time::Duration;

use eventsourcing::{EventStore as _, Outbox as _};

use super::service::{Kept, Service};
use super::{Bench, id, message, of_type, promises};
use crate::Standing;

promises! {
    nothing_is_heard_before_the_first_comparison,
    what_was_left_unpublished_is_published_at_the_start,
    a_lost_stream_is_told_again_and_heard_without_a_second_effect,
    a_stream_lost_while_the_service_was_away_is_told_again,
    a_lost_tail_is_told_again,
    a_store_behind_the_stream_shuts_the_gate,
    a_recovered_store_opens_the_gate,
    a_stopped_service_goes_on_where_it_was,
}

const USERS: u128 = 5;

/// Every user was answered as often as there are events of theirs, and all of it is on the stream, once and in order.
async fn settled(bench: &Bench, kept: &Kept, said: u64) {
    let all_answered = async || {
        for user in 1..=USERS {
            if kept.answers(user).await < said {
                return false;
            }
        }
        true
    };
    bench.eventually("everything is answered", all_answered).await;
    let complete = async || {
        let read = bench.bus.read(&["user", "session"], 1, 10_000).await;
        read.is_ok_and(|read| read.len() as u64 >= USERS as u64 * said * 2)
    };
    bench.eventually("everything is on the stream", complete).await;

    let mut versions = BTreeMap::<_, Vec<_>>::new();
    for message in bench.told(&["user", "session"]).await {
        versions.entry((message.category, message.id)).or_default().push(message.recorded.version);
    }
    assert_eq!(versions.len() as u128, USERS * 2);
    for (aggregate, versions) in versions {
        assert_eq!(versions, (1..=said).collect::<Vec<_>>(), "{aggregate:?}");
    }
    for user in 1..=USERS {
        assert_eq!(kept.answers(user).await, said, "an effect happened twice");
    }
}

async fn say(service: &Service, cause_id: u128, events: usize) {
    for user in 1..=USERS {
        service.say(user, cause_id, events).await;
    }
}

async fn nothing_is_heard_before_the_first_comparison(bench: &Bench) {
    let kept = Kept::empty();
    kept.hide_marker(true);
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let service = kept.start(bench);
    bench.runtime.sleep(Duration::from_millis(1_500)).await;
    assert!(matches!(*service.messenger.standing().borrow(), Standing::Starting(_)));
    assert_eq!(bench.bus.delivered("echo").await.unwrap(), None);
    assert!(kept.echoes.load(id(1)).await.unwrap().is_none());
}

async fn what_was_left_unpublished_is_published_at_the_start(bench: &Bench) {
    let kept = Kept::empty();
    kept.hide_marker(true);
    let service = kept.start(bench);
    say(&service, 1, 3).await;
    kept.hide_marker(false);
    service.ready(bench).await;
    settled(bench, &kept, 3).await;
}

async fn a_lost_stream_is_told_again_and_heard_without_a_second_effect(bench: &Bench) {
    let kept = Kept::empty();
    let service = kept.start(bench);
    service.ready(bench).await;
    say(&service, 1, 3).await;
    settled(bench, &kept, 3).await;

    bench.lose_stream().await;
    settled(bench, &kept, 3).await;
    say(&service, 2, 2).await;
    settled(bench, &kept, 5).await;
    assert!(!service.gate.is_shut());
    assert_eq!(*service.messenger.standing().borrow(), Standing::Ready);
}

async fn a_stream_lost_while_the_service_was_away_is_told_again(bench: &Bench) {
    let kept = Kept::empty();
    let service = kept.start(bench);
    service.ready(bench).await;
    say(&service, 1, 3).await;
    settled(bench, &kept, 3).await;
    drop(service);
    // All of it was long ago when the stream was last seen.
    bench.jump_ahead(Duration::from_secs(3_600));
    let service = kept.start(bench);
    service.ready(bench).await;
    drop(service);

    bench.lose_stream().await;
    let service = kept.start(bench);
    service.ready(bench).await;
    settled(bench, &kept, 3).await;
    say(&service, 2, 1).await;
    settled(bench, &kept, 4).await;
}

async fn a_lost_tail_is_told_again(bench: &Bench) {
    let kept = Kept::empty();
    let service = kept.start(bench);
    service.ready(bench).await;
    say(&service, 1, 3).await;
    settled(bench, &kept, 3).await;

    let lost = async {
        bench.prepared().await;
        // Nobody tells these again: the stream stays shorter than it was.
        for stranger in 1..=40 {
            bench.bus.publish(&of_type("order", "OrderAccepted", stranger, 1), 0).await.unwrap();
        }
        say(&service, 2, 2).await;
        settled(bench, &kept, 5).await;
    };
    bench.lose_tail(lost).await;
    settled(bench, &kept, 5).await;
    // Who stood beyond the end hears what is new.
    say(&service, 3, 1).await;
    settled(bench, &kept, 6).await;
}

async fn a_store_behind_the_stream_shuts_the_gate(bench: &Bench) {
    let kept = Kept::empty();
    let service = kept.start(bench);
    service.ready(bench).await;
    say(&service, 1, 3).await;
    settled(bench, &kept, 3).await;
    drop(service);
    bench.bus.publish(&message(9, 1), 0).await.unwrap();

    // While the service was away its store lost a user.
    let service = kept.start(bench);
    let standing = service.messenger.standing();
    let is_behind = async || matches!(&*standing.borrow(), Standing::Behind(why) if why.contains("user"));
    bench.eventually("the service says so", is_behind).await;
    assert!(service.gate.is_shut());
    bench.runtime.sleep(Duration::from_millis(500)).await;
    assert!(kept.echoes.load(id(9)).await.unwrap().is_none(), "nothing is heard");
    assert!(kept.users.head(id(9)).await.unwrap().is_none());
}

/// Whether its service was started with the older copy, or it came to be put back under it.
async fn a_recovered_store_opens_the_gate(bench: &Bench) {
    let kept = Kept::empty();
    let mut service = kept.start(bench);
    service.ready(bench).await;
    say(&service, 1, 2).await;
    settled(bench, &kept, 2).await;
    let older = kept.copy().await;
    say(&service, 2, 1).await;
    settled(bench, &kept, 3).await;

    for (round, is_started_anew) in (3..).zip([true, false]) {
        let newest = kept.copy().await;
        if is_started_anew {
            service = kept.start(bench);
        }
        let standing = service.messenger.standing();
        let is_behind = async || {
            // Whoever looked just before may have noted what it saw.
            kept.put_back(&older).await;
            matches!(*standing.borrow(), Standing::Behind(_))
        };
        bench.eventually("the service says so", is_behind).await;
        assert!(service.gate.is_shut());

        kept.recover(&newest);
        service.ready(bench).await;
        assert!(!service.gate.is_shut());
        say(&service, round, 1).await;
        settled(bench, &kept, u64::try_from(round).unwrap() + 1).await;
    }
}

async fn a_stopped_service_goes_on_where_it_was(bench: &Bench) {
    let kept = Kept::empty();
    for round in 1..=3 {
        let service = kept.start(bench);
        service.ready(bench).await;
        say(&service, round, 2).await;
        drop(service);
    }
    let service = kept.start(bench);
    service.ready(bench).await;
    settled(bench, &kept, 6).await;
}
