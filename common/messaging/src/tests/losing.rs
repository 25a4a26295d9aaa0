//! A connection that is lost while something was asked over it, or was still to be answered.

use std::time::Duration;

use crate::conformance::{Bench, message};
use crate::{ConsumerSpec, Delivery, PublishError, Subscription};

const USERS: ConsumerSpec =
    ConsumerSpec { name: "losing", hears: &[("user", "UserUpdated")], ack_wait: Duration::from_secs(30) };

async fn next(bench: &Bench, subscription: &mut Box<dyn Subscription>) -> Delivery {
    let next = bench.runtime.timeout(Duration::from_secs(10), subscription.next());
    next.await.expect("a message comes").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_over_a_lost_connection_is_not_waited_for() {
    let bench = Bench::jetstream().await;
    bench.freeze();
    let asked = async { (bench.bus.state().await, bench.runtime.now()) };
    let published = async { (bench.bus.publish(&message(1, 1), 0).await, bench.runtime.now()) };
    let killed = async {
        bench.runtime.sleep(Duration::from_millis(300)).await;
        let killed_at = bench.runtime.now();
        bench.kill_and_restart();
        killed_at
    };
    let ((asked, heard_at), (published, told_at), killed_at) = tokio::join!(asked, published, killed);
    assert!(asked.is_err() && matches!(published, Err(PublishError::Unavailable(_))));
    let soon = killed_at + Duration::from_millis(1_500);
    assert!(heard_at < soon && told_at < soon);
    // It is not gone for good.
    bench.prepared().await;
    bench
        .eventually("it can be published", async || bench.bus.publish(&message(2, 1), 0).await.is_ok())
        .await;
}

/// The stream that was lost and the one that is written after it number their messages alike.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_what_a_lost_stream_delivered_is_none_to_what_stands_in_its_place() {
    let bench = Bench::jetstream().await;
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    let before = next(&bench, &mut subscription).await;

    bench.lose_stream().await;
    bench.prepared().await;
    bench
        .eventually("it can be published", async || bench.bus.publish(&message(2, 1), 0).await.is_ok())
        .await;
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    let after = next(&bench, &mut subscription).await;
    assert_eq!((before.sequence, after.sequence), (1, 1));

    // Whatever becomes of it.
    let _ = before.receipt.acknowledge().await;
    after.receipt.again_in(Duration::from_millis(100)).await.unwrap();
    let again = next(&bench, &mut subscription).await;
    assert_eq!((again.parcel, again.attempt), (after.parcel, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_with_the_connection_it_was_made_over() {
    let bench = Bench::jetstream().await;
    let mut subscription = bench.bus.subscribe(&USERS).await.unwrap();
    bench.kill_and_restart();
    let ended = bench.runtime.timeout(Duration::from_secs(2), subscription.next()).await;
    assert!(matches!(ended, Ok(Err(_))), "{:?}", ended.map(|next| next.map(|delivery| delivery.sequence)));
}
