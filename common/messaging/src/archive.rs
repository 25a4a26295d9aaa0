//! The port behind which the stream is looked back at: any part of it, by its subjects, as long after as one likes.

use async_trait::async_trait;
use futures::stream::BoxStream;
use uuid::Uuid;

use crate::bus::{Bus, BusError, Stored};
use crate::glimpse::{Glimpse, show};
use crate::message::{Parcel, SUBJECT_PREFIX};

/// So many are read at a time where they are read whole.
const PART: usize = 1_000;

/// A stream whose past can be asked for.
#[async_trait]
pub trait Archive: Bus {
    /// Up to `limit` of the selected messages, the oldest first, from the sequence `from` on.
    async fn part(
        &self,
        selection: &Selection,
        from: u64,
        limit: usize,
        extent: Extent,
    ) -> Result<Vec<Numbered>, BusError>;

    /// How many of the selected messages stand at the sequence `from` or behind it.
    async fn count(&self, selection: &Selection, from: u64) -> Result<u64, BusError>;

    /// Shows every message from the sequence `from` up to `until`, one after the other, without taking it apart.
    async fn pass(
        &self,
        from: u64,
        until: u64,
        each: &mut (dyn for<'a> FnMut(Glimpse<'a>) + Send),
    ) -> Result<(), BusError> {
        let mut next = from;
        while next <= until {
            let part = self.part(&Selection::everything(), next, PART, Extent::Whole).await?;
            show(&part, until, each);
            let Some(last) = part.last() else { break };
            next = last.sequence + 1;
        }
        Ok(())
    }

    /// Every message from the sequence `from` on, and then all that come. It ends with the first error, and with its
    /// connection. Who lags far behind is cut off.
    async fn tail(&self, from: u64) -> Result<Tail, BusError>;
}

pub type Tail = BoxStream<'static, Result<Numbered, BusError>>;

/// Which messages are meant: those of which all that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    category: Option<String>,
    id: Option<Uuid>,
    event_type: Option<String>,
}

/// How much of a message is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// Of its headers those that say which event it is, and which request it began with; the rest may be missing.
    Ids,
}

/// A message, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    pub sequence: u64,
    pub stored: Stored,
}

/// It cannot be a part of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has to be 1 to 64 letters, digits, - and _")]
pub struct NotAWord;

impl Selection {
    pub fn everything() -> Self {
        Self::default()
    }

    pub fn of_aggregate(id: Uuid) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    pub fn new(
        category: Option<String>,
        id: Option<Uuid>,
        event_type: Option<String>,
    ) -> Result<Self, NotAWord> {
        if category.iter().chain(&event_type).all(|word| is_word(word)) {
            Ok(Self { category, id, event_type })
        } else {
            Err(NotAWord)
        }
    }

    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// What the server is to filter by; none for everything.
    pub(crate) fn subject(&self) -> Option<String> {
        let any = || "*".to_owned();
        let category = self.category.clone().unwrap_or_else(any);
        let id = self.id.map_or_else(any, |id| id.to_string());
        let event_type = self.event_type.clone().unwrap_or_else(any);
        (!self.is_everything()).then(|| format!("{SUBJECT_PREFIX}.{category}.{id}.{event_type}"))
    }

    pub fn selects(&self, category: &str, id: Uuid, event_type: &str) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        is(&self.category, category)
            && self.id.is_none_or(|wanted| wanted == id)
            && is(&self.event_type, event_type)
    }

    pub fn selects_parcel(&self, parcel: &Parcel) -> bool {
        match parcel {
            Parcel::Handed(message) => {
                self.selects(&message.category, message.id, &message.recorded.event.event_type)
            }
            // Of what is no event of ours the server sees only the subject too.
            Parcel::Wired(wire) => {
                let parts: Vec<&str> = wire.subject.split('.').collect();
                let [_, category, id, event_type] = parts[..] else { return self.is_everything() };
                let is_of = |wanted: Uuid| wanted.to_string() == id;
                self.id.is_none_or(is_of)
                    && Self { id: None, ..self.clone() }.selects(category, Uuid::nil(), event_type)
            }
        }
    }
}

/// Neither a wildcard nor the end of a part.
pub fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
