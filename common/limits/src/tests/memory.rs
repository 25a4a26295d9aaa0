//! What is kept in memory has an end.

use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use runtime::{RandomIds, Runtime, TokioTasks};
use testing::ManualClock;

use super::take;
use crate::MemoryLimits;

const SECOND: Duration = Duration::from_secs(1);

fn at(now: i64) -> Runtime {
    let clock = ManualClock::at(Timestamp::from_millis(now));
    Runtime::new(Arc::new(clock), Arc::new(RandomIds), Arc::new(TokioTasks::default()))
}

#[tokio::test]
async fn however_many_come_only_so_many_are_kept() {
    let clock = ManualClock::at(Timestamp::from_millis(1_000_000));
    let runtime = Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
    let limits = MemoryLimits::of_at_most(3, runtime);
    let one = |key: &str| limits.take_now(&[take(key, 2, 4 * SECOND)]).is_none();
    assert!(one("a") && one("b") && one("c"));
    assert!(!one("d"), "there is no room");
    assert!(one("a"), "who is known has their place");
    assert!(!one("a"));
    clock.pass(2 * SECOND).await;
    assert!(one("d"), "what is over makes room");
    assert_eq!(limits.kept(), 2, "a, who asked twice, and d");
}

#[test]
fn a_clock_that_is_put_back_keeps_nobody_out() {
    let mut limits = MemoryLimits::new(at(10_000_000));
    let twice = [take("a", 2, SECOND)];
    assert_eq!((limits.take_now(&twice), limits.take_now(&twice)), (None, None));
    assert!(limits.take_now(&twice).is_some());
    limits.put_at(at(1_000_000));
    assert_eq!(limits.take_now(&twice), None);
}
