//! Everybody who has an account, the newest first.

use askama::Template;
use axum::extract::{Query, State};
use contracts::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{address, frame};
use crate::api::Profile;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;

const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "admin/people.html")]
pub(crate) struct PeoplePage {
    frame: Frame,
    area: &'static str,
    search: Search,
    people: Vec<Line>,
    first: String,
    next: Option<String>,
}

/// As it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Search {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    /// Where the page begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

struct Line {
    id: UserId,
    name: String,
    email: String,
    created_at: Timestamp,
    since: String,
    is_admin: bool,
    is_banned: bool,
}

pub(crate) async fn list(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Query(search): Query<Search>,
) -> Result<Page<PeoplePage>, Trouble> {
    let q: String = search.q.trim().chars().take(LONGEST).collect();
    let found = site.api().as_caller(&visitor.caller).people(&q, &search.after).await?;
    let people = found.items.into_iter().map(|profile| Line::of(profile, visitor.locale)).collect();
    let page = |after: String| address("/admin/people", &Search { q: search.q.clone(), after });
    let (first, next) = (page(String::new()), found.next_cursor.map(page));
    let title = visitor.locale.say("admin-people");
    let frame = frame(&site, visitor, title);
    Ok(Page(PeoplePage { frame, area: "people", search, people, first, next }))
}

impl Line {
    fn of(profile: Profile, locale: &Locale) -> Self {
        Self {
            id: profile.id,
            is_admin: is_admin(&profile),
            is_banned: profile.banned,
            since: locale.customs.date(profile.created_at),
            created_at: profile.created_at,
            name: profile.name,
            email: profile.email,
        }
    }
}

pub(super) fn is_admin(profile: &Profile) -> bool {
    profile.roles.iter().any(|role| role == "admin")
}
