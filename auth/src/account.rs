//! An account: who may do what. The events carry nobody's name or address; those live beside them, in [`Person`].

use std::fmt;

use contracts::users::{
    Role, UserBanned, UserCreated, UserEvent, UserPasswordChanged, UserUnbanned, UserUpdated,
};
use contracts::{SessionId, Timestamp, UserId};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Account {
    #[default]
    Unregistered,
    Active(Standing),
}

/// What holds of an account that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub roles: Vec<Role>,
    /// How many events there were: which account a caller had in mind is decided here, where nothing comes between.
    pub version: u64,
    /// Whoever is banned keeps the account, so that nobody else opens one with the address, they themselves included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banned_at: Option<Timestamp>,
}

/// What is known of a person, and erased when they go.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Person {
    /// As it was typed.
    pub email: String,
    /// What no two accounts share; see [`Email::key`](crate::email::Email::key).
    pub email_key: String,
    pub name: String,
    /// In PHC form, with the parameters it was made with.
    pub password_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed: Option<PasswordChanged>,
    /// An admin's own words, which may be about the person: kept for as long as the ban.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban_reason: Option<String>,
}

/// The last change of a password: sessions that were begun before it are not carried on, whether they were ended or a
/// crash came in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    pub at: Timestamp,
    /// The session it was changed in, which goes on.
    pub within: SessionId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountCommand {
    Register {
        roles: Vec<Role>,
    },
    /// Says that something beside the events changes in the same write.
    Update {
        /// The version that the caller had in mind, if any.
        seen: Option<u64>,
    },
    /// The hash of the new password goes beside the event, in the same write.
    ChangePassword {
        /// The version whose password the caller knew.
        seen: u64,
    },
    Ban(Ban),
    Unban(Unban),
}

/// Shuts somebody out. Why goes beside the event, in the same write: see [`Ban::amend`].
#[derive(Clone, PartialEq, Eq)]
pub struct Ban {
    /// Whose account it is.
    pub account: UserId,
    pub by: UserId,
    pub reason: String,
    pub now: Timestamp,
}

/// Lets somebody in again. Why they were out is forgotten in the same write: see [`Unban::amend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unban {
    /// Whose account it is.
    pub account: UserId,
    pub by: UserId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRejection {
    NoSuchAccount,
    /// It changed since the caller saw it.
    Stale {
        version: u64,
    },
    /// Nobody bans themselves, or ends their own ban.
    OwnAccount,
}

impl Decider for Account {
    type Command = AccountCommand;
    type Event = UserEvent;
    type Rejection = AccountRejection;
    type Private = Person;

    fn decide(&self, command: &AccountCommand) -> Result<Vec<UserEvent>, AccountRejection> {
        use AccountCommand::{Ban, ChangePassword, Register, Unban, Update};
        use AccountRejection as No;
        match (self, command) {
            (Self::Unregistered, Register { roles }) => Ok(vec![UserCreated { roles: roles.clone() }.into()]),
            (Self::Active(_), Register { .. }) => Ok(Vec::new()),
            (Self::Unregistered, Update { .. } | ChangePassword { .. } | Ban(_) | Unban(_)) => {
                Err(No::NoSuchAccount)
            }
            (Self::Active(Standing { version, .. }), Update { seen: Some(seen) }) if seen != version => {
                Err(No::Stale { version: *version })
            }
            (Self::Active(standing), Update { .. }) => {
                Ok(vec![UserUpdated { roles: standing.roles.clone() }.into()])
            }
            (Self::Active(Standing { version, .. }), ChangePassword { seen }) if seen != version => {
                Err(No::Stale { version: *version })
            }
            (Self::Active(_), ChangePassword { .. }) => Ok(vec![UserPasswordChanged {}.into()]),
            (Self::Active(_), Ban(ban)) if ban.by == ban.account => Err(No::OwnAccount),
            (Self::Active(Standing { banned_at: Some(_), .. }), Ban(_)) => Ok(Vec::new()),
            (Self::Active(Standing { banned_at: None, .. }), Ban(ban)) => {
                Ok(vec![UserBanned { banned_at: ban.now }.into()])
            }
            (Self::Active(_), Unban(unban)) if unban.by == unban.account => Err(No::OwnAccount),
            (Self::Active(Standing { banned_at: Some(_), .. }), Unban(_)) => Ok(vec![UserUnbanned {}.into()]),
            (Self::Active(Standing { banned_at: None, .. }), Unban(_)) => Ok(Vec::new()),
        }
    }

    fn evolve(self, event: &UserEvent) -> Self {
        let mut standing = match self {
            Self::Unregistered => Standing::default(),
            Self::Active(standing) => standing,
        };
        standing.version += 1;
        match event {
            UserEvent::UserCreated(UserCreated { roles }) | UserEvent::UserUpdated(UserUpdated { roles }) => {
                standing.roles.clone_from(roles);
            }
            UserEvent::UserBanned(UserBanned { banned_at }) => standing.banned_at = Some(*banned_at),
            UserEvent::UserUnbanned(UserUnbanned {}) => standing.banned_at = None,
            UserEvent::UserPasswordChanged(UserPasswordChanged {}) => {}
        }
        Self::Active(standing)
    }
}

impl Account {
    /// Whether the person may take part no more.
    pub fn is_banned(&self) -> bool {
        matches!(self, Self::Active(Standing { banned_at: Some(_), .. }))
    }
}

impl Person {
    /// Whether a session that was begun then was begun with another password than the present one.
    pub fn has_outlived(&self, session: SessionId, begun_at: Timestamp) -> bool {
        self.password_changed.is_some_and(|changed| begun_at < changed.at && session != changed.within)
    }
}

impl fmt::Debug for Ban {
    /// Without the reason, which is not for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, by, now, .. } = self;
        formatter
            .debug_struct("Ban")
            .field("account", account)
            .field("by", by)
            .field("now", now)
            .finish_non_exhaustive()
    }
}

impl Ban {
    /// What the ban changes beside the event.
    pub fn amend(&self) -> impl Fn(&mut Person) + Send + Sync + use<> {
        let reason = self.reason.clone();
        move |person| person.ban_reason = Some(reason.clone())
    }
}

impl Unban {
    /// What the end of a ban changes beside the event.
    pub fn amend(person: &mut Person) {
        person.ban_reason = None;
    }
}
