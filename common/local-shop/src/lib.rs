//! The whole shop as processes on this machine: what it consists of, in which order it starts, what is told to whom,
//! and that whatever dies is started again.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool for development: it really watches processes and really waits"
)]

mod error;
mod keys;
mod options;
mod passwords;
mod plan;
mod running;
mod servers;
mod stop;
mod supervisor;

pub use error::{Error, Result};
pub use keys::Secrets;
pub use options::{ADMIN_EMAIL, ADMIN_PASSWORD, Given, Options, Retelling};
pub use passwords::Passwords;
pub use plan::{Plan, SERVICES, Service, origin_addresses};
pub use running::Running;
pub use stop::Stop;
pub use supervisor::{Stage, Supervisor, Tell};
