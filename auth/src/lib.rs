//! Accounts and sessions: who somebody is, and the tokens by which every other service knows it.
//!
//! | file | what |
//! |---|---|
//! | `account.rs`, `session.rs` | decide |
//! | `http.rs` | commands in |
//! | `policies.rs` | events in: its own |
//! | `views.rs` | questions |
//! | `audit.rs` | what happened, for admins to see |
//! | `tokens.rs`, `keys.rs`, `secrets.rs` | what callers prove themselves with |
//! | `throttle.rs` | how often a password may be tried |
//! | `passwords.rs`, `email.rs`, `name.rs` | what people type |
//! | `bootstrap.rs` | the first admin |
//! | `heartbeats.rs` | how many revocations there are, told to every replica of every service |

pub mod account;
pub mod audit;
mod bootstrap;
pub mod config;
mod email;
mod expired;
mod heartbeats;
pub mod http;
pub mod keys;
mod name;
mod passwords;
pub mod policies;
mod run;
mod secrets;
pub mod session;
pub mod throttle;
mod tokens;
pub mod views;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eventsourcing::Aggregates;
use limits::Limiter;
use messaging::Listener;
use runtime::Runtime;

use crate::account::Account;
use crate::audit::AuditTrail;
use crate::passwords::Passwords;
use crate::session::Session;
use crate::throttle::{SignInLimits, Throttle};

pub use bootstrap::{BootstrapAdmin, BootstrapError, Bootstrapped};
pub use email::{Email, EmailFault};
pub use passwords::{Password, PasswordFault, PasswordsError};
pub use run::run;
pub use secrets::{REFRESH_TOKEN_LIFETIME, SecretsError};
pub use tokens::{Signer, SigningError, Subject};

/// The service's name: of its consumer, its database and its causes.
pub const SERVICE: &str = "auth";

/// The service over its ports.
#[derive(Clone)]
pub struct Auth {
    accounts: Aggregates<Account>,
    sessions: Aggregates<Session>,
    audit: Arc<dyn AuditTrail>,
    signer: Arc<Signer>,
    passwords: Passwords,
    throttle: Throttle,
    runtime: Runtime,
    settings: Settings,
}

/// What the environment decides about how it answers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether browsers come over HTTPS: then cookies are theirs and ours alone.
    pub secure_cookies: bool,
    /// The public keys, as they are shown.
    pub jwks_file: PathBuf,
    /// How many passwords are looked at at once.
    pub passwords_at_once: usize,
    /// How long a session lasts at most, however often it is carried on.
    pub session_lifetime: Duration,
}

impl Auth {
    pub fn new(
        accounts: Aggregates<Account>,
        sessions: Aggregates<Session>,
        audit: Arc<dyn AuditTrail>,
        signer: Signer,
        runtime: Runtime,
        settings: Settings,
    ) -> Self {
        let passwords = Passwords::new(runtime.clone(), settings.passwords_at_once);
        let throttle = Throttle::new(Limiter::in_memory(runtime.clone()), SignInLimits::NONE);
        let signer = Arc::new(signer);
        Self { accounts, sessions, audit, signer, passwords, throttle, runtime, settings }
    }

    /// Lets nobody try more often than this permits.
    #[must_use]
    pub fn with_throttle(self, throttle: Throttle) -> Self {
        Self { throttle, ..self }
    }

    /// What it does about what it said itself.
    pub fn listener(&self) -> Arc<dyn Listener> {
        Arc::new(policies::Policies::new(self.clone()))
    }

    /// Its routes, without the edge around them.
    pub fn routes(self) -> axum::Router {
        http::routes().with_state(self)
    }
}
