//! One suite for limits in memory and in Redis, and what becomes of them when Redis is away.

mod alone;
mod memory;

use std::time::Duration;

use local_servers::{Place, Server, Toolbox};
use privileges::{
    Shop,
    redis::{access_list, password_variable},
};
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;

use crate::{Limits, MemoryLimits, Rate, RedisLimits, Take, TooMany, network};

/// Longer than a test takes.
const LONG: Duration = Duration::from_secs(3_600);
const SOON: Duration = Duration::from_millis(200);

fn runtime() -> Runtime {
    Runtime::real(TokioTasks::default())
}

fn take(key: &str, times: u32, within: Duration) -> Take {
    Take::new(format!("limits:{{auth}}:{key}"), Rate { times, within })
}

async fn is_taken(limits: &dyn Limits, takes: &[Take]) -> bool {
    limits.take(takes).await.unwrap().is_none()
}

/// A server that lets auth do what it must and nothing else, and how auth reaches it.
fn redis() -> (TempDir, Server, String) {
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.acl");
    std::fs::write(&users, access_list(Shop::Local, str::to_owned)).unwrap();
    let place = Place::under(folder.path(), "redis");
    let server = local_servers::redis::guarded(&Toolbox::open().unwrap(), &place, &users).unwrap();
    let server = server.start().unwrap();
    let url = format!("redis://auth:{}@127.0.0.1:{}/", password_variable("auth"), server.port());
    (folder, server, url)
}

#[tokio::test]
async fn limits_in_memory_keep_their_promises() {
    let limits = MemoryLimits::new(runtime());
    keep_their_promises(&limits, &limits, &runtime()).await;
}

#[tokio::test]
async fn limits_in_redis_keep_their_promises_for_all_replicas() {
    let (_folder, _server, url) = redis();
    let connect = || RedisLimits::connect(&url).unwrap();
    keep_their_promises(&connect(), &connect(), &runtime()).await;
}

/// `one` and `other` are two replicas.
async fn keep_their_promises(one: &dyn Limits, other: &dyn Limits, runtime: &Runtime) {
    permit_so_many_and_say_when_there_is_another(one, other).await;
    come_back_by_and_by(one, other, runtime).await;
    take_of_all_or_of_none(one, other).await;
    do_not_count_what_is_remembered(one, other, runtime).await;
    permit_no_more_to_many_at_once(one, other).await;
}

async fn permit_so_many_and_say_when_there_is_another(one: &dyn Limits, other: &dyn Limits) {
    let three = [take("so many", 3, LONG)];
    assert!(is_taken(one, &three).await && is_taken(other, &three).await && is_taken(one, &three).await);
    let wait = other.take(&three).await.unwrap().unwrap();
    assert!(wait <= LONG / 3 && wait > LONG / 3 - Duration::from_secs(60), "{wait:?}");
    assert!(is_taken(one, &[take("others", 3, LONG)]).await);
    other.forget(&three[0].key).await.unwrap();
    assert!(is_taken(one, &three).await);
}

async fn come_back_by_and_by(one: &dyn Limits, other: &dyn Limits, runtime: &Runtime) {
    let two = [take("by and by", 2, SOON)];
    while is_taken(one, &two).await {}
    let wait = other.take(&two).await.unwrap();
    runtime.sleep(wait.unwrap_or_default() + Duration::from_millis(2)).await;
    assert!(is_taken(other, &two).await);
}

async fn take_of_all_or_of_none(one: &dyn Limits, other: &dyn Limits) {
    let (scarce, ample) = (take("scarce", 1, LONG), take("ample", 3, LONG));
    let both = [scarce.clone(), ample.clone()];
    assert!(is_taken(one, &both).await);
    for _ in 0..5 {
        assert!(!is_taken(other, &both).await);
    }
    let ample = [ample];
    assert!(is_taken(one, &ample).await && is_taken(other, &ample).await);
    assert!(!is_taken(one, &ample).await);
    assert!(is_taken(one, &[]).await);
}

async fn do_not_count_what_is_remembered(one: &dyn Limits, other: &dyn Limits, runtime: &Runtime) {
    let known = "limits:{auth}:known".to_owned();
    let unless = |known: &str| [Take { unless: Some(known.to_owned()), ..take("unless", 1, LONG) }];
    assert!(is_taken(one, &unless(&known)).await);
    assert!(!is_taken(one, &unless(&known)).await);
    other.remember(&known, SOON).await.unwrap();
    let begun_at = runtime.now();
    let was_taken = is_taken(one, &unless(&known)).await;
    assert!(was_taken || runtime.now().since(begun_at) >= SOON / 2);
    runtime.sleep(SOON + Duration::from_millis(5)).await;
    assert!(!is_taken(one, &unless(&known)).await);
}

async fn permit_no_more_to_many_at_once(one: &dyn Limits, other: &dyn Limits) {
    let ten = [take("at once", 10, LONG)];
    let all = (0..100).map(|number| is_taken(if number % 2 == 0 { one } else { other }, &ten));
    let taken = futures::future::join_all(all).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 10);
}

#[test]
fn a_rate_is_written_by_the_second_the_minute_or_the_hour() {
    for (text, times, seconds) in
        [("50/second", 50, 1), ("3000/minute", 3_000, 60), (" 7 / hour", 7, 3_600), ("60", 60, 60)]
    {
        let rate = Rate { times, within: Duration::from_secs(seconds) };
        assert_eq!(text.parse(), Ok(rate), "{text}");
        assert_eq!(rate.to_string().parse(), Ok(rate));
    }
    for text in ["", "0/second", "-1/second", "1.5/second", "1/day", "1/", "/minute", "1/second/second"] {
        assert!(text.parse::<Rate>().is_err(), "{text}");
    }
}

#[test]
fn whoever_is_told_to_wait_is_told_whole_seconds() {
    let seconds = |wait| TooMany(wait).seconds();
    assert_eq!(seconds(Duration::from_micros(1)), 1);
    assert_eq!(seconds(Duration::from_secs(1)), 1);
    assert_eq!(seconds(Duration::from_millis(1_001)), 2);
    assert_eq!(seconds(Duration::MAX), u32::MAX);
}

#[test]
fn an_address_stands_for_all_that_its_owner_has() {
    let of = |text: &str| network(Some(text.parse().unwrap()));
    assert_eq!(of("192.0.2.1"), "192.0.2.1");
    assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert_eq!(network(None), "unknown");
}
