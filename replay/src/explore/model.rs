//! What is shown, and what keys and news make of it. Nothing here reads, draws or waits.

mod hearing;
mod pressing;

use std::sync::Arc;

use history::Entry;
use uuid::Uuid;

use super::aggregate::{Aggregate, Begin};
use super::draw::layout;
use super::log::{Log, Sought};
use super::prompt::Prompt;
use super::story::Lanes;
use super::wish::{Place, Target, Whose, Wish};
use crate::moment::Moment;

/// So many screens lie upon each other; those below are left for good.
const DEEPEST: usize = 50;

pub(crate) struct Model {
    /// What the events are read from.
    pub name: String,
    /// Whether more may come.
    pub is_live: bool,
    /// In columns and lines.
    pub size: (u16, u16),
    pub log: Log,
    /// Above the log; the last is the one that is seen.
    pub stack: Vec<Screen>,
    pub prompt: Option<Prompt>,
    /// The first line of the help that is seen, if it is.
    pub help: Option<usize>,
    pub said: Option<Said>,
    /// What is under way, in words.
    pub busy: Option<String>,
    pub is_left: bool,
    /// Left because nothing can be read any more.
    pub is_lost: bool,
    wishes: Vec<Wish>,
    /// What is opened when it was read.
    opening: Option<Opening>,
    /// Which of its ids was told last.
    told: usize,
}

pub(crate) enum Screen {
    Aggregate(Box<Aggregate>),
    Story(Box<Lanes>),
}

/// One sentence in the last line but one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub text: String,
    pub is_failure: bool,
}

struct Opening {
    id: Uuid,
    /// The event that one comes from.
    begin: Option<Uuid>,
    /// The story that is seen is read again.
    is_again: bool,
}

impl Model {
    pub(crate) fn of(name: String, is_live: bool) -> Self {
        Self {
            name,
            is_live,
            size: (80, 24),
            log: Log::new(is_live),
            stack: Vec::new(),
            prompt: None,
            help: None,
            said: None,
            busy: None,
            is_left: false,
            is_lost: false,
            wishes: Vec::new(),
            opening: None,
            told: 0,
        }
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.settle();
    }

    /// What has to be read now. Each is wished for once.
    pub(crate) fn wishes(&mut self) -> Vec<Wish> {
        let mut wishes = std::mem::take(&mut self.wishes);
        match self.stack.last_mut() {
            None => wishes.extend(self.log.wish(layout::list_height(self.size))),
            Some(Screen::Aggregate(aggregate)) => wishes.extend(aggregate.wish()),
            Some(Screen::Story(_)) => {}
        }
        wishes
    }

    pub(crate) fn go_to(&mut self, target: Target) {
        match target {
            Target::Id(id) => self.open_later(id, None, Wish::Named(id)),
            Target::Moment(Moment::Version(version)) => self.go_to_version(version),
            Target::Moment(moment) => {
                self.stack.clear();
                self.log.is_following = false;
                match moment {
                    Moment::Sequence(sequence) => self.log.go_to(sequence),
                    moment => self.log.go(Place::Around(moment)),
                }
            }
        }
    }

    /// The event that one looks at.
    pub(crate) fn selected(&self) -> Option<Arc<Entry>> {
        match self.stack.last() {
            None => self.log.selected().cloned(),
            Some(Screen::Aggregate(aggregate)) => aggregate.selected().cloned(),
            Some(Screen::Story(lanes)) => lanes.selected(),
        }
    }

    fn go_to_version(&mut self, version: u64) {
        let Some(Screen::Aggregate(aggregate)) = self.stack.last_mut() else {
            return self.fail("open an aggregate first: Enter");
        };
        if !aggregate.go_to_version(version) {
            self.fail(format!("there is no v{version}"));
        }
    }

    fn open(&mut self, screen: Screen) {
        if self.stack.len() == DEEPEST {
            self.stack.remove(0);
        }
        self.stack.push(screen);
    }

    fn open_aggregate(&mut self, whose: Whose, begin: Begin) {
        self.open(Screen::Aggregate(Box::new(Aggregate::new(whose, begin))));
    }

    fn open_later(&mut self, id: Uuid, begin: Option<Uuid>, wish: Wish) {
        self.opening = Some(Opening { id, begin, is_again: false });
        self.busy = Some("reading…".to_owned());
        self.wishes.push(wish);
    }

    fn say(&mut self, text: impl Into<String>) {
        self.said = Some(Said { text: text.into(), is_failure: false });
    }

    fn fail(&mut self, text: impl Into<String>) {
        self.said = Some(Said { text: text.into(), is_failure: true });
    }

    /// What came of looking for something.
    fn take(&mut self, sought: Sought) {
        match sought {
            Sought::There => self.busy = None,
            Sought::Wish(wish) => {
                self.busy = Some("looking…".to_owned());
                self.wishes.push(wish);
            }
            Sought::Nowhere => {
                self.busy = None;
                self.fail("nothing matches");
            }
        }
    }

    /// Keeps what is looked at among what is seen.
    fn settle(&mut self) {
        let height = layout::list_height(self.size);
        self.log.settle(height);
        match self.stack.last_mut() {
            None => {}
            Some(Screen::Aggregate(aggregate)) => aggregate.settle(self.size),
            Some(Screen::Story(lanes)) => lanes.settle(height),
        }
    }
}
