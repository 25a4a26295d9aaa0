//! A small shop: its services' own aggregates in a real MongoDB, told to a real stream by their own relay.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::{Config, StorageType};
use async_trait::async_trait;
use auth::account::{Account, AccountCommand, Ban};
use auth::audit::{AuditEntry, AuditTrail as _, MongoAuditTrail};
use auth::session::{Session, SessionCommand};
use clap::Parser as _;
use contracts::tickets::{Category, ReservationRefusal, TicketDetails};
use contracts::timers::OrderExpired;
use contracts::users::Role;
use contracts::{Currency, Event, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Committed, Decider, EventStore as _, Gate, MongoStore, Outbox,
    RawEvent, Recorded, Schema,
};
use expiration::{RedisTimers, Timer, Timers as _};
use local_servers::{Place, Server, Toolbox, mongodb, nats, redis};
use messaging::{Bus as _, JetStream, Message, Relay};
use mongodb_driver::Database;
use mongodb_driver::bson::{Document, doc};
use orders::buyer::{Buyer, BuyerCommand};
use orders::order::{Order, OrderCommand, Placement};
use payments::payment::{Payment, PaymentCommand, Terms};
use replay::commands::Servers;
use replay::stores::Stores;
use replay::stream::{Stream, connect};
use replay::terminal::Terminal;
use replay::verify::{Check, Fault, Report, Sources, verify};
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;
use tickets::reservation::{Reservation, ReservationCommand};
use tickets::seller::{Seller, SellerCommand};
use tickets::ticket::{Ticket, TicketChanges, TicketCommand, Wish};
use uuid::Uuid;

use ::mongodb as mongodb_driver;

pub(crate) const PRICE: Money = Money::new(12_500, Currency::Usd);

pub(crate) struct Shop {
    pub bus: Arc<JetStream>,
    pub stream: Stream,
    pub stores: Stores,
    pub runtime: Runtime,
    pub nats_url: String,
    pub mongodb_url: String,
    pub redis_url: String,
    pub timers: RedisTimers,
    client: mongodb_driver::Client,
    relay: Relay,
    _servers: [Server; 3],
    _folder: TempDir,
}

/// What there is in it.
pub(crate) struct Known {
    pub seller: UserId,
    pub complete: Uuid,
    pub held: Uuid,
    pub awaiting: Uuid,
    pub edited: Uuid,
    pub cancelled: Uuid,
}

struct TellsNobody;

#[async_trait]
impl AfterCommit for TellsNobody {
    async fn committed(&self, _: &dyn Outbox, _: Uuid, _: Committed) {}
}

pub(crate) fn details(title: &str) -> TicketDetails {
    TicketDetails {
        title: title.to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: "2099-01-01T20:00:00Z".parse().unwrap(),
        section: None,
        row: None,
        seat: None,
        price: PRICE,
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = Toolbox::open().unwrap();
        let place = |name: &str| Place::under(folder.path(), name);
        let mongo = mongodb::server(&toolbox, &place("mongo")).unwrap().start().unwrap();
        let nats = nats::server(&toolbox, &place("nats")).unwrap().start().unwrap();
        let redis = redis::server(&toolbox, &place("redis")).unwrap().start().unwrap();
        let runtime = Runtime::real(TokioTasks::default());
        let (nats_url, mongodb_url) = (nats.url().to_owned(), mongo.url().to_owned());
        let redis_url = redis.url().to_owned();
        let client = mongodb_driver::Client::with_uri_str(&mongodb_url).await.unwrap();
        prepare(&nats_url).await;
        let bus = Arc::new(connect(&nats_url, "replay", runtime.clone()).await.unwrap());
        let stream = Stream::new(bus.clone(), runtime.clone(), "the stream".to_owned(), false);
        let line = ["stagedoor-replay", "--mongodb-url", &mongodb_url, "verify"];
        let servers: Servers = replay::commands::CommandLine::try_parse_from(line).unwrap().servers;
        let stores = servers.stores.open().await.unwrap();
        let relay = Relay::new(bus.clone(), runtime.clone());
        let timers = RedisTimers::connect(&redis_url).unwrap();
        Self {
            bus,
            stream,
            stores,
            runtime,
            nats_url,
            mongodb_url,
            redis_url,
            timers,
            client,
            relay,
            _servers: [mongo, nats, redis],
            _folder: folder,
        }
    }

    /// Everything anew: an empty stream, empty stores, and no timer.
    pub(crate) async fn empty(&self) {
        for service in replay::stores::DATABASES {
            self.database(service).drop().await.unwrap();
        }
        let context = self.admin().await;
        context.delete_stream("EVENTS").await.unwrap();
        prepare(&self.nats_url).await;
        for key in ["due", "about", "claimed", "dead_letters"] {
            let client = ::redis::Client::open(self.redis_url.as_str()).unwrap();
            let mut connection = client.get_multiplexed_async_connection().await.unwrap();
            let key = format!("{{stagedoor:timers}}:{key}");
            let _: () = ::redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
        }
    }

    pub(crate) fn database(&self, service: &str) -> Database {
        self.client.database(service)
    }

    /// May do with the stream what nobody may.
    pub(crate) async fn admin(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(&self.nats_url).await.unwrap())
    }

    /// Somebody sells three tickets. One is sold, one is held, and of one the order came to nothing.
    pub(crate) async fn trades(&self) -> Known {
        let rebuild = self.runtime.new_id();
        self.timers.begin_rebuild(rebuild).await.unwrap();
        self.timers.mark_complete(rebuild).await.unwrap();
        let [seller, buyer] = [self.new_user().await, self.new_user().await];
        let session = self.runtime.new_id();
        self.does::<Session>("auth", session, SessionCommand::Start { user_id: buyer }).await;
        let now = self.runtime.now();
        let mut listed = Vec::new();
        for title in ["The Paper Lanterns", "Winter Light", "Third Encore"] {
            let ticket = self.runtime.new_id();
            let create = TicketCommand::Create { seller, details: details(title), now };
            self.does::<Ticket>("tickets", ticket, create).await;
            listed.push(ticket);
        }
        let [sold, held, edited] = listed[..] else { unreachable!() };
        let complete = self.reserves(buyer, seller, sold).await;
        self.pays(complete).await;
        self.does::<Ticket>("tickets", sold, TicketCommand::Sell { order_id: OrderId(complete) }).await;
        let awaiting = self.reserves(buyer, seller, held).await;
        self.edits(seller, edited).await;
        let cancelled = self.is_refused(buyer, sold).await;
        self.bans(buyer).await;
        Known { seller, complete, held, awaiting, edited, cancelled }
    }

    async fn new_user(&self) -> UserId {
        let user = self.runtime.new_id();
        self.does::<Account>("auth", user, AccountCommand::Register { roles: vec![Role::User] }).await;
        UserId(user)
    }

    async fn places(&self, buyer_id: UserId, ticket: Uuid) -> (Uuid, Timestamp) {
        let (order, expires_at) = (self.runtime.new_id(), self.runtime.now() + Duration::from_secs(900));
        let placement = Placement { ticket_id: TicketId(ticket), buyer_id, price: Some(PRICE), expires_at };
        self.does::<Order>("orders", order, OrderCommand::Place(placement)).await;
        let timer = Timer {
            order_id: OrderId(order),
            due_at: expires_at,
            causation_id: self.runtime.new_id(),
            correlation_id: order,
            traceparent: None,
        };
        self.timers.set(&timer).await.unwrap();
        (order, expires_at)
    }

    async fn reserves(&self, buyer_id: UserId, seller_id: UserId, ticket: Uuid) -> Uuid {
        let (order, expires_at) = self.places(buyer_id, ticket).await;
        let (order_id, now) = (OrderId(order), self.runtime.now());
        let wish = Wish { order_id, buyer_id, price: Some(PRICE), expires_at, now };
        self.does::<Ticket>("tickets", ticket, TicketCommand::Reserve(wish)).await;
        let ticket = self.state::<Ticket>("tickets", ticket).await.listing().unwrap().details.clone();
        self.does::<Order>("orders", order, OrderCommand::ConfirmReservation { seller_id, ticket, now })
            .await;
        let terms = Terms { buyer_id, amount: PRICE, expires_at };
        self.does::<Payment>("payments", order, PaymentCommand::Open(terms)).await;
        order
    }

    async fn pays(&self, order: Uuid) {
        let (now, payment_intent) = (self.runtime.now(), format!("pi_{}", order.simple()));
        let authorization =
            PaymentCommand::RecordAuthorization { payment_intent: payment_intent.clone(), amount: PRICE };
        for command in [
            PaymentCommand::Authorize { now },
            PaymentCommand::RecordIntent { payment_intent },
            authorization,
        ] {
            self.does::<Payment>("payments", order, command).await;
        }
        self.does::<Order>("orders", order, OrderCommand::AcceptPayment { now }).await;
        self.timers.cancel(OrderId(order)).await.unwrap();
        let charge = format!("ch_{}", order.simple());
        for command in [PaymentCommand::Capture, PaymentCommand::RecordCapture { charge }] {
            self.does::<Payment>("payments", order, command).await;
        }
        self.does::<Order>("orders", order, OrderCommand::Complete).await;
    }

    /// So often that what is old is moved aside.
    async fn edits(&self, by: UserId, ticket: Uuid) {
        for number in 0..6 {
            let title = Some(format!("Third Encore, night {number}"));
            let changes = TicketChanges { title, ..TicketChanges::default() };
            let now = self.runtime.now();
            let update = TicketCommand::Update { by, changes, seen: None, now };
            self.does::<Ticket>("tickets", ticket, update).await;
        }
        let store = self.store::<Ticket>("tickets").await;
        store.archive(ticket, 3).await.unwrap();
    }

    async fn is_refused(&self, buyer: UserId, ticket: Uuid) -> Uuid {
        let (order, expires_at) = self.places(buyer, ticket).await;
        let reason = ReservationRefusal::TicketSold;
        let reject = ReservationCommand::Reject { ticket_id: TicketId(ticket), reason };
        self.does::<Reservation>("tickets", order, reject).await;
        self.does::<Order>("orders", order, OrderCommand::RefuseReservation { reason }).await;
        self.timers.cancel(OrderId(order)).await.unwrap();
        // Its timer went off all the same.
        let expired = Event::Timer(OrderExpired { expires_at }.into());
        assert_eq!(expired.event_type(), "OrderExpired");
        let data = serde_json::json!({ "expires_at": expires_at });
        let event = RawEvent { event_type: "OrderExpired".to_owned(), data };
        let recorded = Recorded {
            id: self.runtime.new_id(),
            version: 1,
            event,
            at: self.runtime.now(),
            cause: self.cause(),
        };
        self.bus.publish(&Message { category: "timer".to_owned(), id: order, recorded }, 0).await.unwrap();
        order
    }

    async fn bans(&self, user: UserId) {
        let now = self.runtime.now();
        let ban = Ban { account: user, by: UserId(self.runtime.new_id()), reason: "a test".to_owned(), now };
        self.does::<Account>("auth", user.0, AccountCommand::Ban(ban)).await;
        let note = BuyerCommand::NoteBan { user_version: 2, banned_at: now, now };
        self.does::<Buyer>("orders", user.0, note).await;
        let note = SellerCommand::NoteBan { user_version: 2, banned_at: now, now };
        self.does::<Seller>("tickets", user.0, note).await;
    }

    pub(crate) fn cause(&self) -> Cause {
        Cause {
            causation_id: self.runtime.new_id(),
            correlation_id: self.runtime.new_id(),
            actor: Actor::Service("tests".to_owned()),
            traceparent: None,
        }
    }

    async fn store<D: Decider>(&self, service: &str) -> Arc<MongoStore<D>> {
        let database = self.database(service);
        Arc::new(MongoStore::open(&database, Schema::default(), self.runtime.clone()).await.unwrap())
    }

    async fn state<D: Decider>(&self, service: &str, id: Uuid) -> D {
        self.store::<D>(service).await.load(id).await.unwrap().unwrap().snapshot.state
    }

    /// Gives the command, and tells the stream and, where it is auth's, the audit trail.
    pub(crate) async fn does<D: Decider>(&self, service: &str, id: Uuid, command: D::Command) {
        let store = self.store::<D>(service).await;
        let (runtime, gate) = (self.runtime.clone(), Gate::default());
        let aggregates = Aggregates::<D>::new(store.clone(), runtime, Arc::new(TellsNobody), gate);
        let done = aggregates.execute(id, self.cause(), command).await.unwrap();
        assert!(!done.events.is_empty());
        self.relay.publish(store.as_ref(), id).await.unwrap();
        if service == "auth" {
            let trail = MongoAuditTrail::new(&self.database("auth"), self.runtime.clone());
            for recorded in &done.events {
                let raw = recorded.raw().unwrap();
                let event = Event::of_value(D::CATEGORY, &raw.event.event_type, &raw.event.data).unwrap();
                if let Some(entry) = AuditEntry::of(&event, id, raw.id, raw.at, &raw.cause) {
                    trail.keep(&entry).await.unwrap();
                }
            }
        }
    }

    /// A field of a document is made another.
    pub(crate) async fn edit(&self, service: &str, collection: &str, id: Uuid, set: Document) {
        let documents = self.database(service).collection::<Document>(collection);
        let edited =
            documents.update_one(doc! { "_id": id.to_string() }, doc! { "$set": set }).await.unwrap();
        assert_eq!(edited.matched_count, 1);
    }

    pub(crate) async fn report(&self, check: &Check) -> Report {
        let sources = Sources {
            stream: Some(&self.stream),
            is_part: false,
            stores: Some(&self.stores),
            redis_url: Some(&self.redis_url),
            runtime: self.runtime.clone(),
        };
        verify(&sources, check, &Terminal::into_writer(std::io::sink(), 80)).await.unwrap()
    }

    /// Without any patience: nobody trades meanwhile.
    pub(crate) async fn faults(&self) -> Vec<Fault> {
        self.report(&Check { patience: Duration::ZERO, ..Check::default() }).await.findings.faults
    }
}

/// A stream from which a test may delete something.
async fn prepare(url: &str) {
    let context = async_nats::jetstream::new(async_nats::connect(url).await.unwrap());
    let config = Config {
        name: "EVENTS".to_owned(),
        subjects: vec!["events.>".to_owned()],
        storage: StorageType::File,
        ..Config::default()
    };
    context.create_stream(config).await.unwrap();
}
