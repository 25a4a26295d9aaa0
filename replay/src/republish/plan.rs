//! What the stream lacks of one kind of aggregate, and where it cannot be told.

use std::io::Write as _;

use eventsourcing::{Outbox, Tail};
use serde_json::json;
use uuid::Uuid;

use crate::Failure;
use crate::kinds::Kind;
use crate::repair::tails::{Tails, Told};
use crate::terminal::Terminal;

const PAGE: usize = 500;
/// So many are named; the others are counted.
const NAMED: usize = 10;

pub(super) struct Plan {
    pub kind: Kind,
    /// The aggregates of which the stream lacks something, and how many events that are.
    pub lacking: Vec<(Uuid, u64)>,
    pub aggregates: u64,
    pub events: u64,
    /// Of which the stream tells another history than the store.
    pub fenced: u64,
    /// Of which the stream lacks something that later events stand behind.
    pub holes: u64,
    /// Of which the stream tells more than the store.
    pub store_behind: u64,
    named: Vec<(Uuid, String)>,
    told_aggregates: u64,
    told_events: u64,
}

/// How the stream stands to one aggregate of the store.
enum Standing {
    Level,
    Lacks(u64),
    Fenced(String),
    StoreBehind(String),
}

impl Plan {
    pub(super) async fn of(kind: Kind, outbox: &dyn Outbox, tails: &Tails) -> Result<Self, Failure> {
        let mut plan = Self {
            kind,
            lacking: Vec::new(),
            aggregates: 0,
            events: 0,
            fenced: 0,
            holes: 0,
            store_behind: 0,
            named: Vec::new(),
            told_aggregates: 0,
            told_events: 0,
        };
        let (mut after, mut known) = (None, 0);
        loop {
            let page = outbox.changed_since(None, after, PAGE).await?;
            for tail in &page {
                let told = tails.of(kind, tail.id);
                known += u64::from(told.is_some());
                plan.sort(tail, told, outbox).await?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => break,
            }
        }
        plan.store_behind += tails.of_kind(kind).count() as u64 - known;
        Ok(plan)
    }

    async fn sort(&mut self, tail: &Tail, told: Option<Told>, outbox: &dyn Outbox) -> Result<(), Failure> {
        if told.is_some_and(|told| told.messages < told.version) {
            self.holes += 1;
            self.name(tail.id, "the stream lacks events in the middle of it".to_owned());
        }
        match standing(tail, told, outbox).await? {
            Standing::Level => {}
            Standing::Lacks(events) => {
                self.lacking.push((tail.id, events));
                self.aggregates += 1;
                self.events += events;
            }
            Standing::Fenced(why) => {
                self.fenced += 1;
                self.name(tail.id, why);
            }
            Standing::StoreBehind(why) => {
                self.store_behind += 1;
                self.name(tail.id, why);
            }
        }
        Ok(())
    }

    /// What came of one of those that were lacking.
    pub(super) fn note(&mut self, id: Uuid, events: u64, is_told: bool) {
        if is_told {
            self.told_aggregates += 1;
            self.told_events += events;
        } else {
            self.fenced += 1;
            self.name(id, "the stream tells another history of it by now".to_owned());
        }
    }

    fn name(&mut self, id: Uuid, why: String) {
        if self.named.len() < NAMED {
            self.named.push((id, why));
        }
    }

    pub(super) fn in_words(&self, wrote: bool) -> String {
        let category = self.kind.category;
        let mut words = match (wrote, self.events) {
            (_, 0) => format!("{category}: the stream tells all of it"),
            (false, _) => {
                format!(
                    "{category}: the stream lacks {} events of {} aggregates",
                    self.events, self.aggregates
                )
            }
            (true, _) => format!(
                "{category}: {} events of {} aggregates told again",
                self.told_events, self.told_aggregates
            ),
        };
        for (count, what) in [
            (self.fenced, "fenced"),
            (self.holes, "with a hole"),
            (self.store_behind, "of which the store lacks something"),
        ] {
            if count > 0 {
                words += &format!(", {count} {what}");
            }
        }
        words
    }

    pub(super) fn print(&self, terminal: &mut Terminal, json: bool, wrote: bool) -> Result<(), Failure> {
        if json {
            let line = json!({
                "aggregate": self.kind.category, "lacking_aggregates": self.aggregates,
                "lacking_events": self.events, "told_aggregates": self.told_aggregates,
                "told_events": self.told_events, "fenced": self.fenced, "holes": self.holes,
                "store_behind": self.store_behind, "named": self.named,
            });
            writeln!(terminal, "{line}")?;
            return Ok(());
        }
        writeln!(terminal, "{}", self.in_words(wrote))?;
        for (id, why) in &self.named {
            writeln!(terminal, "  {} {id}: {why}", self.kind.category)?;
        }
        Ok(())
    }
}

async fn standing(tail: &Tail, told: Option<Told>, outbox: &dyn Outbox) -> Result<Standing, Failure> {
    let Some(told) = told else { return Ok(Standing::Lacks(tail.version)) };
    if (told.version, told.event_id) == (tail.version, tail.event_id) {
        return Ok(Standing::Level);
    }
    if told.version > tail.version {
        let why = format!("the stream tells v{} of it, the store has v{}", told.version, tail.version);
        return Ok(Standing::StoreBehind(why));
    }
    // It may have gone on since its tail was read, and its last events may have been moved out of the document.
    let events = outbox.events_from(tail.id, told.version).await?;
    let shared = events.first().map(|event| (event.version, event.id));
    let last = events.last().map_or(0, |event| event.version);
    Ok(match shared == Some((told.version, told.event_id)) {
        true if last == told.version => Standing::Level,
        true => Standing::Lacks(last - told.version),
        false => Standing::Fenced(format!("the stream tells another v{} of it", told.version)),
    })
}
