//! Orders over a store and a bus in memory, with an issuer of tokens and a clock that can be moved.

mod bus;
mod events;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use contracts::tickets::ReservationRefusal;
use contracts::users::Role;
use contracts::{Currency, Event, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Aggregates, Gate, MemoryStore, Schema};
use http_body_util::BodyExt as _;
use messaging::{Bus as _, Changes, Fault, Listener, MemoryBus, Relay};
use orders::Orders;
use orders::buyer::Buyer;
use orders::config::Settings;
use orders::order::Order;
use runtime::{RandomIds, Runtime, TokioTasks};
use serde_json::{Value, json};
use service::caller::{Claims, Revocations, Verifier};
use service::http::{EdgeOptions, edge};
use tower::ServiceExt as _;
use uuid::Uuid;

use events::refused;
pub(crate) use events::{
    authorized, banned, capture_failed, charged, expired, heard, reserved, unbanned, withdrawal_requested,
};
use testing::{ForwardClock, Issuer, Listening};

pub(crate) const PRICE: Money = Money::new(12_500, Currency::Usd);
pub(crate) const SELLER: UserId = UserId(Uuid::from_u128(0x5e11e7));

/// One replica of the service, and the world around it.
pub(crate) struct Shop {
    pub(crate) orders: Orders,
    pub(crate) listener: Arc<dyn Listener>,
    pub(crate) clock: Arc<ForwardClock>,
    pub(crate) gate: Gate,
    pub(crate) runtime: Runtime,
    pub(crate) store: Arc<MemoryStore<Order>>,
    pub(crate) revocations: Arc<Ban>,
    buyers: Arc<MemoryStore<Buyer>>,
    settings: Settings,
    router: Router,
    bus: MemoryBus,
    issuer: Arc<Issuer>,
}

/// Somebody who calls.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    role: Role,
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

/// What a request was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) fn buyer(number: u128) -> Person {
    Person { id: UserId(Uuid::from_u128(0xb0_0000 + number)), role: Role::User }
}

pub(crate) fn admin() -> Person {
    Person { id: UserId(Uuid::from_u128(0xad_0000)), role: Role::Admin }
}

pub(crate) fn ticket(number: u128) -> TicketId {
    TicketId(Uuid::from_u128(0x71_0000 + number))
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = Arc::new(ForwardClock::default());
        let runtime = Runtime::new(clock.clone(), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let bus = MemoryBus::new(runtime.clone());
        let store = Arc::new(MemoryStore::<Order>::new(orders::views::schema()));
        let buyers = Arc::new(MemoryStore::<Buyer>::new(Schema::default()));
        Self::over(settings, clock, runtime, bus, store, buyers, Arc::default())
    }

    /// One more over the same servers.
    pub(crate) fn replica(&self) -> Self {
        let Self { settings, clock, runtime, bus, store, buyers, issuer, .. } = self;
        let (clock, runtime, bus) = (clock.clone(), runtime.clone(), bus.clone());
        Self::over(*settings, clock, runtime, bus, store.clone(), buyers.clone(), issuer.clone())
    }

    fn over(
        settings: Settings,
        clock: Arc<ForwardClock>,
        runtime: Runtime,
        bus: MemoryBus,
        store: Arc<MemoryStore<Order>>,
        buyers: Arc<MemoryStore<Buyer>>,
        issuer: Arc<Issuer>,
    ) -> Self {
        let changes = Changes::new(runtime.clone());
        let (followed, followers) = (bus.clone(), changes.clone());
        runtime.spawn("changes", async move { followers.follow(&followed, "order").await });

        let relay = Arc::new(Relay::new(Arc::new(bus.clone()), runtime.clone()));
        let gate = Gate::default();
        let aggregates = Aggregates::new(store.clone(), runtime.clone(), relay.clone(), gate.clone());
        let buyers_of = Aggregates::new(buyers.clone(), runtime.clone(), relay, gate.clone());
        let orders = Orders::new(aggregates, buyers_of, changes, runtime.clone(), settings);

        let revocations = Arc::new(Ban::default());
        let origin = "http://localhost:3000".parse().unwrap();
        let verifier =
            Verifier::open(&issuer.jwks_file(), "stagedoor", "stagedoor", &origin, runtime.clone()).unwrap();
        let verifier = Arc::new(verifier.with_revocations(revocations.clone()));
        let router = edge(orders.clone().routes(), EdgeOptions::new(runtime.clone(), verifier, origin));
        let listener = orders.listener();
        Self {
            orders,
            listener,
            clock,
            gate,
            runtime,
            store,
            revocations,
            buyers,
            settings,
            router,
            bus,
            issuer,
        }
    }

    /// Opens a stream of the order, and demands that it is opened.
    pub(crate) async fn listens(&self, person: Person, order: OrderId) -> Listening {
        let token = self.issuer.token(person.id, &[person.role], self.runtime.now());
        let request = Request::get(format!("/api/orders/{order}/live"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Listening::to(response.into_body().into_data_stream())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn call(
        &self,
        person: Person,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let token = self.issuer.token(person.id, &[person.role], self.runtime.now());
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, person: Person, path: &str) -> Answer {
        self.call(person, Method::GET, path, &[], None).await
    }

    pub(crate) async fn place(&self, person: Person, ticket: TicketId) -> Answer {
        self.place_with(person, ticket, &[]).await
    }

    pub(crate) async fn place_with(
        &self,
        person: Person,
        ticket: TicketId,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = json!({ "ticket_id": ticket, "price": PRICE });
        self.call(person, Method::POST, "/api/orders", headers, Some(&body)).await
    }

    /// Places an order and demands that it is taken.
    pub(crate) async fn placed(&self, person: Person, ticket: TicketId) -> OrderId {
        let answer = self.place(person, ticket).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.order_id()
    }

    pub(crate) async fn cancel(&self, person: Person, order: OrderId, headers: &[(&str, &str)]) -> Answer {
        self.call(person, Method::DELETE, &format!("/api/orders/{order}"), headers, None).await
    }

    pub(crate) async fn show(&self, person: Person, order: OrderId) -> Value {
        let answer = self.get(person, &format!("/api/orders/{order}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    }

    /// The one order of this person, as soon as there is one.
    pub(crate) async fn first_order_of(&self, person: Person) -> OrderId {
        loop {
            let orders = self.get(person, "/api/orders").await.json();
            if let Some(id) = orders["items"][0]["id"].as_str() {
                return id.parse().unwrap();
            }
            self.runtime.sleep(Duration::from_millis(5)).await;
        }
    }

    /// The types of the events that stand on the bus for this order.
    pub(crate) async fn said(&self, order: OrderId) -> Vec<String> {
        // What was committed is published in a task of its own.
        self.runtime.sleep(Duration::from_millis(20)).await;
        let wires = self.bus.read(&["order"], 0, 10_000).await.unwrap();
        let messages = wires.iter().map(|(_, parcel)| parcel.open().unwrap().into_owned());
        messages
            .filter(|message| message.id == order.0)
            .map(|message| message.recorded.event.event_type)
            .collect()
    }

    pub(crate) async fn hear(&self, aggregate_id: impl Into<Uuid>, event: Event) -> Result<(), Fault> {
        let heard = heard(aggregate_id, event, self.runtime.new_id());
        self.listener.hear(&heard).await
    }

    pub(crate) async fn ticket_reserved(&self, order: OrderId, ticket: TicketId) {
        self.hear(ticket, reserved(order)).await.unwrap();
    }

    pub(crate) async fn ticket_refused(&self, order: OrderId, reason: ReservationRefusal) {
        self.hear(order, refused(reason)).await.unwrap();
    }

    pub(crate) async fn payment_authorized(&self, order: OrderId) {
        self.hear(order, authorized()).await.unwrap();
    }

    pub(crate) async fn charge_created(&self, order: OrderId) {
        self.hear(order, charged()).await.unwrap();
    }

    /// An order up to the end of its purchase.
    pub(crate) async fn bought(&self, person: Person, ticket: TicketId) -> OrderId {
        let order = self.placed(person, ticket).await;
        self.ticket_reserved(order, ticket).await;
        self.payment_authorized(order).await;
        self.charge_created(order).await;
        order
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    pub(crate) fn order_id(&self) -> OrderId {
        self.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// Demands a problem of this kind.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!(self.status.as_u16(), status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        problem
    }
}
