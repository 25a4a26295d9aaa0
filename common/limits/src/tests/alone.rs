//! What becomes of shared limits when Redis is away: stricter ones, and nobody who waits.

use std::time::{Duration, Instant};

use super::{LONG, redis, runtime, take};
use crate::Limiter;

async fn takes(limiter: &Limiter, key: &str) -> usize {
    let mut taken = 0;
    while limiter.take(&[take(key, 8, LONG)]).await.is_ok() {
        taken += 1;
    }
    taken
}

async fn shares_again(limiter: &Limiter) {
    let runtime = runtime();
    let shared = async {
        while limiter.is_alone() {
            let _ = limiter.take(&[take("asks", u32::MAX, LONG)]).await;
            runtime.sleep(Duration::from_millis(20)).await;
        }
    };
    runtime.timeout(Duration::from_secs(20), shared).await.expect("it is found again when it is back");
}

#[tokio::test]
async fn a_replica_alone_is_stricter_and_shares_again_when_redis_is_back() {
    let (_folder, mut server, url) = redis();
    let connect = || Limiter::connect(Some(&url), runtime()).unwrap();
    let (one, other) = (connect(), connect());
    assert_eq!((takes(&one, "a").await, takes(&other, "a").await), (8, 0));

    server.kill();
    assert_eq!((takes(&one, "a").await, takes(&other, "a").await), (2, 2));
    assert!(one.is_alone() && other.is_alone());
    one.let_off("limits:{auth}:a", "limits:{auth}:known", LONG).await;
    assert_eq!(takes(&one, "a").await, 2, "who is let off here need not wait for Redis");

    server.restart().unwrap();
    for replica in [&one, &other] {
        shares_again(replica).await;
    }
    assert_eq!((takes(&one, "b").await, takes(&other, "b").await), (8, 0));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "how long anybody waits is what is measured")]
async fn who_asks_does_not_wait_for_a_redis_that_hangs() {
    let (_folder, mut server, url) = redis();
    let limiter = Limiter::connect(Some(&url), runtime()).unwrap();
    limiter.take(&[take("first", 8, LONG)]).await.unwrap();
    server.pause();
    limiter.take(&[take("finds it out", 8, LONG)]).await.unwrap();
    assert!(limiter.is_alone());
    let begun_at = Instant::now();
    for number in 0..1_000 {
        limiter.take(&[take(&format!("{number}"), 8, LONG)]).await.unwrap();
        // Whoever looks whether it answers does so meanwhile.
        runtime().sleep(Duration::from_millis(1)).await;
    }
    let took = begun_at.elapsed();
    println!("a thousand took {took:?}");
    assert!(took < Duration::from_secs(100), "a wait of half a second each would be 500 s: {took:?}");
    server.resume();
    shares_again(&limiter).await;
}

#[tokio::test]
async fn without_redis_a_replica_counts_by_itself_and_is_no_stricter() {
    let (one, other) = (Limiter::in_memory(runtime()), Limiter::connect(None, runtime()).unwrap());
    assert_eq!((takes(&one, "a").await, takes(&other, "a").await), (8, 8));
    assert!(!one.is_alone());
}
