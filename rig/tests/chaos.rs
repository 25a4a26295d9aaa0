//! Trials of one kind of fault each. All kinds together are `cargo xtask chaos`, two minutes of which CI runs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails where it stands, and says what it counted"
)]

use rig::chaos::{Chaos, FaultKind, Outcome, chaos};

async fn survives(only: &[FaultKind]) -> Outcome {
    let chaos_of_one_kind =
        Chaos { minutes: 0.5, only: only.to_vec(), buyers: 4, reservation_seconds: 15, ..Chaos::default() };
    let outcome = chaos(&chaos_of_one_kind).await.unwrap();
    println!("{outcome}");
    assert!(outcome.is_good(), "{outcome}");
    assert!(only.iter().all(|kind| outcome.times(*kind) > 0));
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_redis_wiped_no_order_expires_twenty_seconds_late() {
    let outcome = survives(&[FaultKind::WipeRedis]).await;
    assert_eq!(outcome.lateness.expired, outcome.lateness.unhindered, "nothing else was broken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_wiped_or_put_back_is_written_again_to_the_byte() {
    let outcome = survives(&[FaultKind::WipeStream, FaultKind::OldStream]).await;
    assert!(outcome.events > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_paused_or_cut_off_nothing_is_lost_doubled_or_stuck() {
    survives(&[FaultKind::Kill, FaultKind::Pause, FaultKind::Cut]).await;
}
