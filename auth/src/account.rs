//! An account: who may do what. The events carry nobody's name or address; those live beside them, in [`Person`].

use contracts::users::{Role, UserCreated, UserEvent, UserUpdated};
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub roles: Vec<Role>,
    /// How many events there were: which account a caller had in mind is decided here, where nothing comes between.
    pub version: u64,
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRejection {
    NoSuchAccount,
    /// It changed since the caller saw it.
    Stale {
        version: u64,
    },
}

impl Decider for Account {
    type Command = AccountCommand;
    type Event = UserEvent;
    type Rejection = AccountRejection;
    type Private = Person;

    fn decide(&self, command: &AccountCommand) -> Result<Vec<UserEvent>, AccountRejection> {
        use AccountCommand::{Register, Update};
        match (self, command) {
            (Self::Unregistered, Register { roles }) => Ok(vec![UserCreated { roles: roles.clone() }.into()]),
            (Self::Active(_), Register { .. }) => Ok(Vec::new()),
            (Self::Unregistered, Update { .. }) => Err(AccountRejection::NoSuchAccount),
            (Self::Active(Standing { version, .. }), Update { seen: Some(seen) }) if seen != version => {
                Err(AccountRejection::Stale { version: *version })
            }
            (Self::Active(standing), Update { .. }) => {
                Ok(vec![UserUpdated { roles: standing.roles.clone() }.into()])
            }
        }
    }

    fn evolve(self, event: &UserEvent) -> Self {
        let version = self.version() + 1;
        match event {
            UserEvent::UserCreated(UserCreated { roles }) | UserEvent::UserUpdated(UserUpdated { roles }) => {
                Self::Active(Standing { roles: roles.clone(), version })
            }
        }
    }
}

impl Account {
    fn version(&self) -> u64 {
        match self {
            Self::Unregistered => 0,
            Self::Active(standing) => standing.version,
        }
    }
}
