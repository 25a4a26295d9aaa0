//! Which part of the trail, as it stands in the address, and as auth takes it.

use contracts::UserId;
use serde::{Deserialize, Serialize};

use super::KINDS;
use crate::api::AuditSearch;
use crate::pages::admin::{address, known};

/// As it was typed or chosen.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// An id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// A day: `2030-05-01`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Where the page begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
}

impl Filter {
    /// In the words of auth; or what is wrong with which field, by the names of the words for it.
    pub(super) fn search(&self) -> Result<AuditSearch, Vec<(&'static str, &'static str)>> {
        let (user, from) = (self.user.trim(), self.from.trim());
        let mut faults = Vec::new();
        if !user.is_empty() && user.parse::<UserId>().is_err() {
            faults.push(("user", "admin-not-an-id"));
        }
        let day = format!("{from}T00:00:00Z").parse().ok();
        if !from.is_empty() && day.is_none() {
            faults.push(("from", "admin-not-a-day"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let kind = known(&self.kind, &KINDS);
        Ok(AuditSearch { user: user.to_owned(), kind, from: day, cursor: self.after.clone() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        [&self.user, &self.kind, &self.from].into_iter().all(|value| value.is_empty())
    }

    /// The page of the same list that begins at this cursor.
    pub(super) fn page(&self, cursor: &str) -> String {
        address("/admin/audit", &Self { after: cursor.to_owned(), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_or_a_day_that_is_none_is_said_to_be_none() {
        let filter = Filter { user: "Ada".to_owned(), from: "May".to_owned(), ..Filter::default() };
        assert_eq!(filter.search().unwrap_err(), [("user", "admin-not-an-id"), ("from", "admin-not-a-day")]);
    }

    #[test]
    fn a_day_is_meant_from_its_beginning() {
        let filter = Filter { from: "2030-05-01".to_owned(), kind: "banned".to_owned(), ..Filter::default() };
        let search = filter.search().unwrap();
        assert_eq!(search.from.unwrap().to_string(), "2030-05-01T00:00:00.000Z");
        assert_eq!(search.kind, "banned");
        assert_eq!(filter.page("x"), "/admin/audit?type=banned&from=2030-05-01&after=x");
    }
}
