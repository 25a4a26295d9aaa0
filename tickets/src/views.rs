//! Answers questions: a ticket as the public sees it, which tickets there are, and the indexes they are found by.

mod filter;

use contracts::tickets::{Category, TicketDetails};
use contracts::{Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Clause, Cursor, Direction, Index, Query, Schema, Snapshot, UniqueIndex};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::openapi;
use utoipa::ToSchema;

pub use filter::{Filter, Seller, Sort, WrongCursor, page};

use crate::codes::Codes;
use crate::ticket::{Listing, Ticket};

/// The unique index on the seat of every ticket on offer.
pub const SEAT_LISTED: &str = "seat_listed";

/// A ticket as everybody sees it. For whom it is reserved, or who bought it, is said to nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketResource {
    #[schema(value_type = uuid::Uuid)]
    pub id: TicketId,
    #[schema(value_type = uuid::Uuid)]
    pub seller_id: UserId,
    pub title: String,
    /// `concert`, `sports`, `theatre` or `other`.
    #[schema(value_type = String, example = "concert")]
    pub category: Category,
    pub venue: String,
    pub city: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    pub section: Option<String>,
    pub row: Option<String>,
    pub seat: Option<String>,
    #[schema(value_type = openapi::Money)]
    pub price: Money,
    pub status: TicketStatus,
    pub version: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The caller's own order that holds the ticket or bought it. Nobody else sees it.
    #[schema(value_type = Option<uuid::Uuid>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// What lets its buyer in, once it is sold. Nobody else sees it.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// How far a ticket is. What starts in the past is not listed as available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    #[default]
    Available,
    Reserved,
    Sold,
    Withdrawn,
}

impl TicketResource {
    /// Nothing, as long as the ticket is not listed.
    pub fn of(snapshot: &Snapshot<Ticket>) -> Option<Self> {
        let Listing { seller_id, details } = snapshot.state.listing()?.clone();
        let TicketDetails { title, category, venue, city, starts_at, section, row, seat, price } = details;
        Some(Self {
            id: TicketId(snapshot.id),
            seller_id,
            title,
            category,
            venue,
            city,
            starts_at,
            section,
            row,
            seat,
            price,
            status: TicketStatus::of(&snapshot.state)?,
            version: snapshot.version,
            created_at: snapshot.created_at,
            updated_at: snapshot.updated_at,
            order_id: None,
            code: None,
        })
    }

    /// With what only who holds or bought the ticket sees, where that is who looks.
    #[must_use]
    pub(crate) fn shown_to(self, user: UserId, ticket: &Ticket, codes: &Codes) -> Self {
        match ticket {
            Ticket::Reserved(held) if held.buyer_id == user => Self { order_id: Some(held.order_id), ..self },
            Ticket::Sold(bought) if bought.buyer_id == user => {
                let code = codes.code(self.id, bought.order_id);
                Self { order_id: Some(bought.order_id), code: Some(code), ..self }
            }
            Ticket::Unlisted
            | Ticket::Available(_)
            | Ticket::Reserved(_)
            | Ticket::Sold(_)
            | Ticket::Withdrawn(_) => self,
        }
    }
}

impl TicketStatus {
    fn of(ticket: &Ticket) -> Option<Self> {
        match ticket {
            Ticket::Unlisted => None,
            Ticket::Available(_) => Some(Self::Available),
            Ticket::Reserved(_) => Some(Self::Reserved),
            Ticket::Sold(_) => Some(Self::Sold),
            Ticket::Withdrawn(_) => Some(Self::Withdrawn),
        }
    }
}

/// What tickets are found by, and that no seat is on offer twice.
pub fn schema() -> Schema {
    use Direction::{Ascending, Descending};
    let by = |name, fields: &[(&'static str, Direction)]| Index { name, fields: fields.to_vec() };
    let status = ("state.status", Ascending);
    let seller = ("state.seller_id", Ascending);
    let newest = ("created_at", Descending);
    Schema {
        unique: vec![UniqueIndex {
            name: SEAT_LISTED,
            fields: &["state.seat_key"],
            // The key stands only on what is on offer and names a seat; what has none is not to be compared.
            when: vec![Clause::AtLeast("state.seat_key", json!(""))],
        }],
        indexes: vec![
            by("status_newest", &[status, newest]),
            by("status_price", &[status, ("state.price.amount", Ascending)]),
            by("status_category_newest", &[status, ("state.category", Ascending), newest]),
            by("status_starts_at", &[status, ("state.starts_at", Ascending)]),
            by("seller_status_newest", &[seller, status, newest]),
        ],
    }
}

/// What one seller has on offer, held or not, and listed before this, the oldest first.
pub(crate) fn offered_before(
    seller: UserId,
    created_before: Timestamp,
    after: Option<Cursor>,
    limit: usize,
) -> Query {
    let offered = [TicketStatus::Available, TicketStatus::Reserved].map(|status| json!(status));
    Query::new(limit)
        .filter(Clause::Is("state.seller_id", json!(seller)))
        .filter(Clause::In("state.status", offered.to_vec()))
        .filter(Clause::Below("created_at", json!(created_before)))
        .after(after)
}

/// Tickets held for an order whose time to pay was over before `since`: they wait for the order to end or complete.
pub(crate) fn held_since(since: Timestamp) -> Query {
    Query::new(0)
        .filter(Clause::Is("state.status", json!(TicketStatus::Reserved)))
        .filter(Clause::Below("state.expires_at", json!(since)))
}

#[cfg(test)]
mod tests;
