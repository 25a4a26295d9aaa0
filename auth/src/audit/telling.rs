//! Telling the audit trail what a request did. It goes on when the caller goes away, and what fails only costs the
//! entry, or where it came from: nobody's request fails by it.

use contracts::{Event, SessionId, UserId};
use eventsourcing::{Decider, Execution};
use service::http::RequestId;
use uuid::Uuid;

use super::{AuditEntry, AuditType, Client};
use crate::Auth;

impl Auth {
    /// What came of a command to this aggregate.
    pub(crate) async fn tell<D: Decider>(
        &self,
        id: impl Into<Uuid>,
        execution: &Execution<D>,
        event: fn(D::Event) -> Event,
        client: &Client,
    ) {
        let id = id.into();
        let entries = execution.events.iter().filter_map(|recorded| {
            let event = event(recorded.event.clone());
            let entry = AuditEntry::of(&event, id, recorded.id, recorded.at, &recorded.cause)?;
            Some(AuditEntry { client: client.clone(), ..entry })
        });
        self.keep(entries.collect()).await;
    }

    /// What has no event.
    pub(crate) async fn note(
        &self,
        r#type: AuditType,
        user_id: Option<UserId>,
        session_id: Option<SessionId>,
        RequestId(request_id): RequestId,
        client: &Client,
    ) {
        let (id, at, client) = (self.runtime.new_id(), self.runtime.now(), client.clone());
        let entry = AuditEntry { id, r#type, user_id, by: None, session_id, at, request_id, client };
        self.keep(vec![entry]).await;
    }

    async fn keep(&self, entries: Vec<AuditEntry>) {
        if entries.is_empty() {
            return;
        }
        let trail = self.audit.clone();
        let kept = self.runtime.run("audit", async move {
            for entry in entries {
                if let Err(error) = trail.keep(&entry).await {
                    tracing::error!(%error, audit.id = %entry.id, "a {:?} is not in the audit trail", entry.r#type);
                }
            }
        });
        // A process that is stopping has said what it could.
        let _ = kept.await;
    }
}
