//! The relay: an aggregate's events stand on the bus once each and in order, whatever is cut, killed or doubled.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventsourcing::{
    AfterCommit, Aggregates, Committed, Gate, Head, MemoryStore, Outbox, RawEvent, Recorded, Schema,
};
use futures::future::join_all;
use uuid::Uuid;

use super::{Bench, CutBus, Profile, Say, cause, id, message, promises};
use crate::{Message, Relay, RelayError};

promises! {
    a_commit_of_three_events_is_published_in_their_order,
    many_relays_of_one_aggregate_publish_each_event_once,
    a_relay_that_was_killed_is_gone_on_from_where_it_was,
    a_publication_whose_answer_was_lost_is_not_repeated,
    a_publication_that_was_lost_is_made_again,
    what_nobody_told_the_relay_is_swept,
    what_the_stream_tells_already_is_not_asked_for_one_by_one,
    a_relay_that_slept_publishes_no_old_news,
    a_store_that_was_rolled_back_is_fenced,
    a_store_that_lost_its_newest_is_fenced,
    what_is_published_moves_out_when_there_is_much_of_it,
}

/// One kind of aggregate, whose commits are told to the relay or to nobody.
struct Users {
    store: Arc<MemoryStore<Profile>>,
    users: Aggregates<Profile>,
}

struct Nobody;

#[async_trait]
impl AfterCommit for Nobody {
    async fn committed(&self, _outbox: &dyn Outbox, _id: Uuid, _committed: Committed) {}
}

impl Users {
    fn told_to(bench: &Bench, after_commit: Arc<dyn AfterCommit>) -> Self {
        let store = Arc::new(MemoryStore::new(Schema::default()));
        let users = Aggregates::new(store.clone(), bench.runtime.clone(), after_commit, Gate::default());
        Self { store, users }
    }

    async fn say(&self, user: u128, cause_id: u128, events: usize) {
        self.users.execute(id(user), cause(cause_id), Say(events)).await.unwrap();
    }

    async fn events(&self, user: u128) -> Vec<Recorded<RawEvent>> {
        self.store.events_from(id(user), 1).await.unwrap()
    }

    async fn is_unpublished(&self, bench: &Bench) -> bool {
        let later = bench.runtime.now() + Duration::from_secs(60);
        !self.store.unpublished(later, None, 1).await.unwrap().is_empty()
    }

    /// What stands on the bus is what stands in the store, and the store knows it.
    async fn agrees(&self, bench: &Bench, user: u128) {
        let told: Vec<_> = bench.told(&["user"]).await;
        let told: Vec<_> = told
            .into_iter()
            .filter(|message| message.id == id(user))
            .map(|message| message.recorded)
            .collect();
        assert_eq!(told, self.events(user).await);
        let versions: Vec<_> = told.iter().map(|recorded| recorded.version).collect();
        assert_eq!(versions, (1..=told.len() as u64).collect::<Vec<_>>());
        assert!(!self.is_unpublished(bench).await);
    }
}

fn relay(bench: &Bench) -> Arc<Relay> {
    Arc::new(Relay::new(Arc::clone(&bench.bus), bench.runtime.clone()))
}

async fn a_commit_of_three_events_is_published_in_their_order(bench: &Bench) {
    let users = Users::told_to(bench, relay(bench));
    users.say(1, 1, 3).await;
    bench.eventually("it is published", async || !users.is_unpublished(bench).await).await;
    users.agrees(bench, 1).await;
    users.say(1, 2, 2).await;
    users.say(2, 3, 1).await;
    bench.eventually("it is published", async || !users.is_unpublished(bench).await).await;
    users.agrees(bench, 1).await;
    users.agrees(bench, 2).await;
    assert_eq!(bench.bus.state().await.unwrap().last_sequence, 6);
}

async fn many_relays_of_one_aggregate_publish_each_event_once(bench: &Bench) {
    let users = Users::told_to(bench, Arc::new(Nobody));
    users.say(1, 1, 20).await;
    let relays: Vec<_> = (0..8).map(|_| relay(bench)).collect();
    join_all(relays.iter().map(|relay| relay.publish(&*users.store, id(1)))).await;
    relays[0].publish(&*users.store, id(1)).await.unwrap();
    users.agrees(bench, 1).await;

    // Also while the aggregate goes on.
    let users = Users::told_to(bench, relay(bench));
    let say = (0..30).map(|number| users.say(2, number, 2));
    let publish = relays.iter().map(|relay| async {
        for _ in 0..10 {
            let _ = relay.publish(&*users.store, id(2)).await;
        }
    });
    tokio::join!(join_all(say), join_all(publish));
    bench
        .eventually("all is published", async || {
            let _ = relays[0].publish(&*users.store, id(2)).await;
            !users.is_unpublished(bench).await
        })
        .await;
    users.agrees(bench, 2).await;
}

async fn a_relay_that_was_killed_is_gone_on_from_where_it_was(bench: &Bench) {
    for published in 1..=3 {
        let user = published as u128;
        let users = Users::told_to(bench, Arc::new(Nobody));
        users.say(user, 1, 3).await;
        let mut expected_last = 0;
        for recorded in users.events(user).await.into_iter().take(published) {
            let message = Message { category: "user".to_owned(), id: id(user), recorded };
            expected_last = bench.bus.publish(&message, expected_last).await.unwrap();
        }
        assert!(users.is_unpublished(bench).await);
        relay(bench).publish(&*users.store, id(user)).await.unwrap();
        users.agrees(bench, user).await;
    }
}

async fn a_publication_whose_answer_was_lost_is_not_repeated(bench: &Bench) {
    for lost in 0..3 {
        let user = lost as u128 + 1;
        let cut = Arc::new(CutBus::new(Arc::clone(&bench.bus)));
        let relay = Arc::new(Relay::new(cut.clone(), bench.runtime.clone()));
        let users = Users::told_to(bench, Arc::new(Nobody));
        users.say(user, 1, 3).await;
        cut.lose_answer_after(lost);
        assert!(matches!(relay.publish(&*users.store, id(user)).await, Err(RelayError::Bus(_))));
        assert!(users.is_unpublished(bench).await);
        relay.publish(&*users.store, id(user)).await.unwrap();
        users.agrees(bench, user).await;
    }
}

async fn a_publication_that_was_lost_is_made_again(bench: &Bench) {
    for lost in 0..3 {
        let user = lost as u128 + 1;
        let cut = Arc::new(CutBus::new(Arc::clone(&bench.bus)));
        let relay = Arc::new(Relay::new(cut.clone(), bench.runtime.clone()));
        // Told by the commit itself, the relay does not wait for the sweep.
        let users = Users::told_to(bench, relay.clone());
        cut.lose_request_after(lost);
        users.say(user, 1, 3).await;
        bench.eventually("it is published", async || !users.is_unpublished(bench).await).await;
        users.agrees(bench, user).await;
    }
}

async fn what_nobody_told_the_relay_is_swept(bench: &Bench) {
    let users = Users::told_to(bench, Arc::new(Nobody));
    for user in 1..=40 {
        users.say(user, user, 2).await;
    }
    let relay = relay(bench);
    // What is fresh is left to the relay of its commit.
    assert_eq!(relay.sweep(&*users.store).await.unwrap(), 0);
    assert!(users.is_unpublished(bench).await);
    bench.runtime.sleep(Duration::from_millis(800)).await;
    assert_eq!(relay.sweep(&*users.store).await.unwrap(), 0);
    for user in 1..=40 {
        users.agrees(bench, user).await;
    }
}

async fn what_the_stream_tells_already_is_not_asked_for_one_by_one(bench: &Bench) {
    let cut = Arc::new(CutBus::new(Arc::clone(&bench.bus)));
    let relay = Relay::new(cut.clone(), bench.runtime.clone());
    let users = Users::told_to(bench, Arc::new(Nobody));
    let begun_at = bench.runtime.now() - Duration::from_secs(1);
    for user in 1..=40 {
        users.say(user, user, 2).await;
        relay.publish(&*users.store, id(user)).await.unwrap();
    }
    users.say(7, 100, 1).await;
    users.say(41, 101, 1).await;
    let asked = cut.asked();
    for since in [Some(begun_at), None] {
        assert_eq!(relay.republish(&*users.store, since).await.unwrap(), 0);
        assert_eq!(cut.asked(), asked + 2);
    }
    for user in 1..=41 {
        users.agrees(bench, user).await;
    }
}

async fn a_relay_that_slept_publishes_no_old_news(bench: &Bench) {
    let users = Users::told_to(bench, Arc::new(Nobody));
    users.say(1, 1, 2).await;
    let early = Committed { previous: None, events: users.events(1).await };
    users.say(1, 2, 1).await;
    let relay = relay(bench);
    relay.publish(&*users.store, id(1)).await.unwrap();
    // It wakes with what it was told long ago.
    relay.committed(&*users.store, id(1), early.clone()).await;
    relay.committed(&*users.store, id(1), Committed { previous: Some(early.events[0].id), ..early }).await;
    users.agrees(bench, 1).await;
}

async fn a_store_that_was_rolled_back_is_fenced(bench: &Bench) {
    let before = Users::told_to(bench, Arc::new(Nobody));
    before.say(1, 1, 3).await;
    let relay = relay(bench);
    relay.publish(&*before.store, id(1)).await.unwrap();
    let told = bench.told(&["user"]).await;

    // The same versions tell of other events, and the aggregate has even gone on.
    let after = Users::told_to(bench, Arc::new(Nobody));
    for (cause_id, events) in [(2, 3), (3, 2)] {
        after.say(1, cause_id, events).await;
        assert!(matches!(relay.publish(&*after.store, id(1)).await, Err(RelayError::Fenced)));
        let committed = Committed { previous: None, events: after.events(1).await };
        relay.committed(&*after.store, id(1), committed).await;
        assert_eq!(bench.told(&["user"]).await, told, "nothing is overwritten or added");
        assert!(after.is_unpublished(bench).await);
    }
    // The others are not held up by it.
    after.say(2, 4, 1).await;
    bench.runtime.sleep(Duration::from_millis(800)).await;
    assert_eq!(relay.sweep(&*after.store).await.unwrap(), 1);
    assert_eq!(bench.bus.last("user", id(2)).await.unwrap().unwrap().version, 1);
}

async fn a_store_that_lost_its_newest_is_fenced(bench: &Bench) {
    let users = Users::told_to(bench, Arc::new(Nobody));
    users.say(1, 1, 2).await;
    let relay = relay(bench);
    relay.publish(&*users.store, id(1)).await.unwrap();
    bench.bus.publish(&message(1, 3), 2).await.unwrap();
    assert!(matches!(relay.publish(&*users.store, id(1)).await, Err(RelayError::Fenced)));
    // An aggregate that is not there at all says nothing, and hides nothing.
    bench.bus.publish(&message(2, 1), 0).await.unwrap();
    assert!(matches!(relay.publish(&*users.store, id(2)).await, Err(RelayError::Fenced)));
    relay.publish(&*users.store, id(3)).await.unwrap();
    assert_eq!(bench.bus.state().await.unwrap().last_sequence, 4);
}

async fn what_is_published_moves_out_when_there_is_much_of_it(bench: &Bench) {
    let relay = relay(bench);
    let users = Users::told_to(bench, Arc::new(Nobody));
    users.say(1, 1, 200).await;
    relay.publish(&*users.store, id(1)).await.unwrap();
    assert_eq!(users.store.head(id(1)).await.unwrap(), Some(Head { version: 200, held: 200 }));
    users.say(1, 2, 50).await;
    relay.publish(&*users.store, id(1)).await.unwrap();
    assert_eq!(users.store.head(id(1)).await.unwrap(), Some(Head { version: 250, held: 100 }));
    users.agrees(bench, 1).await;
    users.say(1, 3, 1).await;
    relay.publish(&*users.store, id(1)).await.unwrap();
    users.agrees(bench, 1).await;
    assert_eq!(users.store.head(id(1)).await.unwrap(), Some(Head { version: 251, held: 101 }));

    // What moved out is published again as well.
    bench.lose_stream().await;
    bench.prepared().await;
    relay.publish(&*users.store, id(1)).await.unwrap();
    users.agrees(bench, 1).await;
}
