//! Looks for what matches: in the window at once, and beyond it by wishing.

use super::{Log, Looking};
use crate::explore::search::Search;
use crate::explore::wish::{Direction, Wish};

/// What came of looking.
#[derive(Debug, PartialEq)]
pub(crate) enum Sought {
    /// It is gone to.
    There,
    /// It may stand beyond the window.
    Wish(Wish),
    /// Nothing matches that way.
    Nowhere,
}

impl Log {
    pub(crate) fn begin_search(&mut self) {
        self.is_following = false;
        self.origin = self.selected().map(|entry| entry.sequence);
    }

    /// What is typed changed: the nearest match is gone to, from where the search began, first above and then below.
    pub(crate) fn search_for(&mut self, text: &str) -> Sought {
        self.search = Search::of(text);
        self.looking = None;
        let Some(origin) = self.origin else { return Sought::Nowhere };
        let Some(search) = self.search.clone() else {
            self.go_to(origin);
            return Sought::There;
        };
        let up = (origin + 1, Direction::Up);
        let down = (origin, Direction::Down);
        // What is at hand is nearer than what would have to be read.
        let held = [up, down].into_iter().find_map(|(at, direction)| self.held(&search, at, direction));
        if let Some(place) = held {
            self.cursor = place;
            return Sought::There;
        }
        match self.seek(&search, up.0, up.1) {
            Sought::Nowhere => self.seek(&search, down.0, down.1),
            sought => sought,
        }
    }

    /// Back to where the search began.
    pub(crate) fn leave_search(&mut self) {
        self.search = None;
        self.looking = None;
        if let Some(origin) = self.origin.take() {
            self.go_to(origin);
        }
    }

    pub(crate) fn end_search(&mut self) {
        self.origin = None;
    }

    /// The next match from the cursor on; none where nothing was searched for.
    pub(crate) fn seek_next(&mut self, direction: Direction) -> Option<Sought> {
        let search = self.search.clone()?;
        let at = self.selected().map_or(0, |entry| entry.sequence);
        self.is_following = false;
        Some(self.seek(&search, at, direction))
    }

    /// Whether this is what is looked for now.
    pub(crate) fn is_looking(&self, number: u64) -> bool {
        self.looking.is_some_and(|looking| looking.number == number)
    }

    /// What was found beyond the window. False where it is not wanted any more.
    pub(crate) fn hear_found(&mut self, number: u64, sequence: u64) -> bool {
        let is_wanted = self.is_looking(number);
        if is_wanted {
            self.looking = None;
            self.go_to(sequence);
        }
        is_wanted
    }

    /// None where it is not wanted any more.
    pub(crate) fn hear_not_found(&mut self, number: u64) -> Option<Sought> {
        let looking = self.looking.take_if(|looking| looking.number == number)?;
        Some(match (looking.direction, self.origin, self.search.clone()) {
            // While one types, the other way is tried too.
            (Direction::Up, Some(origin), Some(search)) => self.seek(&search, origin, Direction::Down),
            _ => Sought::Nowhere,
        })
    }

    pub(crate) fn stop_looking(&mut self) {
        self.looking = None;
    }

    /// Before this sequence or behind it.
    fn seek(&mut self, search: &Search, at: u64, direction: Direction) -> Sought {
        if let Some(place) = self.held(search, at, direction) {
            self.cursor = place;
            return Sought::There;
        }
        let is_held = self.holds(at);
        let (goes_on, from) = match (direction, is_held) {
            (_, false) => (true, at),
            (Direction::Up, true) => (self.goes_on_before, self.from),
            (Direction::Down, true) => (self.goes_on_after, self.to),
        };
        if !goes_on {
            return Sought::Nowhere;
        }
        self.looked += 1;
        let number = self.looked;
        self.looking = Some(Looking { number, direction });
        Sought::Wish(Wish::Find { number, search: search.clone(), from, direction })
    }

    /// In the window, if one stands in it.
    fn held(&self, search: &Search, at: u64, direction: Direction) -> Option<usize> {
        let is_match = |place: &usize| search.matches(&self.entries[*place]);
        match direction {
            _ if !self.holds(at) => None,
            Direction::Up => {
                let end = self.entries.partition_point(|entry| entry.sequence < at);
                (0..end).rev().find(is_match)
            }
            Direction::Down => {
                let begin = self.entries.partition_point(|entry| entry.sequence <= at);
                (begin..self.entries.len()).find(is_match)
            }
        }
    }

    fn holds(&self, at: u64) -> bool {
        self.from <= at && at <= self.to + 1
    }
}
