//! EVENTS IN: whenever an account or a session says something that matters to security, it is in the audit trail.

use std::sync::Arc;

use async_trait::async_trait;
use messaging::{Fault, Heard, Listener};
use runtime::Runtime;
use uuid::Uuid;

use super::{AuditEntry, AuditTrail, KEPT};
use crate::SERVICE;

/// The category and the type of each event that it has to hear.
pub const WITNESSES: &[(&str, &str)] = &[
    ("user", "UserCreated"),
    ("user", "UserBanned"),
    ("user", "UserUnbanned"),
    ("user", "UserPasswordChanged"),
    ("session", "SessionStarted"),
    ("session", "SessionRevoked"),
];

/// Sees to it that what happened is in the audit trail, whatever became of who did it.
#[derive(Clone)]
pub struct Witness {
    trail: Arc<dyn AuditTrail>,
    runtime: Runtime,
}

impl Witness {
    pub fn new(trail: Arc<dyn AuditTrail>, runtime: Runtime) -> Self {
        Self { trail, runtime }
    }
}

#[async_trait]
impl Listener for Witness {
    fn service(&self) -> &'static str {
        SERVICE
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        WITNESSES
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    /// A stream that is heard from its beginning tells of much that was to be forgotten.
    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let Heard { event, aggregate_id, event_id, at, cause, .. } = heard;
        let entry = AuditEntry::of(event, *aggregate_id, *event_id, *at, cause);
        match entry.filter(|entry| entry.at > self.runtime.now() - KEPT) {
            Some(entry) => Ok(self.trail.keep(&entry).await?),
            None => Ok(()),
        }
    }
}
