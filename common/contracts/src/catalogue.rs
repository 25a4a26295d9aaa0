//! Every event there is, with who says it and an example: what golden files, policies and documents are checked against.

use uuid::Uuid;

use crate::orders::{
    BuyerBanned, BuyerEvent, BuyerUnbanned, CancellationReason, OrderAccepted, OrderAwaitingPayment,
    OrderCancelled, OrderCompleted, OrderCreated, OrderEvent,
};
use crate::payments::{
    AuthorizationRequested, CaptureFailed, CaptureRequested, ChargeCreated, PaymentActionRequired,
    PaymentAuthorized, PaymentDeclined, PaymentEvent, PaymentIntentCreated, PaymentIntentRequested,
    PaymentOpened, PaymentVoided, VoidRequested,
};
use crate::tickets::{
    Category, ReservationEvent, ReservationRefusal, SellerBanned, SellerEvent, SellerUnbanned,
    TicketAdmitted, TicketCreated, TicketDetails, TicketEvent, TicketReleased, TicketReservationRejected,
    TicketReserved, TicketSold, TicketUpdated, TicketWithdrawalRequested, TicketWithdrawn,
};
use crate::timers::{OrderExpired, TimerEvent};
use crate::users::{
    Role, SessionEvent, SessionRefreshed, SessionRevoked, SessionStarted, UserBanned, UserCreated, UserEvent,
    UserPasswordChanged, UserUnbanned, UserUpdated,
};
use crate::{Currency, Event, EventType, Money, OrderId, TicketId, Timestamp, UserId};

/// One kind of event.
#[derive(Clone, Debug)]
pub struct Entry {
    pub category: &'static str,
    /// The service that says it.
    pub speaker: &'static str,
    pub example: Event,
}

/// Every kind of event, speaker by speaker.
pub fn catalogue() -> Vec<Entry> {
    let mut entries = Vec::new();
    entries.extend(users().into_iter().map(|event| entry("auth", Event::User, event)));
    entries.extend(sessions().into_iter().map(|event| entry("auth", Event::Session, event)));
    entries.extend(tickets().into_iter().map(|event| entry("tickets", Event::Ticket, event)));
    entries.extend(reservations().into_iter().map(|event| entry("tickets", Event::Reservation, event)));
    entries.extend(sellers().into_iter().map(|event| entry("tickets", Event::Seller, event)));
    entries.extend(orders().into_iter().map(|event| entry("orders", Event::Order, event)));
    entries.extend(buyers().into_iter().map(|event| entry("orders", Event::Buyer, event)));
    entries.extend(timers().into_iter().map(|event| entry("expiration", Event::Timer, event)));
    entries.extend(payments().into_iter().map(|event| entry("payments", Event::Payment, event)));
    entries
}

fn entry<E: EventType>(speaker: &'static str, wrap: fn(E) -> Event, event: E) -> Entry {
    Entry { category: E::CATEGORY, speaker, example: wrap(event) }
}

const ORDER: OrderId = OrderId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001));
const TICKET: TicketId = TicketId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0002));
const BUYER: UserId = UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0003));
const SELLER: UserId = UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0004));
const PRICE: Money = Money::new(12_500, Currency::Usd);
const EXPIRES_AT: Timestamp = Timestamp::from_millis(1_800_000_900_000);
const ADMITTED_AT: Timestamp = Timestamp::from_millis(1_809_999_000_000);
const BANNED_AT: Timestamp = Timestamp::from_millis(1_800_000_060_000);
const HEARD_AT: Timestamp = Timestamp::from_millis(1_800_000_060_120);

fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: Timestamp::from_millis(1_810_000_000_000),
        section: Some("Stalls".to_owned()),
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: PRICE,
    }
}

fn users() -> Vec<UserEvent> {
    vec![
        UserCreated { roles: vec![Role::User] }.into(),
        UserUpdated { roles: vec![Role::User, Role::Admin] }.into(),
        UserBanned { banned_at: BANNED_AT }.into(),
        UserUnbanned {}.into(),
        UserPasswordChanged {}.into(),
    ]
}

fn sessions() -> Vec<SessionEvent> {
    vec![
        SessionStarted { user_id: BUYER }.into(),
        SessionRefreshed {}.into(),
        SessionRevoked { user_id: BUYER }.into(),
    ]
}

fn tickets() -> Vec<TicketEvent> {
    vec![
        TicketCreated { seller_id: SELLER, details: details() }.into(),
        TicketUpdated { details: details() }.into(),
        TicketReserved {
            order_id: ORDER,
            buyer_id: BUYER,
            seller_id: SELLER,
            expires_at: EXPIRES_AT,
            details: details(),
        }
        .into(),
        TicketWithdrawalRequested { order_id: ORDER }.into(),
        TicketReleased { order_id: ORDER }.into(),
        TicketSold { order_id: ORDER, buyer_id: BUYER, seller_id: SELLER, price: PRICE }.into(),
        TicketAdmitted { order_id: ORDER, admitted_at: ADMITTED_AT }.into(),
        TicketWithdrawn {}.into(),
    ]
}

fn reservations() -> Vec<ReservationEvent> {
    vec![TicketReservationRejected { ticket_id: TICKET, reason: ReservationRefusal::TicketReserved }.into()]
}

fn sellers() -> Vec<SellerEvent> {
    vec![
        SellerBanned { user_version: 3, banned_at: BANNED_AT, heard_at: HEARD_AT }.into(),
        SellerUnbanned { user_version: 4 }.into(),
    ]
}

fn orders() -> Vec<OrderEvent> {
    vec![
        OrderCreated { ticket_id: TICKET, buyer_id: BUYER, price: Some(PRICE), expires_at: EXPIRES_AT }
            .into(),
        OrderAwaitingPayment {
            ticket_id: TICKET,
            buyer_id: BUYER,
            seller_id: SELLER,
            total: PRICE,
            expires_at: EXPIRES_AT,
            ticket: details(),
        }
        .into(),
        OrderAccepted { ticket_id: TICKET }.into(),
        OrderCompleted { ticket_id: TICKET }.into(),
        OrderCancelled { ticket_id: TICKET, reason: CancellationReason::Expired }.into(),
    ]
}

fn buyers() -> Vec<BuyerEvent> {
    vec![
        BuyerBanned { user_version: 3, banned_at: BANNED_AT, heard_at: HEARD_AT }.into(),
        BuyerUnbanned { user_version: 4 }.into(),
    ]
}

fn timers() -> Vec<TimerEvent> {
    vec![OrderExpired { expires_at: EXPIRES_AT }.into()]
}

fn payments() -> Vec<PaymentEvent> {
    let payment_intent = "pi_3PExample".to_owned();
    vec![
        PaymentOpened { buyer_id: BUYER, amount: PRICE, expires_at: EXPIRES_AT }.into(),
        PaymentIntentRequested {}.into(),
        AuthorizationRequested { attempt: 1 }.into(),
        PaymentIntentCreated { payment_intent: payment_intent.clone() }.into(),
        PaymentActionRequired { attempt: 1 }.into(),
        PaymentAuthorized { payment_intent: payment_intent.clone(), amount: PRICE }.into(),
        PaymentDeclined { attempt: 1, code: "insufficient_funds".to_owned() }.into(),
        CaptureRequested {}.into(),
        ChargeCreated { payment_intent, charge: "ch_3PExample".to_owned(), amount: PRICE }.into(),
        CaptureFailed { code: "charge_expired_for_capture".to_owned() }.into(),
        VoidRequested {}.into(),
        PaymentVoided {}.into(),
    ]
}
