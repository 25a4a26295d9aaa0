//! Takes people out of events: the same id becomes the same other id, what somebody typed becomes a word without a
//! meaning, and all that holds events together stays.
//!
//! What is not known to be harmless is masked: a field that an event gets tomorrow is, until it is listed here.

use std::collections::BTreeMap;

use contracts::{Event, Timestamp};
use eventsourcing::Actor;
use hmac::{Hmac, KeyInit as _, Mac as _};
use messaging::{Message, Numbered, Parcel, Stored, Wire};
use runtime::Runtime;
use serde_json::{Map, Value};
use sha2::Sha256;
use uuid::Uuid;

/// In bytes. Whoever has the key, or can try all there are, can check a guess.
pub const SHORTEST_KEY: usize = 16;

/// Whose aggregates are people, or what people have.
const PEOPLE: [&str; 4] = ["user", "session", "seller", "buyer"];
/// Fields that name people.
const NAMES_PEOPLE: [&str; 3] = ["user_id", "buyer_id", "seller_id"];
/// Fields in which the services say one of a few words.
const WORDS: [&str; 5] = ["category", "code", "currency", "reason", "roles"];
/// Ids of the card processor begin with what they are of.
const OF_THE_PROCESSOR: [(&str, &str); 2] = [("payment_intent", "pi"), ("charge", "ch")];
/// Headers that say nothing of anybody.
const HARMLESS: [&str; 3] = ["ce-specversion", "ce-sequence", "content-type"];
/// Version 7: its first 48 bits are the time it was made at.
const WITH_TIME: usize = 7;

/// One way of masking: by another key everything becomes something else.
pub struct Mask {
    keyed: Hmac<Sha256>,
}

impl Mask {
    /// Nobody knows the key, and nobody will.
    pub fn random(runtime: &Runtime) -> Self {
        // Each brings 74 random bits.
        let ids = [runtime.new_id(), runtime.new_id(), runtime.new_id(), runtime.new_id()];
        Self::by(&ids.map(Uuid::into_bytes).concat())
    }

    pub fn by(key: &[u8]) -> Self {
        // A key of any length will do.
        let keyed = Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
        Self { keyed }
    }

    /// None of what is no event: nobody knows what is in it.
    pub fn message(&self, numbered: &Numbered) -> Option<Numbered> {
        let wire = numbered.stored.parcel.wire();
        let [prefix, category, id, event_type] = wire.subject.split('.').collect::<Vec<_>>()[..] else {
            return None;
        };
        let id = self.aggregate(category, id.parse().ok()?);
        let body: Value = serde_json::from_slice(&wire.body).ok()?;
        let is_known = Event::of_value(category, event_type, &body).is_ok();
        let masked = Wire {
            subject: format!("{prefix}.{category}.{id}.{event_type}"),
            headers: self.headers(&wire.headers, category, event_type, id),
            body: self.value("", &body, is_known).to_string().into_bytes(),
        };
        let parcel = match Message::from_wire(&masked) {
            Ok(message) => Parcel::Handed(message.into()),
            Err(_) => Parcel::Wired(masked),
        };
        let stored_at = numbered.stored.stored_at;
        Some(Numbered { sequence: numbered.sequence, stored: Stored { parcel, stored_at } })
    }

    /// Of an order, a ticket, an event, a request. One that bears its time keeps it, and so its order among others.
    pub fn id(&self, id: Uuid) -> Uuid {
        let digest = self.digest("id", id.as_bytes());
        let mut masked = like(id, digest);
        if id.get_version_num() == WITH_TIME {
            let mut bytes = masked.into_bytes();
            bytes[..6].copy_from_slice(&id.as_bytes()[..6]);
            masked = Uuid::from_bytes(bytes);
        }
        masked
    }

    /// Of somebody, or of a session. Nothing is left of it: when somebody came would tell who it is.
    pub fn person(&self, id: Uuid) -> Uuid {
        like(id, self.digest("person", id.as_bytes()))
    }

    fn aggregate(&self, category: &str, id: Uuid) -> Uuid {
        let is_known = crate::kinds::Kind::named(category).is_some() || category == "timer";
        if PEOPLE.contains(&category) || !is_known { self.person(id) } else { self.id(id) }
    }

    fn headers(
        &self,
        headers: &BTreeMap<String, String>,
        category: &str,
        event_type: &str,
        id: Uuid,
    ) -> BTreeMap<String, String> {
        let masked = |(name, value): (&String, &String)| {
            let value = match name.as_str() {
                "ce-type" => (value == event_type).then(|| value.clone()),
                "ce-source" => (*value == format!("/{category}")).then(|| value.clone()),
                "ce-subject" => Some(id.to_string()),
                "ce-time" => value.parse::<Timestamp>().ok().map(|time| time.to_string()),
                "ce-id" | "ce-correlationid" | "ce-causationid" => {
                    value.parse().ok().map(|id| self.id(id).to_string())
                }
                "ce-actor" => match value.parse().ok()? {
                    Actor::User(user) => Some(Actor::User(self.person(user.0).into()).to_string()),
                    Actor::Service(name) => {
                        messaging::is_word(&name).then(|| Actor::Service(name).to_string())
                    }
                },
                "traceparent" => self.trace(value),
                harmless => HARMLESS.contains(&harmless).then(|| value.clone()),
            };
            Some((name.clone(), value?))
        };
        headers.iter().filter_map(masked).collect()
    }

    /// `00-<trace>-<span>-<flags>`: what belongs together stays together.
    fn trace(&self, traceparent: &str) -> Option<String> {
        let [version, trace, span, flags] = traceparent.split('-').collect::<Vec<_>>()[..] else {
            return None;
        };
        let masked = |what: &str, part: &str| hexadecimal(&self.digest(what, part.as_bytes()), part.len());
        let is_short = version.len() == 2 && flags.len() == 2 && trace.len() == 32 && span.len() == 16;
        is_short.then(|| format!("{version}-{}-{}-{flags}", masked("trace", trace), masked("span", span)))
    }

    fn value(&self, name: &str, value: &Value, is_known: bool) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(name, text, is_known)),
            Value::Array(items) => items.iter().map(|item| self.value(name, item, is_known)).collect(),
            Value::Object(fields) => {
                let field =
                    |(name, value): (&String, &Value)| (name.clone(), self.value(name, value, is_known));
                Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn text(&self, name: &str, text: &str, is_known: bool) -> String {
        if WORDS.contains(&name) && is_known && messaging::is_word(text) {
            return text.to_owned();
        }
        if let Ok(id) = text.parse::<Uuid>() {
            let is_person = NAMES_PEOPLE.contains(&name) || !is_known;
            return if is_person { self.person(id) } else { self.id(id) }.to_string();
        }
        if name.ends_with("_at") && text.parse::<Timestamp>().is_ok() {
            return text.to_owned();
        }
        if let Some((_, prefix)) = OF_THE_PROCESSOR.iter().find(|(of, _)| *of == name) {
            return format!("{prefix}_{}", hexadecimal(&self.digest(name, text.as_bytes()), 24));
        }
        format!("{name} {}", hexadecimal(&self.digest(name, text.as_bytes()), 8)).trim_start().to_owned()
    }

    fn digest(&self, what: &str, value: &[u8]) -> [u8; 32] {
        let mut keyed = self.keyed.clone();
        // What is said of one kind of thing says nothing of another.
        keyed.update(what.as_bytes());
        keyed.update(&[0]);
        keyed.update(value);
        keyed.finalize().into_bytes().into()
    }
}

/// Of the same version and variant, else of these bits.
fn like(id: Uuid, digest: [u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (id.as_bytes()[6] & 0xf0) | (bytes[6] & 0x0f);
    bytes[8] = (id.as_bytes()[8] & 0xc0) | (bytes[8] & 0x3f);
    Uuid::from_bytes(bytes)
}

fn hexadecimal(digest: &[u8; 32], length: usize) -> String {
    let mut text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests;
