//! A small aggregate to test stores with: it has a label that no two open counters share, and a total with a limit.

use contracts::{EventType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::query::{Clause, Direction};
use crate::{Actor, Cause, Commit, CommitError, Decider, EventStore, Index, Recorded, Schema, UniqueIndex};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub total: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    #[default]
    Absent,
    Open,
    Halted,
    Closed,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub word: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Do {
    Open(&'static str),
    /// Also counts again after it was closed.
    Reopen,
    /// One event for each.
    Add(Vec<i64>),
    Halt,
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub(crate) enum CounterEvent {
    Opened { label: String },
    Reopened {},
    Added { amount: i64 },
    Halted {},
    Closed {},
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CounterRejection {
    AlreadyOpen,
    NotOpen,
    OverTheLimit,
}

/// No counter's total is higher.
pub(crate) const LIMIT: i64 = 1_000;

impl EventType for CounterEvent {
    const CATEGORY: &'static str = "counter";
    const TYPES: &'static [&'static str] = &["Opened", "Reopened", "Added", "Halted", "Closed"];

    fn read(event_type: &str, data: &[u8]) -> Result<Self, serde_json::Error> {
        let data: serde_json::Value = serde_json::from_slice(data)?;
        serde_json::from_value(serde_json::json!({ "type": event_type, "data": data }))
    }

    fn event_type(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "Opened",
            Self::Reopened {} => "Reopened",
            Self::Added { .. } => "Added",
            Self::Halted {} => "Halted",
            Self::Closed {} => "Closed",
        }
    }
}

impl Decider for Counter {
    type Command = Do;
    type Event = CounterEvent;
    type Rejection = CounterRejection;
    type Private = Secret;

    fn decide(&self, command: &Do) -> Result<Vec<CounterEvent>, CounterRejection> {
        match (self.status, command) {
            (Status::Absent, Do::Open(label)) => {
                Ok(vec![CounterEvent::Opened { label: (*label).to_owned() }])
            }
            (_, Do::Open(_)) => Err(CounterRejection::AlreadyOpen),
            (Status::Closed, Do::Reopen) => Ok(vec![CounterEvent::Reopened {}]),
            (_, Do::Reopen) => Ok(Vec::new()),
            (Status::Open, Do::Add(amounts)) if self.total + amounts.iter().sum::<i64>() > LIMIT => {
                Err(CounterRejection::OverTheLimit)
            }
            (Status::Open, Do::Add(amounts)) => {
                Ok(amounts.iter().map(|amount| CounterEvent::Added { amount: *amount }).collect())
            }
            (Status::Open, Do::Halt) => Ok(vec![CounterEvent::Halted {}]),
            (Status::Open | Status::Halted, Do::Close) => Ok(vec![CounterEvent::Closed {}]),
            (Status::Halted | Status::Closed, Do::Halt) | (Status::Closed, Do::Close) => Ok(Vec::new()),
            (_, Do::Add(_) | Do::Halt | Do::Close) => Err(CounterRejection::NotOpen),
        }
    }

    fn evolve(mut self, event: &CounterEvent) -> Self {
        match event {
            CounterEvent::Opened { label } => {
                self.label = Some(label.clone());
                self.status = Status::Open;
            }
            CounterEvent::Reopened {} => self.status = Status::Open,
            CounterEvent::Added { amount } => self.total += amount,
            CounterEvent::Halted {} => self.status = Status::Halted,
            CounterEvent::Closed {} => self.status = Status::Closed,
        }
        self
    }
}

pub(crate) fn schema() -> Schema {
    let live = Clause::In("state.status", vec![json!("open"), json!("halted")]);
    Schema {
        unique: vec![UniqueIndex { name: "live_label", fields: &["state.label"], when: vec![live] }],
        indexes: vec![Index {
            name: "by_status_and_total",
            fields: vec![("state.status", Direction::Ascending), ("state.total", Direction::Descending)],
        }],
    }
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn cause(number: u128) -> Cause {
    Cause {
        causation_id: Uuid::from_u128(number),
        correlation_id: Uuid::from_u128(7),
        actor: Actor::Service("tests".to_owned()),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

/// Commits these events to the store itself, at a time of one's own.
pub(crate) async fn write(
    store: &dyn EventStore<Counter>,
    aggregate: Uuid,
    state: &Counter,
    expected_version: u64,
    events: &[CounterEvent],
    at: Timestamp,
) -> Result<(), CommitError> {
    let numbered = events.iter().zip(expected_version + 1..);
    let events: Vec<_> = numbered
        .map(|(event, version)| Recorded {
            id: Uuid::from_u128(aggregate.as_u128() << 64 | u128::from(version)),
            version,
            event: event.clone(),
            at,
            cause: cause(u128::from(version)),
        })
        .collect();
    let private = Secret::default();
    let private = (expected_version == 0).then_some(&private);
    store.commit(Commit { id: aggregate, expected_version, state, private, events: &events, at }).await
}
