//! The stream of events as they happen: the newest are in the page, and a script puts those that come on top.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Query, State};
use contracts::catalogue::catalogue;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::{address, frame, known};
use crate::api::EventSearch;
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;

const ON_A_PAGE: u8 = 50;

/// Kinds of aggregate, and the types of what they say, speaker by speaker.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(kinds);

pub(crate) struct Kind {
    service: &'static str,
    aggregate: &'static str,
    types: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "admin/live.html")]
pub(crate) struct LivePage {
    frame: Frame,
    area: &'static str,
    filter: Filter,
    kinds: &'static [Kind],
    events: Vec<Event>,
    /// What a line is made like.
    blank: Event,
    /// Where scripts hear what comes; nothing where older events are shown.
    source: Option<String>,
    /// Where scripts ask for what came meanwhile.
    list: String,
    first: String,
    next: Option<String>,
}

/// As it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Filter {
    #[serde(skip_serializing_if = "String::is_empty")]
    aggregate: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    kind: String,
    /// Where the page begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

pub(crate) async fn show(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Query(filter): Query<Filter>,
) -> Result<Page<LivePage>, Trouble> {
    let filter = filter.sensible();
    let found = site.api().as_caller(&visitor.caller).events(&filter.search()).await?;
    let events = found.items.iter().map(Event::of).collect();
    let (first, next) = (filter.page(""), found.next_cursor.map(|cursor| filter.page(&cursor)));
    let heard = Filter { after: String::new(), ..filter.clone() };
    let source = filter.after.is_empty().then(|| address("/api/events/live", &heard));
    let list = address("/api/events", &heard.search());
    let title = visitor.locale.say("admin-live");
    let frame = frame(&site, visitor, title);
    let (kinds, blank) = (KINDS.as_slice(), Event::default());
    Ok(Page(LivePage { frame, area: "live", filter, kinds, events, blank, source, list, first, next }))
}

impl Filter {
    /// Without what there is not.
    fn sensible(self) -> Self {
        let aggregates: Vec<_> = KINDS.iter().map(|kind| kind.aggregate).collect();
        let types: Vec<_> = KINDS.iter().flat_map(|kind| kind.types.iter().copied()).collect();
        Self {
            aggregate: known(&self.aggregate, &aggregates),
            kind: known(&self.kind, &types),
            after: self.after,
        }
    }

    fn search(&self) -> EventSearch {
        EventSearch {
            aggregate: self.aggregate.clone(),
            kind: self.kind.clone(),
            cursor: self.after.clone(),
            limit: ON_A_PAGE,
        }
    }

    /// The page of the same list that begins at this cursor.
    fn page(&self, cursor: &str) -> String {
        address("/admin/live", &Self { after: cursor.to_owned(), ..self.clone() })
    }
}

fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for entry in catalogue() {
        let name = entry.example.event_type();
        match kinds.iter_mut().find(|kind| kind.aggregate == entry.category) {
            Some(kind) => kind.types.push(name),
            None => kinds.push(Kind { service: entry.speaker, aggregate: entry.category, types: vec![name] }),
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_the_contracts_have_can_be_chosen_once() {
        let order = KINDS.iter().find(|kind| kind.aggregate == "order").unwrap();
        assert_eq!(order.service, "orders");
        assert!(order.types.contains(&"OrderCreated"));
        let types: Vec<_> = KINDS.iter().flat_map(|kind| &kind.types).collect();
        let distinct: std::collections::BTreeSet<_> = types.iter().collect();
        assert_eq!(types.len(), distinct.len());
    }

    #[test]
    fn what_there_is_not_is_not_asked_for() {
        let filter =
            Filter { aggregate: "order.>".to_owned(), kind: "Nothing".to_owned(), ..Filter::default() };
        assert_eq!(address("/api/events", &filter.sensible().search()), "/api/events?limit=50");
        let filter = Filter { aggregate: "order".to_owned(), after: "9".to_owned(), ..Filter::default() };
        let filter = filter.sensible();
        assert_eq!(address("/api/events", &filter.search()), "/api/events?aggregate=order&cursor=9&limit=50");
        assert_eq!(filter.page(""), "/admin/live?aggregate=order");
    }
}
