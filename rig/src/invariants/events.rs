//! State and events commit together, every committed event stands on the stream once and in order, and each cause
//! changes an aggregate once.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::behind::{Books, Kept, Said};

/// Timers have no store: the stream is all there is of them.
const WITHOUT_STORE: &str = "timer";

pub(super) fn violations(books: &Books) -> Vec<String> {
    let mut said: BTreeMap<(&str, Uuid), Vec<&Said>> = BTreeMap::new();
    for event in &books.said {
        said.entry((event.category.as_str(), event.id)).or_default().push(event);
    }
    let mut violations = twice(&books.said);
    for ((category, id), events) in &said {
        violations.extend(in_order(category, *id, events));
        if *category != WITHOUT_STORE && books.find(category, *id).is_none() {
            violations.push(format!("the stream tells of {category} {id}, which no store has"));
        }
    }
    for kept in &books.kept {
        let on_stream = said.get(&(kept.category, kept.id)).map_or(&[][..], Vec::as_slice);
        violations.extend(published(kept, on_stream));
        violations.extend(caused_once(kept));
    }
    violations
}

fn twice(said: &[Said]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let doubled = said.iter().filter(|event| !seen.insert(event.recorded.id));
    doubled.map(|event| format!("event {} stands on the stream twice", event.recorded.id)).collect()
}

/// 1, 2, 3, … without a hole.
fn in_order(category: &str, id: Uuid, events: &[&Said]) -> Option<String> {
    let versions: Vec<u64> = events.iter().map(|event| event.recorded.version).collect();
    let is_whole = versions.iter().copied().eq(1..=versions.len() as u64);
    (!is_whole).then(|| format!("the stream has the versions {versions:?} of {category} {id}"))
}

fn published(kept: &Kept, on_stream: &[&Said]) -> Vec<String> {
    let Kept { service, category, id, version, events, .. } = kept;
    let mut violations = Vec::new();
    if kept.unpublished {
        violations.push(format!("{service} has not published {category} {id}"));
    }
    if !events.iter().map(|event| event.version).eq(1..=*version) {
        let versions: Vec<u64> = events.iter().map(|event| event.version).collect();
        violations.push(format!("{category} {id} is at version {version} and has the events {versions:?}"));
    }
    let here = events.iter().map(|event| (event.id, event.version, event.event_type.as_str()));
    let there = on_stream.iter().map(|event| (event.recorded.id, event.recorded.version, event.name()));
    if !here.eq(there) {
        let here: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let there: Vec<&str> = on_stream.iter().map(|event| event.name()).collect();
        violations.push(format!("{service} has {here:?} of {category} {id}, the stream has {there:?}"));
    }
    violations
}

/// What one cause brought about was committed together, so it stands together.
fn caused_once(kept: &Kept) -> Vec<String> {
    let mut closed = BTreeSet::new();
    let mut violations = Vec::new();
    for pair in kept.events.windows(2) {
        let (before, event) = (pair[0].causation_id, &pair[1]);
        if event.causation_id != before {
            closed.insert(before);
        }
        if closed.contains(&event.causation_id) {
            let Kept { category, id, .. } = kept;
            violations.push(format!("{category} {id} did twice what {} caused", event.causation_id));
        }
    }
    violations
}
