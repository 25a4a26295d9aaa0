//! How what was committed reaches everybody: the relay out, the consumer in, and the bus between them.
//!
//! An aggregate's events stand on the bus once each and in order, whatever crashes or pauses. JetStream is never the
//! only copy: what it lost is published again from the stores.

mod archive;
mod bus;
mod changes;
mod consumer;
mod dead_letters;
mod fault;
mod glimpse;
mod heard;
mod jetstream;
mod marker;
mod memory;
mod message;
mod messenger;
mod reconcile;
mod relay;

pub use archive::{Archive, Extent, NotAWord, Numbered, Selection, Tail, is_word};
pub use bus::{
    Bus, BusError, ConsumerSpec, Delivery, Following, LastMessage, PublishError, Receipt, Stored,
    StreamState, Subscription,
};
pub use changes::{Announcer, Changes, Newest, Watch};
pub use consumer::LOOK_FOR_DEAD_LETTERS;
pub use dead_letters::{
    DeadLetter, DeadLetters, Discarded, Edit, MemoryDeadLetters, MongoDeadLetters, TendedLetters,
};
pub use fault::Fault;
pub use glimpse::{Glimpse, Seen};
pub use heard::{Heard, Listener};
pub use jetstream::{ConsumerState, JetStream, known_as};
pub use marker::{LastSeen, Marker, Markers, MemoryMarkers, MongoMarkers};
pub use memory::MemoryBus;
pub use message::{Message, Parcel, SUBJECT_PREFIX, Wire};
pub use messenger::{Messenger, MessengerParts, Standing};
pub use relay::{Relay, RelayError};

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;
