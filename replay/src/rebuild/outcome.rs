//! What came of a rebuild, for one kind of aggregate.

use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::difference::differences;
use crate::repair::documents::{Kept, Unfit};
use crate::terminal::Terminal;

/// So many are named; the others are counted.
const NAMED: usize = 10;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub aggregate: String,
    /// That were folded.
    pub documents: u64,
    /// From what their events say.
    pub differing: u64,
    /// The first that differs, and how, field by field.
    pub first: Option<First>,
    /// That were put in the place of the old.
    pub swapped: u64,
    /// That went on meanwhile, and were folded once more.
    pub folded_again: u64,
    /// Of which nothing can be made.
    pub unfit: u64,
    pub unfit_named: Vec<(String, String)>,
    /// Entries that auth's audit trail lacked.
    pub audit: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct First {
    pub id: String,
    pub differences: Vec<String>,
}

impl Outcome {
    pub(super) fn differs(&mut self, kept: &Kept, state: &serde_json::Value) {
        self.differing += 1;
        self.first.get_or_insert_with(|| First {
            id: kept.id.to_string(),
            differences: differences(&kept.state, state).iter().map(ToString::to_string).collect(),
        });
    }

    /// Once, however often it is found to be so.
    pub(super) fn is_unfit(&mut self, unfit: Unfit) {
        if self.unfit_named.iter().any(|(named, _)| *named == unfit.id) {
            return;
        }
        self.unfit += 1;
        if self.unfit_named.len() < NAMED {
            self.unfit_named.push((unfit.id, unfit.why));
        }
    }

    pub(super) fn has_work(&self) -> bool {
        self.differing > 0 || self.audit > 0
    }

    pub(super) fn in_words(&self, wrote: bool) -> String {
        let Self { aggregate, documents, differing, swapped, folded_again, unfit, audit, .. } = self;
        let mut words = format!("{aggregate}: {documents} folded, {differing} not as their events say");
        if wrote {
            words += &format!(", {swapped} replaced");
        }
        if *folded_again > 0 {
            words += &format!(", {folded_again} went on meanwhile and were folded once more");
        }
        if *unfit > 0 {
            words += &format!(", {unfit} could not be folded");
        }
        if *audit > 0 {
            let done = if wrote { "written again" } else { "missing" };
            words += &format!(", {audit} entries of the audit trail {done}");
        }
        words
    }

    pub(super) fn print(&self, terminal: &mut Terminal, json: bool, wrote: bool) -> Result<(), Failure> {
        if json {
            let line = serde_json::to_string(self).map_err(|error| Failure::File(error.to_string()))?;
            writeln!(terminal, "{line}")?;
            return Ok(());
        }
        writeln!(terminal, "{}", self.in_words(wrote))?;
        if let Some(First { id, differences }) = &self.first {
            writeln!(terminal, "  the first, {} {id}:", self.aggregate)?;
            for difference in differences {
                writeln!(terminal, "    {difference}")?;
            }
        }
        for (id, why) in &self.unfit_named {
            writeln!(terminal, "  {} {id}: {why}", self.aggregate)?;
        }
        let more = self.unfit - self.unfit_named.len() as u64;
        if more > 0 {
            writeln!(terminal, "  and {more} more")?;
        }
        Ok(())
    }
}
