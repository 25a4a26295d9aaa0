//! The messages in their order, where each aggregate's last one stands, and how far each consumer is.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::bus::{ConsumerSpec, DUPLICATES, LastMessage, Stored};
use crate::message::Parcel;

pub(super) struct Stream {
    pub created: Timestamp,
    pub messages: Vec<Stored>,
    pub consumers: BTreeMap<String, Durable>,
    /// One for each service, rung when its consumers are to look again.
    bells: BTreeMap<String, watch::Sender<()>>,
    last: BTreeMap<(String, Uuid), LastMessage>,
    /// Where each event stands.
    places: BTreeMap<Uuid, u64>,
}

/// A durable consumer.
pub(super) struct Durable {
    bell: watch::Sender<()>,
    hears: Vec<(&'static str, &'static str)>,
    delivered: u64,
    /// Up to here there is nothing new to it.
    looked_at: u64,
    /// What is not answered yet: when it is due again, and how often it was delivered.
    pub pending: BTreeMap<u64, Pending>,
}

#[derive(Clone, Copy)]
pub(super) struct Pending {
    pub due_at: Timestamp,
    pub attempt: u64,
}

/// What a durable consumer has for who asks it.
pub(super) enum Turn {
    Deliver {
        sequence: u64,
        attempt: u64,
        parcel: Parcel,
    },
    /// Nothing is due before this.
    At(Timestamp),
    Nothing,
}

impl Stream {
    pub(super) fn new(created: Timestamp) -> Self {
        Self {
            created,
            messages: Vec::new(),
            consumers: BTreeMap::new(),
            bells: BTreeMap::new(),
            last: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    pub(super) fn last_sequence(&self) -> u64 {
        self.messages.len() as u64
    }

    pub(super) fn last(&self, category: &str, id: Uuid) -> Option<LastMessage> {
        self.last.get(&(category.to_owned(), id)).copied()
    }

    pub(super) fn at(&self, sequence: u64) -> Option<&Stored> {
        self.messages.get(usize::try_from(sequence.checked_sub(1)?).ok()?)
    }

    pub(super) fn numbered_from(&self, sequence: u64) -> impl Iterator<Item = (u64, &Stored)> {
        let skipped = usize::try_from(sequence.saturating_sub(1)).unwrap_or(usize::MAX);
        (1..).zip(&self.messages).skip(skipped)
    }

    pub(super) fn append(&mut self, parcel: Parcel, now: Timestamp) -> u64 {
        for durable in self.consumers.values().filter(|durable| durable.hears(&parcel)) {
            durable.ring();
        }
        self.messages.push(Stored { parcel, stored_at: now });
        let sequence = self.last_sequence();
        self.note_last(sequence);
        sequence
    }

    fn note_last(&mut self, sequence: u64) {
        let Some(Parcel::Handed(message)) = self.at(sequence).map(|stored| &stored.parcel) else { return };
        let last = LastMessage { sequence, version: message.recorded.version, event_id: message.recorded.id };
        let place = (message.category.clone(), message.id);
        self.places.insert(last.event_id, sequence);
        self.last.insert(place, last);
    }

    /// Where the event stands, if it was stored not long ago.
    pub(super) fn knows(&self, event_id: Uuid, now: Timestamp) -> Option<u64> {
        let sequence = *self.places.get(&event_id)?;
        let stored = self.at(sequence)?;
        (now.since(stored.stored_at) < DUPLICATES).then_some(sequence)
    }

    pub(super) fn lose_after(&mut self, sequence: u64, now: Timestamp) {
        self.messages.truncate(usize::try_from(sequence).unwrap_or(usize::MAX));
        self.last.clear();
        self.places.clear();
        for sequence in 1..=self.last_sequence() {
            self.note_last(sequence);
        }
        for durable in self.consumers.values_mut() {
            durable.pending.split_off(&(sequence + 1));
            // It stays beyond the stream's end, if that is where it stood.
            durable.looked_at = durable.delivered.max(durable.looked_at.min(sequence));
        }
        if sequence == 0 {
            self.created = now.max(self.created + Duration::from_millis(1));
            for durable in std::mem::take(&mut self.consumers).into_values() {
                durable.ring();
            }
        }
    }

    /// The durable consumers of a service: the first one, and one for each set of types that it came to hear later.
    pub(super) fn durables(&self, service: &str) -> impl Iterator<Item = &String> {
        let service = service.to_owned();
        self.consumers.keys().filter(move |name| {
            let rest = name.strip_prefix(&service);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    /// Back to this sequence, or to what was not answered, whichever comes first.
    pub(super) fn rewind(&mut self, service: &str, sequence: u64) {
        let names: Vec<_> = self.durables(service).cloned().collect();
        for name in names {
            let Some(durable) = self.consumers.get_mut(&name) else { continue };
            let unanswered = durable.pending.first_key_value().map(|(sequence, _)| sequence - 1);
            let back_to = sequence.min(unanswered.unwrap_or(u64::MAX)).min(durable.looked_at);
            durable.pending.clear();
            (durable.delivered, durable.looked_at) = (back_to, back_to);
            durable.ring();
        }
    }

    pub(super) fn forget(&mut self, service: &str) {
        let names: Vec<_> = self.durables(service).cloned().collect();
        for durable in names.iter().filter_map(|name| self.consumers.remove(name)) {
            durable.ring();
        }
    }

    /// The names of the durable consumers that together hear what is to be heard, the missing one made, and what rings
    /// when they are to look again.
    pub(super) fn subscribe(&mut self, spec: &ConsumerSpec) -> (Vec<String>, watch::Receiver<()>) {
        let bell = self.bells.entry(spec.name.to_owned()).or_insert_with(|| watch::channel(()).0).clone();
        let rings = bell.subscribe();
        let mut missing = spec.hears.to_vec();
        let mut heard_by = Vec::new();
        let mut known = false;
        for name in self.durables(spec.name) {
            known = true;
            let Some(durable) = self.consumers.get(name) else { continue };
            if durable.hears.iter().any(|heard| spec.hears.contains(heard)) {
                missing.retain(|wanted| !durable.hears.contains(wanted));
                heard_by.push(name.clone());
            }
        }
        if !missing.is_empty() {
            let types: Vec<_> =
                missing.iter().map(|(category, event_type)| format!("{category}.{event_type}")).collect();
            let name =
                if known { format!("{}-{}", spec.name, types.join("+")) } else { spec.name.to_owned() };
            let durable =
                Durable { bell, hears: missing, delivered: 0, looked_at: 0, pending: BTreeMap::new() };
            self.consumers.insert(name.clone(), durable);
            heard_by.push(name);
        }
        (heard_by, rings)
    }

    /// What comes next to this consumer; none when it was deleted.
    pub(super) fn take(&mut self, consumer: &str, now: Timestamp, ack_wait: Duration) -> Option<Turn> {
        let durable = self.consumers.get_mut(consumer)?;
        let due = durable.pending.iter().find(|(_, pending)| pending.due_at <= now);
        let (sequence, attempt) = match due {
            Some((sequence, pending)) => (*sequence, pending.attempt + 1),
            None => {
                let heard = |sequence: &u64| {
                    let stored = usize::try_from(sequence - 1).ok().and_then(|at| self.messages.get(at));
                    stored.is_some_and(|stored| durable.hears(&stored.parcel))
                };
                let last = self.messages.len() as u64;
                match (durable.looked_at + 1..=last).find(heard) {
                    Some(sequence) => (sequence, 1),
                    None => {
                        durable.looked_at = durable.looked_at.max(last);
                        let next_due = durable.pending.values().map(|pending| pending.due_at).min();
                        return Some(next_due.map_or(Turn::Nothing, Turn::At));
                    }
                }
            }
        };
        durable.delivered = durable.delivered.max(sequence);
        durable.looked_at = durable.looked_at.max(sequence);
        durable.pending.insert(sequence, Pending { due_at: now + ack_wait, attempt });
        let parcel = self.at(sequence)?.parcel.clone();
        Some(Turn::Deliver { sequence, attempt, parcel })
    }
}

impl Durable {
    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// There may be something for it.
    pub(super) fn ring(&self) {
        self.bell.send_replace(());
    }

    fn hears(&self, parcel: &Parcel) -> bool {
        self.hears.iter().any(|(category, event_type)| selects(parcel, category, Some(event_type)))
    }
}

/// Whether it is one of the category's, or of its type.
pub(super) fn selects(parcel: &Parcel, category: &str, event_type: Option<&str>) -> bool {
    match parcel {
        Parcel::Handed(message) => {
            message.category == category
                && event_type.is_none_or(|event_type| message.recorded.event.event_type == event_type)
        }
        Parcel::Wired(wire) => {
            let mut parts = wire.subject.split('.').skip(1);
            parts.next() == Some(category)
                && event_type.is_none_or(|event_type| parts.nth(1) == Some(event_type))
        }
    }
}
