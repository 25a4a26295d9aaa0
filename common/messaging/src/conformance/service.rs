//! A whole service as far as the bus is concerned: it says what users do, and answers each word of theirs once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use contracts::UserId;
use contracts::users::{SessionEvent, SessionRevoked};
use eventsourcing::{Aggregates, Decider, Gate, MemoryStore, Outbox as _, Schema, StoreCopy, StoreError};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Bench, Profile, Say, cause, id};
use crate::{
    Fault, Heard, Listener, Marker, Markers, MemoryDeadLetters, MemoryMarkers, Messenger, MessengerParts,
    Relay, Standing,
};

/// What outlives a process: stores, marker, dead letters.
pub(super) struct Kept {
    pub users: Arc<MemoryStore<Profile>>,
    pub echoes: Arc<MemoryStore<Echo>>,
    markers: Arc<HideableMarkers>,
    dead_letters: Arc<MemoryDeadLetters>,
}

/// What was kept at some time: an older copy, as a backup is.
pub(super) struct Older {
    users: StoreCopy<Profile>,
    echoes: StoreCopy<Echo>,
    marker: Option<Marker>,
}

/// One process of the service. Dropping it kills it.
pub(super) struct Service {
    pub gate: Gate,
    pub messenger: Arc<Messenger>,
    users: Aggregates<Profile>,
    stop: CancellationToken,
}

/// A marker that cannot be read for a while.
#[derive(Default)]
struct HideableMarkers {
    hidden: AtomicBool,
    markers: MemoryMarkers,
}

#[async_trait]
impl Markers for HideableMarkers {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        if self.hidden.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("hidden".to_owned()));
        }
        self.markers.load().await
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        self.markers.save(marker).await
    }
}

impl Kept {
    pub(super) fn empty() -> Self {
        Self {
            users: Arc::new(MemoryStore::new(Schema::default())),
            echoes: Arc::new(MemoryStore::new(Schema::default())),
            markers: Arc::default(),
            dead_letters: Arc::default(),
        }
    }

    /// The comparison of store and stream cannot succeed without the marker.
    pub(super) fn hide_marker(&self, hidden: bool) {
        self.markers.hidden.store(hidden, Ordering::SeqCst);
    }

    pub(super) async fn copy(&self) -> Older {
        let marker = self.markers.markers.load().await.unwrap();
        Older { users: self.users.copy(), echoes: self.echoes.copy(), marker }
    }

    pub(super) async fn put_back(&self, older: &Older) {
        self.users.put_all_back(&older.users);
        self.echoes.put_all_back(&older.echoes);
        if let Some(marker) = &older.marker {
            self.markers.markers.save(marker).await.unwrap();
        }
    }

    /// The documents are brought up; the marker is none.
    pub(super) fn recover(&self, newest: &Older) {
        self.users.put_all_back(&newest.users);
        self.echoes.put_all_back(&newest.echoes);
    }

    /// How often the user was answered.
    pub(super) async fn answers(&self, user: u128) -> u64 {
        self.echoes.head(id(user)).await.unwrap().map_or(0, |head| head.version)
    }

    pub(super) fn start(&self, bench: &Bench) -> Service {
        let relay = Arc::new(Relay::new(Arc::clone(&bench.bus), bench.runtime.clone()));
        let gate = Gate::default();
        let runtime = || bench.runtime.clone();
        let users = Aggregates::new(self.users.clone(), runtime(), relay.clone(), gate.clone());
        let echoes = Aggregates::new(self.echoes.clone(), runtime(), relay.clone(), gate.clone());
        let messenger = Arc::new(Messenger::new(MessengerParts {
            service: "echo",
            bus: Arc::clone(&bench.bus),
            relay,
            outboxes: vec![self.users.clone(), self.echoes.clone()],
            listener: Some(Arc::new(Echoing { echoes })),
            dead_letters: self.dead_letters.clone(),
            markers: self.markers.clone(),
            gate: gate.clone(),
            runtime: runtime(),
        }));
        let stop = CancellationToken::new();
        let (running, stopped) = (Arc::clone(&messenger), stop.clone());
        bench.runtime.spawn("messenger", async move { running.run(stopped).await });
        Service { gate, messenger, users, stop }
    }
}

impl Service {
    pub(super) async fn say(&self, user: u128, cause_id: u128, events: usize) {
        self.users.execute(id(user), cause(cause_id), Say(events)).await.unwrap();
    }

    pub(super) async fn ready(&self, bench: &Bench) {
        let standing = self.messenger.standing();
        bench.eventually("it is ready", async || *standing.borrow() == Standing::Ready).await;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Answers once for each cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Echo;

impl Decider for Echo {
    type Command = UserId;
    type Event = SessionEvent;
    type Rejection = ();
    type Private = ();

    fn decide(&self, user_id: &UserId) -> Result<Vec<SessionEvent>, ()> {
        Ok(vec![SessionRevoked { user_id: *user_id }.into()])
    }

    fn evolve(self, _event: &SessionEvent) -> Self {
        self
    }
}

struct Echoing {
    echoes: Aggregates<Echo>,
}

#[async_trait]
impl Listener for Echoing {
    fn service(&self) -> &'static str {
        "echo"
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        &[("user", "UserUpdated")]
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let user = heard.aggregate_id;
        match self.echoes.execute(user, heard.causes("echo"), UserId(user)).await {
            Ok(_) => Ok(()),
            Err(error) => Fault::unless_rejected(error).map(drop),
        }
    }
}
