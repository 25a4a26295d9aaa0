//! Questions over accounts and sessions, and the form in which they are shown to their owner and to admins.

use std::net::IpAddr;
use std::time::Duration;

use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use eventsourcing::{Clause, Cursor, Decider, Direction, Index, Query, Schema, Snapshot, UniqueIndex};
use serde::Serialize;
use serde_json::json;
use service::http::Page;
use utoipa::ToSchema;

use crate::account::Account;
use crate::email::Email;
use crate::secrets::REFRESH_TOKEN_LIFETIME;
use crate::session::{Session, last_used_at};

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserResource {
    #[schema(value_type = Uuid)]
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// `user`, `admin`.
    #[schema(value_type = Vec<String>, example = json!(["user"]))]
    pub roles: Vec<Role>,
    pub banned: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub version: u64,
}

impl UserResource {
    /// Nothing, where nobody was registered.
    pub fn of(account: &Snapshot<Account>) -> Option<Self> {
        let Account::Active(standing) = &account.state else { return None };
        Some(Self {
            id: UserId(account.id),
            email: account.private.email.clone(),
            name: account.private.name.clone(),
            roles: standing.roles.clone(),
            banned: standing.banned_at.is_some(),
            created_at: account.created_at,
            version: account.version,
        })
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionResource {
    #[schema(value_type = Uuid)]
    pub id: SessionId,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was begun or last carried on.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
    pub user_agent: Option<String>,
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    pub ip: Option<IpAddr>,
    /// Whether it is the session that asks.
    pub current: bool,
}

impl SessionResource {
    pub fn of(session: &Snapshot<Session>, current: SessionId) -> Self {
        Self {
            id: SessionId(session.id),
            created_at: session.created_at,
            last_used_at: last_used_at(session),
            user_agent: session.private.user_agent.clone(),
            ip: session.private.ip,
            current: session.id == current.0,
        }
    }
}

/// The unique index that refuses a second account with an address.
pub const EMAIL_KEY: &str = "email_key";

/// How many sessions of one user are looked at at once: more than one can have, whatever comes in between.
const SESSIONS_AT_ONCE: usize = 100;

/// How accounts are found, and what no two of them share.
pub fn account_schema() -> Schema {
    let email_key = UniqueIndex { name: EMAIL_KEY, fields: &["private.email_key"], when: vec![active()] };
    let newest = Index { name: "newest", fields: vec![("created_at", Direction::Descending)] };
    Schema { unique: vec![email_key], indexes: vec![newest] }
}

/// How sessions are found.
pub fn session_schema() -> Schema {
    let ascending = |fields: &[&'static str]| {
        fields.iter().map(|field| (*field, Direction::Ascending)).collect::<Vec<_>>()
    };
    let session_user = ascending(&["state.user_id", "state.status", "created_at"]);
    let unused = ascending(&["state.status", "updated_at"]);
    let oldest = ascending(&["state.status", "created_at"]);
    Schema {
        unique: Vec::new(),
        indexes: vec![
            Index { name: "session_user", fields: session_user },
            Index { name: "session_unused", fields: unused },
            Index { name: "session_oldest", fields: oldest },
        ],
    }
}

/// The account with this address.
pub(crate) fn account_of(email: &Email) -> Query {
    Query::new(1).filter(active()).filter(Clause::Is("private.email_key", email.key().into()))
}

/// The newest accounts, of people with `text` in their name or address.
pub(crate) fn accounts_with(text: &str, after: Option<Cursor>, limit: usize) -> Query {
    let held = |field| Clause::Contains(field, text.to_owned());
    let held = Clause::Any(vec![held("private.email"), held("private.name")]);
    Query::new(limit)
        .filter(active())
        .filter_if((!text.is_empty()).then_some(held))
        .sort("created_at", Direction::Descending)
        .after(after)
}

/// The sessions of this user that are not over, the oldest first.
pub(crate) fn live_sessions_of(user: UserId) -> Query {
    Query::new(SESSIONS_AT_ONCE).filter(live()).filter(Clause::Is("state.user_id", json!(user)))
}

/// The sessions of this user that can be carried on, the newest first.
pub(crate) fn usable_sessions_of(
    user: UserId,
    longest: Duration,
    now: Timestamp,
    after: Option<Cursor>,
    limit: usize,
) -> Query {
    Query { limit, ..live_sessions_of(user) }
        .filter(Clause::AtLeast("updated_at", json!(now - REFRESH_TOKEN_LIFETIME)))
        .filter(Clause::AtLeast("created_at", json!(now - longest)))
        .sort("created_at", Direction::Descending)
        .after(after)
}

/// Sessions that ran out of time and did not say so: those that were not used, and those that lasted too long.
pub(crate) fn expired_sessions(longest: Duration, now: Timestamp) -> [Query; 2] {
    [("updated_at", now - REFRESH_TOKEN_LIFETIME), ("created_at", now - longest)].map(|(field, before)| {
        Query::new(SESSIONS_AT_ONCE)
            .filter(live())
            .filter(Clause::Below(field, json!(before)))
            .sort(field, Direction::Ascending)
    })
}

/// What was found as one part of the list, of which `query` asked for one more than is shown.
pub(crate) fn page<D: Decider, T>(
    query: &Query,
    mut found: Vec<Snapshot<D>>,
    shown_as: impl Fn(&Snapshot<D>) -> Option<T>,
) -> Page<T> {
    let shown = query.limit.saturating_sub(1);
    let goes_on = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| goes_on);
    let next_cursor = last.and_then(|last| query.cursor(last.id, last)).map(|cursor| cursor.encode());
    Page { items: found.iter().filter_map(shown_as).collect(), next_cursor }
}

fn active() -> Clause {
    Clause::Is("state.status", "active".into())
}

fn live() -> Clause {
    Clause::Is("state.status", "live".into())
}
