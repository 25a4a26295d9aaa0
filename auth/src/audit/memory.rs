//! The audit trail in memory, gone with the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use eventsourcing::StoreError;
use uuid::Uuid;

use super::{AuditEntry, AuditTrail, Search};

#[derive(Debug, Default)]
pub struct MemoryAuditTrail(Mutex<BTreeMap<Uuid, AuditEntry>>);

impl MemoryAuditTrail {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<Uuid, AuditEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AuditTrail for MemoryAuditTrail {
    async fn keep(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut entries = self.entries();
        if !entry.is_bare() || !entries.contains_key(&entry.id) {
            entries.insert(entry.id, entry.clone());
        }
        Ok(())
    }

    async fn find(&self, search: &Search) -> Result<Vec<AuditEntry>, StoreError> {
        let entries = self.entries();
        let mut found: Vec<_> = entries.values().filter(|entry| search.meets(entry)).cloned().collect();
        found.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        found.truncate(search.limit);
        Ok(found)
    }
}

impl Search {
    fn meets(&self, entry: &AuditEntry) -> bool {
        self.user.is_none_or(|user| entry.user_id == Some(user))
            && self.r#type.is_none_or(|r#type| entry.r#type == r#type)
            && entry.at >= self.from
            && self.after.is_none_or(|after| (entry.at, entry.id) < after)
    }
}
