//! A door in front of a store that does what it is asked and does not say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use contracts::tickets::{Category, TicketDetails};
use contracts::{Currency, Money, OrderId, SessionId, TicketId, Timestamp};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Commit, CommitError, Committed, EventStore, Gate, Head, Loaded,
    MemoryStore, Outbox, Query, RawEvent, Recorded, Schema, Snapshot, StoreError, Tail,
};
use http_body_util::BodyExt as _;
use messaging::Changes;
use runtime::{Runtime, TokioTasks};
use serde_json::{Value, json};
use service::caller::CurrentUser;
use tickets::codes::Codes;
use tickets::ticket::{Ticket, TicketCommand, Wish};
use tickets::{Tickets, views};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::shop::{BUYER, SELLER};

const TICKET: TicketId = TicketId(Uuid::from_u128(50));
const ORDER: OrderId = OrderId(Uuid::from_u128(51));

/// Writes, and then the connection is lost: once, when it is told.
struct Forgetful {
    inner: MemoryStore<Ticket>,
    forgets: AtomicBool,
}

#[async_trait]
impl EventStore<Ticket> for Forgetful {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<Ticket>>, StoreError> {
        self.inner.load(id).await
    }

    async fn commit(&self, commit: Commit<'_, Ticket>) -> Result<(), CommitError> {
        self.inner.commit(commit).await?;
        if self.forgets.swap(false, Ordering::SeqCst) {
            return Err(CommitError::Unknown("the connection is lost".to_owned()));
        }
        Ok(())
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        self.inner.archived_cause(id, causation_id).await
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<Ticket>>, StoreError> {
        self.inner.find(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.inner.count(query).await
    }
}

/// Nothing is published here.
#[async_trait]
impl Outbox for Forgetful {
    fn category(&self) -> &'static str {
        self.inner.category()
    }

    async fn unpublished(&self, _: Timestamp, _: Option<Uuid>, _: usize) -> Result<Vec<Uuid>, StoreError> {
        Ok(Vec::new())
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        self.inner.head(id).await
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        self.inner.events_from(id, version).await
    }

    async fn mark_published(&self, _: Uuid, _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn archive(&self, _: Uuid, _: usize) -> Result<(), StoreError> {
        Ok(())
    }

    async fn changed_since(
        &self,
        _: Option<Timestamp>,
        _: Option<Uuid>,
        _: usize,
    ) -> Result<Vec<Tail>, StoreError> {
        Ok(Vec::new())
    }
}

struct Silence;

#[async_trait]
impl AfterCommit for Silence {
    async fn committed(&self, _: &dyn Outbox, _: Uuid, _: Committed) {}
}

async fn buy(tickets: &Aggregates<Ticket>, runtime: &Runtime) {
    let now = runtime.now();
    let details = TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: now + Duration::from_secs(3600),
        section: None,
        row: None,
        seat: None,
        price: Money::new(12_500, Currency::Usd),
    };
    let wish = Wish { order_id: ORDER, buyer_id: BUYER, price: None, expires_at: now, now };
    for command in [
        TicketCommand::Create { seller: SELLER, details, now },
        TicketCommand::Reserve(wish),
        TicketCommand::Sell { order_id: ORDER },
    ] {
        let (causation_id, correlation_id) = (runtime.new_id(), Uuid::nil());
        let cause = Cause { causation_id, correlation_id, actor: Actor::User(SELLER), traceparent: None };
        tickets.execute(TICKET, cause, command).await.ok().unwrap();
    }
}

#[tokio::test]
async fn whoever_was_let_in_by_a_write_that_was_not_confirmed_is_let_in() {
    let runtime = Runtime::real(TokioTasks::default());
    let inner = MemoryStore::new(views::schema());
    let store = Arc::new(Forgetful { inner, forgets: AtomicBool::new(false) });
    let silence = Arc::new(Silence);
    let tickets = Aggregates::<Ticket>::new(store.clone(), runtime.clone(), silence.clone(), Gate::default());
    buy(&tickets, &runtime).await;
    let reservations = Arc::new(MemoryStore::new(Schema::default()));
    let reservations = Aggregates::new(reservations, runtime.clone(), silence.clone(), Gate::default());
    let sellers = Arc::new(MemoryStore::new(Schema::default()));
    let sellers = Aggregates::new(sellers, runtime.clone(), silence, Gate::default());
    let codes = Codes::new([7; 32]);
    let code = codes.code(TICKET, ORDER);
    let changes = Changes::new(runtime.clone());
    let router = Tickets::new(tickets, reservations, sellers, changes, codes, runtime.clone()).routes();
    let scan = async || {
        let seller = CurrentUser {
            id: SELLER,
            roles: Vec::new(),
            session: SessionId(Uuid::nil()),
            token_id: Uuid::nil(),
            expires_at: runtime.now(),
        };
        let request = Request::post(format!("/api/tickets/{TICKET}/admit")).extension(seller);
        let request = request.header("content-type", "application/json");
        let body = Body::from(json!({ "code": code }).to_string());
        let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    store.forgets.store(true, Ordering::SeqCst);
    let first = scan().await;
    assert_eq!(first["status"], "valid", "{first}");
    assert!(!store.forgets.load(Ordering::SeqCst));
    let second = scan().await;
    assert_eq!(second, json!({ "status": "used", "admitted_at": first["admitted_at"] }));
}
