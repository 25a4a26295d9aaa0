//! What decides: pure, total and blind to the world.

use contracts::EventType;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The state of an aggregate, and the rules by which it changes. `Default` is "before anything happened".
///
/// No clock, no random number, no I/O: time, ids and other people's answers come inside the command.
pub trait Decider: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names its documents and its subjects; never changes. The same as its events' category.
    const CATEGORY: &'static str = Self::Event::CATEGORY;

    type Command: Clone + Send + Sync + 'static;
    type Event: EventType;
    type Rejection: std::fmt::Debug + Send + Sync + 'static;
    /// What is kept beside the events because it may not be in them. Set in the same write, never derived from them.
    type Private: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// What happens on this command. Nothing, when it is so already.
    fn decide(&self, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after this event. Never fails: what was decided once is history.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// The state after all these events.
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self {
        events.into_iter().fold(Self::default(), Self::evolve)
    }
}
