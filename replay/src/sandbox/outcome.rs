//! What came of a replay, apart from how it was made: so that it can be compared, and kept.

mod kept;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::past::{Name, Past};
use super::run::{Run, Said};
use crate::difference::{Difference, differences};
use crate::kinds::Kind;

/// An event, without what differs from replay to replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fact {
    #[serde(flatten)]
    pub name: Name,
    pub version: u64,
    pub data: Value,
    /// The event that it followed from; none where it came from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Name>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub facts: Vec<Fact>,
    /// What was answered where nothing was said: a rejection, a pause, a dead letter; by what was asked.
    pub answers: BTreeMap<String, String>,
}

/// How one outcome is not as the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deviation {
    Came(Fact),
    Went(Fact),
    /// The same event says something else.
    Changed {
        before: Fact,
        after: Fact,
    },
    Answered {
        asked: String,
        before: Option<String>,
        after: Option<String>,
    },
}

/// An aggregate that ends otherwise, with each field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub category: String,
    pub aggregate_id: Uuid,
    pub fields: Vec<Difference>,
}

/// States by kind and id.
pub(crate) type States = BTreeMap<(String, Uuid), Value>;

impl Deviation {
    /// Whether something is refused now that was not.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Answered { after: Some(after), .. } if after.starts_with("refused"))
    }
}

impl Fact {
    fn of(said: &Said) -> Self {
        Self {
            name: said.name.clone(),
            version: said.message.recorded.version,
            data: said.message.recorded.event.data.clone(),
            cause: said.cause.clone(),
        }
    }
}

impl Outcome {
    /// What was recorded.
    pub(super) fn of_past(past: &Past) -> Self {
        let facts = past.events.iter().map(|recorded| Fact {
            name: recorded.name.clone(),
            version: recorded.entry.version,
            data: recorded.entry.data.clone(),
            cause: past.name_of(recorded.entry.causation_id).cloned(),
        });
        Self { facts: facts.collect(), answers: BTreeMap::new() }
    }

    /// What was said in a replay, with or without what came after the recording's end.
    pub(super) fn of_run(run: &Run, with_afterwards: bool) -> Self {
        let own = run.said.iter().skip(run.plan().past.before.len());
        let own = own.filter(|said| with_afterwards || !said.is_afterwards);
        Self { facts: own.map(Fact::of).collect(), answers: run.answers.clone() }
    }

    /// How `other` is not as this; what differs first is told first.
    pub(crate) fn deviations(&self, other: &Self) -> Vec<Deviation> {
        let by_name = |facts: &[Fact]| -> BTreeMap<Name, Fact> {
            facts.iter().map(|fact| (fact.name.clone(), fact.clone())).collect()
        };
        let (mine, theirs) = (by_name(&self.facts), by_name(&other.facts));
        let mut differences = Vec::new();
        for before in &self.facts {
            match theirs.get(&before.name) {
                None => differences.push(Deviation::Went(before.clone())),
                Some(after) if after != before => {
                    differences.push(Deviation::Changed { before: before.clone(), after: after.clone() });
                }
                Some(_) => {}
            }
        }
        let came = other.facts.iter().filter(|fact| !mine.contains_key(&fact.name));
        differences.extend(came.cloned().map(Deviation::Came));
        differences
    }

    /// The same of what was answered where nothing was said.
    pub(crate) fn different_answers(&self, other: &Self) -> Vec<Deviation> {
        let asked: std::collections::BTreeSet<&String> =
            self.answers.keys().chain(other.answers.keys()).collect();
        let difference = |asked: &String| {
            let (before, after) = (self.answers.get(asked).cloned(), other.answers.get(asked).cloned());
            (before != after).then(|| Deviation::Answered { asked: asked.clone(), before, after })
        };
        asked.into_iter().filter_map(difference).collect()
    }
}

/// What everything came to, folded by the services themselves.
pub(super) fn states(run: &Run) -> States {
    let mut folding = BTreeMap::new();
    for said in &run.said {
        let Some(kind) = Kind::named(&said.name.category) else { continue };
        let key = (said.name.category.clone(), said.name.aggregate_id);
        let event = &said.message.recorded.event;
        let folded = folding.entry(key).or_insert_with(|| kind.begin());
        // What this build cannot read it could not have said.
        let _ = folded.apply(&event.event_type, &event.data);
    }
    folding.into_iter().map(|(key, folded)| (key, folded.state())).collect()
}

/// Which aggregates end otherwise.
pub(super) fn endings(before: &States, after: &States) -> Vec<Ending> {
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let ending = |key: &(String, Uuid)| {
        let (old, new) = (before.get(key).unwrap_or(&Value::Null), after.get(key).unwrap_or(&Value::Null));
        // It came or went whole: how far it was says enough.
        let status = |state: &Value| {
            state.get("status").map_or_else(|| state.clone(), |status| json!({ "status": status }))
        };
        let fields = match (old, new) {
            (Value::Null, new) => differences(&json!({}), &status(new)),
            (old, Value::Null) => differences(&status(old), &json!({})),
            (old, new) => differences(old, new),
        };
        let (category, aggregate_id) = key.clone();
        (!fields.is_empty()).then_some(Ending { category, aggregate_id, fields })
    };
    keys.into_iter().filter_map(ending).collect()
}
