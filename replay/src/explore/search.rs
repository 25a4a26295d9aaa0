//! What is looked for in events.

use history::Entry;

/// A text that stands in an event: in its type, its ids, who said it, or its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    pub text: String,
    /// Capital letters are meant where some are written.
    is_exact: bool,
}

impl Search {
    /// None for nothing.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let is_exact = text.chars().any(char::is_uppercase);
        (!text.is_empty()).then(|| Self { text: text.to_owned(), is_exact })
    }

    pub(crate) fn matches(&self, entry: &Entry) -> bool {
        self.is_in(&entry.event_type)
            || self.is_in(&entry.category)
            || self.is_in(entry.service.unwrap_or_default())
            || self.is_in(&entry.actor.to_string())
            || self.is_in_id(entry)
            || self.is_in(&entry.data.to_string())
    }

    fn is_in_id(&self, entry: &Entry) -> bool {
        let ids = [entry.aggregate_id, entry.event_id, entry.correlation_id, entry.causation_id];
        ids.iter().any(|id| self.is_in(&id.to_string()))
    }

    fn is_in(&self, text: &str) -> bool {
        if self.is_exact { text.contains(&self.text) } else { text.to_lowercase().contains(&self.text) }
    }
}
