//! Durable consumers: what they hear comes at least once, until it is answered, to one of those who ask.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Bench, message, of_type, promises};
use crate::{ConsumerSpec, Delivery, Subscription};

promises! {
    each_message_is_delivered_until_it_is_acknowledged,
    what_is_not_answered_comes_again_after_the_wait,
    what_is_said_to_be_in_hand_comes_to_nobody_else,
    what_is_put_off_comes_again_after_its_pause,
    what_is_terminated_never_comes_again,
    only_what_is_heard_is_delivered,
    two_subscribers_share_the_messages,
    a_new_type_of_event_gets_a_consumer_of_its_own,
    a_consumer_says_how_far_it_was_delivered_and_can_be_forgotten,
    a_consumer_set_back_hears_again_what_came_after_and_what_it_did_not_answer,
    a_forgotten_consumer_ends_its_subscriptions,
}

const WAIT: Duration = Duration::from_secs(1);
const USERS: ConsumerSpec =
    ConsumerSpec { name: "listening", hears: &[("user", "UserUpdated")], ack_wait: Duration::from_secs(30) };
const IMPATIENT: ConsumerSpec = ConsumerSpec { ack_wait: WAIT, ..USERS };
const MORE: ConsumerSpec =
    ConsumerSpec { hears: &[("user", "UserUpdated"), ("session", "SessionRevoked")], ..USERS };

async fn next(bench: &Bench, subscription: &mut Box<dyn Subscription>) -> Delivery {
    let next = bench.runtime.timeout(Duration::from_secs(10), subscription.next());
    next.await.expect("a message comes").unwrap()
}

async fn silent(bench: &Bench, subscription: &mut Box<dyn Subscription>) {
    let next = bench.runtime.timeout(Duration::from_millis(300), subscription.next()).await;
    assert!(next.is_err(), "{:?}", next.map(|delivery| delivery.map(|delivery| delivery.sequence)));
}

async fn each_message_is_delivered_until_it_is_acknowledged(bench: &Bench) {
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    for sequence in 1..=2 {
        let delivery = next(bench, &mut subscription).await;
        assert_eq!((delivery.sequence, delivery.attempt), (sequence, 1));
        assert_eq!(delivery.parcel, bench.bus.get(sequence).await.unwrap().unwrap().parcel);
        delivery.receipt.acknowledge().await.unwrap();
    }
    silent(bench, &mut subscription).await;
    drop(subscription);
    // It goes on where it was.
    bench.bus.publish(&message(1, 3), 2).await.unwrap();
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    assert_eq!(next(bench, &mut subscription).await.sequence, 3);
}

async fn a_consumer_set_back_hears_again_what_came_after_and_what_it_did_not_answer(bench: &Bench) {
    for user in 1..=5 {
        bench.bus.publish(&message(user, 1), 0).await.unwrap();
    }
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    for sequence in 1..=5 {
        let delivery = next(bench, &mut subscription).await;
        assert_eq!(delivery.sequence, sequence);
        if sequence != 2 {
            delivery.receipt.acknowledge().await.unwrap();
        }
    }
    silent(bench, &mut subscription).await;
    bench.bus.rewind(USERS.name, 4).await.unwrap();
    for sequence in 2..=5 {
        let delivery = next(bench, &mut subscription).await;
        assert_eq!(delivery.sequence, sequence);
        delivery.receipt.acknowledge().await.unwrap();
    }
    silent(bench, &mut subscription).await;
    bench.bus.rewind(USERS.name, 4).await.unwrap();
    assert_eq!(next(bench, &mut subscription).await.sequence, 5);
    // Who has heard nothing yet is not set forward.
    bench.bus.rewind("nobody", 4).await.unwrap();
}

async fn what_is_not_answered_comes_again_after_the_wait(bench: &Bench) {
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut subscription = bench.bus.subscribe(&IMPATIENT).await.unwrap();
    let mut delivered_at = None;
    for attempt in 1..=3 {
        let delivery = next(bench, &mut subscription).await;
        assert_eq!((delivery.sequence, delivery.attempt), (1, attempt));
        let now = bench.runtime.now();
        if let Some(before) = delivered_at.replace(now) {
            assert!(now.since(before) >= WAIT / 2, "attempt {attempt} came at once");
        }
    }
    drop(subscription);
    // Whoever subscribes next gets it.
    let mut subscription = bench.bus.subscribe(&IMPATIENT).await.unwrap();
    let delivery = next(bench, &mut subscription).await;
    assert_eq!(delivery.sequence, 1);
    delivery.receipt.acknowledge().await.unwrap();
    bench.runtime.sleep(WAIT).await;
    silent(bench, &mut subscription).await;
}

async fn what_is_said_to_be_in_hand_comes_to_nobody_else(bench: &Bench) {
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut subscription = bench.bus.subscribe(&IMPATIENT).await.unwrap();
    let delivery = next(bench, &mut subscription).await;
    for _ in 0..6 {
        delivery.receipt.in_hand().await.unwrap();
        silent(bench, &mut subscription).await;
    }
    // Whoever says nothing any more is dead.
    assert_eq!(next(bench, &mut subscription).await.attempt, 2);
}

async fn what_is_put_off_comes_again_after_its_pause(bench: &Bench) {
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.bus.publish(&message(2, 1), 0).await.unwrap();
    let first = next(bench, &mut subscription).await;
    let put_off_at = bench.runtime.now();
    first.receipt.again_in(Duration::from_millis(600)).await.unwrap();
    // Others do not wait for it.
    let second = next(bench, &mut subscription).await;
    assert_eq!(second.sequence, 2);
    second.receipt.acknowledge().await.unwrap();
    let again = next(bench, &mut subscription).await;
    let pause = bench.runtime.now().since(put_off_at);
    assert_eq!((again.sequence, again.attempt), (1, 2));
    assert!(pause >= Duration::from_millis(590) && pause < Duration::from_secs(5), "{pause:?}");
}

async fn what_is_terminated_never_comes_again(bench: &Bench) {
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut subscription = bench.bus.subscribe(&IMPATIENT).await.unwrap();
    next(bench, &mut subscription).await.receipt.terminate().await.unwrap();
    bench.runtime.sleep(WAIT).await;
    silent(bench, &mut subscription).await;
    drop(subscription);
    silent(bench, &mut bench.bus.subscribe(&IMPATIENT).await.unwrap()).await;
}

async fn only_what_is_heard_is_delivered(bench: &Bench) {
    bench.bus.publish(&of_type("user", "UserCreated", 1, 1), 0).await.unwrap();
    bench.bus.publish(&of_type("session", "UserUpdated", 1, 1), 0).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    assert_eq!(next(bench, &mut subscription).await.sequence, 3);
    silent(bench, &mut subscription).await;
}

async fn two_subscribers_share_the_messages(bench: &Bench) {
    let mut one = bench.bus.subscribe(&USERS).await.unwrap();
    let mut other = bench.bus.subscribe(&USERS).await.unwrap();
    for aggregate in 1..=40 {
        bench.bus.publish(&message(aggregate, 1), 0).await.unwrap();
    }
    let mut heard = BTreeSet::new();
    while heard.len() < 40 {
        let delivery = tokio::select! {
            delivery = one.next() => delivery.unwrap(),
            delivery = other.next() => delivery.unwrap(),
        };
        assert_eq!(delivery.attempt, 1);
        assert!(heard.insert(delivery.sequence), "{} came twice", delivery.sequence);
        delivery.receipt.acknowledge().await.unwrap();
    }
}

async fn a_new_type_of_event_gets_a_consumer_of_its_own(bench: &Bench) {
    let revoked = |version| of_type("session", "SessionRevoked", 1, version);
    let mut old = bench.bus.subscribe(&USERS).await.unwrap();
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.bus.publish(&revoked(1), 0).await.unwrap();
    let first = next(bench, &mut old).await;
    first.receipt.acknowledge().await.unwrap();

    // The new type is heard from its beginning, the old one from where it was.
    let mut new = bench.bus.subscribe(&MORE).await.unwrap();
    let delivery = next(bench, &mut new).await;
    assert_eq!(delivery.sequence, 2);
    delivery.receipt.acknowledge().await.unwrap();
    silent(bench, &mut new).await;
    drop(old);

    // A replica of the old version, started again, hears nothing that it does not know.
    let mut old = bench.bus.subscribe(&USERS).await.unwrap();
    drop(new);
    bench.bus.publish(&revoked(2), 2).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    let delivery = next(bench, &mut old).await;
    assert_eq!(delivery.sequence, 4);
    delivery.receipt.acknowledge().await.unwrap();
    silent(bench, &mut old).await;
    let mut new = bench.bus.subscribe(&MORE).await.unwrap();
    assert_eq!(next(bench, &mut new).await.sequence, 3);
    silent(bench, &mut new).await;
}

async fn a_consumer_says_how_far_it_was_delivered_and_can_be_forgotten(bench: &Bench) {
    assert_eq!(bench.bus.delivered(USERS.name).await.unwrap(), None);
    bench.bus.forget(USERS.name).await.unwrap();
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    assert_eq!(bench.bus.delivered(USERS.name).await.unwrap(), Some(0));
    for (version, expected_last) in [(1, 0), (2, 1)] {
        bench.bus.publish(&message(1, version), expected_last).await.unwrap();
        next(bench, &mut subscription).await.receipt.acknowledge().await.unwrap();
        assert_eq!(bench.bus.delivered(USERS.name).await.unwrap(), Some(version));
    }
    bench.bus.forget(USERS.name).await.unwrap();
    assert_eq!(bench.bus.delivered(USERS.name).await.unwrap(), None);
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    assert_eq!(next(bench, &mut subscription).await.sequence, 1);
}

async fn a_forgotten_consumer_ends_its_subscriptions(bench: &Bench) {
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    silent(bench, &mut subscription).await;
    bench.bus.forget(USERS.name).await.unwrap();
    let ended = bench.runtime.timeout(Duration::from_secs(10), subscription.next()).await;
    assert!(matches!(ended, Ok(Err(_))));
}
