//! The first admin, whom nobody could make otherwise. Any number of replicas may see to it at once.

use contracts::UserId;
use contracts::users::Role;
use eventsourcing::{Actor, Cause, ExecutionError, StoreError};
use uuid::Uuid;

use crate::account::{AccountCommand, AccountRejection, Person};
use crate::{Auth, Email, Password, PasswordsError};

/// The namespace of ids that come from addresses. It never changes: all replicas, now and later, mean one account.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f0c_9b1e_5d64_4c1b_a9f7_61f3_8d20_77c5);

/// Whom to make an admin. Holds a password, hence no `Debug`.
#[derive(Clone)]
pub struct BootstrapAdmin {
    pub email: Email,
    pub password: Password,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bootstrapped {
    Made(UserId),
    /// It keeps whatever it has become since.
    ThereAlready(UserId),
    /// Somebody else signed up with the address. Nobody becomes an admin by having been quick.
    EmailTaken,
}

#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Command(#[from] ExecutionError<AccountRejection>),
}

impl Auth {
    /// Sees to it that there is this admin.
    pub async fn bootstrap(&self, admin: BootstrapAdmin) -> Result<Bootstrapped, BootstrapError> {
        let email_key = admin.email.key();
        let id = UserId(Uuid::new_v5(&NAMESPACE, email_key.as_bytes()));
        if self.accounts.load(id).await?.is_some() {
            return Ok(Bootstrapped::ThereAlready(id));
        }
        let password_hash = self.passwords.hash(admin.password).await?;
        let person = Person {
            email: admin.email.as_str().to_owned(),
            email_key,
            name: "Admin".to_owned(),
            password_hash,
            ..Person::default()
        };
        let cause = Cause {
            causation_id: id.0,
            correlation_id: id.0,
            actor: Actor::Service("auth".to_owned()),
            traceparent: None,
        };
        let command = AccountCommand::Register { roles: vec![Role::User, Role::Admin] };
        match self.accounts.create(id, cause, command, move |private| *private = person.clone()).await {
            Ok(execution) if execution.events.is_empty() => Ok(Bootstrapped::ThereAlready(id)),
            Ok(_) => {
                tracing::info!(user.id = %id, "admin {id} made");
                Ok(Bootstrapped::Made(id))
            }
            Err(ExecutionError::Taken(_)) => {
                tracing::warn!(
                    "the address of the first admin belongs to somebody else: nobody is made an admin"
                );
                Ok(Bootstrapped::EmailTaken)
            }
            Err(error) => Err(error.into()),
        }
    }
}
