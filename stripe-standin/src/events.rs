//! Events: what changed, as Stripe tells it to webhooks and to whoever asks for it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::collection::Identified;
use crate::errors::ApiError;
use crate::lists;
use crate::store::{Change, Work};

/// The version whose objects the stand-in gives, whatever version is asked for.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: String,
    /// The object as it was then.
    pub(crate) object: Value,
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// How many endpoints have not answered with success yet: one or none.
    pub(crate) pending_webhooks: u8,
}

impl Identified for Event {
    const OBJECT: &'static str = "event";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": { "object": self.object },
            "livemode": false,
            "pending_webhooks": self.pending_webhooks,
            "request": { "id": self.request_id, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}

impl Work<'_> {
    pub(crate) fn emit(&mut self, kind: &str, object: Value) {
        let event = Event {
            id: self.id("evt_3", 23),
            created: self.context.now,
            kind: kind.to_owned(),
            object,
            request_id: Some(self.context.request_id.clone()).filter(|id| !id.is_empty()),
            idempotency_key: self.context.idempotency_key.clone(),
            pending_webhooks: u8::from(self.context.webhooks),
        };
        self.put(Change::Event(Box::new(event)));
    }
}

pub(crate) fn retrieve(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    call.form.allow(&[&["expand"]])?;
    let event = work.state.events.get(&call.id);
    event.map(Event::json).ok_or_else(|| ApiError::no_such("event", &call.id, "id").status(404))
}

pub(crate) fn list(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[lists::PAGING, &["type", "types", "delivery_success"]])?;
    let kind = form.text("type")?;
    let kinds = form.list("types");
    let delivered = form.flag("delivery_success")?;
    let wanted = |event: &&Event| {
        kind.is_none_or(|kind| covers(kind, &event.kind))
            && (kinds.is_empty() || kinds.iter().any(|kind| covers(kind, &event.kind)))
            && delivered.is_none_or(|delivered| delivered == (event.pending_webhooks == 0))
    };
    lists::page(form, "/v1/events", work.state.events.iter().filter(wanted), Event::json)
}

/// `charge.*` covers every event of charges.
fn covers(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => kind == pattern,
    }
}
