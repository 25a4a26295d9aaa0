//! All events, of which a window is held: it moves along as one pages, and its length is bounded.

mod seeking;

use std::collections::VecDeque;
use std::sync::Arc;

use history::Entry;

use super::keys::Move;
use super::search::Search;
use super::wish::{Direction, Page, Place, Wish};
use crate::moment::Moment;

pub(crate) use seeking::Sought;

/// So many are held; what is farthest away is let go.
pub(crate) const MOST: usize = 1_000;
/// Of lines that are not read yet, so that a key that was held down comes to an end.
const MOST_OWED: i64 = 5_000;
/// So near an end of the window more is read.
const MARGIN: usize = 100;

/// The window, and where in it one stands.
#[derive(Default)]
pub(crate) struct Log {
    pub entries: VecDeque<Arc<Entry>>,
    pub cursor: usize,
    /// The first that is shown.
    pub top: usize,
    /// Whether what comes is gone to.
    pub is_following: bool,
    pub search: Option<Search>,
    /// Whether only what matches the search is held.
    pub is_filtered: bool,
    /// The last sequence of the stream, as far as it is known.
    pub head: u64,
    /// Another one begins when one goes far away.
    window: u64,
    /// All between these was read.
    from: u64,
    to: u64,
    goes_on_before: bool,
    goes_on_after: bool,
    /// What is being read.
    asked: Option<Place>,
    /// It could not be: nothing more is asked for until something happens.
    is_stuck: bool,
    /// Where a new window is to be.
    wanted: Option<Place>,
    /// Where one stood when the search began.
    origin: Option<u64>,
    /// What is looked for beyond the window.
    looking: Option<Looking>,
    looked: u64,
    /// So many lines farther one would be, had they been read.
    owed: i64,
}

/// Looking for what matches; each time has a number of its own.
#[derive(Clone, Copy)]
struct Looking {
    number: u64,
    direction: Direction,
}

/// What came of a part that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Landed {
    /// Where it was wanted, or nowhere in particular.
    There,
    /// What was wanted is not there, and this stands next to where it would be.
    Near(u64),
}

impl Log {
    pub(crate) fn new(is_following: bool) -> Self {
        Self { is_following, wanted: Some(Place::Newest), ..Self::default() }
    }

    pub(crate) fn selected(&self) -> Option<&Arc<Entry>> {
        self.entries.get(self.cursor)
    }

    /// Whether anything was read yet.
    pub(crate) fn is_read(&self) -> bool {
        self.wanted.is_none() && !(self.asked.is_some() && self.entries.is_empty())
    }

    /// What has to be read so that the lines around the cursor are there.
    pub(crate) fn wish(&mut self, height: usize) -> Option<Wish> {
        if self.is_stuck {
            return None;
        }
        let place = if let Some(place) = self.wanted.take() {
            self.window += 1;
            place
        } else if self.asked.is_some() {
            return None;
        } else {
            let is_short = self.entries.len() < height;
            let is_at_end = self.is_following || self.cursor + MARGIN >= self.entries.len();
            if self.goes_on_before && (self.cursor < MARGIN || is_short) {
                Place::Before(self.from)
            } else if self.goes_on_after && (is_at_end || is_short) {
                Place::After(self.to)
            } else {
                return None;
            }
        };
        self.asked = Some(place);
        let only = self.search.clone().filter(|_| self.is_filtered);
        Some(Wish::Page { window: self.window, place, only })
    }

    /// Passed over where it is of a window that was left.
    pub(crate) fn hear(&mut self, window: u64, place: Place, page: Page) -> Landed {
        if window != self.window || self.wanted.is_some() {
            return Landed::There;
        }
        self.asked = None;
        self.head = self.head.max(page.to);
        match place {
            Place::Before(_) => self.put_before(page),
            Place::After(_) => self.put_behind(page),
            Place::Newest | Place::Around(_) => return self.put_anew(page),
        }
        Landed::There
    }

    /// What could not be read is asked for again at the next occasion.
    pub(crate) fn hear_failure(&mut self) {
        let Some(place) = self.asked.take() else { return };
        self.is_stuck = true;
        // What cannot be gone to is not: one stays where one is.
        if self.entries.is_empty() && matches!(place, Place::Newest | Place::Around(_)) {
            self.wanted = Some(Place::Newest);
        }
    }

    /// Something happened: what could not be read may be readable now.
    pub(crate) fn try_again(&mut self) {
        self.is_stuck = false;
    }

    pub(crate) fn hear_head(&mut self, head: u64) {
        self.head = self.head.max(head);
        self.try_again();
        self.goes_on_after |= self.head > self.to;
    }

    /// Everything anew, at this place.
    pub(crate) fn go(&mut self, place: Place) {
        self.wanted = Some(place);
        self.asked = None;
        self.owed = 0;
    }

    /// Of another stream nothing is known.
    pub(crate) fn forget(&mut self) {
        let (search, is_following) = (self.search.take(), self.is_following);
        *self = Self { search, window: self.window, looked: self.looked, ..Self::new(is_following) };
    }

    pub(crate) fn follow(&mut self, is_following: bool) {
        self.is_following = is_following;
        if is_following {
            self.go_last();
        }
    }

    pub(crate) fn go_by(&mut self, by: Move, height: usize) {
        match by {
            Move::First if self.goes_on_before => self.go(Place::Around(Moment::Sequence(0))),
            Move::Last => self.go_last(),
            Move::First => self.cursor = 0,
            Move::Up => self.shift(-1),
            Move::Down => self.shift(1),
            Move::PageUp => self.shift(-page(height)),
            Move::PageDown => self.shift(page(height)),
        }
        // Who looks back does not want to be taken away.
        if matches!(by, Move::Up | Move::PageUp | Move::First) {
            self.is_following = false;
        }
    }

    /// Keeps the cursor among the lines that are shown.
    pub(crate) fn settle(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.entries.len().saturating_sub(1));
        self.top = in_view(self.top, self.cursor, height, self.entries.len());
    }

    /// To the event at this place on the stream.
    pub(crate) fn go_to(&mut self, sequence: u64) {
        match self.entries.binary_search_by_key(&sequence, |entry| entry.sequence) {
            Ok(place) => self.cursor = place,
            Err(_) => self.go(Place::Around(Moment::Sequence(sequence))),
        }
    }

    /// By so many lines; what is not read yet is owed until it is.
    fn shift(&mut self, lines: i64) {
        let line = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
        let last = line(self.entries.len().saturating_sub(1));
        let wanted = line(self.cursor) + self.owed + lines;
        let at = wanted.clamp(0, last);
        let is_to_come = if wanted < at { self.goes_on_before } else { self.goes_on_after };
        self.owed = if is_to_come { (wanted - at).clamp(-MOST_OWED, MOST_OWED) } else { 0 };
        self.cursor = usize::try_from(at).unwrap_or(0);
    }

    fn go_last(&mut self) {
        self.owed = 0;
        if self.goes_on_after && !self.is_following {
            self.go(Place::Newest);
        }
        self.cursor = self.entries.len().saturating_sub(1);
    }

    fn put_anew(&mut self, page: Page) -> Landed {
        self.entries = page.entries.into();
        (self.from, self.to) = (page.from, page.to);
        self.goes_on_before = page.goes_on_before;
        self.goes_on_after = page.goes_on_after || self.head > self.to;
        let last = self.entries.len().saturating_sub(1);
        self.top = 0;
        let Some(at) = page.at else {
            self.cursor = last;
            return Landed::There;
        };
        self.cursor = self.entries.partition_point(|entry| entry.sequence < at).min(last);
        match self.selected() {
            Some(entry) if entry.sequence != at && at > 0 => Landed::Near(entry.sequence),
            _ => Landed::There,
        }
    }

    fn put_before(&mut self, page: Page) {
        self.cursor += page.entries.len();
        self.top += page.entries.len();
        for entry in page.entries.into_iter().rev() {
            self.entries.push_front(entry);
        }
        self.from = page.from.min(self.from);
        self.goes_on_before = page.goes_on_before;
        self.shift(0);
        if self.entries.len() > MOST && self.cursor < MOST {
            self.entries.truncate(MOST);
            self.to = self.entries.back().map_or(self.to, |last| last.sequence);
            self.goes_on_after = true;
        }
    }

    fn put_behind(&mut self, page: Page) {
        self.entries.extend(page.entries);
        self.to = page.to.max(self.to);
        self.goes_on_after = page.goes_on_after || self.head > self.to;
        if self.is_following {
            self.cursor = self.entries.len().saturating_sub(1);
        }
        self.shift(0);
        let excess = self.entries.len().saturating_sub(MOST).min(self.cursor);
        if excess > 0 {
            self.entries.drain(..excess);
            self.cursor -= excess;
            self.top = self.top.saturating_sub(excess);
            self.from = self.entries.front().map_or(self.from, |first| first.sequence);
            self.goes_on_before = true;
        }
    }
}

fn page(height: usize) -> i64 {
    i64::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
}

/// The first line to show so that the cursor is among them, and no more is empty than has to be.
pub(crate) fn in_view(top: usize, cursor: usize, height: usize, count: usize) -> usize {
    let height = height.max(1);
    let top = top.min(cursor).max((cursor + 1).saturating_sub(height));
    top.min(count.saturating_sub(height))
}
