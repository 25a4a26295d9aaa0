//! The audit trail: what matters to security, by whom and from where, for as long as [`KEPT`]. No secrets, and no
//! address of anybody who has no account.
//!
//! What has an event is told twice, under the event's id: by whoever gave the command, with where the request came
//! from, and by [`Witness`], who hears the events themselves. So a crash loses no entry, at most where it came from,
//! and what no request caused stands there too. What has no event is written before it is answered.

mod memory;
mod mongo;
mod telling;
mod witness;

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use contracts::users::{SessionEvent, UserEvent};
use contracts::{Event, SessionId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use memory::MemoryAuditTrail;
pub use mongo::MongoAuditTrail;
pub use witness::Witness;

/// How long an entry is kept.
pub const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditType {
    SignedUp,
    SignedIn,
    /// A wrong password, at sign-in or where it was asked for again; or somebody who is banned.
    SignInFailed,
    /// Somebody came with a refresh token that had been used, and the session ends.
    RefreshTokenReused,
    SessionEnded,
    PasswordChanged,
    Banned,
    Unbanned,
    RoleChanged,
    Refunded,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    pub id: Uuid,
    pub r#type: AuditType,
    /// Whom it happened to; null where nobody has the address that was tried.
    #[schema(value_type = Option<Uuid>)]
    pub user_id: Option<UserId>,
    /// Who did it; null where it was no person.
    #[schema(value_type = Option<Uuid>)]
    pub by: Option<UserId>,
    #[schema(value_type = Option<Uuid>)]
    pub session_id: Option<SessionId>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The request that it began with.
    pub request_id: Uuid,
    #[serde(flatten)]
    pub client: Client,
}

/// From where, and by what, a request was sent. A hint, not a proof: both can be made up by whoever sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    pub user_agent: Option<String>,
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    pub ip: Option<IpAddr>,
}

/// Which entries, the newest first.
#[derive(Clone, Debug)]
pub struct Search {
    pub user: Option<UserId>,
    pub r#type: Option<AuditType>,
    /// The earliest.
    pub from: Timestamp,
    /// Only what comes after this one in the list.
    pub after: Option<(Timestamp, Uuid)>,
    pub limit: usize,
}

/// Where entries are kept.
#[async_trait]
pub trait AuditTrail: Send + Sync + 'static {
    /// Of two entries with one id that one stays which says where it came from.
    async fn keep(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    async fn find(&self, search: &Search) -> Result<Vec<AuditEntry>, StoreError>;
}

impl AuditEntry {
    /// What `event` means here, if anything.
    pub fn of(event: &Event, aggregate: Uuid, id: Uuid, at: Timestamp, cause: &Cause) -> Option<Self> {
        let (r#type, user_id, session_id) = match event {
            Event::User(event) => (of_user(event)?, Some(UserId(aggregate)), None),
            Event::Session(event) => {
                let (r#type, user) = of_session(event)?;
                (r#type, Some(user), Some(SessionId(aggregate)))
            }
            Event::Ticket(_)
            | Event::Reservation(_)
            | Event::Seller(_)
            | Event::Order(_)
            | Event::Buyer(_)
            | Event::Timer(_)
            | Event::Payment(_) => return None,
        };
        let by = match cause.actor {
            Actor::User(user) => Some(user),
            Actor::Service(_) => None,
        };
        let (request_id, client) = (cause.correlation_id, Client::default());
        Some(Self { id, r#type, user_id, by, session_id, at, request_id, client })
    }

    /// Whether it was told by somebody who does not know where it came from.
    fn is_bare(&self) -> bool {
        self.client == Client::default()
    }
}

fn of_user(event: &UserEvent) -> Option<AuditType> {
    match event {
        UserEvent::UserCreated(_) => Some(AuditType::SignedUp),
        UserEvent::UserBanned(_) => Some(AuditType::Banned),
        UserEvent::UserUnbanned(_) => Some(AuditType::Unbanned),
        UserEvent::UserPasswordChanged(_) => Some(AuditType::PasswordChanged),
        UserEvent::UserUpdated(_) => None,
    }
}

fn of_session(event: &SessionEvent) -> Option<(AuditType, UserId)> {
    match event {
        SessionEvent::SessionStarted(started) => Some((AuditType::SignedIn, started.user_id)),
        SessionEvent::SessionRevoked(revoked) => Some((AuditType::SessionEnded, revoked.user_id)),
        SessionEvent::SessionRefreshed(_) => None,
    }
}

#[cfg(test)]
mod tests;
