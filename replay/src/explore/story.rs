//! One matter over all services: a lane for each service, and the cause of each event.

use std::sync::Arc;

use history::{Entry, Story, Told};
use uuid::Uuid;

use super::keys::{Key, Move};
use super::log::in_view;

/// The order of the lanes.
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "expiration"];
/// Of what no contract knows.
pub(crate) const OTHERS: &str = "others";

pub(crate) struct Lanes {
    /// By which it was asked for.
    pub id: Uuid,
    pub kind: String,
    pub told: Vec<Told>,
    pub is_whole: bool,
    pub cursor: usize,
    pub top: usize,
    /// Whose effects are gone through.
    origin: Option<usize>,
}

impl Lanes {
    /// Begins at the event that one comes from.
    pub(crate) fn new(id: Uuid, story: Story, begin: Option<Uuid>) -> Self {
        let Story { kind, told, is_whole } = story;
        let at = told.iter().position(|told| Some(told.entry.event_id) == begin);
        Self { id, kind, told, is_whole, cursor: at.unwrap_or(0), top: 0, origin: None }
    }

    pub(crate) fn selected(&self) -> Option<Arc<Entry>> {
        self.told.get(self.cursor).map(|told| Arc::new(told.entry.clone()))
    }

    /// Those that say something in this matter.
    pub(crate) fn services(&self) -> Vec<&'static str> {
        let says = |service: &str| self.told.iter().any(|told| lane(&told.entry) == service);
        SERVICES.into_iter().chain([OTHERS]).filter(|service| says(service)).collect()
    }

    /// Where the cause of the event at the cursor stands.
    pub(crate) fn cause(&self) -> Option<usize> {
        self.told.get(self.cursor)?.cause
    }

    pub(crate) fn effects(&self, of: usize) -> Vec<usize> {
        (0..self.told.len()).filter(|place| self.told[*place].cause == Some(of)).collect()
    }

    pub(crate) fn go_by(&mut self, by: Move, height: usize) {
        self.go_to(by.from(self.cursor, self.told.len(), height));
    }

    /// False where the key means nothing here; else what there is to say.
    pub(crate) fn press(&mut self, key: Key, height: usize) -> Option<Option<String>> {
        match key {
            Key::Move(by) => self.go_by(by, height),
            Key::Home => self.go_by(Move::First, height),
            Key::End => self.go_by(Move::Last, height),
            Key::Letter('c') => return Some(self.go_to_cause()),
            Key::Letter('e') => return Some(self.go_to_effect()),
            _ => return None,
        }
        Some(None)
    }

    pub(crate) fn settle(&mut self, height: usize) {
        self.top = in_view(self.top, self.cursor, height, self.told.len());
    }

    fn go_to(&mut self, place: usize) {
        self.cursor = place;
        self.origin = None;
    }

    fn go_to_cause(&mut self) -> Option<String> {
        let told = self.told.get(self.cursor)?;
        match told.cause {
            Some(cause) => {
                self.go_to(cause);
                None
            }
            None if told.entry.causation_id == told.entry.correlation_id => {
                Some(format!("its cause is the request {}", told.entry.correlation_id))
            }
            None => Some(format!("its cause is not told here: {}", told.entry.causation_id)),
        }
    }

    /// From one effect of an event to its next; from an only effect on to what followed from that.
    fn go_to_effect(&mut self) -> Option<String> {
        if let Some(origin) = self.origin {
            let effects = self.effects(origin);
            if let Some(place) = effects.iter().position(|effect| *effect == self.cursor)
                && effects.len() > 1
            {
                let next = (place + 1) % effects.len();
                self.cursor = effects[next];
                return Some(format!("effect {} of {}", next + 1, effects.len()));
            }
        }
        let effects = self.effects(self.cursor);
        let Some(first) = effects.first() else { return Some("nothing followed from it".to_owned()) };
        self.origin = Some(self.cursor);
        self.cursor = *first;
        (effects.len() > 1).then(|| format!("effect 1 of {}", effects.len()))
    }
}

/// In whose lane it stands.
pub(crate) fn lane(entry: &Entry) -> &'static str {
    entry.service.unwrap_or(OTHERS)
}
