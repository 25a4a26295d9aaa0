//! A replica's revocations over a bus in memory, by a clock that is moved by hand.

use std::sync::Arc;

use contracts::users::{SessionEvent, SessionRevoked};
use contracts::{Event, EventType as _};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{MemoryBus, Message};
use runtime::{RandomIds, TokioTasks};
use service::caller::Revocations as _;
use service::health::Health;
use testing::ManualClock;
use uuid::Uuid;

use super::*;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const NOBODY: UserId = UserId(Uuid::from_u128(99));

/// The bus, and auth, which has its own follower.
struct World {
    clock: ManualClock,
    runtime: Runtime,
    bus: MemoryBus,
    auth: Replica,
}

struct Replica {
    revocations: Arc<Revocations>,
    health: Health,
}

impl World {
    async fn new() -> Self {
        let clock = ManualClock::at(START);
        let tasks = Arc::new(TokioTasks::default());
        let runtime = Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), tasks);
        let bus = MemoryBus::new(runtime.clone());
        let auth = Replica::start(&runtime, &bus);
        clock.settle().await;
        Self { clock, runtime, bus, auth }
    }

    async fn start(&self) -> Replica {
        let replica = Replica::start(&self.runtime, &self.bus);
        self.clock.settle().await;
        replica
    }

    /// Auth says that the session is over.
    async fn revoke(&self, session: u128) {
        self.publish(session, self.runtime.now()).await;
        self.clock.settle().await;
    }

    async fn publish(&self, session: u128, at: Timestamp) {
        let event = SessionEvent::from(SessionRevoked { user_id: NOBODY });
        let cause = Cause {
            causation_id: Uuid::from_u128(1),
            correlation_id: Uuid::from_u128(2),
            actor: Actor::User(NOBODY),
            traceparent: None,
        };
        let id = Uuid::from_u128(session);
        let recorded = Recorded { id: Uuid::new_v5(&id, b"2"), version: 1, event, at, cause };
        let recorded: Recorded<RawEvent> = recorded.raw().unwrap();
        let message = Message { category: SessionEvent::CATEGORY.to_owned(), id, recorded };
        self.bus.publish(&message, 0).await.unwrap();
    }

    /// Whether auth's own knowledge was complete enough to be told.
    async fn heartbeat(&self) -> bool {
        let told = self.auth.revocations.tell(&self.bus).await.unwrap();
        self.clock.settle().await;
        told
    }

    async fn pass(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds)).await;
    }
}

impl Replica {
    fn start(runtime: &Runtime, bus: &MemoryBus) -> Self {
        let (revocations, health) = (Arc::new(Revocations::new(runtime.clone())), Health::new());
        let follower = Follower {
            revocations: revocations.clone(),
            bus: Arc::new(bus.clone()),
            runtime: runtime.clone(),
            health: health.dependency("revocations"),
        };
        runtime.spawn("revocations", async move { follower.run().await });
        Self { revocations, health }
    }

    fn is_ready(&self) -> bool {
        self.health.readiness().ready
    }

    fn refuses(&self, session: u128) -> bool {
        self.revocations.read().known.refuses(NOBODY, SessionId(Uuid::from_u128(session)))
    }

    fn is_cut_off(&self, world: &World) -> bool {
        self.revocations.is_cut_off(world.runtime.now())
    }
}

#[test]
fn a_revocation_that_is_heard_is_an_event_of_auth() {
    for (category, event_type) in known::HEARS {
        let catalogue = contracts::catalogue::catalogue();
        let entry = catalogue.iter().find(|entry| entry.example.event_type() == *event_type).unwrap();
        assert_eq!((entry.category, entry.speaker), (*category, "auth"));
        assert!(matches!(entry.example, Event::User(_) | Event::Session(_)));
    }
}

#[tokio::test]
async fn a_replica_is_ready_with_the_first_heartbeat_after_its_start() {
    let world = World::new().await;
    world.revoke(1).await;
    assert!(world.heartbeat().await);
    let replica = world.start().await;
    assert!(replica.refuses(1), "what was said before is heard");
    assert!(!replica.is_ready() && replica.is_cut_off(&world));
    world.pass(2).await;
    assert!(world.heartbeat().await);
    assert!(replica.is_ready() && !replica.is_cut_off(&world));
    world.revoke(2).await;
    assert!(replica.refuses(2) && !replica.refuses(3));
}

#[tokio::test]
async fn a_replica_that_knows_fewer_than_there_are_is_not_ready_until_it_knows_them_all() {
    let world = World::new().await;
    let said_at = world.runtime.now();
    for session in 1..=3 {
        world.revoke(session).await;
    }
    // What auth heard is lost, and a replica starts before it is told again.
    world.bus.lose_after(0);
    world.pass(1).await;
    let replica = world.start().await;
    assert!(world.heartbeat().await);
    assert!(!replica.is_ready());
    assert_eq!(replica.revocations.missing().unwrap(), "0 of 3 revocations are known");

    for session in 1..=2 {
        world.publish(session, said_at).await;
    }
    world.clock.settle().await;
    assert!(!replica.is_ready() && replica.is_cut_off(&world));
    world.publish(3, said_at).await;
    world.clock.settle().await;
    assert!(replica.is_ready() && !replica.is_cut_off(&world));
    assert!((1..=3).all(|session| replica.refuses(session)));
}

#[tokio::test]
async fn what_is_known_stays_known_when_the_stream_is_lost() {
    let world = World::new().await;
    let replica = world.start().await;
    world.revoke(1).await;
    world.bus.lose_after(0);
    world.pass(1).await;
    assert!(replica.refuses(1));
    // It follows the new one.
    world.revoke(2).await;
    assert!(replica.refuses(1) && replica.refuses(2));
    world.pass(known::REMEMBERED.as_secs() + 1).await;
    assert!(!replica.refuses(1) && !replica.refuses(2));
}

#[tokio::test]
async fn auth_tells_nothing_while_it_may_not_know_all() {
    let world = World::new().await;
    assert!(world.heartbeat().await);
    world.bus.lose_after(0);
    world.clock.settle().await;
    assert!(!world.heartbeat().await);
    world.pass(1).await;
    assert!(world.heartbeat().await);
}

#[tokio::test]
async fn whoever_hears_no_heartbeat_for_a_minute_is_cut_off_until_the_next() {
    let world = World::new().await;
    let replica = world.start().await;
    world.heartbeat().await;
    world.pass(59).await;
    assert!(!replica.is_cut_off(&world));
    world.pass(1).await;
    assert!(replica.is_cut_off(&world));
    assert!(replica.is_ready(), "what is only asked is answered");
    world.heartbeat().await;
    assert!(!replica.is_cut_off(&world));
}

#[tokio::test]
async fn a_heartbeat_whose_revocations_are_missed_does_not_help() {
    let world = World::new().await;
    let replica = world.start().await;
    world.heartbeat().await;
    let now = world.runtime.now();
    for _ in 0..30 {
        world.pass(2).await;
        let more = heartbeat::Heartbeat {
            since: now - ACCESS_TOKEN_LIFETIME,
            until: world.runtime.now(),
            revocations: 1,
        };
        more.tell(&world.bus).await.unwrap();
    }
    world.clock.settle().await;
    assert!(replica.is_cut_off(&world));
}

#[tokio::test]
async fn what_is_no_heartbeat_is_none() {
    let world = World::new().await;
    let replica = world.start().await;
    for body in ["", "{}", "0", r#"{"since": 1, "until": 2, "revocations": -1}"#] {
        world.bus.mention(heartbeat::SUBJECT, body.as_bytes().to_vec()).await.unwrap();
    }
    world.clock.settle().await;
    assert!(!replica.is_ready());
}

#[tokio::test]
async fn a_token_is_refused_by_its_user_or_its_session() {
    let world = World::new().await;
    world.revoke(1).await;
    let claims = |session| Claims {
        iss: String::new(),
        aud: String::new(),
        sub: NOBODY,
        sid: SessionId(Uuid::from_u128(session)),
        roles: Vec::new(),
        iat: 0,
        exp: 0,
        jti: Uuid::nil(),
    };
    assert!(world.auth.revocations.refuses(&claims(1)));
    assert!(!world.auth.revocations.refuses(&claims(2)));
}
