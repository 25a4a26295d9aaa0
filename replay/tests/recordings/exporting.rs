//! What is exported folds as it did and tells the same story, and says nothing of anybody unless that is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use history::History;
use messaging::Numbered;
use replay::kinds::KINDS;
use replay::recording::Recording;
use runtime::{Runtime, TokioTasks};
use serde_json::Value;
use tempfile::TempDir;

use crate::purchase::{BUYER, ORDER, SELLER, SIGN_UP, TICKET, TITLE, recording};
use crate::servers::{Said, offline};

struct Shop {
    folder: TempDir,
    whole: PathBuf,
}

impl Shop {
    fn recorded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole");
        recording().write(&mut fs::File::create(&whole).unwrap()).unwrap();
        Self { folder, whole }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn export(&self, name: &str, arguments: &[&str]) -> Said {
        let output = self.file(name).display().to_string();
        offline(Some(&self.whole), &[&["export", "--output", &output], arguments].concat())
    }

    fn exported(&self, name: &str, arguments: &[&str]) -> Recording {
        self.export(name, arguments).answers();
        Recording::read(&self.file(name)).unwrap()
    }
}

/// By the order in which they were begun: the kind, and the state that folding its events gives.
fn states(recording: &Recording) -> Vec<(String, Value)> {
    let mut begun = Vec::new();
    let mut folded = BTreeMap::new();
    for numbered in &recording.messages {
        let message = numbered.stored.parcel.open().unwrap();
        let Some(kind) = KINDS.iter().find(|kind| kind.category == message.category) else { continue };
        let key = (message.category.clone(), message.id);
        let folding = folded.entry(key.clone()).or_insert_with(|| {
            begun.push(key.clone());
            kind.begin()
        });
        let event = &message.recorded.event;
        folding.apply(&event.event_type, &event.data).unwrap();
    }
    begun.into_iter().map(|key| (key.0.clone(), folded[&key].state())).collect()
}

/// The same without what is masked: of texts only those stay in which a service says one of a few words.
fn shape(name: &str, value: &Value) -> Value {
    match value {
        Value::String(_) if !["status", "category", "currency", "reason", "roles"].contains(&name) => {
            "…".into()
        }
        Value::Array(items) => items.iter().map(|item| shape(name, item)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| (name.clone(), shape(name, value));
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

fn sequences(recording: &Recording) -> Vec<u64> {
    recording.messages.iter().map(|numbered| numbered.sequence).collect()
}

async fn told(recording: Recording, id: uuid::Uuid) -> Vec<(String, Option<usize>)> {
    let history = History::new(Arc::new(recording), Runtime::real(TokioTasks::default()), 1_000);
    let story = history.story(id).await.unwrap().unwrap();
    story.told.into_iter().map(|told| (told.entry.event_type, told.cause)).collect()
}

fn id_of(recording: &Recording, category: &str) -> uuid::Uuid {
    let of = |numbered: &Numbered| {
        let message = numbered.stored.parcel.open().unwrap();
        (message.category == category).then_some(message.id)
    };
    recording.messages.iter().find_map(of).unwrap()
}

#[tokio::test]
async fn a_masked_export_folds_and_tells_its_story_as_before_and_says_nothing_of_anybody() {
    let shop = Shop::recorded();
    let masked = shop.exported("masked", &[]);
    let text = fs::read_to_string(shop.file("masked")).unwrap();
    for personal in [TITLE, "Harbour Hall", "Lisbon", "Stalls", "pi_3PExample", "ch_3PExample"] {
        assert!(!text.contains(personal), "{personal}");
    }
    for id in [BUYER, SELLER, ORDER, TICKET] {
        assert!(!text.contains(&id.to_string()), "{id}");
    }
    assert!(masked.head.is_masked);

    let whole = recording();
    assert_eq!(sequences(&masked), sequences(&whole));
    let (before, after) = (states(&whole), states(&masked));
    assert_eq!(before.len(), 4);
    for ((kind, before), (also, after)) in before.iter().zip(&after) {
        assert_eq!((kind, shape("", before)), (also, shape("", after)));
    }
    let (order, also) = (id_of(&whole, "order"), id_of(&masked, "order"));
    let story = told(whole, order).await;
    assert!(story.len() > 10 && story.iter().skip(2).all(|(_, cause)| cause.is_some()), "{story:?}");
    assert_eq!(told(masked, also).await, story);
}

#[test]
fn by_one_key_the_same_export_is_the_same_file_and_by_none_never() {
    let shop = Shop::recorded();
    let messages = |name: &str, arguments: &[&str]| shop.exported(name, arguments).messages;
    let seeded = messages("a", &["--mask-seed", "fixture"]);
    assert_eq!(messages("b", &["--mask-seed", "fixture"]), seeded);
    assert_ne!(messages("c", &["--mask-seed", "another"]), seeded);
    assert_ne!(messages("d", &[]), messages("e", &[]));
    let key = shop.file("key");
    fs::write(&key, "0123456789abcdef").unwrap();
    let by_key = ["--key-file", key.to_str().unwrap()];
    assert_eq!(messages("f", &by_key), messages("g", &by_key));
    fs::write(&key, "short").unwrap();
    shop.export("h", &by_key).refuses(2, "is too short for a key");
}

#[test]
fn unmasked_it_is_as_it_was_but_only_if_that_is_asked_for() {
    let shop = Shop::recorded();
    let said = shop.export("open", &["--unmasked"]).answers();
    assert!(said.contains("13 events in") && said.contains("nothing is masked"), "{said}");
    assert!(said.contains("        1  payment.ChargeCreated\n"), "{said}");
    let open = Recording::read(&shop.file("open")).unwrap();
    assert_eq!((open.messages, open.head.is_masked), (recording().messages, false));
    assert_eq!(shop.export("other", &["--unmasked", "--mask-seed", "a"]).status, 2);
}

#[test]
fn only_what_is_meant_is_exported() {
    let shop = Shop::recorded();
    let sign_up = SIGN_UP.to_string();
    let (order, ticket, request) =
        (ORDER.to_string(), TICKET.to_string(), uuid::Uuid::from_u128(0xc0).to_string());
    for (number, (arguments, places)) in [
        (vec!["--aggregate", "ticket"], vec![3, 7]),
        (vec!["--aggregate", "payment", "--type", "ChargeCreated"], vec![23]),
        (vec!["--id", &ticket], vec![3, 7]),
        (vec!["--since", "#20"], vec![21, 23, 25]),
        (vec!["--until", "#5"], vec![1, 3, 5]),
        (vec!["--since", "#4", "--until", "#8"], vec![5, 7]),
        (vec!["--correlation", &request, "--until", "#5"], vec![3, 5]),
        (vec!["--correlation", &sign_up], vec![1]),
        (vec!["--story", &order, "--unmasked"], vec![5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25]),
    ]
    .into_iter()
    .enumerate()
    {
        let exported = shop.exported(&number.to_string(), &arguments);
        assert_eq!(sequences(&exported), places, "{arguments:?}");
        let by = exported.head.selected_by.unwrap();
        assert!(arguments.contains(&"--unmasked") || !by.contains(&ticket), "{by}");
    }
}

#[test]
fn a_part_that_is_longer_than_what_is_read_at_a_time_is_whole() {
    let shop = Shop::recorded();
    let one = recording().messages.remove(0);
    let many = (1..=2_500).map(|place| Numbered { sequence: place * 3, ..one.clone() }).collect();
    let many = Recording { messages: many, ..recording() };
    many.write(&mut fs::File::create(&shop.whole).unwrap()).unwrap();
    assert_eq!(sequences(&shop.exported("all", &[])), sequences(&many));
    let part = shop.exported("part", &["--aggregate", "user", "--since", "#900", "--until", "#7000"]);
    assert_eq!(sequences(&part), (300..=2_333).map(|place| place * 3).collect::<Vec<_>>());
    let said = offline(Some(&shop.whole), &["schema", "check"]).answers();
    assert_eq!(said, "2500 events read, 0 could not be\n");
}

#[test]
fn what_cannot_be_exported_is_refused_in_one_sentence_and_nothing_is_written() {
    let shop = Shop::recorded();
    shop.export("a", &[]).answers();
    shop.export("a", &[]).refuses(2, "is there already: --force writes over it");
    shop.export("a", &["--force"]).answers();
    shop.export("b", &["--type", "OrderEaten"]).refuses(1, "holds no such events");
    shop.export("b", &["--type", "Order*"]).refuses(2, "has to be 1 to 64 letters");
    shop.export("b", &["--story", &uuid::Uuid::from_u128(9).to_string()])
        .refuses(1, "nothing happened under the id");
    shop.export("b", &["--since", "3000-01-01T00:00:00Z"]).refuses(2, "has not come yet");
    shop.export("no/where", &[]).refuses(3, "could not write");
    shop.export(".", &[]).refuses(2, "is a folder");
    let output = shop.file("b").display().to_string();
    offline(None, &["export", "--output", &output]).refuses(2, "where the events are has to be said");
    offline(Some(Path::new("/no/such/file")), &["export", "--output", &output]).refuses(3, "could not open");
    let mut left: Vec<_> =
        fs::read_dir(shop.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a", "whole"]);
}
