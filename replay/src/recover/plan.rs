//! Which aggregates the stream tells more of than the store, and of which it tells something else.

use std::collections::BTreeSet;

use eventsourcing::{Outbox, Tail};
use uuid::Uuid;

use crate::Failure;
use crate::kinds::Kind;
use crate::repair::documents::Unfit;
use crate::repair::tails::{Tails, Told};

const PAGE: usize = 500;

pub(super) struct Plan {
    pub kind: Kind,
    /// Those that lack something, and those that are missing altogether.
    pub behind: Vec<Uuid>,
    /// Those that hold another event than the stream where both tell of the same version.
    pub conflicts: Vec<Unfit>,
    /// How many the store has.
    pub aggregates: u64,
}

enum Standing {
    Level,
    Behind,
    Conflict,
}

impl Plan {
    pub(super) async fn of(kind: Kind, outbox: &dyn Outbox, tails: &Tails) -> Result<Self, Failure> {
        let mut plan = Self { kind, behind: Vec::new(), conflicts: Vec::new(), aggregates: 0 };
        let (mut after, mut known) = (None, BTreeSet::new());
        loop {
            let page = outbox.changed_since(None, after, PAGE).await?;
            plan.aggregates += page.len() as u64;
            for tail in &page {
                let Some(told) = tails.of(kind, tail.id) else { continue };
                known.insert(tail.id);
                match standing(tail, told, outbox).await? {
                    Standing::Level => {}
                    Standing::Behind => plan.behind.push(tail.id),
                    Standing::Conflict => {
                        let why =
                            format!("the store and the stream each tell another v{} of it", told.version);
                        plan.conflicts.push(Unfit { id: tail.id.to_string(), why });
                    }
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => break,
            }
        }
        plan.behind.extend(tails.of_kind(kind).map(|(id, _)| id).filter(|id| !known.contains(id)));
        Ok(plan)
    }
}

/// What the stream lacks is the relay's to tell.
async fn standing(tail: &Tail, told: Told, outbox: &dyn Outbox) -> Result<Standing, Failure> {
    if told.version > tail.version {
        return Ok(Standing::Behind);
    }
    if (told.version, told.event_id) == (tail.version, tail.event_id) {
        return Ok(Standing::Level);
    }
    let events = outbox.events_from(tail.id, told.version).await?;
    let shared = events.first().map(|event| (event.version, event.id));
    Ok(match shared == Some((told.version, told.event_id)) {
        true => Standing::Level,
        false => Standing::Conflict,
    })
}
