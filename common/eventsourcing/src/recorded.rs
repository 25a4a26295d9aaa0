//! An event with the circumstances it was recorded in.

use std::fmt;
use std::str::FromStr;

use contracts::{EventType, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;
use uuid::Uuid;

/// An event as it stands in its aggregate's document and on the bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<E> {
    pub id: Uuid,
    /// The aggregate's version after this event: 1, 2, 3, … without a hole.
    pub version: u64,
    #[serde(flatten)]
    pub event: E,
    pub at: Timestamp,
    #[serde(flatten)]
    pub cause: Cause,
}

/// An event whose kind does not matter to who carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEvent {
    #[serde(rename = "type")]
    pub event_type: String,
    pub data: Value,
}

impl<E: EventType> Recorded<E> {
    /// The same for who only carries it.
    pub fn raw(&self) -> Result<Recorded<RawEvent>, serde_json::Error> {
        let Self { id, version, at, .. } = *self;
        let data = match serde_json::to_value(&self.event)? {
            Value::Object(mut tagged) => tagged.remove("data").unwrap_or_default(),
            _ => Value::Null,
        };
        let event = RawEvent { event_type: self.event.event_type().to_owned(), data };
        Ok(Recorded { id, version, event, at, cause: self.cause.clone() })
    }
}

/// What made a command be given, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The event or the request that caused it. One cause changes one aggregate once.
    pub causation_id: Uuid,
    /// The request that everything began with.
    pub correlation_id: Uuid,
    pub actor: Actor,
    /// The trace it belongs to, as W3C Trace Context writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// On whose behalf something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    User(UserId),
    Service(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(formatter, "user:{id}"),
            Self::Service(name) => write!(formatter, "service:{name}"),
        }
    }
}

impl FromStr for Actor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|error| format!("{text:?}: {error}")),
            Some(("service", name)) => Ok(Self::Service(name.to_owned())),
            _ => Err(format!("{text:?} is neither a user nor a service")),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
