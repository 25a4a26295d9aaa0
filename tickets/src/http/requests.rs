//! What callers send, and what is wrong with it: all of it at once, each with a pointer.

use std::ops::RangeInclusive;

use contracts::tickets::{Category, TicketDetails};
use contracts::{Money, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use service::openapi;
use service::problem::{Problem, VALIDATION};
use utoipa::ToSchema;

use crate::ticket::TicketChanges;

pub(super) const IN_THE_PAST: &str = "has to be in the future";

/// The characters of a title, a venue or a city.
const NAME: usize = 200;
/// The characters of a section, a row or a seat.
const PLACE: usize = 20;
/// What Stripe takes for one payment, in minor units.
const PRICE: RangeInclusive<u64> = 50..=99_999_999;

/// A ticket to be offered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTicket {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// `concert`, `sports`, `theatre` or `other`.
    #[schema(value_type = String, example = "concert")]
    category: Category,
    #[schema(min_length = 1, max_length = 200)]
    venue: String,
    #[schema(min_length = 1, max_length = 200)]
    city: String,
    /// In the future.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(min_length = 1, max_length = 20)]
    section: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    row: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    seat: Option<String>,
    /// From 50 to 99,999,999 minor units.
    #[schema(value_type = openapi::Money)]
    price: Money,
}

/// What is to be otherwise; what is absent stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TicketPatch {
    #[serde(deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "concert")]
    category: Option<Category>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    venue: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    city: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = String, required = false, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Null takes it away, as it does the row and the seat.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 20)]
    section: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 20)]
    row: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 20)]
    seat: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = openapi::Money, required = false)]
    price: Option<Money>,
}

/// Tells null from absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl NewTicket {
    pub(super) fn details(self, now: Timestamp) -> Result<TicketDetails, Problem> {
        let mut faults = Faults::default();
        let details = TicketDetails {
            title: faults.text("/title", &self.title, NAME),
            category: self.category,
            venue: faults.text("/venue", &self.venue, NAME),
            city: faults.text("/city", &self.city, NAME),
            starts_at: self.starts_at,
            section: self.section.map(|section| faults.text("/section", &section, PLACE)),
            row: self.row.map(|row| faults.text("/row", &row, PLACE)),
            seat: self.seat.map(|seat| faults.text("/seat", &seat, PLACE)),
            price: faults.price(self.price),
        };
        faults.none(Some(self.starts_at), now)?;
        Ok(details)
    }
}

impl TicketPatch {
    pub(super) fn changes(self, now: Timestamp) -> Result<TicketChanges, Problem> {
        let mut faults = Faults::default();
        let mut place = |pointer, change: Option<Option<String>>| {
            change.map(|place| place.map(|place| faults.text(pointer, &place, PLACE)))
        };
        let (section, row, seat) =
            (place("/section", self.section), place("/row", self.row), place("/seat", self.seat));
        let changes = TicketChanges {
            title: self.title.map(|title| faults.text("/title", &title, NAME)),
            category: self.category,
            venue: self.venue.map(|venue| faults.text("/venue", &venue, NAME)),
            city: self.city.map(|city| faults.text("/city", &city, NAME)),
            starts_at: self.starts_at,
            section,
            row,
            seat,
            price: self.price.map(|price| faults.price(price)),
        };
        faults.none(self.starts_at, now)?;
        Ok(changes)
    }
}

/// What was found wrong so far.
#[derive(Default)]
struct Faults(Vec<(&'static str, String)>);

impl Faults {
    /// The text without the space around it.
    fn text(&mut self, pointer: &'static str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if !(1..=longest).contains(&text.chars().count()) {
            self.0.push((pointer, format!("has to have 1 to {longest} characters")));
        } else if text.chars().any(char::is_control) {
            self.0.push((pointer, "has to be one line without control characters".to_owned()));
        }
        text.to_owned()
    }

    fn price(&mut self, price: Money) -> Money {
        if !PRICE.contains(&price.amount) {
            let (least, most) = (PRICE.start(), PRICE.end());
            self.0.push(("/price/amount", format!("has to be from {least} to {most} minor units")));
        }
        price
    }

    /// That a start in the past is wrong is the ticket's to say, which knows whether it was asked before. Where the
    /// request is wrong anyway it is said here too.
    fn none(mut self, starts_at: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        if starts_at.is_some_and(|starts_at| starts_at <= now) {
            self.0.push(("/starts_at", IN_THE_PAST.to_owned()));
        }
        let problem = Problem::new(VALIDATION);
        Err(self.0.into_iter().fold(problem, |problem, (pointer, detail)| problem.error(pointer, detail)))
    }
}
