//! Which tickets are asked for, as a question to the store, and the answer part by part.

use contracts::tickets::Category;
use contracts::{Timestamp, UserId};
use eventsourcing::{Clause, Cursor, Direction, Query, Snapshot};
use serde::Deserialize;
use serde_json::json;
use service::http::Page;

use super::{TicketResource, TicketStatus};
use crate::ticket::Ticket;

/// What a list of tickets is to hold, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each of these words stands in the title, the venue or the city.
    pub words: Vec<String>,
    /// In whatever case.
    pub city: Option<String>,
    pub category: Option<Category>,
    pub status: TicketStatus,
    pub seller: Option<UserId>,
    /// In minor units, as the highest price is.
    pub min_price: Option<u64>,
    pub max_price: Option<u64>,
    /// The earliest start, and the latest.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub sort: Sort,
}

/// Whose tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Seller {
    /// The caller's own.
    Me,
    User(UserId),
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Newest,
    /// The cheapest.
    Price,
    #[serde(rename = "-price")]
    PriceDescending,
    /// What starts soonest.
    StartsAt,
}

/// The cursor is none, or is of a list in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list")]
pub struct WrongCursor;

impl Filter {
    /// Asks for one more than `limit`, so that it is seen whether the list goes on.
    pub fn query(&self, cursor: Option<&str>, limit: usize, now: Timestamp) -> Result<Query, WrongCursor> {
        let after = cursor.map(|cursor| self.sort.cursor(cursor)).transpose()?;
        let (field, direction) = self.sort.order();
        let mut query = Query::new(limit + 1).sort(field, direction).after(after);
        query = query.filter(Clause::Is("state.status", json!(self.status)));
        if self.status == TicketStatus::Available {
            query = query.filter(starts_at_least(now + std::time::Duration::from_millis(1)));
        }
        query = self.words.iter().fold(query, |query, word| query.filter(mentions(word)));
        Ok(query
            .filter_if(self.city.clone().map(|city| Clause::Reads("state.city", city)))
            .filter_if(self.category.map(|category| Clause::Is("state.category", json!(category))))
            .filter_if(self.seller.map(|seller| Clause::Is("state.seller_id", json!(seller))))
            .filter_if(self.min_price.map(|price| Clause::AtLeast("state.price.amount", amount(price))))
            .filter_if(self.max_price.map(|price| Clause::AtMost("state.price.amount", amount(price))))
            .filter_if(self.from.map(starts_at_least))
            .filter_if(self.to.map(|to| Clause::AtMost("state.starts_at", json!(to)))))
    }
}

/// What was found, less the one more that was asked for.
pub fn page(query: &Query, mut found: Vec<Snapshot<Ticket>>) -> Page<TicketResource> {
    let limit = query.limit - 1;
    let goes_on = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| goes_on);
    let next_cursor = last.and_then(|last| query.cursor(last.id, last)).map(|cursor| cursor.encode());
    Page { items: found.iter().filter_map(TicketResource::of).collect(), next_cursor }
}

impl Sort {
    fn order(self) -> (&'static str, Direction) {
        match self {
            Self::Newest => ("created_at", Direction::Descending),
            Self::Price => ("state.price.amount", Direction::Ascending),
            Self::PriceDescending => ("state.price.amount", Direction::Descending),
            Self::StartsAt => ("state.starts_at", Direction::Ascending),
        }
    }

    fn cursor(self, text: &str) -> Result<Cursor, WrongCursor> {
        let cursor = Cursor::decode(text).map_err(|_| WrongCursor)?;
        let fits = match self {
            Self::Newest | Self::StartsAt => cursor.0.is_string(),
            Self::Price | Self::PriceDescending => cursor.0.is_i64(),
        };
        if fits { Ok(cursor) } else { Err(WrongCursor) }
    }
}

impl TryFrom<String> for Seller {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "me" {
            return Ok(Self::Me);
        }
        text.parse().map(Self::User).map_err(|_| "is neither `me` nor an id")
    }
}

fn mentions(word: &str) -> Clause {
    let fields = ["state.title", "state.venue", "state.city"];
    Clause::Any(fields.map(|field| Clause::Contains(field, word.to_owned())).to_vec())
}

fn starts_at_least(time: Timestamp) -> Clause {
    Clause::AtLeast("state.starts_at", json!(time))
}

/// Stores count to a little more than nine quintillion, which no price comes near.
fn amount(price: u64) -> serde_json::Value {
    json!(i64::try_from(price).unwrap_or(i64::MAX))
}
