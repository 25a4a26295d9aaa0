//! Who follows the stream gets all of it, in its order, from a time on; what is mentioned gets to whoever listens.

use std::time::Duration;

use futures::StreamExt as _;

use super::{Bench, message, of_type, promises};
use crate::{Following, Message};

promises! {
    what_was_stored_since_then_comes_and_then_all_that_is_said,
    only_what_is_followed_comes,
    each_who_follows_gets_everything,
    whoever_follows_knows_how_far_behind_they_are,
    a_following_ends_when_the_stream_is_lost,
    what_is_mentioned_is_overheard_and_not_kept,
}

const SOON: Duration = Duration::from_secs(10);
const USERS: &[(&str, &str)] = &[("user", "UserUpdated")];
const BOTH: &[(&str, &str)] = &[("user", "UserUpdated"), ("session", "SessionRevoked")];

async fn next(bench: &Bench, following: &mut Box<dyn Following>) -> Message {
    let stored = bench.runtime.timeout(SOON, following.next()).await.expect("a message comes").unwrap();
    assert!(bench.runtime.now().since(stored.stored_at) < Duration::from_secs(30));
    stored.parcel.open().unwrap().into_owned()
}

async fn silent(bench: &Bench, following: &mut Box<dyn Following>) {
    let next = bench.runtime.timeout(Duration::from_millis(300), following.next()).await;
    assert!(next.is_err(), "{next:?}");
}

async fn what_was_stored_since_then_comes_and_then_all_that_is_said(bench: &Bench) {
    let pause = Duration::from_millis(30);
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    bench.runtime.sleep(pause).await;
    let since = bench.runtime.now();
    bench.runtime.sleep(pause).await;
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    bench.bus.publish(&message(2, 1), 0).await.unwrap();

    let mut following = bench.bus.follow_from(USERS, since).await.unwrap();
    assert_eq!(next(bench, &mut following).await, message(1, 2));
    assert_eq!(next(bench, &mut following).await, message(2, 1));
    silent(bench, &mut following).await;
    for version in 3..=300 {
        bench.bus.publish(&message(1, version), version - u64::from(version == 3)).await.unwrap();
    }
    for version in 3..=300 {
        assert_eq!(next(bench, &mut following).await, message(1, version));
    }
    // Nothing is acknowledged, and nothing comes again.
    silent(bench, &mut following).await;
}

async fn only_what_is_followed_comes(bench: &Bench) {
    let since = bench.runtime.now() - Duration::from_secs(60);
    let mut following = bench.bus.follow_from(BOTH, since).await.unwrap();
    let revoked = of_type("session", "SessionRevoked", 1, 2);
    bench.bus.publish(&of_type("session", "SessionStarted", 1, 1), 0).await.unwrap();
    bench.bus.publish(&of_type("order", "OrderAccepted", 1, 1), 0).await.unwrap();
    bench.bus.publish(&revoked, 1).await.unwrap();
    bench.bus.publish(&of_type("user", "UserCreated", 1, 1), 0).await.unwrap();
    bench.bus.publish(&message(1, 2), 4).await.unwrap();
    assert_eq!(next(bench, &mut following).await, revoked);
    assert_eq!(next(bench, &mut following).await, message(1, 2));
    silent(bench, &mut following).await;
}

async fn each_who_follows_gets_everything(bench: &Bench) {
    let since = bench.runtime.now() - Duration::from_secs(60);
    let mut one = bench.bus.follow_from(USERS, since).await.unwrap();
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    let mut other = bench.bus.follow_from(USERS, since).await.unwrap();
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    for version in 1..=2 {
        assert_eq!(next(bench, &mut one).await, message(1, version));
        assert_eq!(next(bench, &mut other).await, message(1, version));
    }
}

async fn whoever_follows_knows_how_far_behind_they_are(bench: &Bench) {
    let since = bench.runtime.now() - Duration::from_secs(60);
    assert_eq!(bench.bus.follow_from(USERS, since).await.unwrap().behind(), 0);
    for user in 1..=3 {
        bench.bus.publish(&message(user, 1), 0).await.unwrap();
        bench.bus.publish(&of_type("order", "OrderAccepted", user, 1), 0).await.unwrap();
    }
    let mut following = bench.bus.follow_from(USERS, since).await.unwrap();
    for behind in (0..3).rev() {
        assert_eq!(following.behind(), behind + 1);
        next(bench, &mut following).await;
    }
    assert_eq!(following.behind(), 0);
    bench.bus.publish(&message(1, 2), 1).await.unwrap();
    next(bench, &mut following).await;
    assert_eq!(following.behind(), 0);
}

async fn a_following_ends_when_the_stream_is_lost(bench: &Bench) {
    let since = bench.runtime.now() - Duration::from_secs(60);
    let mut following = bench.bus.follow_from(USERS, since).await.unwrap();
    bench.bus.publish(&message(1, 1), 0).await.unwrap();
    next(bench, &mut following).await;
    bench.lose_stream().await;
    let ended = bench.runtime.timeout(SOON, following.next()).await;
    assert!(matches!(ended, Ok(Err(_))), "{ended:?}");

    bench.prepared().await;
    bench.bus.publish(&message(2, 1), 0).await.unwrap();
    let mut following = bench.bus.follow_from(USERS, since).await.unwrap();
    assert_eq!(next(bench, &mut following).await, message(2, 1));
}

async fn what_is_mentioned_is_overheard_and_not_kept(bench: &Bench) {
    let mention = async |subject: &str, body: &str| {
        bench.bus.mention(subject, body.as_bytes().to_vec()).await.unwrap();
    };
    mention("mentions.here", "before").await;
    let mut here = bench.bus.overhear("mentions.here").await.unwrap();
    let mut too = bench.bus.overhear("mentions.here").await.unwrap();
    mention("mentions.there", "elsewhere").await;
    mention("mentions.here", "one").await;
    mention("mentions.here", "two").await;
    for body in ["one", "two"] {
        for listening in [&mut here, &mut too] {
            let heard = bench.runtime.timeout(SOON, listening.next()).await.unwrap();
            assert_eq!(heard.as_deref(), Some(body.as_bytes()));
        }
    }
    assert_eq!(bench.bus.state().await.unwrap().last_sequence, 0);
}
