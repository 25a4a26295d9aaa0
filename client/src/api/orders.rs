//! Who buys what.

use contracts::tickets::Category;
use contracts::{Money, OrderId, TicketId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asking::To;
use super::{Asking, Failure, List};

/// An order as its buyer sees it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Order {
    pub id: OrderId,
    pub buyer_id: UserId,
    /// As it was when it was reserved; nothing where it never was.
    pub ticket: Option<OrderedTicket>,
    pub total: Option<Money>,
    pub status: OrderStatus,
    /// Why it was cancelled: `buyer`, `expired`, `ticket_reserved`, `price_changed`, ….
    pub reason: Option<String>,
    pub refunded: Option<Money>,
    pub expires_at: Timestamp,
    /// By the server's clock.
    pub seconds_left: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which of everybody's orders; what is empty is not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct OrderSearch {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer: Option<UserId>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OrderedTicket {
    pub id: TicketId,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderStatus {
    Pending,
    AwaitingPayment,
    Accepted,
    Complete,
    Cancelled,
}

impl OrderStatus {
    /// As the service says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Accepted => "accepted",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One thing that happened to an order.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Happening {
    /// The event's type: `OrderCreated`.
    pub r#type: String,
    pub at: Timestamp,
    pub reason: Option<String>,
}

/// Whole, the oldest first.
#[derive(Deserialize)]
struct History {
    items: Vec<Happening>,
}

impl Asking<'_> {
    /// Asks for a ticket at the price that was seen, and waits for the ticket's word. `key` tells one form sent twice
    /// from two.
    pub(crate) async fn place_order(
        self,
        ticket: TicketId,
        price: Money,
        key: &str,
    ) -> Result<Order, Failure> {
        let body = json!({ "ticket_id": ticket, "price": price });
        self.post(To::Orders, "/api/orders").key(key).wait(8).json(&body).read().await
    }

    pub(crate) async fn order(self, id: OrderId) -> Result<Order, Failure> {
        self.get(To::Orders, &format!("/api/orders/{id}")).read().await
    }

    pub(crate) async fn order_history(self, id: OrderId) -> Result<Vec<Happening>, Failure> {
        let history: History = self.get(To::Orders, &format!("/api/orders/{id}/history")).read().await?;
        Ok(history.items)
    }

    /// The visitor's own, newest first.
    pub(crate) async fn orders(self, cursor: &str) -> Result<List<Order>, Failure> {
        self.get(To::Orders, &paged("/api/orders", cursor)).read().await
    }

    pub(crate) async fn cancel_order(self, id: OrderId) -> Result<(), Failure> {
        self.delete(To::Orders, &format!("/api/orders/{id}")).done().await
    }

    /// Everybody's, for admins.
    pub(crate) async fn all_orders(self, search: &OrderSearch) -> Result<List<Order>, Failure> {
        let query = serde_urlencoded::to_string(search).unwrap_or_default();
        self.get(To::Orders, &format!("/api/orders/all?{query}")).read().await
    }
}

/// From the beginning where there is no cursor.
pub(super) fn paged(path: &str, cursor: &str) -> String {
    if cursor.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("cursor", cursor).finish();
    format!("{path}?{query}")
}
