//! `docs/events.asyncapi.json` is what the tool writes, and an AsyncAPI 3.0 document.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use contracts::catalogue::catalogue;
use replay::schema::{asyncapi, text};
use serde_json::Value;

/// `RENDER=new cargo test -p replay` writes it.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever changed an event says so")]
fn the_document_in_docs_is_the_one_of_this_build() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.asyncapi.json");
    let now = text(&asyncapi::document());
    if env::var("RENDER").is_ok_and(|render| render == "new") {
        fs::write(&file, &now).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == now, "{} is not of this build; RENDER=new writes it anew", file.display());
}

#[test]
fn it_has_the_parts_that_asyncapi_requires() {
    let document = asyncapi::document();
    assert_eq!(document["asyncapi"], "3.0.0");
    for part in ["title", "version"] {
        assert!(document["info"][part].is_string(), "info.{part}");
    }
    for (name, channel) in document["channels"].as_object().unwrap() {
        let address = channel["address"].as_str().unwrap();
        let named: BTreeSet<_> = address.split(['{', '}']).skip(1).step_by(2).collect();
        let parameters = channel["parameters"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, parameters, "{name}");
        assert!(!channel["messages"].as_object().unwrap().is_empty(), "{name}");
    }
    for (name, operation) in document["operations"].as_object().unwrap() {
        let action = operation["action"].as_str().unwrap();
        assert!(["send", "receive"].contains(&action), "{name}");
        let channel = operation["channel"]["$ref"].as_str().unwrap();
        for message in operation["messages"].as_array().unwrap() {
            // Of its own channel, by the standard, and not of the components.
            assert!(message["$ref"].as_str().unwrap().starts_with(&format!("{channel}/messages/")), "{name}");
        }
    }
    let messages = document["components"]["messages"].as_object().unwrap();
    assert_eq!(messages.len(), catalogue().len(), "no two events share a name");
    for (name, message) in messages {
        let payload = &message["payload"];
        assert_eq!(payload["schemaFormat"], "application/schema+json;version=2020-12", "{name}");
        assert_eq!(payload["schema"]["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
    }
}

#[test]
fn whatever_it_refers_to_is_there() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = asyncapi::document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

#[test]
fn every_event_is_sent_by_who_says_it_and_received_by_who_hears_it() {
    let document = asyncapi::document();
    let has = |operation: String, category: &str, event_type: &str| {
        let message = format!("#/channels/{category}/messages/{event_type}");
        let messages = document["operations"][&operation]["messages"].as_array();
        messages.is_some_and(|messages| messages.iter().any(|one| one["$ref"] == message.as_str()))
    };
    for entry in catalogue() {
        let event_type = entry.example.event_type();
        assert!(has(format!("{}.sends.{}", entry.speaker, entry.category), entry.category, event_type));
        for (service, hears) in [
            ("auth", auth::policies::HEARS),
            ("tickets", tickets::policies::HEARS),
            ("orders", orders::policies::HEARS),
            ("expiration", expiration::HEARS),
            ("payments", payments::policies::HEARS),
        ] {
            let is_heard = hears.contains(&(entry.category, event_type));
            let operation = format!("{service}.receives.{}", entry.category);
            assert_eq!(has(operation, entry.category, event_type), is_heard, "{service}: {event_type}");
        }
    }
}
