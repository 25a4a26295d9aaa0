//! The stores, page by page: whether each aggregate is kept as its events say, and what follows from it.

use super::{Checking, LOOKED_AT, category, place_of};
use crate::Failure;
use crate::kinds::Kind;
use crate::verify::audit::{self, Expected};
use crate::verify::documents::{Kept, PAGE, Shelf};
use crate::verify::fault::{Fault, Kind as Wrong};
use crate::verify::promises::{Standing, Waits};
use crate::verify::states;
use crate::verify::told::{Key, Told};
use indicatif::ProgressBar;

impl Checking<'_> {
    /// The documents of all aggregates in the range that the stream was read for.
    pub(super) async fn scan(&mut self, told: &mut Told, bar: &ProgressBar) -> Result<(), Failure> {
        for shelf in self.shelves.clone() {
            let mut after: Option<String> = None;
            loop {
                let page = shelf.page(told.range, after.as_deref()).await?;
                let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
                let mut kept = Vec::with_capacity(page.len());
                for document in page {
                    let id = document.get_str("_id").unwrap_or_default().to_owned();
                    match shelf.read(document).await? {
                        Ok(one) => kept.push(one),
                        Err(why) => {
                            let what =
                                format!("the document of {} {id} cannot be read: {why}", shelf.kind.category);
                            let aggregate = id.parse().unwrap_or_default();
                            let fault = Fault::of(Wrong::Unreadable, shelf.kind.category, aggregate, what);
                            self.report.findings.add(fault);
                            if let Some(category) = place_of(shelf.kind.category) {
                                told.take(Key { id: aggregate, category });
                            }
                        }
                    }
                    after = Some(id);
                }
                bar.inc(kept.len() as u64);
                self.judge(&shelf, &kept, told).await?;
                if is_last {
                    break;
                }
            }
        }
        if self.sources.stores.is_some() && self.sources.stream.is_some() {
            for key in told.left() {
                if self.shelves.iter().any(|shelf| shelf.kind.category == category(key.category).0) {
                    self.doubt(key);
                }
            }
        }
        Ok(())
    }

    async fn judge(&mut self, shelf: &Shelf, kept: &[Kept], told: &mut Told) -> Result<(), Failure> {
        let kind = shelf.kind;
        let place = place_of(kind.category).unwrap_or_default();
        let (mut standings, mut expected) = (Vec::new(), Vec::new());
        for one in kept {
            self.report.aggregates += 1;
            self.report.events_in_stores += one.events.len() as u64;
            let judged = states::judge(kind, one);
            self.report.findings.extend(judged.faults);
            if self.sources.stream.is_some() {
                let key = Key { id: one.id, category: place };
                let told = told.take(key).unwrap_or_default();
                let is_told = usize::try_from(told.version)
                    .is_ok_and(|version| version == judged.digests.len())
                    && judged.digests.last() == Some(&told.digest);
                if !is_told {
                    self.doubt(key);
                }
            }
            self.report.findings.extend(untold(kind, one, self.waits()));
            if kind.service == "auth" {
                expected.extend(audit::expected(kind.category, one, self.began_at));
            }
            standings.push(Standing::of_kept(one));
        }
        self.judge_audit(expected).await?;
        let waits = self.waits();
        if kind.category == "order"
            && let Some(timers) = &mut self.timers
        {
            self.report.open_timers += standings.iter().filter(|order| order.is_open()).count() as u64;
            let lacking = timers.lacking(&standings, waits).await?;
            self.doubts.timers.extend(lacking.into_iter().map(|(id, _)| id).take(LOOKED_AT));
        }
        if let Some(joins) = &self.joins {
            for (id, faults) in joins.judge(kind.category, standings, waits).await? {
                if self.doubts.promises.len() < LOOKED_AT {
                    self.doubts.promises.insert((kind.category, id));
                } else {
                    self.report.findings.extend(faults);
                }
            }
        }
        Ok(())
    }

    async fn judge_audit(&mut self, expected: Vec<Expected>) -> Result<(), Failure> {
        let Some(database) = self.sources.stores.and_then(|stores| stores.of("auth")) else { return Ok(()) };
        self.report.audit_entries += expected.len() as u64;
        for (expected, fault) in audit::wrong(database, expected, self.waits()).await? {
            if self.doubts.audit.len() < LOOKED_AT {
                self.doubts.audit.push(expected);
            } else {
                self.report.findings.add(fault);
            }
        }
        Ok(())
    }
}

/// The relay takes the mark away as soon as the stream has it all.
fn untold(kind: Kind, kept: &Kept, waits: Waits) -> Option<Fault> {
    let (category, id, seconds) = (kind.category, kept.id, waits.now.since(kept.updated_at).as_secs());
    let what = format!("{category} {id} is marked as not published, for {seconds} s now");
    (kept.is_unpublished && waits.too_long(kept.updated_at))
        .then(|| Fault::of(Wrong::Waiting, category, id, what))
}
