//! One aggregate, event by event: what its store has against what the stream has.

use std::collections::BTreeMap;

use eventsourcing::{RawEvent, Recorded};
use messaging::{Extent, Selection};
use serde_json::Value;
use uuid::Uuid;

use super::documents::{Kept, Shelf};
use super::fault::{Fault, Kind as Wrong};
use crate::Failure;
use crate::difference::differences;
use crate::stream::Stream;

const PART: usize = 1_000;

/// An event as the stream tells it.
pub(super) struct Said {
    pub sequence: u64,
    pub recorded: Recorded<RawEvent>,
}

/// What is wrong with one aggregate, if anything is.
pub(super) struct Look {
    pub faults: Vec<Fault>,
    /// Only the newest events are not on the stream yet, and the store knows it.
    pub is_under_way: bool,
}

/// What the stream tells of one aggregate. What is no event was told of before.
pub(super) async fn said(stream: &Stream, category: &str, id: Uuid) -> Result<Vec<Said>, Failure> {
    let selection = Selection::new(Some(category.to_owned()), Some(id), None)
        .map_err(|error| Failure::Found(format!("{category:?} {error}")))?;
    let mut said = Vec::new();
    let mut next = 1;
    loop {
        let part = stream.archive.part(&selection, next, PART, Extent::Whole).await?;
        for numbered in &part {
            if let Ok(message) = numbered.stored.parcel.open() {
                said.push(Said { sequence: numbered.sequence, recorded: message.into_owned().recorded });
            }
        }
        match part.last() {
            Some(last) if part.len() == PART => next = last.sequence + 1,
            _ => return Ok(said),
        }
    }
}

/// Fails only where nobody answers.
pub(super) async fn look(
    stream: &Stream,
    shelf: Option<&Shelf>,
    category: &str,
    id: Uuid,
) -> Result<Look, Failure> {
    // The stream first: what stands on it was committed before.
    let said = said(stream, category, id).await?;
    let kept = match shelf {
        Some(shelf) => Some(shelf.load(id).await?),
        None => None,
    };
    Ok(match kept {
        None => alone(category, id, &said),
        // What is no document of ours is told of where it was read.
        Some(Some(Err(_))) => Look { faults: in_order(category, id, &said), is_under_way: false },
        Some(Some(Ok(kept))) => compare(category, &kept, &said),
        Some(None) => {
            let mut faults = in_order(category, id, &said);
            if let Some(first) = said.first() {
                let count = said.len();
                let what = format!("the stream tells {count} events of {category} {id}, which no store has");
                faults.push(Fault::of(Wrong::Stranger, category, id, what).at(first.sequence));
            }
            Look { faults, is_under_way: false }
        }
    })
}

/// By the stream alone.
pub(super) fn alone(category: &str, id: Uuid, said: &[Said]) -> Look {
    let mut faults = in_order(category, id, said);
    let mut versions: Vec<u64> = said.iter().map(|said| said.recorded.version).collect();
    versions.sort_unstable();
    versions.dedup();
    let mut expected = 1;
    for version in versions {
        if version > expected {
            let lacking = if version == expected + 1 {
                format!("version {expected}")
            } else {
                format!("the versions {expected} to {}", version - 1)
            };
            let what = format!("the stream lacks {lacking} of {category} {id}");
            faults.push(Fault::of(Wrong::Missing, category, id, what));
        }
        expected = version + 1;
    }
    Look { faults, is_under_way: false }
}

/// Each event once, and each behind those before it.
fn in_order(category: &str, id: Uuid, said: &[Said]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<u64, &Said> = BTreeMap::new();
    for event in said {
        let Recorded { id: event_id, version, event: RawEvent { event_type, .. }, .. } = &event.recorded;
        let (sequence, fault) = (event.sequence, |wrong, what| Fault::of(wrong, category, id, what));
        match seen.get(version) {
            Some(first) if first.recorded.id == *event_id => {
                let first = first.sequence;
                let what = format!(
                    "{event_type}, version {version} of {category} {id}, stands on the stream twice, at #{first} and \
                     at #{sequence}"
                );
                faults.push(fault(Wrong::Duplicate, what).at(sequence));
            }
            Some(first) => {
                let first = first.sequence;
                let what = format!(
                    "#{sequence} tells of version {version} of {category} {id}, of which #{first} tells something else"
                );
                faults.push(fault(Wrong::Stranger, what).at(sequence));
            }
            None => {
                if let Some((last, before)) = seen.last_key_value().filter(|(last, _)| *last > version) {
                    let before = before.sequence;
                    let what = format!(
                        "version {version} of {category} {id} stands on the stream at #{sequence}, behind version \
                         {last} at #{before}"
                    );
                    faults.push(fault(Wrong::Order, what).at(sequence));
                }
                seen.insert(*version, event);
            }
        }
    }
    faults
}

fn compare(category: &str, kept: &Kept, said: &[Said]) -> Look {
    let id = kept.id;
    let mut faults = in_order(category, id, said);
    let mut there: BTreeMap<u64, &Said> = BTreeMap::new();
    for event in said {
        there.entry(event.recorded.version).or_insert(event);
    }
    let told_to = there.last_key_value().map_or(0, |(version, _)| *version);
    let mut is_under_way = kept.is_unpublished;
    for event in &kept.events {
        let here = &event.recorded;
        let (version, event_type) = (here.version, &here.event.event_type);
        let Some(there) = there.remove(&version) else {
            is_under_way &= version > told_to;
            let what = format!("the stream lacks {event_type}, version {version} of {category} {id}");
            faults.push(Fault::of(Wrong::Missing, category, id, what));
            continue;
        };
        if *here == there.recorded {
            continue;
        }
        is_under_way = false;
        let sequence = there.sequence;
        let (wrong, place) = if event.is_archived {
            (Wrong::View, "where it was moved aside")
        } else {
            (Wrong::Changed, "in its store")
        };
        let what = format!(
            "{event_type}, version {version} of {category} {id}, is told otherwise {place} than by the stream at \
             #{sequence}"
        );
        let differences = differences(&written(here), &written(&there.recorded));
        faults.push(Fault::of(wrong, category, id, what).at(sequence).with(differences));
    }
    for (version, event) in there {
        let (sequence, event_type) = (event.sequence, &event.recorded.event.event_type);
        is_under_way = false;
        let what = format!(
            "#{sequence} tells {event_type}, version {version} of {category} {id}, which no store has"
        );
        faults.push(Fault::of(Wrong::Stranger, category, id, what).at(sequence));
    }
    let is_under_way = is_under_way && faults.iter().all(|fault| fault.kind == Wrong::Missing);
    Look { faults, is_under_way }
}

fn written(recorded: &Recorded<RawEvent>) -> Value {
    serde_json::to_value(recorded).unwrap_or_default()
}
