//! What is not as it should be, each in a sentence.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::difference::Difference;

/// More are counted and not kept: whoever has so many looks at the first ones.
const KEPT: usize = 1_000;

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A stored state is not what its events come to.
    State,
    /// A store has an event that the stream lacks, or there is a hole where one should be.
    Missing,
    /// An event stands on the stream twice.
    Duplicate,
    /// An event stands on the stream before one that happened earlier.
    Order,
    /// Store and stream tell an event in different words.
    Changed,
    /// The stream has what no store has.
    Stranger,
    /// This build cannot read it.
    Unreadable,
    /// What is kept beside the aggregates is not what follows from the events.
    View,
    /// A promise of the shop is broken.
    Promise,
    /// Something waits that should have gone on.
    Waiting,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    /// The kind of aggregate and its id, where it is one.
    pub aggregate: Option<(String, Uuid)>,
    /// On the stream.
    pub sequence: Option<u64>,
    /// A sentence, without a full stop.
    pub what: String,
    /// What there is, and what there should be.
    pub differences: Vec<Difference>,
}

/// All that was found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The first ones.
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    /// How many there are of each kind.
    pub counts: BTreeMap<Kind, u64>,
    pub warned: u64,
    is_at_rest: bool,
}

impl Fault {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, aggregate: None, sequence: None, what: what.into(), differences: Vec::new() }
    }

    pub fn of(kind: Kind, category: &str, id: Uuid, what: impl Into<String>) -> Self {
        Self { aggregate: Some((category.to_owned(), id)), ..Self::new(kind, what) }
    }

    #[must_use]
    pub fn at(self, sequence: u64) -> Self {
        Self { sequence: Some(sequence), ..self }
    }

    #[must_use]
    pub fn with(self, differences: Vec<Difference>) -> Self {
        Self { differences, ..self }
    }

    pub fn to_json(&self) -> Value {
        let differences = self.differences.iter().map(
            |Difference { path, before, after }| json!({ "path": path, "before": before, "after": after }),
        );
        json!({
            "kind": self.kind,
            "category": self.aggregate.as_ref().map(|(category, _)| category),
            "aggregate": self.aggregate.as_ref().map(|(_, id)| id),
            "sequence": self.sequence,
            "what": self.what,
            "differences": differences.collect::<Vec<_>>(),
        })
    }
}

impl Findings {
    /// Of a shop at rest nothing may wait.
    pub fn new(is_at_rest: bool) -> Self {
        Self { is_at_rest, ..Self::default() }
    }

    pub fn add(&mut self, fault: Fault) {
        if fault.kind == Kind::Waiting && !self.is_at_rest {
            self.warned += 1;
            if self.warnings.len() < KEPT {
                self.warnings.push(fault);
            }
            return;
        }
        *self.counts.entry(fault.kind).or_default() += 1;
        if self.faults.len() < KEPT {
            self.faults.push(fault);
        }
    }

    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::State => "state",
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Order => "order",
            Self::Changed => "changed",
            Self::Stranger => "stranger",
            Self::Unreadable => "unreadable",
            Self::View => "view",
            Self::Promise => "promise",
            Self::Waiting => "waiting",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind, self.what)
    }
}
