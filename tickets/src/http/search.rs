//! The parameters of the list of tickets. One that is empty, as forms send it, counts as absent.

use std::fmt::Display;
use std::str::FromStr;

use contracts::Timestamp;
use contracts::tickets::Category;
use serde::de::{Error as _, IntoDeserializer as _, value::StringDeserializer};
use serde::{Deserialize, Deserializer};
use service::caller::CurrentUser;
use service::problem::{Problem, UNAUTHENTICATED, VALIDATION};
use utoipa::IntoParams;

use crate::views::{Filter, Seller, Sort, TicketStatus};

const LONGEST: usize = 200;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Words, each of which stands in the title, the venue or the city.
    #[param(required = false, max_length = 200)]
    q: String,
    /// The whole name, in whatever case.
    #[param(required = false, max_length = 200)]
    city: String,
    /// `concert`, `sports`, `theatre` or `other`.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, example = "concert")]
    category: Option<Category>,
    /// `available` unless told; that leaves out what starts in the past.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<TicketStatus>)]
    status: Option<TicketStatus>,
    /// An id, or `me`.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>)]
    seller: Option<Seller>,
    /// In minor units.
    #[serde(deserialize_with = "parsed_unless_empty")]
    min_price: Option<u64>,
    /// In minor units.
    #[serde(deserialize_with = "parsed_unless_empty")]
    max_price: Option<u64>,
    /// The earliest start.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// The latest start.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// `newest` unless told, `price`, `-price` or `starts_at`.
    #[serde(deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, example = "price")]
    sort: Option<Sort>,
}

impl Search {
    pub(super) fn filter(self, caller: Option<&CurrentUser>) -> Result<Filter, Problem> {
        for (pointer, text) in [("/q", &self.q), ("/city", &self.city)] {
            if text.chars().count() > LONGEST {
                let detail = format!("has to have at most {LONGEST} characters");
                return Err(Problem::new(VALIDATION).error(pointer, detail));
            }
        }
        let seller = match self.seller {
            None => None,
            Some(Seller::User(user)) => Some(user),
            Some(Seller::Me) => Some(caller.ok_or(UNAUTHENTICATED)?.id),
        };
        Ok(Filter {
            words: self.q.split_whitespace().map(str::to_owned).collect(),
            city: Some(self.city.trim().to_owned()).filter(|city| !city.is_empty()),
            category: self.category,
            status: self.status.unwrap_or_default(),
            seller,
            min_price: self.min_price,
            max_price: self.max_price,
            from: self.from,
            to: self.to,
            sort: self.sort.unwrap_or_default(),
        })
    }
}

fn unless_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text: StringDeserializer<D::Error> = text.into_deserializer();
    T::deserialize(text).map(Some)
}

fn parsed_unless_empty<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr,
    T::Err: Display,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}
