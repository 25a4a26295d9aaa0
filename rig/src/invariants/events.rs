//! State and events commit together, every committed event stands on the stream once and in order, and each cause
//! changes an aggregate once.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Violation, doubled, lost, stuck};
use crate::behind::{Books, Kept, KeptEvent, Said};

/// Timers have no store: the stream is all there is of them.
const WITHOUT_STORE: &str = "timer";

pub(super) fn violations(books: &Books) -> Vec<Violation> {
    let mut said: BTreeMap<(&str, Uuid), Vec<&Said>> = BTreeMap::new();
    for event in &books.said {
        said.entry((event.category.as_str(), event.id)).or_default().push(event);
    }
    let mut violations = twice(&books.said);
    for ((category, id), events) in &said {
        violations.extend(in_order(category, *id, events));
        if *category != WITHOUT_STORE && books.find(category, *id).is_none() {
            violations.push(lost(format!("the stream tells of {category} {id}, which no store has")));
        }
    }
    for kept in &books.kept {
        let on_stream = said.get(&(kept.category, kept.id)).map_or(&[][..], Vec::as_slice);
        violations.extend(published(kept, on_stream));
        violations.extend(caused_once(kept));
    }
    violations
}

fn twice(said: &[Said]) -> Vec<Violation> {
    let mut seen = BTreeSet::new();
    let again = said.iter().filter(|event| !seen.insert(event.recorded.id));
    again.map(|event| doubled(format!("event {} stands on the stream twice", event.recorded.id))).collect()
}

/// 1, 2, 3, … without a hole.
fn in_order(category: &str, id: Uuid, events: &[&Said]) -> Option<Violation> {
    let versions: Vec<u64> = events.iter().map(|event| event.recorded.version).collect();
    let is_whole = versions.iter().copied().eq(1..=versions.len() as u64);
    (!is_whole).then(|| lost(format!("the stream has the versions {versions:?} of {category} {id}")))
}

fn published(kept: &Kept, on_stream: &[&Said]) -> Vec<Violation> {
    let Kept { service, category, id, version, events, .. } = kept;
    let mut violations = Vec::new();
    if kept.unpublished {
        violations.push(stuck(format!("{service} has not published {category} {id}")));
    }
    if !events.iter().map(|event| event.version).eq(1..=*version) {
        let versions: Vec<u64> = events.iter().map(|event| event.version).collect();
        violations
            .push(lost(format!("{category} {id} is at version {version} and has the events {versions:?}")));
    }
    let here = events.iter().map(|event| (event.id, event.version, event.event_type.as_str()));
    let there = on_stream.iter().map(|event| (event.recorded.id, event.recorded.version, event.name()));
    if !here.eq(there) {
        let here: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let there: Vec<&str> = on_stream.iter().map(|event| event.name()).collect();
        violations.push(lost(format!("{service} has {here:?} of {category} {id}, the stream has {there:?}")));
    } else if let Some(event) = events.iter().zip(on_stream).find_map(differs) {
        violations.push(lost(format!(
            "{service} and the stream tell {} of {category} {id} in different words",
            event.event_type
        )));
    }
    violations
}

/// A body on the stream is, byte for byte, what the store would publish again.
fn differs<'kept>((kept, said): (&'kept KeptEvent, &&Said)) -> Option<&'kept KeptEvent> {
    (kept.data.to_string().as_bytes() != said.body).then_some(kept)
}

/// What one cause brought about was committed together, so it stands together.
fn caused_once(kept: &Kept) -> Vec<Violation> {
    let mut closed = BTreeSet::new();
    let mut violations = Vec::new();
    for pair in kept.events.windows(2) {
        let (before, event) = (pair[0].causation_id, &pair[1]);
        if event.causation_id != before {
            closed.insert(before);
        }
        if closed.contains(&event.causation_id) {
            let Kept { category, id, .. } = kept;
            let cause = event.causation_id;
            violations.push(doubled(format!("{category} {id} did twice what {cause} caused")));
        }
    }
    violations
}
