//! One person: who it is, whether they may come in, and what the audit trail has of them.

use askama::Template;
use axum::extract::{Path, Query, State};
use contracts::{Timestamp, UserId};
use serde::Deserialize;

use super::audit::Line;
use super::frame;
use super::names::{Named, Names};
use super::people::is_admin;
use crate::api::{AuditSearch, Profile};
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;

#[derive(Template)]
#[template(path = "admin/person.html")]
pub(crate) struct PersonPage {
    frame: Frame,
    area: &'static str,
    person: Shown,
    ban: Option<Ban>,
    /// The newest of the audit trail.
    entries: Vec<Line>,
    /// Whether the trail has more.
    goes_on: bool,
    is_oneself: bool,
}

pub(super) struct Shown {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub is_admin: bool,
    pub is_banned: bool,
    pub created_at: Timestamp,
    pub since: String,
}

/// The one that holds.
struct Ban {
    at: Timestamp,
    moment: String,
    by: Option<Named>,
}

/// What is to be said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Coming {
    notice: Option<String>,
}

pub(crate) async fn show(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
    Query(coming): Query<Coming>,
) -> Result<Page<PersonPage>, Trouble> {
    let id: UserId = id.parse().map_err(|_| Trouble::NotFound)?;
    let (asking, locale) = (site.api().as_caller(&visitor.caller), visitor.locale);
    let person = asking.person(id).await?;
    let search = AuditSearch { user: id.to_string(), ..AuditSearch::default() };
    let trail = asking.audit(&search).await?;
    let bans = match person.banned {
        true => asking.audit(&AuditSearch { kind: "banned".to_owned(), ..search }).await?.items,
        false => Vec::new(),
    };
    let others = trail.items.iter().chain(&bans).filter_map(|entry| entry.by);
    let names = Names::of(asking, others.chain([id]).collect()).await;
    let now = site.runtime().now();
    let entries = trail.items.iter().map(|entry| Line::of(entry, &names, locale, now)).collect();
    // The newest comes first.
    let ban = bans.first().map(|entry| Ban {
        at: entry.at,
        moment: locale.customs.moment(entry.at),
        by: entry.by.map(|by| names.named(by)),
    });
    let is_oneself = visitor.who.is_some_and(|who| who.id == id);
    let frame = frame(&site, visitor, person.name.clone()).notice(coming.notice.as_deref());
    let goes_on = trail.next_cursor.is_some();
    let person = Shown::of(person, locale);
    Ok(Page(PersonPage { frame, area: "people", person, ban, entries, goes_on, is_oneself }))
}

impl Shown {
    pub(super) fn of(profile: Profile, locale: &Locale) -> Self {
        Self {
            id: profile.id,
            is_admin: is_admin(&profile),
            is_banned: profile.banned,
            created_at: profile.created_at,
            since: locale.customs.date(profile.created_at),
            name: profile.name,
            email: profile.email,
        }
    }
}
