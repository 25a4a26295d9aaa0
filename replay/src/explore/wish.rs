//! What the view lacks, and what it is told.

use std::str::FromStr;
use std::sync::Arc;

use history::{Entry, Story};
use uuid::Uuid;

use super::search::Search;
use crate::moment::Moment;

/// Something to be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// A part of the log. `window` comes back with it: what was asked for another window is not wanted any more.
    Page { window: u64, place: Place, only: Option<Search> },
    /// The next event that matches. The number comes back with it: what was looked for before is not wanted any more.
    Find { number: u64, search: Search, from: u64, direction: Direction },
    /// Whatever is looked for is not wanted any more.
    StopFinding,
    /// What an aggregate said behind this sequence.
    Aggregate { whose: Whose, after: u64 },
    /// The matter that goes by this id.
    Story(Uuid),
    /// What a request led to.
    Request(Uuid),
    /// Whatever goes by this id.
    Named(Uuid),
}

/// What was read.
#[derive(Clone, Debug)]
pub(crate) enum News {
    Page {
        window: u64,
        place: Place,
        page: Page,
    },
    /// How far it was looked.
    Looking {
        number: u64,
        sequence: u64,
    },
    Found {
        number: u64,
        sequence: u64,
    },
    NotFound {
        number: u64,
    },
    Aggregate {
        whose: Whose,
        after: u64,
        entries: Vec<Arc<Entry>>,
        goes_on: bool,
    },
    Story {
        id: Uuid,
        story: Option<Box<Story>>,
    },
    /// The kinds of aggregates that go by this id; none for nothing.
    Named {
        id: Uuid,
        categories: Vec<String>,
    },
    /// The stream goes this far.
    Head(u64),
    /// It is another than it was.
    AnotherStream,
    /// How much of the stream was read to know what each request led to.
    Indexing {
        sequence: u64,
        total: u64,
    },
    Failed(String),
    /// Who reads has panicked.
    Lost,
}

/// Where a part of the log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Newest,
    Before(u64),
    After(u64),
    Around(Moment),
}

/// A part of the log, the oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub entries: Vec<Arc<Entry>>,
    /// All from this sequence on was read,
    pub from: u64,
    /// and all up to this one.
    pub to: u64,
    /// Whether anything may stand before it.
    pub goes_on_before: bool,
    /// Whether anything may stand behind it.
    pub goes_on_after: bool,
    /// What was asked for stands here.
    pub at: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// One aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Whose {
    pub category: String,
    pub id: Uuid,
}

/// Somewhere to go, as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Id(Uuid),
    Moment(Moment),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let moment = |_: uuid::Error| {
            text.parse().map(Self::Moment).map_err(|_| {
                format!("{text:?} is no id, no place on the stream (#1234), no version (v3) and no time")
            })
        };
        text.parse().map(Self::Id).or_else(moment)
    }
}

impl Whose {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self { category: entry.category.clone(), id: entry.aggregate_id }
    }
}
