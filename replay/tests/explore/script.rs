//! What happened in the shop of these tests: sessions that were refreshed, a purchase, an order that expired, and one
//! of which a later build said something.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::orders::{
    CancellationReason, OrderAccepted, OrderAwaitingPayment, OrderCancelled, OrderCompleted, OrderCreated,
    OrderEvent,
};
use contracts::payments::{
    AuthorizationRequested, CaptureRequested, ChargeCreated, PaymentAuthorized, PaymentEvent,
    PaymentIntentCreated, PaymentIntentRequested, PaymentOpened, PaymentVoided, VoidRequested,
};
use contracts::tickets::{
    Category, TicketCreated, TicketDetails, TicketEvent, TicketReleased, TicketReserved, TicketSold,
};
use contracts::timers::{OrderExpired, TimerEvent};
use contracts::users::{
    Role, SessionEvent, SessionRefreshed, SessionRevoked, SessionStarted, UserCreated, UserEvent,
};
use contracts::{Currency, EventType, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{Message, Numbered, Parcel, Stored};
use replay::recording::Recording;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// The name of the recording.
pub(crate) const FILE: &str = "shop.ndjson";
const SELLER: UserId = UserId(id(0x01));
const BUYER: UserId = UserId(id(0x02));
const TICKETS: [TicketId; 2] = [TicketId(id(0x71)), TicketId(id(0x72))];
/// Bought, expired, and said something of by a later build.
pub(crate) const ORDERS: [Uuid; 3] = [id(0xa1), id(0xa2), id(0xa3)];
const PRICE: Money = Money::new(12_500, Currency::Usd);

pub(crate) const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + number)
}

/// A folder with the recording in it.
pub(crate) fn recorded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), script());
    folder
}

fn write(folder: &Path, messages: Vec<Numbered>) {
    let mut file = File::create(folder.join(FILE)).unwrap();
    Recording::of(Timestamp::from_millis(1_700_100_000_000), None, messages).write(&mut file).unwrap();
}

/// What was said so far.
struct Script {
    messages: Vec<Numbered>,
    sequence: u64,
    now: Timestamp,
}

/// An event that others may follow from.
#[derive(Clone, Copy)]
struct Said {
    event: Uuid,
    request: Uuid,
    by: UserId,
}

fn script() -> Vec<Numbered> {
    let mut script =
        Script { messages: Vec::new(), sequence: 0, now: Timestamp::from_millis(1_700_000_000_000) };
    script.sessions();
    script.purchase();
    script.expiry();
    script.later_build();
    script.messages
}

impl Script {
    /// Many, and with a hole: only a part of the stream was recorded.
    fn sessions(&mut self) {
        for session in 0..1_500 {
            if session == 500 {
                self.sequence = 20_000;
            }
            let request = self.asks(SELLER, session);
            let id = id(0x5_0000 + session / 3);
            match session % 3 {
                0 => self.says(id, SessionEvent::from(SessionStarted { user_id: SELLER }), request),
                1 if session == 7 => {
                    self.says(id, SessionEvent::from(SessionRevoked { user_id: SELLER }), request)
                }
                _ => self.says(id, SessionEvent::from(SessionRefreshed {}), request),
            };
        }
    }

    fn purchase(&mut self) {
        for user in [SELLER, BUYER] {
            let request = self.asks(user, 0x100 + user.0.as_u128());
            self.says(user.0, UserEvent::from(UserCreated { roles: vec![Role::User] }), request);
        }
        for ticket in TICKETS {
            let request = self.asks(SELLER, 0x200 + ticket.0.as_u128());
            let created = TicketCreated { seller_id: SELLER, details: details() };
            self.says(ticket.0, TicketEvent::from(created), request);
        }
        let opened = self.awaits_payment(0);
        let order = ORDERS[0];
        let ticket_id = TICKETS[0];
        let pays = self.asks(BUYER, 0x300);
        let payment_intent = "pi_3PExample".to_owned();
        self.says(order, PaymentEvent::from(PaymentIntentRequested {}), pays);
        let asked = self.says(order, PaymentEvent::from(AuthorizationRequested { attempt: 1 }), pays);
        let created = PaymentIntentCreated { payment_intent: payment_intent.clone() };
        self.says(order, PaymentEvent::from(created), asked);
        let authorized = PaymentAuthorized { payment_intent: payment_intent.clone(), amount: PRICE };
        let authorized = self.says(order, PaymentEvent::from(authorized), opened);
        let accepted = self.says(order, OrderEvent::from(OrderAccepted { ticket_id }), authorized);
        let capture = self.says(order, PaymentEvent::from(CaptureRequested {}), accepted);
        let charge = ChargeCreated { payment_intent, charge: "ch_3PExample".to_owned(), amount: PRICE };
        let charged = self.says(order, PaymentEvent::from(charge), capture);
        let completed = self.says(order, OrderEvent::from(OrderCompleted { ticket_id }), charged);
        let sold = TicketSold { order_id: OrderId(order), buyer_id: BUYER, seller_id: SELLER, price: PRICE };
        self.says(ticket_id.0, TicketEvent::from(sold), completed);
    }

    fn expiry(&mut self) {
        self.awaits_payment(1);
        let (order, ticket_id) = (ORDERS[1], TICKETS[1]);
        self.now = self.now + Duration::from_secs(900);
        let timer = self.asks(BUYER, 0x400);
        let expired = self.says(order, TimerEvent::from(OrderExpired { expires_at: self.now }), timer);
        let cancelled = OrderCancelled { ticket_id, reason: CancellationReason::Expired };
        let cancelled = self.says(order, OrderEvent::from(cancelled), expired);
        let released = TicketReleased { order_id: OrderId(order) };
        self.says(ticket_id.0, TicketEvent::from(released), cancelled);
        let void = self.says(order, PaymentEvent::from(VoidRequested {}), cancelled);
        self.says(order, PaymentEvent::from(PaymentVoided {}), void);
    }

    fn later_build(&mut self) {
        let order = ORDERS[2];
        let request = self.asks(BUYER, 0x500);
        let ticket_id = TICKETS[1];
        let created = OrderCreated {
            ticket_id,
            buyer_id: BUYER,
            price: None,
            expires_at: self.now + Duration::from_secs(900),
        };
        let created = self.says(order, OrderEvent::from(created), request);
        self.says_raw(order, "order", "OrderGifted", json!({ "to": "somebody" }), created, "orders");
        let cancelled = OrderCancelled { ticket_id, reason: CancellationReason::Buyer };
        self.says(order, OrderEvent::from(cancelled), created);
    }

    /// Up to where the buyer may pay.
    fn awaits_payment(&mut self, which: usize) -> Said {
        let (order, ticket_id) = (ORDERS[which], TICKETS[which]);
        let order_id = OrderId(order);
        let expires_at = self.now + Duration::from_secs(900);
        let request = self.asks(BUYER, 0x600 + which as u128);
        let created = OrderCreated { ticket_id, buyer_id: BUYER, price: Some(PRICE), expires_at };
        let created = self.says(order, OrderEvent::from(created), request);
        let reserved =
            TicketReserved { order_id, buyer_id: BUYER, seller_id: SELLER, expires_at, details: details() };
        let reserved = self.says(ticket_id.0, TicketEvent::from(reserved), created);
        let awaiting = OrderAwaitingPayment {
            ticket_id,
            buyer_id: BUYER,
            seller_id: SELLER,
            total: PRICE,
            expires_at,
            ticket: details(),
        };
        let awaiting = self.says(order, OrderEvent::from(awaiting), reserved);
        let opened = PaymentOpened { buyer_id: BUYER, amount: PRICE, expires_at };
        self.says(order, PaymentEvent::from(opened), awaiting)
    }

    fn asks(&mut self, by: UserId, number: u128) -> Said {
        self.now = self.now + Duration::from_secs(1);
        let request = id(0xc_0000_0000 + number % 0x1_0000);
        Said { event: request, request, by }
    }

    fn says<E: EventType>(&mut self, of: Uuid, event: E, cause: Said) -> Said {
        let written = serde_json::to_value(&event).unwrap();
        let data = written["data"].clone();
        let service = match E::CATEGORY {
            "order" => "orders",
            "ticket" => "tickets",
            "payment" => "payments",
            "timer" => "expiration",
            _ => "auth",
        };
        self.says_raw(of, E::CATEGORY, event.event_type(), data, cause, service)
    }

    fn says_raw(
        &mut self,
        of: Uuid,
        category: &str,
        event_type: &str,
        data: Value,
        cause: Said,
        service: &str,
    ) -> Said {
        self.sequence += 1;
        self.now = self.now + Duration::from_millis(20);
        let event = id(0xe_0000_0000 + u128::from(self.sequence));
        let is_same = |numbered: &&Numbered| {
            let Parcel::Handed(message) = &numbered.stored.parcel else { return false };
            message.id == of && message.category == category
        };
        let version = self.messages.iter().filter(is_same).count() as u64 + 1;
        let is_asked = cause.event == cause.request && service != "expiration";
        let actor = if is_asked { Actor::User(cause.by) } else { Actor::Service(service.to_owned()) };
        let recorded = Recorded {
            id: event,
            version,
            event: RawEvent { event_type: event_type.to_owned(), data },
            at: self.now,
            cause: Cause {
                causation_id: cause.event,
                correlation_id: cause.request,
                actor,
                traceparent: None,
            },
        };
        let message = Message { category: category.to_owned(), id: of, recorded };
        let stored_at = self.now + Duration::from_millis(2);
        let stored = Stored { parcel: Parcel::Handed(Arc::new(message)), stored_at };
        self.messages.push(Numbered { sequence: self.sequence, stored });
        Said { event, ..cause }
    }
}

fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: Timestamp::from_millis(1_710_000_000_000),
        section: Some("Stalls".to_owned()),
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: PRICE,
    }
}
