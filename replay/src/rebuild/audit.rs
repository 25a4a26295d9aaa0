//! Auth's audit trail: entries that follow from events are written again where they are missing. Where a request came
//! from is known to nobody any more.

use std::collections::BTreeSet;

use auth::audit::{AuditEntry, AuditTrail as _, KEPT, MongoAuditTrail};
use contracts::Event;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use uuid::Uuid;

use super::Rebuild;
use crate::Failure;
use crate::repair::documents::{Documents, Kept, unavailable};

/// Says how many were missing. It looks at each entry anew, so it can be stopped anywhere.
pub(super) async fn mend(rebuild: &Rebuild<'_>, documents: &Documents, writes: bool) -> Result<u64, Failure> {
    if documents.kind.service != auth::SERVICE {
        return Ok(0);
    }
    let trail = MongoAuditTrail::new(rebuild.database, rebuild.runtime.clone());
    if writes {
        trail.prepare().await?;
    }
    let bar = rebuild.terminal.progress("audit trail", documents.count().await?);
    let (mut missing, mut after) = (0, None);
    loop {
        let page = documents.page(after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.as_ref().map_or_else(|unfit| unfit.id.clone(), |kept| kept.id.to_string()));
        bar.inc(page.len() as u64);
        let mut entries = Vec::new();
        for kept in page.into_iter().flatten() {
            entries.extend(entries_of(rebuild, documents, &kept).await?);
        }
        let kept = there(rebuild, &entries).await?;
        for entry in entries.iter().filter(|entry| !kept.contains(&entry.id)) {
            missing += 1;
            if writes {
                trail.keep(entry).await?;
            }
        }
    }
    bar.finish_and_clear();
    Ok(missing)
}

/// What its events mean for the trail, as far as that is still to be remembered.
async fn entries_of(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    kept: &Kept,
) -> Result<Vec<AuditEntry>, Failure> {
    let since = rebuild.runtime.now() - KEPT;
    let Ok(history) = rebuild.source.history(documents, kept).await? else { return Ok(Vec::new()) };
    let entries = history.up_to(kept.version).filter_map(|recorded| {
        let read = Event::of_value(documents.kind.category, &recorded.event.event_type, &recorded.event.data);
        AuditEntry::of(&read.ok()?, kept.id, recorded.id, recorded.at, &recorded.cause)
    });
    Ok(entries.filter(|entry| entry.at > since).collect())
}

async fn there(rebuild: &Rebuild<'_>, entries: &[AuditEntry]) -> Result<BTreeSet<Uuid>, Failure> {
    if entries.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
    let trail = rebuild.database.collection::<Document>("audit");
    let found = trail.find(doc! { "_id": { "$in": ids } }).projection(doc! { "_id": 1 }).await;
    let found = found.map_err(|error| unavailable(&error))?;
    let found: Vec<Document> = found.try_collect().await.map_err(|error| unavailable(&error))?;
    Ok(found.iter().filter_map(|entry| entry.get_str("_id").ok()?.parse().ok()).collect())
}
