//! Who may do what at each server, written once: the settings of NATS, Redis and MongoDB follow from it.
//!
//! Whatever is not granted is refused. `infra/` holds the same settings as files; a test compares.

pub mod mongodb;
pub mod nats;
pub mod redis;

/// One of the shop's services, as the servers know it.
#[derive(Debug)]
pub struct Service {
    /// Of its user at each server, its durable consumers and its database.
    pub name: &'static str,
    /// The kinds of aggregates whose events it says, and nobody else.
    pub says: &'static [&'static str],
    pub has_database: bool,
}

pub const SERVICES: [Service; 5] = [
    Service { name: "auth", says: &["user", "session"], has_database: true },
    Service { name: "tickets", says: &["ticket", "reservation", "seller"], has_database: true },
    Service { name: "orders", says: &["order", "buyer"], has_database: true },
    Service { name: "expiration", says: &["timer"], has_database: false },
    Service { name: "payments", says: &["payment"], has_database: true },
];

/// Reads everything and says nothing: for those who look after the shop.
pub const OPERATOR: &str = "operator";
/// Reads everything to fold it again.
pub const REPLAY: &str = "replay";
/// Mends what was lost, when somebody who looks after the shop tells it to: writes everywhere.
pub const REPAIR: &str = "repair";
/// Breaks and measures a shop on a developer's machine. Known nowhere else.
pub const RIG: &str = "rig";

/// At which servers a shop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shop {
    Deployed,
    /// Of one machine, for development and tests.
    Local,
}

#[cfg(test)]
mod tests;
