//! A connection that is lost while something was asked over it.

use std::time::Duration;

use crate::PublishError;
use crate::conformance::{Bench, message};

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
