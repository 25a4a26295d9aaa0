//! Whether an aggregate is kept as its events say.

use std::collections::BTreeSet;

use super::digest::{Digest, of_recorded};
use super::documents::Kept;
use super::fault::{Fault, Kind as Wrong};
use crate::difference::differences;
use crate::kinds::Kind;

/// What its events come to.
pub(super) struct Judged {
    pub faults: Vec<Fault>,
    /// After each version.
    pub digests: Vec<Digest>,
}

pub(super) fn judge(kind: Kind, kept: &Kept) -> Judged {
    let (category, id) = (kind.category, kept.id);
    let fault = |wrong, what: String| Fault::of(wrong, category, id, what);
    let mut faults = Vec::new();
    let mut digests = Vec::with_capacity(kept.events.len());
    let mut folding = kind.begin();
    let mut digest = Digest::default();
    let mut is_read = true;
    for event in &kept.events {
        let recorded = &event.recorded;
        let body = recorded.event.data.to_string();
        digest = digest.and(of_recorded(recorded, body.as_bytes()));
        digests.push(digest);
        if let Err(error) = folding.read(&recorded.event.event_type, body.as_bytes()) {
            let (version, event_type) = (recorded.version, &recorded.event.event_type);
            is_read = false;
            faults.push(fault(
                Wrong::Unreadable,
                format!(
                    "{event_type}, version {version} of {category} {id}, cannot be read in its store: {error}"
                ),
            ));
        }
    }
    if let Some(what) = hole(kind, kept) {
        faults.push(fault(Wrong::Missing, what));
        is_read = false;
    }
    let state = folding.state();
    if is_read && state != kept.state {
        let what =
            format!("the stored state of {category} {id} is not what its {} events come to", kept.version);
        faults.push(fault(Wrong::State, what).with(differences(&kept.state, &state)));
    }
    faults.extend(times(kind, kept));
    faults.extend(caused_twice(kind, kept));
    Judged { faults, digests }
}

fn hole(kind: Kind, kept: &Kept) -> Option<String> {
    let versions = || kept.events.iter().map(|event| event.recorded.version);
    if versions().eq(1..=kept.version) {
        return None;
    }
    let (service, category, id, version) = (kind.service, kind.category, kept.id, kept.version);
    let is_there: BTreeSet<u64> = versions().collect();
    let lacking: Vec<u64> = (1..=version).filter(|version| !is_there.contains(version)).take(10).collect();
    Some(if lacking.is_empty() {
        let last = is_there.last().copied().unwrap_or_default();
        format!(
            "{category} {id} is at version {version}, and {service} has {} events of it up to {last}",
            kept.events.len()
        )
    } else {
        format!("{category} {id} is at version {version}, and {service} lacks its versions {lacking:?}")
    })
}

fn times(kind: Kind, kept: &Kept) -> Option<Fault> {
    let (first, last) = (kept.events.first()?.recorded.at, kept.events.last()?.recorded.at);
    let is = serde_json::json!({ "created_at": kept.created_at, "updated_at": kept.updated_at });
    let should = serde_json::json!({ "created_at": first, "updated_at": last });
    let (category, id) = (kind.category, kept.id);
    let what = format!("{category} {id} began or changed at another time than its events say");
    (is != should).then(|| Fault::of(Wrong::State, category, id, what).with(differences(&is, &should)))
}

/// What one cause brought about was committed together, so it stands together.
fn caused_twice(kind: Kind, kept: &Kept) -> Option<Fault> {
    let causes = || kept.events.iter().map(|event| event.recorded.cause.causation_id);
    let mut closed = BTreeSet::new();
    for (before, cause) in causes().zip(causes().skip(1)) {
        if cause != before {
            closed.insert(before);
        }
        if closed.contains(&cause) {
            let (category, id) = (kind.category, kept.id);
            let what = format!("{category} {id} did twice what {cause} caused");
            return Some(Fault::of(Wrong::Promise, category, id, what));
        }
    }
    None
}
