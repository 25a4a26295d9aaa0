//! What orders says about who buys what.

use serde::{Deserialize, Serialize};

use crate::tickets::{ReservationRefusal, TicketDetails};
use crate::{Money, TicketId, Timestamp, UserId, events};

/// Somebody wants a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderCreated {
    pub ticket_id: TicketId,
    pub buyer_id: UserId,
    /// The price the buyer saw, where the buyer said it: at another price the order is refused.
    pub price: Option<Money>,
    /// When the time to pay ends.
    pub expires_at: Timestamp,
}

/// The ticket is held, and the buyer may pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderAwaitingPayment {
    pub ticket_id: TicketId,
    pub buyer_id: UserId,
    pub seller_id: UserId,
    pub total: Money,
    pub expires_at: Timestamp,
    /// The ticket as it was when it was reserved.
    pub ticket: TicketDetails,
}

/// The authorised payment came in time: it may be captured, and the order can no longer be cancelled by its buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderAccepted {
    pub ticket_id: TicketId,
}

/// The money is captured: the ticket is the buyer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderCompleted {
    pub ticket_id: TicketId,
}

/// Why an order came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    Buyer,
    Expired,
    TicketNotFound,
    OwnTicket,
    TicketReserved,
    TicketSold,
    TicketWithdrawn,
    TicketPast,
    PriceChanged,
    PaymentFailed,
    Banned,
}

impl From<ReservationRefusal> for CancellationReason {
    fn from(refusal: ReservationRefusal) -> Self {
        match refusal {
            ReservationRefusal::TicketNotFound => Self::TicketNotFound,
            ReservationRefusal::OwnTicket => Self::OwnTicket,
            ReservationRefusal::TicketReserved => Self::TicketReserved,
            ReservationRefusal::TicketSold => Self::TicketSold,
            ReservationRefusal::TicketWithdrawn => Self::TicketWithdrawn,
            ReservationRefusal::TicketPast => Self::TicketPast,
            ReservationRefusal::PriceChanged => Self::PriceChanged,
        }
    }
}

/// The order is over. Said again whenever something comes too late that would have to be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderCancelled {
    pub ticket_id: TicketId,
    pub reason: CancellationReason,
}

events! {
    /// The events of an order.
    OrderEvent in "order" {
        OrderCreated, OrderAwaitingPayment, OrderAccepted, OrderCompleted, OrderCancelled,
    }
}

/// Orders heard that a user was banned, for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BuyerBanned {
    /// Of the user's event: what it said later or earlier is known by it, in whatever order it is heard.
    pub user_version: u64,
    pub banned_at: Timestamp,
    pub heard_at: Timestamp,
}

/// Orders heard that a user was banned no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BuyerUnbanned {
    /// Of the user's event.
    pub user_version: u64,
}

events! {
    /// What orders knows of a user's ban, by the user's id.
    BuyerEvent in "buyer" { BuyerBanned, BuyerUnbanned }
}
