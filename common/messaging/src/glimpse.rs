//! A message as it crossed the network, looked at and not taken apart: for who goes through millions of them.

use contracts::Timestamp;
use eventsourcing::Actor;
use uuid::Uuid;

use crate::archive::Numbered;
use crate::message::{SUBJECT_PREFIX, Wire};

/// The headers that say something of an event; the others say what the subject says, or never change.
const TELLING: [&str; 8] = [
    "ce-id",
    "ce-type",
    "ce-sequence",
    "ce-time",
    "ce-correlationid",
    "ce-causationid",
    "ce-actor",
    "traceparent",
];

/// A message that stands on the stream, for as long as it passes by.
#[derive(Clone, Copy, Debug)]
pub struct Glimpse<'a> {
    pub sequence: u64,
    pub subject: &'a str,
    pub body: &'a [u8],
    headers: [Option<&'a str>; TELLING.len()],
}

/// What its subject and its headers say of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The kind of aggregate, such as `order`.
    pub category: &'a str,
    /// The aggregate's id.
    pub id: Uuid,
    pub event_type: &'a str,
    pub event_id: Uuid,
    pub version: u64,
    pub at: &'a str,
    pub correlation_id: Uuid,
    pub causation_id: Uuid,
    pub actor: &'a str,
    pub traceparent: Option<&'a str>,
}

impl<'a> Glimpse<'a> {
    pub(crate) fn new(
        sequence: u64,
        subject: &'a str,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: &'a [u8],
    ) -> Self {
        let mut told = [None; TELLING.len()];
        for (name, value) in headers {
            if let Some(place) = TELLING.iter().position(|telling| telling.eq_ignore_ascii_case(name)) {
                told[place] = Some(value);
            }
        }
        Self { sequence, subject, body, headers: told }
    }

    pub fn of_wire(sequence: u64, wire: &'a Wire) -> Self {
        let headers = wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self::new(sequence, &wire.subject, headers, &wire.body)
    }

    /// Fails where [`Message::from_wire`](crate::Message::from_wire) would, but for what the body says.
    pub fn read(&self) -> Result<Seen<'a>, String> {
        let mut parts = self.subject.split('.');
        let (Some(SUBJECT_PREFIX), Some(category), Some(id), Some(event_type), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(format!("{:?} is no subject of an event", self.subject));
        };
        let header = |place: usize| {
            self.headers[place].ok_or_else(|| format!("the header {} is missing", TELLING[place]))
        };
        let read = |place: usize, why: &dyn std::fmt::Display| {
            format!("the header {} cannot be read: {why}", TELLING[place])
        };
        let uuid = |place| header(place)?.parse::<Uuid>().map_err(|error| read(place, &error));
        if header(1)? != event_type {
            return Err(format!("the header ce-type is not {event_type}, as the subject says"));
        }
        let (at, actor) = (header(3)?, header(6)?);
        at.parse::<Timestamp>().map_err(|error| read(3, &error))?;
        actor.parse::<Actor>().map_err(|error| read(6, &error))?;
        Ok(Seen {
            category,
            id: id.parse().map_err(|error| format!("{id:?} is no id: {error}"))?,
            event_type,
            event_id: uuid(0)?,
            version: header(2)?.parse().map_err(|error| read(2, &error))?,
            at,
            correlation_id: uuid(4)?,
            causation_id: uuid(5)?,
            actor,
            traceparent: self.headers[7],
        })
    }
}

/// What messages that were read whole would have looked like.
pub(crate) fn show(part: &[Numbered], until: u64, each: &mut (dyn for<'a> FnMut(Glimpse<'a>) + Send)) {
    for numbered in part.iter().take_while(|numbered| numbered.sequence <= until) {
        let wire = numbered.stored.parcel.wire();
        each(Glimpse::of_wire(numbered.sequence, &wire));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn wire() -> Wire {
        let id = Uuid::from_u128(7);
        let headers = [
            ("ce-specversion", "1.0".to_owned()),
            ("ce-id", id.to_string()),
            ("ce-type", "OrderAccepted".to_owned()),
            ("ce-sequence", "3".to_owned()),
            ("ce-time", "2026-11-20T06:38:16.120Z".to_owned()),
            ("ce-correlationid", id.to_string()),
            ("ce-causationid", id.to_string()),
            ("ce-actor", "service:orders".to_owned()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Wire { subject: format!("events.order.{id}.OrderAccepted"), headers, body: b"{}".to_vec() }
    }

    #[test]
    fn a_glimpse_tells_what_the_whole_message_tells() {
        let wire = wire();
        let (seen, message) =
            (Glimpse::of_wire(1, &wire).read().unwrap(), Message::from_wire(&wire).unwrap());
        let recorded = message.recorded;
        assert_eq!((seen.category, seen.id), (message.category.as_str(), message.id));
        assert_eq!((seen.event_type, seen.event_id), (recorded.event.event_type.as_str(), recorded.id));
        assert_eq!((seen.version, seen.at), (recorded.version, recorded.at.to_string().as_str()));
        assert_eq!(seen.actor, recorded.cause.actor.to_string());
        assert_eq!(seen.traceparent, None);
    }

    #[test]
    fn what_is_no_event_is_refused_with_the_words_of_the_whole_message() {
        let spoilt: [fn(&mut Wire); 8] = [
            |wire| wire.subject = "events.order".to_owned(),
            |wire| wire.subject = "events.order.x.OrderAccepted".to_owned(),
            |wire| drop(wire.headers.remove("ce-id")),
            |wire| drop(wire.headers.insert("ce-type".to_owned(), "OrderEaten".to_owned())),
            |wire| drop(wire.headers.insert("ce-sequence".to_owned(), "-1".to_owned())),
            |wire| drop(wire.headers.insert("ce-time".to_owned(), "now".to_owned())),
            |wire| drop(wire.headers.insert("ce-actor".to_owned(), "me".to_owned())),
            |wire| drop(wire.headers.insert("ce-causationid".to_owned(), "x".to_owned())),
        ];
        for spoil in spoilt {
            let mut wire = wire();
            spoil(&mut wire);
            assert_eq!(
                Glimpse::of_wire(1, &wire).read().unwrap_err(),
                Message::from_wire(&wire).unwrap_err()
            );
        }
    }
}
