//! One suite for timers in memory and in Redis.

use std::time::Duration;

use local_servers::{Place, Server, Toolbox};
use privileges::{
    RIG, Shop,
    redis::{access_list, password_variable},
};
use runtime::Runtime;
use uuid::Uuid;

use super::{LONG, SOON, order, runtime, timer};
use crate::{Claim, MemoryTimers, RedisTimers, Timers};

#[tokio::test]
async fn timers_in_memory_keep_their_promises() {
    let runtime = runtime();
    is_due_at_its_time_and_not_before(&MemoryTimers::new(runtime.clone()), &runtime).await;
    comes_back_after_its_lease(&MemoryTimers::new(runtime.clone()), &runtime).await;
    is_set_once_and_cancelled(&MemoryTimers::new(runtime.clone()), &runtime).await;
    claims_the_longest_due_first(&MemoryTimers::new(runtime.clone()), &runtime).await;
    let timers = MemoryTimers::new(runtime.clone());
    is_complete_when_marked(&timers).await;
    timers.lose();
    assert!(!claim(&timers, LONG).await.complete);
    is_not_complete_when_lost_meanwhile(&timers, async || timers.lose()).await;
}

#[tokio::test]
async fn timers_in_redis_keep_their_promises() {
    let runtime = runtime();
    let (_folder, mut server, timers, rig) = redis();
    is_due_at_its_time_and_not_before(&timers, &runtime).await;
    wipe(&rig).await;
    comes_back_after_its_lease(&timers, &runtime).await;
    wipe(&rig).await;
    is_set_once_and_cancelled(&timers, &runtime).await;
    wipe(&rig).await;
    claims_the_longest_due_first(&timers, &runtime).await;
    wipe(&rig).await;
    is_complete_when_marked(&timers).await;
    wipe(&rig).await;
    is_not_complete_when_lost_meanwhile(&timers, async || wipe(&rig).await).await;
    wipe(&rig).await;
    is_complete_when_marked(&timers).await;
    wipe(&rig).await;
    assert!(!claim(&timers, LONG).await.complete);

    server.kill();
    assert!(timers.set(&timer(1, runtime.now() + LONG)).await.is_err(), "a server that is away is an error");
    server.restart().unwrap();
    let set = async {
        while timers.set(&timer(1, runtime.now() + LONG)).await.is_err() {
            runtime.sleep(Duration::from_millis(50)).await;
        }
    };
    runtime.timeout(Duration::from_secs(20), set).await.expect("it is found again when it is back");
}

/// A server that lets expiration do what it must and nothing else, as expiration and as the one who may wipe it.
fn redis() -> (tempfile::TempDir, Server, RedisTimers, RedisTimers) {
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.acl");
    std::fs::write(&users, access_list(Shop::Local, str::to_owned)).unwrap();
    let place = Place::under(folder.path(), "redis");
    let server = local_servers::redis::guarded(&Toolbox::open().unwrap(), &place, &users).unwrap();
    let server = server.start().unwrap();
    let connect = |user: &str| {
        let (password, port) = (password_variable(user), server.port());
        RedisTimers::connect(&format!("redis://{user}:{password}@127.0.0.1:{port}/")).unwrap()
    };
    let (timers, rig) = (connect("expiration"), connect(RIG));
    (folder, server, timers, rig)
}

async fn wipe(rig: &RedisTimers) {
    rig.wipe().await.unwrap();
}

async fn claim(timers: &dyn Timers, lease: Duration) -> Claim {
    timers.claim(lease, 10).await.unwrap()
}

async fn is_due_at_its_time_and_not_before(timers: &dyn Timers, runtime: &Runtime) {
    let set = timer(1, runtime.now() + SOON);
    timers.set(&set).await.unwrap();
    let early = claim(timers, LONG).await;
    if runtime.now() < set.due_at {
        assert_eq!(early.due, []);
        assert!(early.next_in.is_some_and(|wait| wait <= SOON));
    }
    runtime.sleep(SOON + Duration::from_millis(5)).await;
    let due = if early.due.is_empty() { claim(timers, LONG).await.due } else { early.due };
    assert_eq!(due, [set]);
    assert_eq!(claim(timers, LONG).await.due, [], "it is claimed");
    timers.finish(order(1)).await.unwrap();
    assert_eq!(timers.count().await.unwrap(), 0);
    assert_eq!(claim(timers, LONG).await.next_in, None);
}

async fn comes_back_after_its_lease(timers: &dyn Timers, runtime: &Runtime) {
    timers.set(&timer(1, runtime.now() - SOON)).await.unwrap();
    assert_eq!(claim(timers, SOON).await.due.len(), 1);
    timers.cancel(order(1)).await.unwrap();
    runtime.sleep(SOON + Duration::from_millis(5)).await;
    assert_eq!(claim(timers, LONG).await.due.len(), 1, "who claimed it first may be dead");
}

async fn is_set_once_and_cancelled(timers: &dyn Timers, runtime: &Runtime) {
    let due_at = runtime.now() - SOON;
    timers.set(&timer(1, due_at)).await.unwrap();
    timers.set(&timer(1, due_at + LONG)).await.unwrap();
    timers.set(&timer(2, due_at)).await.unwrap();
    assert_eq!(timers.count().await.unwrap(), 2);
    timers.cancel(order(2)).await.unwrap();
    timers.cancel(order(3)).await.unwrap();
    assert_eq!(claim(timers, LONG).await.due, [timer(1, due_at)]);
    timers.set(&timer(1, due_at)).await.unwrap();
    assert_eq!(claim(timers, LONG).await.due, [], "what is claimed is not set again");
}

async fn claims_the_longest_due_first(timers: &dyn Timers, runtime: &Runtime) {
    let now = runtime.now();
    for number in [3_u32, 1, 2] {
        timers.set(&timer(u128::from(number), now - SOON * (4 - number))).await.unwrap();
    }
    let first = timers.claim(LONG, 2).await.unwrap();
    assert_eq!(first.due.iter().map(|timer| timer.order_id).collect::<Vec<_>>(), [order(1), order(2)]);
    assert_eq!(first.next_in, Some(Duration::ZERO));
    assert_eq!(claim(timers, LONG).await.due.len(), 1);
}

async fn is_complete_when_marked(timers: &dyn Timers) {
    let [first, second, third] = [1, 2, 3].map(Uuid::from_u128);
    assert!(!claim(timers, LONG).await.complete);
    timers.begin_rebuild(first).await.unwrap();
    timers.begin_rebuild(second).await.unwrap();
    timers.mark_complete(first).await.unwrap();
    timers.mark_complete(third).await.unwrap();
    assert!(!claim(timers, LONG).await.complete, "only the rebuild that began last knows of everything");
    timers.mark_complete(second).await.unwrap();
    assert!(claim(timers, LONG).await.complete);
}

async fn is_not_complete_when_lost_meanwhile(timers: &dyn Timers, lose: impl AsyncFnOnce()) {
    let rebuild = Uuid::from_u128(4);
    timers.begin_rebuild(rebuild).await.unwrap();
    lose().await;
    timers.mark_complete(rebuild).await.unwrap();
    assert!(!claim(timers, LONG).await.complete);
}
