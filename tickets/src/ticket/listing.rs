//! What a ticket's states are made of: the listing, and for whom it is held or was bought.

use contracts::tickets::{Category, TicketDetails};
use contracts::{Money, OrderId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What is for sale, and who sells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub seller_id: UserId,
    #[serde(flatten)]
    pub details: TicketDetails,
}

/// A listing that is on offer, and so keeps others from offering its seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    #[serde(flatten)]
    pub listing: Listing,
    /// The same for everybody who offers this seat; absent where no seat is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_key: Option<String>,
}

/// An offer that one order holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    #[serde(flatten)]
    pub offer: Offer,
    pub order_id: OrderId,
    pub buyer_id: UserId,
    /// When the order's time to pay ends.
    pub expires_at: Timestamp,
    /// It is withdrawn as soon as the order lets go of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawal_requested: bool,
}

/// A listing that one order bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    #[serde(flatten)]
    pub listing: Listing,
    pub order_id: OrderId,
    pub buyer_id: UserId,
    /// When somebody was let in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted_at: Option<Timestamp>,
}

/// What a seller wants to be otherwise; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketChanges {
    pub title: Option<String>,
    pub category: Option<Category>,
    pub venue: Option<String>,
    pub city: Option<String>,
    pub starts_at: Option<Timestamp>,
    /// `Some(None)` takes it away, as with the row and the seat.
    pub section: Option<Option<String>>,
    pub row: Option<Option<String>>,
    pub seat: Option<Option<String>>,
    pub price: Option<Money>,
}

impl Offer {
    pub(super) fn new(seller_id: UserId, details: TicketDetails) -> Self {
        Self { seat_key: seat_key(&details), listing: Listing { seller_id, details } }
    }
}

impl TicketChanges {
    pub(super) fn applied_to(&self, details: &TicketDetails) -> TicketDetails {
        let Self { title, category, venue, city, starts_at, section, row, seat, price } = self.clone();
        let before = details.clone();
        TicketDetails {
            title: title.unwrap_or(before.title),
            category: category.unwrap_or(before.category),
            venue: venue.unwrap_or(before.venue),
            city: city.unwrap_or(before.city),
            starts_at: starts_at.unwrap_or(before.starts_at),
            section: section.unwrap_or(before.section),
            row: row.unwrap_or(before.row),
            seat: seat.unwrap_or(before.seat),
            price: price.unwrap_or(before.price),
        }
    }
}

/// However people write it, a seat at one time in one place has one key.
fn seat_key(details: &TicketDetails) -> Option<String> {
    let seat = details.seat.as_deref()?;
    let starts_at = details.starts_at.to_string();
    let parts = [
        details.venue.as_str(),
        details.city.as_str(),
        starts_at.as_str(),
        details.section.as_deref().unwrap_or_default(),
        details.row.as_deref().unwrap_or_default(),
        seat,
    ];
    Some(parts.map(normalised).join("\n"))
}

fn normalised(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
