//! The service over memory, behind its edge, with a clock that stands still.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use contracts::users::{Role, UserBanned, UserEvent, UserUnbanned};
use contracts::{Event, EventType as _, OrderId, Timestamp, UserId};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Committed, Gate, MemoryStore, Outbox, RawEvent, Recorded, Schema,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use messaging::{Changes, Fault, Heard, Listener, MemoryBus, Relay};
use runtime::{Clock, RandomIds, Runtime, TokioTasks};
use serde_json::{Value, json};
use service::caller::{Claims, Revocations, Verifier};
use service::http::{EdgeOptions, edge};
use tickets::codes::Codes;
use tickets::reservation::Reservation;
use tickets::seller::Seller;
use tickets::ticket::Ticket;
use tickets::{Tickets, views};
use tower::ServiceExt as _;
use uuid::Uuid;

use testing::{Issuer, Listening};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(crate) const STARTS_AT: &str = "2027-05-11T01:46:40.000Z";
pub(crate) const SELLER: UserId = UserId(Uuid::from_u128(1));
pub(crate) const BUYER: UserId = UserId(Uuid::from_u128(2));
pub(crate) const ADMIN: UserId = UserId(Uuid::from_u128(4));
pub(crate) const STRANGER: UserId = UserId(Uuid::from_u128(3));

/// One replica, with the servers that it shares with others.
pub(crate) struct Shop {
    router: Router,
    listener: Arc<dyn Listener>,
    servers: Servers,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) gate: Gate,
    pub(crate) ban: Arc<Ban>,
}

/// What all replicas share.
#[derive(Clone)]
struct Servers {
    tickets: Arc<MemoryStore<Ticket>>,
    reservations: Arc<MemoryStore<Reservation>>,
    sellers: Arc<MemoryStore<Seller>>,
    bus: MemoryBus,
    issuer: Arc<Issuer>,
    said: Arc<Said>,
    runtime: Runtime,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let clock = Arc::new(StandingClock(AtomicI64::new(NOW.as_millis())));
        let runtime = Runtime::new(clock.clone(), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let bus = MemoryBus::new(runtime.clone());
        let relay = Relay::new(Arc::new(bus.clone()), runtime.clone());
        let servers = Servers {
            tickets: Arc::new(MemoryStore::new(views::schema())),
            reservations: Arc::new(MemoryStore::new(Schema::default())),
            sellers: Arc::new(MemoryStore::new(Schema::default())),
            bus,
            issuer: Arc::default(),
            said: Arc::new(Said { said: Mutex::default(), relay }),
            runtime,
        };
        Self::over(servers, clock)
    }

    /// One more over the same servers.
    pub(crate) fn replica(&self) -> Self {
        Self::over(self.servers.clone(), self.clock.clone())
    }

    fn over(servers: Servers, clock: Arc<StandingClock>) -> Self {
        let (gate, ban) = (Gate::default(), Arc::new(Ban::default()));
        let Servers { tickets, reservations, sellers, bus, issuer, said, runtime } = servers.clone();
        let tickets = Aggregates::<Ticket>::new(tickets, runtime.clone(), said.clone(), gate.clone());
        let reservations =
            Aggregates::<Reservation>::new(reservations, runtime.clone(), said.clone(), gate.clone());
        let sellers = Aggregates::<Seller>::new(sellers, runtime.clone(), said, gate.clone());
        let changes = Changes::new(runtime.clone());
        let following = changes.clone();
        runtime.spawn("changes", async move { following.follow(&bus, "ticket").await });
        let codes = Codes::new([7; 32]);
        let service = Tickets::new(tickets, reservations, sellers, changes, codes, runtime.clone());
        let listener = service.listener();
        let origin = "http://localhost:3000".parse().unwrap();
        let verifier =
            Verifier::open(&issuer.jwks_file(), "stagedoor", "stagedoor", &origin, runtime.clone()).unwrap();
        let verifier = Arc::new(verifier.with_revocations(ban.clone()));
        let router = edge(service.routes(), EdgeOptions::new(runtime, verifier, origin));
        Self { router, listener, servers, clock, gate, ban }
    }

    /// Lets all that is under way go on until it waits for something.
    pub(crate) async fn settle(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Opens a stream of these tickets.
    pub(crate) async fn listens(&self, user: Option<UserId>, ids: &[Uuid]) -> Listening {
        let ids = ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
        let mut request = Request::get(format!("/api/tickets/live?ids={ids}"));
        if let Some(user) = user {
            request = request.header("authorization", format!("Bearer {}", self.token(user)));
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        self.settle().await;
        Listening::to(response.into_body().into_data_stream())
    }

    /// Sends a request; a body makes it JSON.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        user: Option<UserId>,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(user) = user {
            request = request.header("authorization", format!("Bearer {}", self.token(user)));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[], None).await
    }

    pub(crate) async fn post(&self, user: UserId, body: &Value) -> Answer {
        self.send("POST", "/api/tickets", Some(user), &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, user: UserId, ticket: Uuid, body: &Value) -> Answer {
        self.send("PATCH", &path(ticket), Some(user), &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, user: UserId, ticket: Uuid) -> Answer {
        self.send("DELETE", &path(ticket), Some(user), &[], None).await
    }

    /// Lists a ticket of the seller, and hands on its id.
    pub(crate) async fn list(&self, body: &Value) -> Uuid {
        let answer = self.post(SELLER, body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// The ids of a list, in its order.
    pub(crate) async fn ids(&self, query: &str) -> Vec<Uuid> {
        let answer = self.get(&format!("/api/tickets?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let page = answer.json();
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_str().unwrap().parse().unwrap())
            .collect()
    }

    pub(crate) async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        self.listener.hear(heard).await
    }

    pub(crate) fn listener(&self) -> &dyn Listener {
        self.listener.as_ref()
    }

    /// What was said since the last time it was asked, by type and data.
    pub(crate) async fn said(&self) -> Vec<(Uuid, Recorded<RawEvent>)> {
        // Who commits tells of it after the caller was answered.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut *self.servers.said.said.lock().unwrap())
    }

    pub(crate) async fn types_said(&self) -> Vec<String> {
        self.said().await.into_iter().map(|(_, recorded)| recorded.event.event_type).collect()
    }

    pub(crate) fn token(&self, user: UserId) -> String {
        let role = if user == ADMIN { Role::Admin } else { Role::User };
        self.servers.issuer.token(user, &[role], self.clock.now())
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// Demands a problem of this kind, and hands on where it is.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) -> Vec<String> {
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!((self.status.as_u16(), &problem["status"]), (status, &json!(status)));
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }
}

/// A good body, with changes; null in the changes takes a field away.
pub(crate) fn ticket(changes: &Value) -> Value {
    let mut body = json!({
        "title": "The Paper Lanterns", "category": "concert", "venue": "Harbour Hall", "city": "Lisbon",
        "starts_at": STARTS_AT, "price": { "amount": 12500, "currency": "USD" },
    });
    let fields = body.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    body
}

pub(crate) fn path(ticket: Uuid) -> String {
    format!("/api/tickets/{ticket}")
}

/// An event of an order, said now.
pub(crate) fn of_order(order: OrderId, event: impl Into<contracts::orders::OrderEvent>) -> Heard {
    let event = event.into();
    Heard {
        event_id: Uuid::new_v5(&order.0, event.event_type().as_bytes()),
        aggregate_id: order.0,
        version: 1,
        event: Event::Order(event),
        at: NOW,
        cause: Cause {
            causation_id: Uuid::from_u128(20),
            correlation_id: Uuid::from_u128(21),
            actor: Actor::User(BUYER),
            traceparent: None,
        },
    }
}

/// What auth said with this version; the same delivery each time.
pub(crate) fn banned(user: UserId, version: u64, banned_at: Timestamp) -> Heard {
    of_user(user, version, UserBanned { banned_at }.into())
}

pub(crate) fn unbanned(user: UserId, version: u64) -> Heard {
    of_user(user, version, UserUnbanned {}.into())
}

fn of_user(user: UserId, version: u64, event: UserEvent) -> Heard {
    Heard {
        event_id: Uuid::new_v5(&user.0, &version.to_be_bytes()),
        aggregate_id: user.0,
        version,
        event: Event::User(event),
        at: NOW,
        cause: Cause {
            causation_id: Uuid::from_u128(22),
            correlation_id: Uuid::from_u128(23),
            actor: Actor::User(STRANGER),
            traceparent: None,
        },
    }
}

/// Stands still until it is moved.
pub(crate) struct StandingClock(AtomicI64);

impl StandingClock {
    pub(crate) fn advance(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Nothing is waited for here: a limit of time is never reached.
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        futures::future::pending().boxed()
    }
}

/// Keeps what was committed, in order, and puts it on the bus.
struct Said {
    said: Mutex<Vec<(Uuid, Recorded<RawEvent>)>>,
    relay: Relay,
}

#[async_trait]
impl AfterCommit for Said {
    async fn committed(&self, outbox: &dyn Outbox, id: Uuid, committed: Committed) {
        self.said.lock().unwrap().extend(committed.events.iter().cloned().map(|event| (id, event)));
        self.relay.committed(outbox, id, committed).await;
    }
}

/// Refuses everybody, once it is told.
#[derive(Default)]
pub(crate) struct Ban(AtomicBool);

impl Ban {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Revocations for Ban {
    fn refuses(&self, _: &Claims) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn is_cut_off(&self, _: Timestamp) -> bool {
        false
    }
}
