//! The audit trail: what matters to security, in plain words, the newest first.

mod filter;

use askama::Template;
use axum::extract::{Query, State};
use contracts::Timestamp;
use uuid::Uuid;

use super::frame;
use super::names::{Named, Names};
use crate::api::{AuditEntry, List};
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;
use filter::Filter;

/// All that may happen, as auth calls it.
pub(crate) const KINDS: [&str; 10] = [
    "signed_up",
    "signed_in",
    "sign_in_failed",
    "refresh_token_reused",
    "session_ended",
    "password_changed",
    "banned",
    "unbanned",
    "role_changed",
    "refunded",
];
/// What somebody should look at.
const GRAVE: [&str; 3] = ["sign_in_failed", "refresh_token_reused", "banned"];

#[derive(Template)]
#[template(path = "admin/audit.html")]
pub(crate) struct AuditPage {
    frame: Frame,
    area: &'static str,
    filter: Filter,
    /// What is wrong with what was filled in.
    faults: Vec<(&'static str, String)>,
    entries: Vec<Line>,
    first: String,
    next: Option<String>,
}

/// One entry, with everything written as this visitor reads it.
pub(super) struct Line {
    pub at: Timestamp,
    pub day: String,
    pub hour: String,
    pub what: String,
    pub is_grave: bool,
    /// Whom it happened to; nothing where nobody has the address that was tried.
    pub whom: Option<Named>,
    /// Who did it, where it was somebody else.
    pub by: Option<Named>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Uuid,
}

pub(crate) async fn list(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Query(filter): Query<Filter>,
) -> Result<Page<AuditPage>, Trouble> {
    let (asking, locale) = (site.api().as_caller(&visitor.caller), visitor.locale);
    // A trail that looks for less than somebody meant would tell them what is not so.
    let (found, faults) = match filter.search() {
        Ok(search) => (asking.audit(&search).await?, Vec::new()),
        Err(faults) => (List { items: Vec::new(), next_cursor: None }, faults),
    };
    let ids = found.items.iter().flat_map(|entry| [entry.user_id, entry.by]).flatten().collect();
    let names = Names::of(asking, ids).await;
    let now = site.runtime().now();
    let entries = found.items.iter().map(|entry| Line::of(entry, &names, locale, now)).collect();
    let (first, next) = (filter.page(""), found.next_cursor.map(|cursor| filter.page(&cursor)));
    let faults = faults.into_iter().map(|(field, fault)| (field, locale.say(fault))).collect();
    let frame = frame(&site, visitor, locale.say("admin-audit"));
    Ok(Page(AuditPage { frame, area: "audit", filter, faults, entries, first, next }))
}

impl AuditPage {
    fn kind(&self, name: &str) -> String {
        self.frame.say(&format!("audit-{name}"))
    }

    fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }
}

impl Line {
    pub(super) fn of(entry: &AuditEntry, names: &Names, locale: &Locale, now: Timestamp) -> Self {
        let kind = entry.r#type.as_str();
        Self {
            at: entry.at,
            day: locale.customs.day(entry.at, now),
            hour: locale.customs.hour(entry.at),
            // One that came into the world after these pages is called as auth calls it.
            what: locale.find(&format!("audit-{kind}")).unwrap_or_else(|| kind.to_owned()),
            is_grave: GRAVE.contains(&kind),
            whom: entry.user_id.map(|id| names.named(id)),
            by: entry.by.filter(|by| entry.user_id != Some(*by)).map(|id| names.named(id)),
            ip: entry.ip.clone(),
            user_agent: entry.user_agent.clone(),
            request_id: entry.request_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_happen_has_words() {
        for kind in KINDS {
            assert!(Locale::first().find(&format!("audit-{kind}")).is_some(), "{kind}");
        }
        assert!(GRAVE.iter().all(|grave| KINDS.contains(grave)));
    }
}
