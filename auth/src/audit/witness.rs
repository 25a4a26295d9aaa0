//! Whenever an account or a session says something that matters to security, it is in the audit trail.

use std::sync::Arc;

use messaging::{Fault, Heard};
use runtime::Runtime;

use super::{AuditEntry, AuditTrail, KEPT};

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

    /// A stream that is heard from its beginning tells of much that was to be forgotten.
    pub async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let Heard { event, aggregate_id, event_id, at, cause, .. } = heard;
        let entry = AuditEntry::of(event, *aggregate_id, *event_id, *at, cause);
        match entry.filter(|entry| entry.at > self.runtime.now() - KEPT) {
            Some(entry) => Ok(self.trail.keep(&entry).await?),
            None => Ok(()),
        }
    }
}
