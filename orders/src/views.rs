//! QUESTIONS: an order as callers see it, and what orders are found by.

use contracts::orders::CancellationReason;
use contracts::tickets::{Category, TicketDetails};
use contracts::{Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Clause, Cursor, Direction, Index, Query, Schema, Snapshot, UniqueIndex};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::http::Page;
use utoipa::ToSchema;

use crate::order::{Agreement, Cancellation, Order, Placement};

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderResource {
    #[schema(value_type = uuid::Uuid)]
    pub id: OrderId,
    #[schema(value_type = uuid::Uuid)]
    pub buyer_id: UserId,
    /// The ticket as it was when it was reserved; null where it never was.
    pub ticket: Option<OrderedTicket>,
    /// What is to pay; null where nothing ever was.
    #[schema(value_type = Option<service::openapi::Money>)]
    pub total: Option<Money>,
    pub status: Status,
    /// Why it was cancelled: `buyer`, `expired`, `ticket_not_found`, `own_ticket`, `ticket_reserved`, `ticket_sold`,
    /// `ticket_withdrawn`, `ticket_past`, `price_changed`, `payment_failed` or `banned`.
    #[schema(value_type = Option<String>, example = "expired")]
    pub reason: Option<CancellationReason>,
    /// What was given back; null where nothing was.
    #[schema(value_type = Option<service::openapi::Money>)]
    pub refunded: Option<Money>,
    /// When the time to pay ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// How long that is from now by the server's clock; 0 once the order is over.
    pub seconds_left: u64,
    pub version: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The ticket of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderedTicket {
    #[schema(value_type = uuid::Uuid)]
    pub id: TicketId,
    pub title: String,
    #[schema(value_type = String, example = "concert")]
    pub category: Category,
    pub venue: String,
    pub city: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    pub section: Option<String>,
    pub row: Option<String>,
    pub seat: Option<String>,
    #[schema(value_type = service::openapi::Money)]
    pub price: Money,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    AwaitingPayment,
    Accepted,
    Complete,
    Cancelled,
}

/// Neither paid nor over.
const OPEN: [Status; 2] = [Status::Pending, Status::AwaitingPayment];
/// Holds its ticket, or wants it.
const ACTIVE: [Status; 4] = [Status::Pending, Status::AwaitingPayment, Status::Accepted, Status::Complete];

/// What orders are found by.
pub fn schema() -> Schema {
    use Direction::{Ascending, Descending};
    let index = |name, fields: &[(&'static str, Direction)]| Index { name, fields: fields.to_vec() };
    let buyer = ("state.buyer_id", Ascending);
    let status = ("state.status", Ascending);
    let newest = ("created_at", Descending);
    Schema {
        // Admission control, which spares the ticket questions. It may be dropped: no rule rests on it.
        unique: vec![UniqueIndex {
            name: "active_ticket",
            fields: &["state.ticket_id"],
            when: vec![is_one_of(&ACTIVE)],
        }],
        indexes: vec![
            index("newest", &[newest]),
            index("status", &[status, newest]),
            index("buyer", &[buyer, newest]),
            index("buyer_status", &[buyer, status, newest]),
            index("due", &[status, ("state.expires_at", Ascending)]),
        ],
    }
}

/// The newest first, of one buyer or of all.
pub(crate) fn newest(
    buyer: Option<UserId>,
    status: Option<Status>,
    after: Option<Cursor>,
    limit: usize,
) -> Query {
    Query::new(limit)
        .filter_if(buyer.map(|buyer| Clause::Is("state.buyer_id", json!(buyer))))
        .filter_if(status.map(|status| Clause::Is("state.status", json!(status))))
        .sort("created_at", Direction::Descending)
        .after(after)
}

/// The orders of one buyer that are neither paid nor over.
pub(crate) fn open_of(buyer: UserId) -> Query {
    Query::new(0).filter(Clause::Is("state.buyer_id", json!(buyer))).filter(is_one_of(&OPEN))
}

/// The orders of one buyer that are neither paid nor over and were placed before this, the oldest first.
pub(crate) fn open_before(
    buyer: UserId,
    created_before: Timestamp,
    after: Option<Cursor>,
    limit: usize,
) -> Query {
    let open = Query { limit, ..open_of(buyer) };
    open.filter(Clause::Below("created_at", json!(created_before))).after(after)
}

/// The order that holds or wants the ticket.
pub(crate) fn holder_of(ticket: TicketId) -> Query {
    Query::new(1).filter(Clause::Is("state.ticket_id", json!(ticket))).filter(is_one_of(&ACTIVE))
}

/// Orders whose time to pay is over, the longest overdue first.
pub(crate) fn overdue(now: Timestamp, limit: usize) -> Query {
    Query::new(limit)
        .filter(is_one_of(&OPEN))
        .filter(Clause::Below("state.expires_at", json!(now)))
        .sort("state.expires_at", Direction::Ascending)
}

/// Orders that have waited since before `since` for what should have come by then.
pub(crate) fn waiting(since: Timestamp) -> [Query; 3] {
    [
        (Status::Pending, "created_at"),
        (Status::AwaitingPayment, "state.expires_at"),
        (Status::Accepted, "updated_at"),
    ]
    .map(|(status, waits_since)| {
        Query::new(0).filter(is_one_of(&[status])).filter(Clause::Below(waits_since, json!(since)))
    })
}

/// What was found as one part of the list, of which `query` asked for one more than is shown.
pub(crate) fn page(query: &Query, mut found: Vec<Snapshot<Order>>, now: Timestamp) -> Page<OrderResource> {
    let shown = query.limit.saturating_sub(1);
    let goes_on = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| goes_on);
    let next_cursor = last.and_then(|last| query.cursor(last.id, last)).map(|cursor| cursor.encode());
    let items = found.iter().filter_map(|snapshot| OrderResource::of(snapshot, now)).collect();
    Page { items, next_cursor }
}

impl OrderResource {
    /// Nothing before the order was placed.
    pub fn of(snapshot: &Snapshot<Order>, now: Timestamp) -> Option<Self> {
        let order = &snapshot.state;
        let status = Status::of(order)?;
        let placement = order.placement()?;
        let is_over = matches!(status, Status::Complete | Status::Cancelled);
        let (ticket, total, reason) = match order {
            Order::None | Order::Pending(_) => (None, None, None),
            Order::AwaitingPayment(order) | Order::Accepted(order) | Order::Complete(order) => {
                (Some(&order.ticket), Some(order.total), None)
            }
            Order::Cancelled(order) => (order.ticket.as_ref(), order.total, Some(order.reason)),
        };
        Some(Self {
            id: OrderId(snapshot.id),
            buyer_id: placement.buyer_id,
            ticket: ticket.map(|ticket| OrderedTicket::of(placement.ticket_id, ticket)),
            total,
            status,
            reason,
            refunded: None,
            expires_at: placement.expires_at,
            seconds_left: if is_over { 0 } else { seconds_from(now, placement.expires_at) },
            version: snapshot.version,
            created_at: snapshot.created_at,
            updated_at: snapshot.updated_at,
        })
    }
}

impl OrderedTicket {
    fn of(id: TicketId, details: &TicketDetails) -> Self {
        let TicketDetails { title, category, venue, city, starts_at, section, row, seat, price } =
            details.clone();
        Self { id, title, category, venue, city, starts_at, section, row, seat, price }
    }
}

impl Status {
    fn of(order: &Order) -> Option<Self> {
        match order {
            Order::None => None,
            Order::Pending(_) => Some(Self::Pending),
            Order::AwaitingPayment(_) => Some(Self::AwaitingPayment),
            Order::Accepted(_) => Some(Self::Accepted),
            Order::Complete(_) => Some(Self::Complete),
            Order::Cancelled(_) => Some(Self::Cancelled),
        }
    }
}

impl Order {
    pub(crate) fn placement(&self) -> Option<&Placement> {
        match self {
            Self::None => None,
            Self::Pending(placement)
            | Self::AwaitingPayment(Agreement { placement, .. })
            | Self::Accepted(Agreement { placement, .. })
            | Self::Complete(Agreement { placement, .. })
            | Self::Cancelled(Cancellation { placement, .. }) => Some(placement),
        }
    }

    pub(crate) fn is_of(&self, buyer: UserId) -> bool {
        self.placement().is_some_and(|placement| placement.buyer_id == buyer)
    }
}

fn is_one_of(statuses: &[Status]) -> Clause {
    Clause::In("state.status", statuses.iter().map(|status| json!(status)).collect::<Vec<Value>>())
}

/// Rounded up: it is 0 only when the time is over.
fn seconds_from(now: Timestamp, end: Timestamp) -> u64 {
    let left = end.since(now);
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests;
