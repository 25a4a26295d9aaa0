//! What news make of what is shown. News of what is not wanted any more are passed over.

use history::Story;
use uuid::Uuid;

use super::{Model, Screen};
use crate::explore::aggregate::Begin;
use crate::explore::log::Landed;
use crate::explore::story::Lanes;
use crate::explore::wish::{News, Whose, Wish};

impl Model {
    pub(crate) fn hear(&mut self, news: News) {
        match news {
            News::Page { window, place, page } => {
                if let Landed::Near(sequence) = self.log.hear(window, place, page) {
                    self.say(format!("that is not shown here: this is #{sequence}"));
                }
            }
            News::Looking { number, sequence } if self.log.is_looking(number) => {
                self.busy = Some(format!("looking at #{sequence}… Esc stops"));
            }
            News::Looking { .. } => {}
            News::Found { number, sequence } => {
                if self.log.hear_found(number, sequence) {
                    self.busy = None;
                }
            }
            News::NotFound { number } => {
                if let Some(sought) = self.log.hear_not_found(number) {
                    self.take(sought);
                }
            }
            News::Aggregate { whose, after, entries, goes_on } => {
                if let Some(Screen::Aggregate(aggregate)) = self.stack.last_mut()
                    && aggregate.whose == whose
                {
                    aggregate.hear(after, entries, goes_on);
                }
            }
            News::Story { id, story } => self.hear_story(id, story.map(|story| *story)),
            News::Named { id, categories } => self.hear_named(id, &categories),
            News::Head(head) => self.hear_head(head),
            News::AnotherStream => {
                self.log.forget();
                self.stack.clear();
                self.say("the stream is another than it was");
            }
            News::Indexing { sequence, total } if self.opening.is_some() => {
                let part = sequence.saturating_mul(100).checked_div(total).unwrap_or(100).min(100);
                self.busy = Some(format!(
                    "reading the stream, to know what each request led to: {part} % · Esc stops"
                ));
            }
            News::Indexing { .. } => {}
            News::Failed(why) => self.hear_failure(why),
            News::Lost => (self.is_left, self.is_lost) = (true, true),
        }
        self.settle();
    }

    fn hear_head(&mut self, head: u64) {
        self.log.hear_head(head);
        for screen in &mut self.stack {
            if let Screen::Aggregate(aggregate) = screen {
                aggregate.hear_head();
            }
        }
    }

    fn hear_story(&mut self, id: Uuid, story: Option<Story>) {
        let Some(opening) = self.opening.take_if(|opening| opening.id == id) else { return };
        self.busy = None;
        let Some(story) = story else { return self.fail(format!("nothing happened under {id}")) };
        if opening.is_again {
            self.stack.pop();
        }
        self.open(Screen::Story(Box::new(Lanes::new(id, story, opening.begin))));
    }

    fn hear_named(&mut self, id: Uuid, categories: &[String]) {
        if self.opening.as_ref().is_none_or(|opening| opening.id != id) {
            return;
        }
        // What goes by an order's id is the order's.
        let order = categories.iter().find(|category| *category == "order");
        match order.or(categories.first()) {
            Some(category) => {
                self.opening = None;
                self.busy = None;
                self.open_aggregate(Whose { category: category.clone(), id }, Begin::Last);
            }
            // Then it may be a request's.
            None => self.wishes.push(Wish::Request(id)),
        }
    }

    fn hear_failure(&mut self, why: String) {
        self.log.hear_failure();
        if let Some(Screen::Aggregate(aggregate)) = self.stack.last_mut() {
            aggregate.hear_failure();
        }
        self.opening = None;
        self.busy = None;
        self.fail(why);
    }
}
