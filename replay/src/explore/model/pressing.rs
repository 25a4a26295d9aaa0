//! What keys make of what is shown.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Model, Opening, Screen};
use crate::explore::aggregate::Begin;
use crate::explore::draw::{help, layout};
use crate::explore::keys::Key;
use crate::explore::prompt::{Prompt, Purpose, Typed};
use crate::explore::wish::{Direction, Place, Target, Whose, Wish};
use crate::moment::Moment;

impl Model {
    pub(crate) fn press(&mut self, key: KeyEvent) {
        self.log.try_again();
        if self.prompt.is_some() {
            self.type_in(key);
        } else if self.help.is_some() {
            self.press_in_help(Key::of(key));
        } else {
            self.said = None;
            let key_is_y = key.code == KeyCode::Char('y');
            self.told = if key_is_y { self.told } else { 0 };
            self.press_anywhere(Key::of(key));
        }
        self.settle();
    }

    fn press_anywhere(&mut self, key: Key) {
        match key {
            Key::Quit => self.is_left = true,
            Key::Escape => self.escape(),
            Key::Back => self.back(),
            Key::Letter('?') => self.help = Some(0),
            Key::Letter(':') => self.prompt = Some(Prompt::new(Purpose::GoTo)),
            Key::Letter('y') => self.tell_id(),
            Key::Letter('s') => self.open_story(),
            Key::Letter('S') => self.open_request(),
            Key::Letter('r') => self.read_again(),
            key => match self.stack.last_mut() {
                None => self.press_in_log(key),
                Some(Screen::Aggregate(aggregate)) => {
                    aggregate.press(key, self.size);
                }
                Some(Screen::Story(_)) => self.press_in_story(key),
            },
        }
    }

    fn press_in_log(&mut self, key: Key) {
        let height = layout::list_height(self.size);
        match key {
            Key::Move(by) => self.log.go_by(by, height),
            Key::Home => self.log.go_by(crate::explore::keys::Move::First, height),
            Key::End => self.log.go_by(crate::explore::keys::Move::Last, height),
            Key::Enter => self.open_selected(),
            Key::Letter('/') => {
                self.log.begin_search();
                self.prompt = Some(Prompt::new(Purpose::Search));
            }
            Key::Letter('n') => self.seek(Direction::Down),
            Key::Letter('N') => self.seek(Direction::Up),
            Key::Letter('&') => self.filter(),
            Key::Letter('f') if !self.is_live => self.say("a recording is over: nothing more comes"),
            Key::Letter('f') => {
                let is_following = !self.log.is_following;
                self.log.follow(is_following);
                self.say(if is_following { "following what comes" } else { "staying here" });
            }
            _ => {}
        }
    }

    fn press_in_story(&mut self, key: Key) {
        if key == Key::Enter {
            return self.open_selected();
        }
        let height = layout::list_height(self.size);
        let Some(Screen::Story(lanes)) = self.stack.last_mut() else { return };
        if let Some(Some(said)) = lanes.press(key, height) {
            self.say(said);
        }
    }

    fn press_in_help(&mut self, key: Key) {
        let (lines, height) = (help::lines().len(), help::height(self.size));
        match key {
            Key::Move(by) => {
                let top = self.help.unwrap_or(0);
                self.help = Some(by.from(top, (lines + 1).saturating_sub(height), height));
            }
            Key::Quit => self.is_left = true,
            _ => self.help = None,
        }
    }

    fn type_in(&mut self, key: KeyEvent) {
        let Some(prompt) = &mut self.prompt else { return };
        let (typed, purpose, text) = (prompt.press(key), prompt.purpose, prompt.text.clone());
        if matches!(typed, Typed::Entered | Typed::Left) {
            self.prompt = None;
        }
        match (purpose, typed) {
            (Purpose::Search, Typed::Changed) => {
                self.said = None;
                self.wishes.push(Wish::StopFinding);
                let sought = self.log.search_for(&text);
                self.take(sought);
            }
            (Purpose::Search, Typed::Entered) => self.log.end_search(),
            (Purpose::Search, Typed::Left) => {
                self.wishes.push(Wish::StopFinding);
                (self.busy, self.said) = (None, None);
                self.log.leave_search();
            }
            (Purpose::GoTo, Typed::Entered) if !text.trim().is_empty() => match text.parse::<Target>() {
                Ok(target) => self.go_to(target),
                Err(why) => self.fail(why),
            },
            _ => {}
        }
    }

    /// What is under way ends first, then the search, then the screen.
    fn escape(&mut self) {
        if self.opening.take().is_some() || self.busy.is_some() {
            self.busy = None;
            self.log.stop_looking();
            self.wishes.push(Wish::StopFinding);
        } else if self.stack.is_empty() && self.log.search.is_some() {
            if self.log.is_filtered {
                self.filter();
            }
            self.log.search = None;
        } else {
            self.back();
        }
    }

    fn back(&mut self) {
        self.opening = None;
        self.busy = None;
        self.is_left = self.stack.pop().is_none();
    }

    fn seek(&mut self, direction: Direction) {
        match self.log.seek_next(direction) {
            Some(sought) => self.take(sought),
            None => self.say("nothing was searched for yet: /"),
        }
    }

    fn filter(&mut self) {
        if self.log.search.is_none() {
            return self.say("nothing was searched for yet: /");
        }
        self.log.is_filtered = !self.log.is_filtered;
        let at = self.log.selected().map(|entry| Moment::Sequence(entry.sequence));
        self.log.go(at.map_or(Place::Newest, Place::Around));
    }

    fn open_selected(&mut self) {
        if let Some(entry) = self.selected() {
            self.open_aggregate(Whose::of(&entry), Begin::Sequence(entry.sequence));
        }
    }

    fn open_story(&mut self) {
        if let Some(entry) = self.selected() {
            self.open_later(entry.aggregate_id, Some(entry.event_id), Wish::Story(entry.aggregate_id));
        }
    }

    fn open_request(&mut self) {
        if let Some(entry) = self.selected() {
            self.open_later(entry.correlation_id, Some(entry.event_id), Wish::Request(entry.correlation_id));
        }
    }

    fn read_again(&mut self) {
        let selected = self.selected();
        match self.stack.last_mut() {
            None => {
                let at = selected.map(|entry| Moment::Sequence(entry.sequence));
                self.log.go(at.filter(|_| !self.log.is_following).map_or(Place::Newest, Place::Around));
            }
            Some(Screen::Aggregate(aggregate)) => aggregate.hear_head(),
            Some(Screen::Story(lanes)) => {
                let id = lanes.id;
                let wish = if lanes.kind == "request" { Wish::Request(id) } else { Wish::Story(id) };
                let begin = selected.map(|entry| entry.event_id);
                self.opening = Some(Opening { id, begin, is_again: true });
                self.wishes.push(wish);
            }
        }
    }

    /// One of them after the other: each fits into a line.
    fn tell_id(&mut self) {
        let Some(entry) = self.selected() else { return };
        let ids = [
            (entry.category.as_str(), entry.aggregate_id),
            ("event", entry.event_id),
            ("request", entry.correlation_id),
            ("cause", entry.causation_id),
        ];
        let (what, id) = ids[self.told % ids.len()];
        let text = format!("{what} {id}");
        self.told += 1;
        self.say(text);
    }
}
