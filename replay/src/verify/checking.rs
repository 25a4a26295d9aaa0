//! Goes through stream and stores once, and a second time through whatever differs.

mod stores;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contracts::Timestamp;
use runtime::Runtime;
use uuid::Uuid;

use super::audit::{self, Expected};
use super::beside::{self, Timers};
use super::closer;
use super::documents::Shelf;
use super::fault::{Fault, Findings, Kind as Wrong};
use super::joins::{Joins, look_up};
use super::promises::{Standing, Waits};
use super::recorded;
use super::told::{Key, ROOM, Told};
use crate::Failure;
use crate::kinds::KINDS;
use crate::stores::Stores;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Every category on the stream: those that are kept, and that of expiration, which keeps none.
pub(super) const CATEGORIES: usize = KINDS.len() + 1;
const TIMER: (&str, &str) = ("timer", "expiration");
/// More aggregates than this are not looked at any closer.
const LOOKED_AT: usize = 10_000;
/// Between two looks at what differs.
const PAUSE: Duration = Duration::from_millis(300);

/// What is to be held against what.
pub struct Check {
    /// None for all.
    pub services: Vec<String>,
    /// Nothing may wait any more.
    pub is_at_rest: bool,
    /// What differs is looked at again for so long: a running shop goes on meanwhile.
    pub patience: Duration,
    /// So many aggregates are compared in one pass.
    pub room: usize,
}

/// What there is to be looked at.
pub struct Sources<'a> {
    pub stream: Option<&'a Stream>,
    /// Where the stream is a recording of only a part of what was said.
    pub is_part: bool,
    pub stores: Option<&'a Stores>,
    pub redis_url: Option<&'a str>,
    pub runtime: Runtime,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    pub findings: Findings,
    /// In the stores.
    pub aggregates: u64,
    pub events_in_stores: u64,
    pub events_on_stream: u64,
    /// How often the stream was gone through.
    pub passes: u64,
    pub audit_entries: u64,
    pub open_timers: u64,
    pub dead_letters: BTreeMap<&'static str, u64>,
    pub took: Duration,
}

impl Default for Check {
    fn default() -> Self {
        Self { services: Vec::new(), is_at_rest: false, patience: Duration::from_secs(5), room: ROOM }
    }
}

impl Check {
    fn is_of(&self, service: &str) -> bool {
        self.services.is_empty() || self.services.iter().any(|wanted| wanted == service)
    }
}

/// Category and service, by the place in a [`Key`].
fn category(place: u8) -> (&'static str, &'static str) {
    KINDS.get(usize::from(place)).map_or(TIMER, |kind| (kind.category, kind.service))
}

fn place_of(category: &str) -> Option<u8> {
    let kept = KINDS.iter().position(|kind| kind.category == category);
    let place = kept.or((category == TIMER.0).then_some(CATEGORIES - 1))?;
    u8::try_from(place).ok()
}

/// What is looked at again before it is called a fault: no more than [`LOOKED_AT`] of each kind.
#[derive(Default)]
struct Doubts {
    /// Of which stream and store do not agree.
    aggregates: BTreeSet<Key>,
    /// More of them.
    beyond: u64,
    /// Of which a promise does not hold.
    promises: BTreeSet<(&'static str, Uuid)>,
    audit: Vec<Expected>,
    timers: BTreeSet<Uuid>,
}

struct Checking<'a> {
    sources: &'a Sources<'a>,
    check: &'a Check,
    shelves: Vec<Shelf>,
    joins: Option<Joins>,
    timers: Option<Timers>,
    doubts: Doubts,
    report: Report,
    began_at: Timestamp,
}

/// Fails only where a server does not answer.
pub async fn verify(sources: &Sources<'_>, check: &Check, terminal: &Terminal) -> Result<Report, Failure> {
    let mut checking = Checking::open(sources, check).await?;
    // What is said later is not looked at.
    let end = match sources.stream {
        Some(stream) => stream.archive.state().await?.last_sequence,
        None => 0,
    };
    let mut told = Told::new(if sources.stream.is_some() { check.room } else { 0 });
    let mut documents = 0;
    for shelf in &checking.shelves {
        documents += shelf.count().await?;
    }
    loop {
        if let Some(stream) = sources.stream {
            let bar = terminal.progress("reading the stream", end);
            checking.pass(stream, &mut told, end, &bar).await?;
            bar.finish_and_clear();
        }
        let kept = terminal.progress("looking through the stores", documents);
        kept.set_position(checking.report.aggregates);
        kept.reset_eta();
        checking.scan(&mut told, &kept).await?;
        kept.finish_and_clear();
        checking.settle().await?;
        if !told.begin_next() {
            break;
        }
    }
    checking.look_beside().await?;
    if let Some(stream) = sources.stream.filter(|stream| stream.is_over) {
        let faults = recorded::promises(stream, sources.is_part, check.is_at_rest).await?;
        checking.report.findings.extend(faults);
    }
    let mut report = checking.report;
    report.took = sources.runtime.now().since(checking.began_at);
    Ok(report)
}

impl<'a> Checking<'a> {
    async fn open(sources: &'a Sources<'a>, check: &'a Check) -> Result<Self, Failure> {
        let (mut shelves, mut joins, mut timers) = (Vec::new(), None, None);
        if let Some(stores) = sources.stores {
            for kind in KINDS.into_iter().filter(|kind| check.is_of(kind.service)) {
                if let Some(database) = stores.of(kind.service) {
                    shelves.push(Shelf::new(database, kind));
                }
            }
            joins = Joins::of(stores);
            if let Some(url) = sources.redis_url.filter(|_| check.is_of(TIMER.1) || check.is_of("orders")) {
                timers = Some(Timers::open(url).await?);
            }
        }
        let report = Report { findings: Findings::new(check.is_at_rest), ..Report::default() };
        let (doubts, began_at) = (Doubts::default(), sources.runtime.now());
        Ok(Self { sources, check, shelves, joins, timers, doubts, report, began_at })
    }

    fn waits(&self) -> Waits {
        Waits::new(self.sources.runtime.now(), self.check.is_at_rest)
    }

    fn doubt(&mut self, key: Key) {
        if self.doubts.aggregates.len() < LOOKED_AT {
            self.doubts.aggregates.insert(key);
        } else if !self.doubts.aggregates.contains(&key) {
            self.doubts.beyond += 1;
        }
    }

    /// Looks at all that is in doubt until it agrees or patience is over.
    async fn settle(&mut self) -> Result<(), Failure> {
        let runtime = self.sources.runtime.clone();
        let is_over = self.sources.stream.is_some_and(|stream| stream.is_over);
        let until = runtime.now() + if is_over { Duration::ZERO } else { self.check.patience };
        loop {
            let faults = self.look_again().await?;
            if faults.is_empty() {
                break;
            }
            if runtime.now() >= until {
                self.report.findings.extend(faults);
                break;
            }
            runtime.sleep(PAUSE).await;
        }
        if self.doubts.beyond > 0 {
            let beyond = self.doubts.beyond;
            let what =
                format!("{beyond} more events or aggregates differ, which were not looked at any closer");
            self.report.findings.add(Fault::new(Wrong::Changed, what));
        }
        self.doubts = Doubts::default();
        Ok(())
    }

    /// What of all that is in doubt is still not as it should be; nobody doubts the rest any more.
    async fn look_again(&mut self) -> Result<Vec<Fault>, Failure> {
        let waits = self.waits();
        let mut faults = Vec::new();
        if let Some(stream) = self.sources.stream {
            for key in std::mem::take(&mut self.doubts.aggregates) {
                let (category, _) = category(key.category);
                let shelf = self.shelves.iter().find(|shelf| shelf.kind.category == category);
                let look = closer::look(stream, shelf, category, key.id).await?;
                if look.faults.is_empty() {
                    continue;
                }
                self.doubts.aggregates.insert(key);
                let under_way = |fault: Fault| Fault { kind: Wrong::Waiting, ..fault };
                let is_under_way = look.is_under_way;
                faults.extend(
                    look.faults.into_iter().map(|fault| if is_under_way { under_way(fault) } else { fault }),
                );
            }
        }
        if let Some(joins) = &self.joins {
            let mut by_category: BTreeMap<&'static str, BTreeSet<Uuid>> = BTreeMap::new();
            for (category, id) in std::mem::take(&mut self.doubts.promises) {
                by_category.entry(category).or_default().insert(id);
            }
            for (category, ids) in by_category {
                for (id, found) in joins.judge_again(category, ids, waits).await? {
                    self.doubts.promises.insert((category, id));
                    faults.extend(found);
                }
            }
        }
        let orders = self.shelves.iter().find(|shelf| shelf.kind.category == "order");
        if let (Some(timers), Some(orders)) = (&mut self.timers, orders) {
            let orders = look_up(orders, std::mem::take(&mut self.doubts.timers)).await?;
            let orders: Vec<Standing> = orders.into_values().collect();
            for (id, fault) in timers.lacking(&orders, waits).await? {
                self.doubts.timers.insert(id);
                faults.push(fault);
            }
        }
        if let Some(database) = self.sources.stores.and_then(|stores| stores.of("auth")) {
            for (expected, fault) in
                audit::wrong(database, std::mem::take(&mut self.doubts.audit), waits).await?
            {
                self.doubts.audit.push(expected);
                faults.push(fault);
            }
        }
        // Two that are held against each other say the same of both.
        let mut told = BTreeSet::new();
        faults.retain(|fault| told.insert((fault.kind, fault.what.clone())));
        Ok(faults)
    }

    async fn look_beside(&mut self) -> Result<(), Failure> {
        for shelf in &self.shelves {
            beside::strays(shelf, &mut self.report.findings).await?;
        }
        let services: BTreeSet<&'static str> = self.shelves.iter().map(|shelf| shelf.kind.service).collect();
        for service in services {
            let Some(database) = self.sources.stores.and_then(|stores| stores.of(service)) else { continue };
            let (count, fault) = beside::letters(database, service).await?;
            self.report.dead_letters.insert(service, count);
            self.report.findings.extend(fault);
        }
        let waits = self.waits();
        if let Some(timers) = &mut self.timers {
            let (count, fault) = timers.letters().await?;
            self.report.dead_letters.insert(TIMER.1, count);
            self.report.findings.extend(fault);
            if let Some(orders) = self.shelves.iter().find(|shelf| shelf.kind.category == "order") {
                timers.left_over(orders, waits, &mut self.report.findings).await?;
            }
            if !timers.are_complete().await? {
                let what = "expiration has not set all timers yet since they were lost";
                self.report.findings.add(Fault::new(Wrong::Waiting, what));
            }
        }
        Ok(())
    }
}
