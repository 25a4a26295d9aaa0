//! What is on offer.

use contracts::tickets::Category;
use contracts::{Money, OrderId, TicketId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asking::To;
use super::{Asking, Failure, List};

/// A ticket as the visitor may see it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ticket {
    pub id: TicketId,
    pub seller_id: UserId,
    pub title: String,
    pub category: Category,
    pub venue: String,
    pub city: String,
    pub starts_at: Timestamp,
    pub section: Option<String>,
    pub row: Option<String>,
    pub seat: Option<String>,
    pub price: Money,
    pub status: TicketStatus,
    pub version: u64,
    pub updated_at: Timestamp,
    /// To whoever holds or bought it alone: by which order.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// To the buyer of a sold ticket alone.
    #[serde(default)]
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TicketStatus {
    Available,
    Reserved,
    Sold,
    Withdrawn,
}

/// What is looked for, in the words of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Search {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_price: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// `available` where it is empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// An id, or `me`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub seller: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    pub limit: u8,
}

/// What somebody offers, or makes of an offer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listing {
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

/// What the door hears of a code.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Admission {
    /// `valid` the first time, `used` afterwards.
    pub status: String,
    pub admitted_at: Timestamp,
}

impl Asking<'_> {
    pub(crate) async fn tickets(self, search: &Search) -> Result<List<Ticket>, Failure> {
        let query = serde_urlencoded::to_string(search).unwrap_or_default();
        self.get(To::Tickets, &format!("/api/tickets?{query}")).read().await
    }

    pub(crate) async fn ticket(self, id: TicketId) -> Result<Ticket, Failure> {
        self.get(To::Tickets, &format!("/api/tickets/{id}")).read().await
    }

    /// `key` tells the same form sent twice from two forms.
    pub(crate) async fn list_ticket(self, listing: &Listing, key: &str) -> Result<Ticket, Failure> {
        self.post(To::Tickets, "/api/tickets").key(key).json(listing).read().await
    }

    /// Only the version that the seller had before them.
    pub(crate) async fn change_ticket(
        self,
        id: TicketId,
        listing: &Listing,
        version: u64,
    ) -> Result<Ticket, Failure> {
        self.patch(To::Tickets, &format!("/api/tickets/{id}")).if_version(version).json(listing).read().await
    }

    pub(crate) async fn withdraw_ticket(self, id: TicketId) -> Result<(), Failure> {
        self.delete(To::Tickets, &format!("/api/tickets/{id}")).done().await
    }

    pub(crate) async fn admit(self, id: TicketId, code: &str) -> Result<Admission, Failure> {
        self.post(To::Tickets, &format!("/api/tickets/{id}/admit"))
            .json(&json!({ "code": code }))
            .read()
            .await
    }
}
