//! Questions over accounts and sessions, and the form in which an account is shown to its owner.

use contracts::users::Role;
use contracts::{Timestamp, UserId};
use eventsourcing::{Clause, Direction, Index, Query, Schema, Snapshot, UniqueIndex};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::Account;
use crate::email::Email;
use crate::secrets::RefreshToken;

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

/// The unique index that refuses a second account with an address.
pub const EMAIL_KEY: &str = "email_key";

/// How accounts are found, and what no two of them share.
pub fn account_schema() -> Schema {
    let email_key = UniqueIndex { name: EMAIL_KEY, fields: &["private.email_key"], when: vec![active()] };
    Schema { unique: vec![email_key], indexes: Vec::new() }
}

/// How sessions are found.
pub fn session_schema() -> Schema {
    let refresh_hash =
        Index { name: "refresh_hash", fields: vec![("private.refresh_hash", Direction::Ascending)] };
    let session_user = Index {
        name: "session_user",
        fields: vec![("state.status", Direction::Ascending), ("state.user_id", Direction::Ascending)],
    };
    Schema { unique: Vec::new(), indexes: vec![refresh_hash, session_user] }
}

/// The account with this address.
pub(crate) fn account_of(email: &Email) -> Query {
    Query::new(1).filter(active()).filter(Clause::Is("private.email_key", email.key().into()))
}

/// The session that this token carries on.
pub(crate) fn session_of(token: &RefreshToken) -> Query {
    Query::new(1).filter(Clause::Is("private.refresh_hash", token.hash().into()))
}

/// The sessions of this user that are not over, the oldest first, up to a hundred.
pub fn live_sessions_of(user: UserId) -> Query {
    Query::new(100)
        .filter(Clause::Is("state.status", "live".into()))
        .filter(Clause::Is("state.user_id", user.to_string().into()))
}

fn active() -> Clause {
    Clause::Is("state.status", "active".into())
}
