//! One aggregate: what it said, and what each event made of it.

use std::sync::Arc;

use history::Entry;
use serde_json::Value;

use super::draw::layout::{self, Panes};
use super::draw::words::wrapped;
use super::keys::{Key, Move};
use super::log::in_view;
use super::wish::{Whose, Wish};
use crate::difference::{Difference, differences};
use crate::kinds::Kind;

/// More events of one aggregate are not held.
const MOST: usize = 5_000;

pub(crate) struct Aggregate {
    pub whose: Whose,
    pub entries: Vec<Arc<Entry>>,
    /// Which of the events is looked at.
    pub at: usize,
    pub top: usize,
    pub pane: Pane,
    /// Of the difference, and of the state.
    pub scrolled: [usize; 2],
    /// In place of the state.
    pub shows_data: bool,
    /// At the event that is looked at.
    pub folded: Folded,
    /// It said more than is held.
    pub is_cut: bool,
    /// Which of the events this build cannot read.
    pub unreadable: Vec<bool>,
    is_asked: bool,
    goes_on: bool,
    /// Where one wants to be.
    begin: Begin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    History,
    Difference,
    State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Sequence(u64),
    Last,
}

/// What an event made of the state.
#[derive(Default)]
pub(crate) struct Folded {
    pub state: Value,
    pub differences: Vec<Difference>,
    /// Why this build cannot read the event.
    pub unreadable: Option<String>,
    /// Whether any service of this build folds such aggregates.
    pub is_kept: bool,
}

impl Folded {
    /// The service's own code folds: up to this event, and then it.
    fn at(entries: &[Arc<Entry>], at: usize) -> Self {
        let Some(entry) = entries.get(at) else { return Self::default() };
        let Some(kind) = Kind::named(&entry.category) else { return Self::default() };
        let mut folding = kind.begin();
        for earlier in &entries[..at] {
            // What cannot be read leaves the state as it was.
            let _ = folding.apply(&earlier.event_type, &earlier.data);
        }
        let before = folding.state();
        let applied = folding.apply(&entry.event_type, &entry.data);
        let state = folding.state();
        Self {
            differences: differences(&before, &state),
            state,
            unreadable: applied.err().map(|error| error.to_string()),
            is_kept: true,
        }
    }
}

impl Aggregate {
    pub(crate) fn new(whose: Whose, begin: Begin) -> Self {
        Self {
            whose,
            entries: Vec::new(),
            at: 0,
            top: 0,
            pane: Pane::History,
            scrolled: [0, 0],
            shows_data: false,
            folded: Folded::default(),
            is_cut: false,
            unreadable: Vec::new(),
            is_asked: false,
            goes_on: true,
            begin,
        }
    }

    pub(crate) fn selected(&self) -> Option<&Arc<Entry>> {
        self.entries.get(self.at)
    }

    pub(crate) fn wish(&mut self) -> Option<Wish> {
        if !self.goes_on || self.is_asked || self.is_cut {
            return None;
        }
        self.is_asked = true;
        Some(Wish::Aggregate { whose: self.whose.clone(), after: self.read_to() })
    }

    pub(crate) fn hear(&mut self, after: u64, entries: Vec<Arc<Entry>>, goes_on: bool) {
        if after != self.read_to() || !self.is_asked {
            return;
        }
        (self.is_asked, self.goes_on) = (false, goes_on);
        self.entries.extend(entries);
        self.is_cut = self.entries.len() > MOST;
        self.entries.truncate(MOST);
        self.unreadable = unreadable(&self.entries);
        match self.begin {
            Begin::Sequence(sequence) => self.find(|entry| entry.sequence >= sequence),
            Begin::Last => self.at = self.entries.len().saturating_sub(1),
        }
        if !goes_on {
            // From now on one stays where one is.
            self.begin = Begin::Sequence(self.selected().map_or(0, |entry| entry.sequence));
        }
        self.fold();
    }

    pub(crate) fn hear_failure(&mut self) {
        self.is_asked = false;
        self.goes_on = false;
    }

    /// The stream goes on: there may be more.
    pub(crate) fn hear_head(&mut self) {
        self.goes_on = true;
    }

    pub(crate) fn is_read(&self) -> bool {
        !(self.goes_on && self.entries.is_empty())
    }

    /// False where there is no such version.
    pub(crate) fn go_to_version(&mut self, version: u64) -> bool {
        let found = self.entries.iter().position(|entry| entry.version == version);
        if let Some(at) = found {
            self.step_to(at);
        }
        found.is_some()
    }

    /// False where the key means nothing here.
    pub(crate) fn press(&mut self, key: Key, size: (u16, u16)) -> bool {
        let last = self.entries.len().saturating_sub(1);
        let panes = layout::panes(size);
        match key {
            Key::Left => self.step_to(self.at.saturating_sub(1)),
            Key::Right => self.step_to((self.at + 1).min(last)),
            Key::Home => self.step_to(0),
            Key::End => self.step_to(last),
            Key::Tab => self.pane = self.pane.next(),
            Key::BackTab => self.pane = self.pane.next().next(),
            Key::Letter('d') => {
                self.shows_data = !self.shows_data;
                self.scrolled[1] = 0;
            }
            Key::Move(by) => match self.pane {
                Pane::History => {
                    self.step_to(by.from(self.at, self.entries.len(), layout::inner_height(panes.history)));
                }
                Pane::Difference => self.scroll(0, by, panes),
                Pane::State => self.scroll(1, by, panes),
            },
            _ => return false,
        }
        true
    }

    pub(crate) fn settle(&mut self, size: (u16, u16)) {
        let panes = layout::panes(size);
        let height = layout::inner_height(panes.history);
        self.top = in_view(self.top, self.at, height, self.entries.len());
        let (difference, state) = (self.difference_lines(panes).len(), self.state_lines(panes).len());
        let last = |lines: usize, height: usize| lines.saturating_sub(height);
        self.scrolled[0] = self.scrolled[0].min(last(difference, layout::inner_height(panes.difference)));
        self.scrolled[1] = self.scrolled[1].min(last(state, layout::inner_height(panes.state)));
    }

    pub(crate) fn difference_lines(&self, panes: Panes) -> Vec<String> {
        let width = layout::inner_width(panes.difference);
        let mut lines = Vec::new();
        if let Some(why) = &self.folded.unreadable {
            lines.extend(wrapped(&format!("! this build cannot read the event: {why}"), width));
        } else if !self.folded.is_kept {
            lines.extend(wrapped("no service of this build folds such events", width));
        } else if self.folded.differences.is_empty() {
            lines.push("nothing changed".to_owned());
        }
        for difference in &self.folded.differences {
            lines.extend(wrapped(&difference.to_string(), width));
        }
        lines
    }

    /// Of the state, or of what the event said.
    pub(crate) fn state_lines(&self, panes: Panes) -> Vec<String> {
        let width = layout::inner_width(panes.state);
        let shown = match self.selected() {
            Some(entry) if self.shows_data => &entry.data,
            _ => &self.folded.state,
        };
        let text = serde_json::to_string_pretty(shown).unwrap_or_default();
        text.lines().flat_map(|line| wrapped(line, width)).collect()
    }

    /// What is not here, though it was said; none where all is here.
    pub(crate) fn missing(&self) -> Option<String> {
        let mut expected = 1;
        for entry in &self.entries[..(self.at + 1).min(self.entries.len())] {
            if entry.version > expected {
                return Some(format!("v{expected} to v{} are missing", entry.version - 1));
            }
            expected = entry.version + 1;
        }
        None
    }

    fn find(&mut self, is_there: impl Fn(&Entry) -> bool) {
        let last = self.entries.len().saturating_sub(1);
        self.at = self.entries.iter().position(|entry| is_there(entry)).unwrap_or(last);
    }

    fn read_to(&self) -> u64 {
        self.entries.last().map_or(0, |last| last.sequence)
    }

    fn step_to(&mut self, at: usize) {
        if at != self.at {
            self.at = at;
            self.scrolled = [0, 0];
            self.begin = Begin::Sequence(self.selected().map_or(0, |entry| entry.sequence));
            self.fold();
        }
    }

    fn fold(&mut self) {
        self.folded = Folded::at(&self.entries, self.at);
    }

    fn scroll(&mut self, which: usize, by: Move, panes: Panes) {
        let (lines, height) = match which {
            0 => (self.difference_lines(panes).len(), layout::inner_height(panes.difference)),
            _ => (self.state_lines(panes).len(), layout::inner_height(panes.state)),
        };
        let count = (lines + 1).saturating_sub(height);
        self.scrolled[which] = by.from(self.scrolled[which], count, height);
    }
}

impl Pane {
    fn next(self) -> Self {
        match self {
            Self::History => Self::Difference,
            Self::Difference => Self::State,
            Self::State => Self::History,
        }
    }
}

fn unreadable(entries: &[Arc<Entry>]) -> Vec<bool> {
    let Some(kind) = entries.first().and_then(|entry| Kind::named(&entry.category)) else {
        return vec![false; entries.len()];
    };
    let mut folding = kind.begin();
    entries.iter().map(|entry| folding.apply(&entry.event_type, &entry.data).is_err()).collect()
}
