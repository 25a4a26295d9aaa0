//! The catalogue as AsyncAPI 3.0: a channel for each kind of aggregate, a message for each type of event, and what each
//! service sends and receives.

use std::collections::{BTreeMap, BTreeSet};

use contracts::catalogue::{Entry, catalogue};
use contracts::schema::forms;
use contracts::{Event, EventType};
use messaging::SUBJECT_PREFIX;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::DIALECT;

/// So that a reader of AsyncAPI knows which JSON Schema the payloads are.
const SCHEMA_FORMAT: &str = "application/schema+json;version=2020-12";

/// Category and type of each event that a service hears, by the list that its own tests hold it to.
const HEARS: [(&str, &[(&str, &str)]); 5] = [
    ("auth", auth::policies::HEARS),
    ("tickets", tickets::policies::HEARS),
    ("orders", orders::policies::HEARS),
    ("expiration", expiration::HEARS),
    ("payments", payments::policies::HEARS),
];

/// The whole document.
pub fn document() -> Value {
    let entries = catalogue();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Stagedoor events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the services say to each other: one JetStream stream, `EVENTS`, on which every event \
                            of every aggregate stands once and in order. An event is added to, never changed: read \
                            what you know, and pass over what you do not. It carries nothing secret and nothing \
                            personal. What a service receives by its durable consumer is listed here; besides, \
                            whoever verifies tokens follows bans and revoked sessions, and the replay tool reads all.",
        },
        "defaultContentType": "application/json",
        "channels": channels(&entries),
        "operations": operations(&entries),
        "components": { "messages": messages(&entries) },
    })
}

fn categories(entries: &[Entry]) -> BTreeMap<&'static str, Vec<&Entry>> {
    let mut categories: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        categories.entry(entry.category).or_default().push(entry);
    }
    categories
}

fn channels(entries: &[Entry]) -> Value {
    let channel = |(category, entries): (&str, Vec<&Entry>)| {
        let types: Vec<_> = entries.iter().map(|entry| entry.example.event_type()).collect();
        let refers = |event_type: &&str| {
            ((*event_type).to_owned(), reference(&["components", "messages", event_type]))
        };
        let messages: Map<String, Value> = types.iter().map(refers).collect();
        let speaker = entries.first().map_or("", |entry| entry.speaker);
        let channel = json!({
            "address": format!("{SUBJECT_PREFIX}.{category}.{{id}}.{{type}}"),
            "description": format!("The events of each {category}. Only {speaker} says them."),
            "messages": messages,
            "parameters": {
                "id": { "description": format!("The id of the {category}, a UUID.") },
                "type": { "description": "The type of the event.", "enum": types },
            },
        });
        (category.to_owned(), channel)
    };
    categories(entries).into_iter().map(channel).collect::<Map<_, _>>().into()
}

fn operations(entries: &[Entry]) -> Value {
    let mut operations = Map::new();
    for (category, entries) in categories(entries) {
        let types = |entries: &[&Entry]| -> BTreeSet<&'static str> {
            entries.iter().map(|entry| entry.example.event_type()).collect()
        };
        if let Some(speaker) = entries.first().map(|entry| entry.speaker) {
            let name = format!("{speaker}.sends.{category}");
            let summary = format!("{speaker} says what happened to a {category}.");
            operations.insert(name, operation("send", speaker, category, &summary, &types(&entries)));
        }
        for (service, hears) in HEARS {
            let heard = hears.iter().filter(|(of, _)| *of == category).map(|(_, event_type)| *event_type);
            let heard: BTreeSet<_> = heard.collect();
            if !heard.is_empty() {
                let name = format!("{service}.receives.{category}");
                let summary = format!("{service} does something about what happened to a {category}.");
                operations.insert(name, operation("receive", service, category, &summary, &heard));
            }
        }
    }
    operations.into()
}

fn operation(action: &str, service: &str, category: &str, summary: &str, types: &BTreeSet<&str>) -> Value {
    let refers = |event_type: &&str| reference(&["channels", category, "messages", event_type]);
    json!({
        "action": action,
        "summary": summary,
        "channel": reference(&["channels", category]),
        "messages": types.iter().map(refers).collect::<Vec<_>>(),
        "tags": [{ "name": service }],
    })
}

fn messages(entries: &[Entry]) -> Value {
    let forms = forms();
    let message = |entry: &Entry| {
        let event_type = entry.example.event_type();
        let is_its = |form: &&contracts::schema::Form| {
            (form.category, form.event_type) == (entry.category, event_type)
        };
        let mut schema = forms.iter().find(is_its).map_or(Value::Null, |form| form.schema.clone());
        let summary = schema.get("description").cloned().unwrap_or_default();
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("$schema".to_owned(), json!(DIALECT));
        }
        let message = json!({
            "name": event_type,
            "title": event_type,
            "summary": summary,
            "contentType": "application/json",
            "headers": headers(entry.category, event_type),
            "payload": { "schemaFormat": SCHEMA_FORMAT, "schema": schema },
            "examples": [{ "name": "catalogue", "payload": data(&entry.example) }],
        });
        (event_type.to_owned(), message)
    };
    entries.iter().map(message).collect::<Map<_, _>>().into()
}

/// CloudEvents 1.0 in binary mode.
fn headers(category: &str, event_type: &str) -> Value {
    let id = |of: &str| json!({ "type": "string", "format": "uuid", "description": of });
    json!({
        "type": "object",
        "required": [
            "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-sequence",
            "ce-correlationid", "ce-causationid", "ce-actor", "content-type",
        ],
        "properties": {
            "ce-specversion": { "const": "1.0" },
            "ce-id": id("Of the event."),
            "ce-type": { "const": event_type },
            "ce-source": { "const": format!("/{category}") },
            "ce-subject": id("Of the aggregate, as in the subject."),
            "ce-time": {
                "type": "string", "format": "date-time", "description": "When it was said, by its speaker's clock.",
            },
            "ce-sequence": {
                "type": "string", "pattern": "^[1-9][0-9]*$",
                "description": "The aggregate's version after it: 1, 2, 3 … without a hole.",
            },
            "ce-correlationid": id("Of the request that everything began with."),
            "ce-causationid": id("Of the event or request that caused it."),
            "ce-actor": {
                "type": "string", "pattern": "^(user:[0-9a-f-]{36}|service:.+)$",
                "description": "On whose behalf.",
            },
            "content-type": { "const": "application/json" },
            "traceparent": {
                "type": "string", "description": "The trace it belongs to, as W3C Trace Context writes it.",
            },
        },
    })
}

/// A JSON pointer into this document.
fn reference(path: &[&str]) -> Value {
    json!({ "$ref": format!("#/{}", path.join("/")) })
}

/// The data of an event, as they stand in a message.
pub(crate) fn data(event: &Event) -> Value {
    fn of<E: EventType + Serialize>(event: &E) -> Value {
        let mut tagged = serde_json::to_value(event).unwrap_or_default();
        tagged.get_mut("data").map(Value::take).unwrap_or_default()
    }
    match event {
        Event::User(event) => of(event),
        Event::Session(event) => of(event),
        Event::Ticket(event) => of(event),
        Event::Reservation(event) => of(event),
        Event::Seller(event) => of(event),
        Event::Order(event) => of(event),
        Event::Buyer(event) => of(event),
        Event::Timer(event) => of(event),
        Event::Payment(event) => of(event),
    }
}
