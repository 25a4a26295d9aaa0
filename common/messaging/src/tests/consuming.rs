//! The consumer: in order where it matters, patient with servers that are away, and tidy when it stops.

use std::iter::repeat_n;
use std::time::Duration;

use super::listening::{Reaction, World};
use crate::consumer::ACK_WAIT;
use crate::{Bus as _, ConsumerSpec, Fault};

fn away() -> Reaction {
    Reaction::Fault(Fault::Unavailable("the store is away".to_owned()))
}

#[tokio::test]
async fn one_aggregate_is_handled_in_order_while_others_go_on() {
    let world = World::new();
    world.script((1, 1), [Reaction::Take(Duration::from_secs(3))]);
    for (user, version) in [(1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1)] {
        world.say(user, version).await;
    }
    world.start();
    world.pass(1_000).await;
    assert_eq!(world.done(), [(2, 1), (2, 2), (3, 1)]);
    assert_eq!(world.begun().iter().filter(|(_, said)| said.0 == 1).count(), 1);
    world.pass(3_000).await;
    assert_eq!(world.done(), [(2, 1), (2, 2), (3, 1), (1, 1), (1, 2), (1, 3)]);
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_and_nothing_is_given_up() {
    let world = World::new();
    world.script((1, 1), repeat_n(away(), 20));
    world.say(1, 1).await;
    world.start();
    world.pass(300_000).await;

    let begun: Vec<_> = world.begun().into_iter().map(|(at, _)| at).collect();
    let pauses: Vec<_> = begun.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    assert_eq!(pauses[..8], [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000]);
    assert!(pauses[8..].iter().all(|pause| *pause == 10_000), "{pauses:?}");
    assert_eq!((begun.len(), world.done()), (21, vec![(1, 1)]));
    assert_eq!(world.letters().await, 0);
}

#[tokio::test]
async fn what_was_in_hand_when_the_consumer_was_set_back_is_no_answer_to_what_stands_there_now() {
    let world = World::new();
    world.script((1, 1), [Reaction::Take(Duration::from_secs(2))]);
    world.script((2, 1), [Reaction::Fault(Fault::NotYet(Duration::from_secs(5)))]);
    world.say(1, 1).await;
    world.start();
    world.pass(1_000).await;

    world.rewinds.note();
    world.bus.lose_after(0);
    world.say(2, 1).await;
    world.pass(3_000).await;
    assert_eq!(world.done(), [(1, 1)]);
    world.pass(10_000).await;
    assert_eq!(world.done(), [(1, 1), (2, 1)]);
}

#[tokio::test]
async fn others_are_handled_while_one_waits_for_its_server() {
    let world = World::new();
    world.script((1, 1), repeat_n(away(), 8));
    world.say(1, 1).await;
    world.start();
    world.pass(1_000).await;
    for user in 2..=600 {
        world.say(user, 1).await;
    }
    world.pass(100).await;
    assert_eq!(world.done().len(), 599);
    world.pass(60_000).await;
    assert_eq!(world.done().last(), Some(&(1, 1)));
}

#[tokio::test]
async fn what_came_too_early_comes_again_after_its_pause() {
    let world = World::new();
    let early = Reaction::Fault(Fault::NotYet(Duration::from_secs(2)));
    world.script((1, 1), repeat_n(early, 7));
    world.say(1, 1).await;
    world.start();
    world.pass(30_000).await;
    let begun: Vec<_> = world.begun().into_iter().map(|(at, _)| at.as_secs()).collect();
    assert_eq!(begun, [0, 2, 4, 6, 8, 10, 12, 14]);
    assert_eq!((world.done(), world.letters().await), (vec![(1, 1)], 0));
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off_and_tried_again() {
    let world = World::new();
    world.script((1, 1), [Reaction::Take(Duration::from_secs(60))]);
    world.say(1, 1).await;
    world.start();
    world.pass(20_000).await;
    let begun: Vec<_> = world.begun().into_iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(begun, [0, 6_100]);
    assert_eq!((world.done(), world.letters().await), (vec![(1, 1)], 0));
}

#[tokio::test]
async fn what_takes_long_comes_to_no_other_replica_and_neither_does_what_waits_for_it() {
    let world = World::new();
    world.script((1, 1), [Reaction::Take(Duration::from_secs(5))]);
    world.say(1, 1).await;
    world.say(1, 2).await;
    world.start();
    world.pass(100).await;
    world.start();
    world.pass(60_000).await;
    assert_eq!((world.begun().len(), world.done()), (2, vec![(1, 1), (1, 2)]));
}

#[tokio::test]
async fn what_a_killed_replica_had_in_hand_comes_to_another_soon() {
    let world = World::new();
    let hears = &[("user", "UserUpdated")];
    let spec = ConsumerSpec { name: "scripted", hears, ack_wait: ACK_WAIT };
    world.say(1, 1).await;
    let mut killed = world.bus.subscribe(&spec).await.unwrap();
    let in_hand = killed.next().await.unwrap();
    drop((in_hand, killed));
    world.start();
    world.pass(60_000).await;
    let begun: Vec<_> = world.begun().into_iter().map(|(at, _)| at).collect();
    assert_eq!(begun, [ACK_WAIT]);
}

#[tokio::test]
async fn who_stops_finishes_what_is_in_hand_and_begins_nothing_new() {
    let world = World::new();
    world.script((1, 1), [Reaction::Take(Duration::from_secs(3))]);
    world.say(1, 1).await;
    world.say(1, 2).await;
    let running = world.start();
    world.pass(100).await;
    running.stop.cancel();
    world.pass(100).await;
    world.say(2, 1).await;
    world.pass(2_000).await;
    assert!(world.done().is_empty() && !running.ended.is_cancelled());
    world.pass(1_000).await;
    assert!(running.ended.is_cancelled());
    assert_eq!(world.done(), [(1, 1), (1, 2)]);

    // What was finished is acknowledged: the next replica hears only the rest.
    world.start();
    world.pass(60_000).await;
    assert_eq!(world.done(), [(1, 1), (1, 2), (2, 1)]);
}

#[tokio::test]
async fn a_consumer_that_was_forgotten_subscribes_again() {
    let world = World::new();
    world.say(1, 1).await;
    world.start();
    world.pass(1_000).await;
    world.bus.forget("scripted").await.unwrap();
    world.say(1, 2).await;
    world.pass(1_000).await;
    assert_eq!(world.done(), [(1, 1), (1, 1), (1, 2)]);
}

#[tokio::test]
async fn two_replicas_handle_each_message_once() {
    let world = World::new();
    world.start();
    world.start();
    for user in 1..=100 {
        world.say(user, 1).await;
    }
    world.pass(60_000).await;
    let mut done = world.done();
    done.sort_unstable();
    assert_eq!(done, (1..=100).map(|user| (user, 1)).collect::<Vec<_>>());
}
