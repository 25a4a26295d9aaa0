//! The service over its ports in memory, spoken to as buyers, orders and the card processor do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use contracts::orders::{
    CancellationReason, OrderAccepted, OrderAwaitingPayment, OrderCancelled, OrderEvent,
};
use contracts::tickets::{Category, TicketDetails};
use contracts::users::Role;
use contracts::{Currency, Event, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Clause, Committed, EventStore as _, Gate, MemoryStore, Outbox,
    Query, RawEvent, Recorded,
};
use http_body_util::BodyExt as _;
use messaging::{Fault, Heard};
use payments::payment::Payment;
use payments::{CardProcessor, MemoryCards, Payments, Standing, views};
use runtime::{Clock as _, RandomIds, Runtime, TokioTasks};
use serde_json::{Value, json};
use service::caller::Verifier;
use service::http::{EdgeOptions, edge};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::answer::Answer;
use testing::{ForwardClock, Issuer};

pub(crate) const BUYER: UserId = UserId(Uuid::from_u128(1));
pub(crate) const STRANGER: UserId = UserId(Uuid::from_u128(2));
pub(crate) const PRICE: Money = Money::new(12_500, Currency::Usd);
pub(crate) const TIME_TO_PAY: Duration = Duration::from_secs(900);

/// Payments, and all that it speaks to.
pub(crate) struct Shop {
    pub(crate) payments: Payments,
    pub(crate) cards: MemoryCards,
    pub(crate) clock: Arc<ForwardClock>,
    pub(crate) gate: Gate,
    store: Arc<MemoryStore<Payment>>,
    said: Arc<Said>,
    runtime: Runtime,
    issuer: Issuer,
}

impl Shop {
    /// With a card processor in memory.
    pub(crate) fn open() -> Self {
        let cards = MemoryCards::new();
        Self { cards: cards.clone(), ..Self::over(Arc::new(cards)) }
    }

    /// With this card processor; the one in memory is not spoken to.
    pub(crate) fn over(processor: Arc<dyn CardProcessor>) -> Self {
        let clock = Arc::new(ForwardClock::default());
        let runtime = Runtime::new(clock.clone(), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let store = Arc::new(MemoryStore::new(views::schema()));
        let (said, gate) = (Arc::new(Said::default()), Gate::default());
        let payments = replica(&store, &said, &gate, processor, &runtime);
        Self {
            payments,
            cards: MemoryCards::new(),
            clock,
            gate,
            store,
            said,
            runtime,
            issuer: Issuer::default(),
        }
    }

    /// The process is killed, and another takes its place.
    pub(crate) fn restart(&mut self) {
        self.payments = self.another(Arc::new(self.cards.clone()));
    }

    /// One more replica.
    pub(crate) fn another(&self, cards: Arc<dyn CardProcessor>) -> Payments {
        self.another_on(cards, &self.runtime)
    }

    pub(crate) fn another_on(&self, cards: Arc<dyn CardProcessor>, runtime: &Runtime) -> Payments {
        replica(&self.store, &self.said, &self.gate, cards, runtime)
    }

    fn router(&self) -> Router {
        let origin = "http://localhost:3000".parse().unwrap();
        let jwks_file = self.issuer.jwks_file();
        let verifier =
            Verifier::open(&jwks_file, "stagedoor", "stagedoor", &origin, self.runtime.clone()).unwrap();
        edge(
            self.payments.clone().routes(),
            EdgeOptions::new(self.runtime.clone(), Arc::new(verifier), origin),
        )
    }

    pub(crate) async fn hear(&self, order_id: OrderId, event: impl Into<OrderEvent>) -> Result<(), Fault> {
        let heard = Heard {
            event_id: Uuid::now_v7(),
            aggregate_id: order_id.0,
            version: 1,
            event: Event::Order(event.into()),
            at: self.clock.now(),
            cause: Cause {
                causation_id: Uuid::now_v7(),
                correlation_id: order_id.0,
                actor: Actor::Service("orders".to_owned()),
                traceparent: None,
            },
        };
        self.payments.listener().hear(&heard).await
    }

    /// An order that the buyer may pay.
    pub(crate) async fn payable(&self) -> OrderId {
        let order_id = OrderId(Uuid::now_v7());
        self.await_payment(order_id).await;
        order_id
    }

    pub(crate) async fn await_payment(&self, order_id: OrderId) {
        self.hear(order_id, awaiting(self.clock.now() + TIME_TO_PAY)).await.unwrap();
    }

    pub(crate) async fn accept(&self, order_id: OrderId) -> Result<(), Fault> {
        self.hear(order_id, OrderAccepted { ticket_id: ticket() }).await
    }

    pub(crate) async fn cancel(&self, order_id: OrderId) -> Result<(), Fault> {
        let reason = CancellationReason::Expired;
        self.hear(order_id, OrderCancelled { ticket_id: ticket(), reason }).await
    }

    /// Waits until nothing is due, the pauses of the sweeps being over at once.
    pub(crate) async fn settle(&self) {
        let due = ["preparing", "authorizing", "capturing", "voiding"].map(|status| json!(status));
        let due = Query::new(1).filter(Clause::In("state.status", due.to_vec()));
        for _ in 0..200 {
            self.clock.advance(Duration::from_secs(61));
            self.payments.sweep_due().await.unwrap();
            if self.gate.is_shut() || self.store.find(&due).await.unwrap().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not settle");
    }

    pub(crate) async fn pay(&self, order_id: OrderId, card: &str) -> Answer {
        self.post(BUYER, &[], json!({ "order_id": order_id, "payment_method": card })).await
    }

    pub(crate) async fn prepare(&self, order_id: OrderId) -> Answer {
        self.post(BUYER, &[], json!({ "order_id": order_id })).await
    }

    pub(crate) async fn post(&self, user: UserId, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.send(Method::POST, "/api/payments", Some(user), &all, body.to_string()).await
    }

    pub(crate) async fn get(&self, order_id: OrderId) -> Answer {
        self.send(Method::GET, &path(order_id), Some(BUYER), &[], String::new()).await
    }

    pub(crate) async fn status(&self, order_id: OrderId) -> String {
        self.get(order_id).await.json()["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        user: Option<UserId>,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(user) = user {
            let roles: &[Role] =
                if user == BUYER || user == STRANGER { &[Role::User] } else { &[Role::Admin] };
            let token = self.issuer.token(user, roles, self.clock.now());
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The types of what was said about the payment.
    pub(crate) fn said(&self, order_id: OrderId) -> Vec<String> {
        self.events(order_id).into_iter().map(|recorded| recorded.event.event_type).collect()
    }

    pub(crate) fn events(&self, order_id: OrderId) -> Vec<Recorded<RawEvent>> {
        let said = self.said.0.lock().unwrap();
        let of_it = said.iter().filter(|(id, _)| *id == order_id.0);
        let mut events: Vec<_> = of_it.map(|(_, recorded)| recorded.clone()).collect();
        events.sort_by_key(|recorded| recorded.version);
        events
    }

    /// How the processor's payments for the order stand.
    pub(crate) fn books(&self, order_id: OrderId) -> Vec<Standing> {
        let ledger = self.cards.ledger().into_iter().filter(|(order, _)| *order == order_id);
        ledger.map(|(_, intent)| intent.standing).collect()
    }

    pub(crate) fn intent(&self, order_id: OrderId) -> String {
        let mut ledger = self.cards.ledger().into_iter().filter(|(order, _)| *order == order_id);
        ledger.next().map(|(_, intent)| intent.id).unwrap()
    }
}

fn replica(
    store: &Arc<MemoryStore<Payment>>,
    said: &Arc<Said>,
    gate: &Gate,
    cards: Arc<dyn CardProcessor>,
    runtime: &Runtime,
) -> Payments {
    let aggregates = Aggregates::new(store.clone(), runtime.clone(), said.clone(), gate.clone());
    Payments::new(aggregates, gate.clone(), cards, runtime.clone())
}

pub(crate) fn path(order_id: OrderId) -> String {
    format!("/api/payments/{order_id}")
}

pub(crate) fn charged() -> Standing {
    Standing::Captured { charge: "ch_memory1".to_owned(), amount: PRICE }
}

pub(crate) fn held() -> Standing {
    Standing::Authorized { amount: PRICE }
}

fn ticket() -> TicketId {
    TicketId(Uuid::from_u128(9))
}

fn awaiting(expires_at: Timestamp) -> OrderAwaitingPayment {
    OrderAwaitingPayment {
        ticket_id: ticket(),
        buyer_id: BUYER,
        seller_id: STRANGER,
        total: PRICE,
        expires_at,
        ticket: TicketDetails {
            title: "The Paper Lanterns".to_owned(),
            category: Category::Concert,
            venue: "Harbour Hall".to_owned(),
            city: "Lisbon".to_owned(),
            starts_at: expires_at,
            section: None,
            row: None,
            seat: None,
            price: PRICE,
        },
    }
}

/// Remembers what was committed, in place of the relay.
#[derive(Default)]
struct Said(Mutex<Vec<(Uuid, Recorded<RawEvent>)>>);

#[async_trait]
impl AfterCommit for Said {
    async fn committed(&self, _: &dyn Outbox, id: Uuid, committed: Committed) {
        self.0.lock().unwrap().extend(committed.events.into_iter().map(|recorded| (id, recorded)));
    }
}
