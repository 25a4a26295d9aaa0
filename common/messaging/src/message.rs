//! An event on the bus: its subject, its headers (CloudEvents 1.0, binary mode) and its body.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use uuid::Uuid;

/// Every event's subject begins with it: `events.<aggregate>.<id>.<Type>`.
pub const SUBJECT_PREFIX: &str = "events";

/// The headers with an event's id, and with that of the request that it began with.
pub(crate) const IDS: [&str; 2] = ["ce-id", "ce-correlationid"];

/// One event of one aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The kind of aggregate, such as `order`.
    pub category: String,
    /// The aggregate's id.
    pub id: Uuid,
    pub recorded: Recorded<RawEvent>,
}

/// A message as it crosses the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    pub subject: String,
    /// In lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A message off the bus: as it crossed the network, or, where there was none, as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    Wired(Wire),
    Handed(Arc<Message>),
}

impl Parcel {
    /// Fails as [`Message::from_wire`] does.
    pub fn open(&self) -> Result<Cow<'_, Message>, String> {
        match self {
            Self::Wired(wire) => Message::from_wire(wire).map(Cow::Owned),
            Self::Handed(message) => Ok(Cow::Borrowed(message)),
        }
    }

    pub fn wire(&self) -> Cow<'_, Wire> {
        match self {
            Self::Wired(wire) => Cow::Borrowed(wire),
            Self::Handed(message) => Cow::Owned(message.to_wire()),
        }
    }

    /// Of the event, where it has one.
    pub fn event_id(&self) -> Option<Uuid> {
        match self {
            Self::Wired(wire) => wire.headers.get("ce-id")?.parse().ok(),
            Self::Handed(message) => Some(message.recorded.id),
        }
    }

    /// The request that it began with, where it is an event.
    pub fn correlation_id(&self) -> Option<Uuid> {
        match self {
            Self::Wired(wire) => wire.headers.get("ce-correlationid")?.parse().ok(),
            Self::Handed(message) => Some(message.recorded.cause.correlation_id),
        }
    }
}

impl Message {
    pub fn subject(&self) -> String {
        format!("{SUBJECT_PREFIX}.{}.{}.{}", self.category, self.id, self.recorded.event.event_type)
    }

    pub fn to_wire(&self) -> Wire {
        let recorded = &self.recorded;
        let mut headers = BTreeMap::from([
            ("ce-specversion", "1.0".to_owned()),
            ("ce-id", recorded.id.to_string()),
            ("ce-type", recorded.event.event_type.clone()),
            ("ce-source", format!("/{}", self.category)),
            ("ce-subject", self.id.to_string()),
            ("ce-time", recorded.at.to_string()),
            ("ce-sequence", recorded.version.to_string()),
            ("ce-correlationid", recorded.cause.correlation_id.to_string()),
            ("ce-causationid", recorded.cause.causation_id.to_string()),
            ("ce-actor", recorded.cause.actor.to_string()),
            ("content-type", "application/json".to_owned()),
        ]);
        if let Some(traceparent) = &recorded.cause.traceparent {
            headers.insert("traceparent", traceparent.clone());
        }
        Wire {
            subject: self.subject(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: recorded.event.data.to_string().into_bytes(),
        }
    }

    /// Fails with the first thing that is missing or cannot be read.
    pub fn from_wire(wire: &Wire) -> Result<Self, String> {
        let mut parts = wire.subject.split('.');
        let (prefix, category) = (parts.next(), parts.next());
        let (id, event_type) = (parts.next(), parts.next());
        let (Some(SUBJECT_PREFIX), Some(category), Some(id), Some(event_type), None) =
            (prefix, category, id, event_type, parts.next())
        else {
            return Err(format!("{:?} is no subject of an event", wire.subject));
        };
        let header = |name: &str| {
            wire.headers.get(name).ok_or_else(|| format!("the header {name} is missing")).map(String::as_str)
        };
        let read =
            |name: &str, why: &dyn std::fmt::Display| format!("the header {name} cannot be read: {why}");
        let uuid = |name: &str| header(name)?.parse::<Uuid>().map_err(|error| read(name, &error));
        if header("ce-type")? != event_type {
            return Err(format!("the header ce-type is not {event_type}, as the subject says"));
        }
        let time = |name: &str| header(name)?.parse::<Timestamp>().map_err(|error| read(name, &error));
        let version = header("ce-sequence")?.parse().map_err(|error| read("ce-sequence", &error))?;
        let actor: Actor = header("ce-actor")?.parse().map_err(|error| read("ce-actor", &error))?;
        let data =
            serde_json::from_slice(&wire.body).map_err(|error| format!("the body is no JSON: {error}"))?;
        Ok(Self {
            category: category.to_owned(),
            id: id.parse().map_err(|error| format!("{id:?} is no id: {error}"))?,
            recorded: Recorded {
                id: uuid("ce-id")?,
                version,
                event: RawEvent { event_type: event_type.to_owned(), data },
                at: time("ce-time")?,
                cause: Cause {
                    causation_id: uuid("ce-causationid")?,
                    correlation_id: uuid("ce-correlationid")?,
                    actor,
                    traceparent: wire.headers.get("traceparent").cloned(),
                },
            },
        })
    }
}
