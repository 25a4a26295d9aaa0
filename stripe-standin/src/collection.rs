//! Objects of one kind, found by id and walked in the order they were made.

use std::collections::HashMap;
use std::slice;

/// What every object of Stripe has.
pub(crate) trait Identified {
    /// The object's name in messages, such as `payment_intent`.
    const OBJECT: &'static str;

    fn id(&self) -> &str;

    /// Seconds since the Unix epoch.
    fn created(&self) -> i64;
}

#[derive(Debug)]
pub(crate) struct Collection<T> {
    items: Vec<T>,
    positions: HashMap<String, usize>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self { items: Vec::new(), positions: HashMap::new() }
    }
}

impl<T: Identified> Collection<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.positions.get(id).and_then(|position| self.items.get(*position))
    }

    /// Adds a new object, or replaces the one with its id in place.
    pub(crate) fn put(&mut self, item: T) {
        match self.positions.get(item.id()) {
            Some(position) => self.items[*position] = item,
            None => {
                self.positions.insert(item.id().to_owned(), self.items.len());
                self.items.push(item);
            }
        }
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> slice::Iter<'_, T> {
        self.items.iter()
    }
}
