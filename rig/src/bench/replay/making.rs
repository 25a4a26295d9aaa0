//! A store and a stream full of purchases: decided by the services' own deciders, and written many at a time.

use std::time::Duration;

use async_nats::jetstream::{self, context::Context};
use contracts::tickets::{Category, TicketDetails};
use contracts::{Currency, EventType as _, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, Decider, Recorded, json_to_bson};
use futures::future::join_all;
use local_servers::{Place, Server, Toolbox, mongodb, nats};
use messaging::{Bus as _, JetStream, Message};
use mongodb_driver::bson::{Document, doc};
use orders::order::{Order, OrderCommand, Placement};
use payments::payment::{Payment, PaymentCommand, Terms};
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;
use tickets::ticket::{Ticket, TicketCommand, Wish};
use uuid::Uuid;

use ::mongodb as mongodb_driver;

use crate::{Error, Result};

const PRICE: Money = Money::new(12_500, Currency::Usd);
const BEGAN_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Three of a ticket, four of an order, six of a payment.
const EVENTS_EACH: u64 = 13;
/// Purchases that are written together.
const TOGETHER: u64 = 250;
/// Of so many the histories are kept, to be folded.
const KEPT: u64 = 20_000;

/// Where a shop is made, with servers of its own.
pub(super) struct Store {
    nats: Server,
    mongo: Server,
    _folder: TempDir,
}

/// What was made.
#[derive(Default)]
pub(super) struct Made {
    pub events: u64,
    pub purchases: u64,
    /// Of the first purchases.
    pub histories: Vec<History>,
}

pub(super) struct History {
    pub category: &'static str,
    pub said: Vec<Said>,
}

pub(super) struct Said {
    pub event_type: &'static str,
    pub body: Vec<u8>,
}

/// One aggregate, as it is written and told.
struct Written {
    service: &'static str,
    document: Document,
    messages: Vec<Message>,
    history: History,
}

impl Made {
    pub(super) fn told_events(&self) -> usize {
        self.histories.iter().map(|history| history.said.len()).sum()
    }
}

impl Store {
    pub(super) async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let toolbox = Toolbox::open()?;
        let mongo = mongodb::server(&toolbox, &Place::under(folder.path(), "mongo"))?.start()?;
        let nats = nats::server(&toolbox, &Place::under(folder.path(), "nats"))?.start()?;
        let bus = JetStream::connect(nats.url(), "bench", Runtime::real(TokioTasks::default())).await;
        bus.map_err(measuring)?.prepare().await.map_err(measuring)?;
        Ok(Self { nats, mongo, _folder: folder })
    }

    pub(super) fn nats_url(&self) -> &str {
        self.nats.url()
    }

    pub(super) fn mongodb_url(&self) -> &str {
        self.mongo.url()
    }

    /// At least so many events.
    pub(super) async fn make(&self, events: u64) -> Result<Made> {
        let context = jetstream::new(async_nats::connect(self.nats_url()).await.map_err(measuring)?);
        let client = mongodb_driver::Client::with_uri_str(self.mongodb_url()).await.map_err(measuring)?;
        let mut made = Made::default();
        while made.events < events {
            let mut together = Vec::new();
            for _ in 0..TOGETHER {
                together.extend(purchase(made.purchases)?);
                made.purchases += 1;
                made.events += EVENTS_EACH;
            }
            tell(&context, &together).await?;
            keep(&client, &together).await?;
            if made.purchases <= KEPT {
                made.histories.extend(together.into_iter().map(|written| written.history));
            }
        }
        Ok(made)
    }
}

async fn tell(context: &Context, together: &[Written]) -> Result<()> {
    let mut told = Vec::new();
    for message in together.iter().flat_map(|written| &written.messages) {
        let wire = message.to_wire();
        let mut headers = async_nats::HeaderMap::new();
        for (name, value) in &wire.headers {
            headers.insert(name.as_str(), value.as_str());
        }
        let sent = context.publish_with_headers(wire.subject, headers, wire.body.into());
        told.push(sent.await.map_err(measuring)?.into_future());
    }
    for stored in join_all(told).await {
        stored.map_err(measuring)?;
    }
    Ok(())
}

async fn keep(client: &mongodb_driver::Client, together: &[Written]) -> Result<()> {
    for (service, category) in [("tickets", "ticket"), ("orders", "order"), ("payments", "payment")] {
        let documents: Vec<&Document> = together
            .iter()
            .filter(|written| written.service == service)
            .map(|written| &written.document)
            .collect();
        let collection = client.database(service).collection::<Document>(category);
        collection.insert_many(documents).await.map_err(measuring)?;
    }
    Ok(())
}

/// From the listing to the sale.
fn purchase(number: u64) -> Result<[Written; 3]> {
    let now = BEGAN_AT + Duration::from_millis(number * 7);
    let id = |part: u64| scattered(number * 8 + part);
    let [ticket, order] = [id(0), id(1)];
    let (seller, buyer_id) = (UserId(id(2)), UserId(id(3)));
    let (ticket_id, order_id, expires_at) =
        (TicketId(ticket), OrderId(order), now + Duration::from_secs(900));
    let details = TicketDetails {
        title: format!("The Paper Lanterns, night {number}"),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: now + Duration::from_secs(86_400),
        section: Some("B".to_owned()),
        row: Some(format!("{}", number % 40)),
        seat: Some(format!("{}", number % 1_000)),
        price: PRICE,
    };
    let price = Some(PRICE);
    let (payment_intent, charge) = (format!("pi_{}", order.simple()), format!("ch_{}", order.simple()));
    Ok([
        decided::<Ticket>(
            "tickets",
            ticket,
            now,
            vec![
                TicketCommand::Create { seller, details: details.clone(), now },
                TicketCommand::Reserve(Wish { order_id, buyer_id, price, expires_at, now }),
                TicketCommand::Sell { order_id },
            ],
        )?,
        decided::<Order>(
            "orders",
            order,
            now,
            vec![
                OrderCommand::Place(Placement { ticket_id, buyer_id, price, expires_at }),
                OrderCommand::ConfirmReservation { seller_id: seller, ticket: details, now },
                OrderCommand::AcceptPayment { now },
                OrderCommand::Complete,
            ],
        )?,
        decided::<Payment>(
            "payments",
            order,
            now,
            vec![
                PaymentCommand::Open(Terms { buyer_id, amount: PRICE, expires_at }),
                PaymentCommand::Authorize { now },
                PaymentCommand::RecordIntent { payment_intent: payment_intent.clone() },
                PaymentCommand::RecordAuthorization { payment_intent, amount: PRICE },
                PaymentCommand::Capture,
                PaymentCommand::RecordCapture { charge },
            ],
        )?,
    ])
}

fn decided<D: Decider>(
    service: &'static str,
    id: Uuid,
    now: Timestamp,
    commands: Vec<D::Command>,
) -> Result<Written> {
    let mut state = D::default();
    let (mut messages, mut events, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for command in commands {
        let decided = state.decide(&command).map_err(|no| Error::Measuring(format!("{no:?}")))?;
        for event in decided {
            let version = messages.len() as u64 + 1;
            let event_id =
                scattered(id.as_u128() as u64 ^ version.rotate_left(40) ^ u64::from(service.as_bytes()[0]));
            let cause = Cause {
                causation_id: scattered(event_id.as_u128() as u64),
                correlation_id: id,
                actor: Actor::User(UserId(id)),
                traceparent: None,
            };
            let at = now + Duration::from_millis(version);
            let recorded = Recorded { id: event_id, version, event, at, cause };
            events.push(json_to_bson(&json(&recorded)?).map_err(Error::Measuring)?);
            let raw = recorded.raw().map_err(measuring)?;
            let (event_type, body) = (recorded.event.event_type(), raw.event.data.to_string().into_bytes());
            said.push(Said { event_type, body });
            messages.push(Message { category: D::CATEGORY.to_owned(), id, recorded: raw });
            state = state.evolve(&recorded.event);
        }
    }
    let version = i64::try_from(messages.len()).unwrap_or_default();
    let document = doc! {
        "_id": id.to_string(), "created_at": (now + Duration::from_millis(1)).to_string(), "events": events,
        "version": version, "state": json_to_bson(&json(&state)?).map_err(Error::Measuring)?,
        "updated_at": (now + Duration::from_millis(messages.len() as u64)).to_string(),
        "private": json_to_bson(&json(&D::Private::default())?).map_err(Error::Measuring)?,
    };
    Ok(Written { service, document, messages, history: History { category: D::CATEGORY, said } })
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(measuring)
}

/// Another id for each number, in no order.
fn scattered(number: u64) -> Uuid {
    let mix = |number: u64| {
        let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    };
    Uuid::from_u64_pair(mix(number ^ 0x9e37_79b9_7f4a_7c15), mix(number.wrapping_add(0x1234_5678)))
}

pub(super) fn measuring(error: impl std::fmt::Display) -> Error {
    Error::Measuring(error.to_string())
}
