//! An aggregate's history put together from what there is of it, and folded.

use std::collections::BTreeMap;

use eventsourcing::{RawEvent, Recorded};
use messaging::{Archive, Extent, Selection};
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;
use crate::kinds::Kind;

/// An aggregate's events, each version once.
#[derive(Clone, Debug, Default)]
pub struct History(BTreeMap<u64, Recorded<RawEvent>>);

/// What the stream tells of one aggregate, in order. What is no event of ours is not among it.
pub async fn told_of(
    archive: &dyn Archive,
    kind: Kind,
    id: Uuid,
) -> Result<Vec<Recorded<RawEvent>>, Failure> {
    let selection = Selection::new(Some(kind.category.to_owned()), Some(id), None)
        .map_err(|error| Failure::BadInput(error.to_string()))?;
    let (mut told, mut from) = (Vec::new(), 1);
    loop {
        let part = archive.part(&selection, from, PART, Extent::Whole).await?;
        let is_last = part.len() < PART;
        from = part.last().map_or(from, |last| last.sequence + 1);
        let messages = part.iter().filter_map(|numbered| numbered.stored.parcel.open().ok());
        told.extend(messages.map(|message| message.recorded.clone()));
        if is_last {
            return Ok(told);
        }
    }
}

/// So many messages are read at once.
const PART: usize = 1_000;

impl History {
    pub fn of(events: impl IntoIterator<Item = Recorded<RawEvent>>) -> Self {
        let mut history = Self::default();
        for event in events {
            history.0.entry(event.version).or_insert(event);
        }
        history
    }

    /// Adds what is not known yet. Says which version is told in two ways, where one is.
    pub fn add(&mut self, events: impl IntoIterator<Item = Recorded<RawEvent>>) -> Option<u64> {
        let mut disputed = None;
        for event in events {
            let version = event.version;
            let known = self.0.entry(version).or_insert_with(|| event.clone());
            if known.id != event.id {
                disputed = disputed.or(Some(version));
            }
        }
        disputed
    }

    /// The first version that nothing is known of, up to this one.
    pub fn hole(&self, up_to: u64) -> Option<u64> {
        (1..=up_to).find(|version| !self.0.contains_key(version))
    }

    pub fn last(&self) -> u64 {
        self.0.last_key_value().map_or(0, |(version, _)| *version)
    }

    pub fn behind(&self, version: u64) -> Vec<Recorded<RawEvent>> {
        self.0.range(version + 1..).map(|(_, event)| event.clone()).collect()
    }

    pub fn up_to(&self, version: u64) -> impl Iterator<Item = &Recorded<RawEvent>> {
        self.0.range(..=version).map(|(_, event)| event)
    }

    /// The state at this version, by the service's own rules. Fails with half a sentence.
    pub fn fold(&self, kind: Kind, version: u64) -> Result<Value, String> {
        if let Some(hole) = self.hole(version) {
            return Err(format!("its event v{hole} is nowhere to be found"));
        }
        let mut folding = kind.begin();
        for event in self.up_to(version) {
            let RawEvent { event_type, data } = &event.event;
            folding.apply(event_type, data).map_err(|error| {
                format!("this build cannot read its {event_type} (v{}): {error}", event.version)
            })?;
        }
        Ok(folding.state())
    }
}
