//! What is looked for, as it stands in the address, and as the service takes it.

use contracts::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::Search;
use crate::locale::amount_of;

const ON_A_PAGE: u8 = 20;
pub(crate) const CATEGORIES: [&str; 4] = ["concert", "sports", "theatre", "other"];
pub(crate) const SORTS: [&str; 4] = ["newest", "starts_at", "price", "-price"];

/// As they were typed or chosen; what makes no sense is shown again and counts as nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Filters {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// The first and the last day: `2030-05-01`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// In major units.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// Where the page begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
}

impl Filters {
    /// In the words of the service.
    pub(super) fn search(&self) -> Search {
        let known = |value: &str, all: &[&str]| {
            all.iter().find(|known| **known == value).map(|known| (*known).to_owned()).unwrap_or_default()
        };
        Search {
            q: self.q.trim().chars().take(200).collect(),
            category: known(&self.category, &CATEGORIES),
            city: self.city.trim().chars().take(200).collect(),
            from: at(&self.from, "T00:00:00Z"),
            to: at(&self.to, "T23:59:59.999Z"),
            min_price: amount_of(&self.min),
            max_price: amount_of(&self.max),
            sort: known(&self.sort, &SORTS),
            cursor: self.after.clone(),
            limit: ON_A_PAGE,
            ..Search::default()
        }
    }

    /// Whether more than words is looked for, so that the other filters are to be seen.
    pub(crate) fn is_detailed(&self) -> bool {
        let others = [&self.category, &self.city, &self.from, &self.to, &self.min, &self.max, &self.sort];
        others.into_iter().any(|value| !value.is_empty())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.q.is_empty() && !self.is_detailed()
    }

    /// The page of the same list that begins at this cursor.
    pub(super) fn page(&self, cursor: &str) -> String {
        Self { after: cursor.to_owned(), ..self.clone() }.address()
    }

    /// The first page of the same list.
    pub(crate) fn first(&self) -> String {
        Self { after: String::new(), ..self.clone() }.address()
    }

    /// The shortest that leads here.
    pub(super) fn address(&self) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }
}

fn at(day: &str, time: &str) -> Option<Timestamp> {
    format!("{}{time}", day.trim()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_counts_as_nothing() {
        let filters = Filters {
            category: "opera".to_owned(),
            from: "yesterday".to_owned(),
            min: "cheap".to_owned(),
            sort: "luck".to_owned(),
            ..Filters::default()
        };
        assert_eq!(filters.search(), Search { limit: ON_A_PAGE, ..Search::default() });
    }

    #[test]
    fn a_day_is_meant_whole_and_prices_in_major_units() {
        let filters = Filters {
            from: "2030-05-01".to_owned(),
            to: "2030-05-01".to_owned(),
            max: "125.50".to_owned(),
            ..Filters::default()
        };
        let search = filters.search();
        assert_eq!(search.from.unwrap().to_string(), "2030-05-01T00:00:00.000Z");
        assert_eq!(search.to.unwrap().to_string(), "2030-05-01T23:59:59.999Z");
        assert_eq!(search.max_price, Some(12_550));
    }

    #[test]
    fn an_address_has_only_what_is_looked_for() {
        let filters = Filters { q: "paper & lanterns".to_owned(), ..Filters::default() };
        assert_eq!(filters.address(), "/?q=paper+%26+lanterns");
        assert_eq!(filters.page("x").as_str(), "/?q=paper+%26+lanterns&after=x");
        assert_eq!(Filters::default().address(), "/");
    }
}
