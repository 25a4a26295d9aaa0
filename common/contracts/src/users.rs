//! What auth says about people and their sessions. Names, e-mail addresses and secrets never leave auth.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId, events};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    User,
    Admin,
}

/// Somebody has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserCreated {
    pub roles: Vec<Role>,
}

/// The account changed; the roles are those it has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserUpdated {
    pub roles: Vec<Role>,
}

/// The person may take part no more. Why is nobody's business but the admins'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserBanned {
    /// What was begun more than a minute later is not touched.
    pub banned_at: Timestamp,
}

/// The person may take part again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserUnbanned {}

/// The person signs in with another password from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserPasswordChanged {}

events! {
    /// The events of an account.
    UserEvent in "user" { UserCreated, UserUpdated, UserBanned, UserUnbanned, UserPasswordChanged }
}

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionStarted {
    pub user_id: UserId,
}

/// The session is carried on, with another refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionRefreshed {}

/// The session is over: no token of it is good any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionRevoked {
    pub user_id: UserId,
}

events! {
    /// The events of a session.
    SessionEvent in "session" { SessionStarted, SessionRefreshed, SessionRevoked }
}
