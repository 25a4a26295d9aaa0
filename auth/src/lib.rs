//! Accounts and sessions: who somebody is, and the tokens by which every other service knows it.
//!
//! | file | what |
//! |---|---|
//! | `account.rs`, `session.rs` | decide |
//! | `http.rs` | commands in |
//! | `views.rs` | questions |
//! | `audit.rs` | what happened, for admins to see |
//! | `tokens.rs`, `keys.rs`, `secrets.rs` | what callers prove themselves with |
//! | `passwords.rs`, `email.rs`, `name.rs` | what people type |
//! | `bootstrap.rs` | the first admin |
//!
//! It hears its own events alone, for the audit trail (`audit/witness.rs`), so there are no policies.

pub mod account;
pub mod audit;
mod bootstrap;
pub mod config;
mod email;
mod expired;
pub mod http;
pub mod keys;
mod name;
mod passwords;
mod run;
mod secrets;
pub mod session;
mod tokens;
pub mod views;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eventsourcing::Aggregates;
use runtime::Runtime;

use crate::account::Account;
use crate::audit::AuditTrail;
use crate::passwords::Passwords;
use crate::session::Session;

pub use bootstrap::{BootstrapAdmin, BootstrapError, Bootstrapped};
pub use email::{Email, EmailFault};
pub use passwords::{Password, PasswordFault, PasswordsError};
pub use run::run;
pub use secrets::{REFRESH_TOKEN_LIFETIME, SecretsError};
pub use tokens::{ACCESS_TOKEN_LIFETIME, Signer, SigningError, Subject};

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
        Self { accounts, sessions, audit, signer: Arc::new(signer), passwords, runtime, settings }
    }

    /// Its routes, without the edge around them.
    pub fn routes(self) -> axum::Router {
        http::routes().with_state(self)
    }
}
