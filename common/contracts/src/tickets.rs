//! What tickets says about listings, and about reservations it refused.

use serde::{Deserialize, Serialize};

use crate::{Money, OrderId, TicketId, Timestamp, UserId, events};

/// What kind of occasion a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Concert,
    Sports,
    Theatre,
    Other,
}

/// What is for sale, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketDetails {
    pub title: String,
    pub category: Category,
    pub venue: String,
    pub city: String,
    pub starts_at: Timestamp,
    pub section: Option<String>,
    pub row: Option<String>,
    pub seat: Option<String>,
    pub price: Money,
}

/// A ticket is on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketCreated {
    pub seller_id: UserId,
    #[serde(flatten)]
    pub details: TicketDetails,
}

/// Its seller changed the listing; the details are those it has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketUpdated {
    #[serde(flatten)]
    pub details: TicketDetails,
}

/// The ticket is held for one order, at this price, and cannot be edited until it is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketReserved {
    pub order_id: OrderId,
    pub buyer_id: UserId,
    pub seller_id: UserId,
    /// When the order's time to pay ends.
    pub expires_at: Timestamp,
    #[serde(flatten)]
    pub details: TicketDetails,
}

/// The ticket is to be withdrawn as soon as the order that holds it lets go of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketWithdrawalRequested {
    pub order_id: OrderId,
}

/// The order that held the ticket let go of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketReleased {
    pub order_id: OrderId,
}

/// The ticket belongs to the buyer for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketSold {
    pub order_id: OrderId,
    pub buyer_id: UserId,
    pub seller_id: UserId,
    pub price: Money,
}

/// Whoever brought the code of the sold ticket was let in: it is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketAdmitted {
    pub order_id: OrderId,
    pub admitted_at: Timestamp,
}

/// The ticket is no longer on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketWithdrawn {}

events! {
    /// The events of a ticket.
    TicketEvent in "ticket" {
        TicketCreated, TicketUpdated, TicketReserved, TicketWithdrawalRequested, TicketReleased, TicketSold,
        TicketAdmitted, TicketWithdrawn,
    }
}

/// Why an order does not get the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReservationRefusal {
    TicketNotFound,
    OwnTicket,
    TicketReserved,
    TicketSold,
    TicketWithdrawn,
    TicketPast,
    PriceChanged,
}

/// The order does not get the ticket. Recorded under the order's id, not in the ticket, which did not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketReservationRejected {
    pub ticket_id: TicketId,
    pub reason: ReservationRefusal,
}

events! {
    /// The events of a reservation that was refused.
    ReservationEvent in "reservation" { TicketReservationRejected }
}

/// Tickets heard that a user was banned, for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SellerBanned {
    /// Of the user's event: what it said later or earlier is known by it, in whatever order it is heard.
    pub user_version: u64,
    pub banned_at: Timestamp,
    pub heard_at: Timestamp,
}

/// Tickets heard that a user was banned no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SellerUnbanned {
    /// Of the user's event.
    pub user_version: u64,
}

events! {
    /// What tickets knows of a user's ban, by the user's id.
    SellerEvent in "seller" { SellerBanned, SellerUnbanned }
}
