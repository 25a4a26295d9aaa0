//! Who waits for an aggregate is woken by its messages, and looks by themselves where one was lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contracts::Timestamp;

use super::listening::World;
use crate::Changes;
use crate::conformance::id;

/// Waits for the first user, ten seconds at most, while this happens. Says whether it came so, and when.
async fn waiting(
    world: &World,
    is_so: &AtomicBool,
    meanwhile: impl Future<Output = ()>,
) -> (bool, Timestamp) {
    let changes = Changes::new(world.runtime.clone());
    let (following, bus) = (changes.clone(), world.bus.clone());
    world.runtime.spawn("changes", async move { following.follow(&bus, "user").await });
    world.clock.settle().await;
    let mut watch = changes.watch(id(1));
    let probe = async || Ok::<_, ()>(is_so.load(Ordering::SeqCst).then_some(()));
    let wait = async {
        let came = watch.until(Duration::from_secs(10), 0, probe).await.unwrap().is_some();
        (came, world.runtime.now())
    };
    let (answer, ()) = tokio::join!(wait, meanwhile);
    answer
}

#[tokio::test]
async fn a_message_of_the_aggregate_wakes_who_waits_for_it() {
    let (world, is_so) = (World::new(), AtomicBool::new(false));
    let begun_at = world.runtime.now();
    let meanwhile = async {
        world.pass(100).await;
        is_so.store(true, Ordering::SeqCst);
        world.say(2, 1).await;
        world.pass(50).await;
        world.say(1, 1).await;
        world.pass(20_000).await;
    };
    let (came, at) = waiting(&world, &is_so, meanwhile).await;
    // The other aggregate's message woke nobody, and no time passed after its own.
    assert_eq!((came, at.since(begun_at)), (true, Duration::from_millis(150)));
}

#[tokio::test]
async fn who_waits_looks_again_when_no_message_comes() {
    let (world, is_so) = (World::new(), AtomicBool::new(false));
    let begun_at = world.runtime.now();
    let meanwhile = async {
        world.pass(1_100).await;
        is_so.store(true, Ordering::SeqCst);
        world.pass(20_000).await;
    };
    let (came, at) = waiting(&world, &is_so, meanwhile).await;
    assert_eq!((came, at.since(begun_at)), (true, Duration::from_millis(1_250)));
}

#[tokio::test]
async fn nobody_waits_longer_than_they_said() {
    let (world, is_so) = (World::new(), AtomicBool::new(false));
    let begun_at = world.runtime.now();
    let (came, at) = waiting(&world, &is_so, world.pass(20_000)).await;
    assert_eq!((came, at.since(begun_at)), (false, Duration::from_secs(10)));
}
