//! The events that services share, one module per speaker, with the ids, times and money they are made of.
//!
//! An event is for ever: it is added to, never changed. It carries no secret and nothing personal.

pub mod catalogue;
mod event;
mod ids;
mod money;
pub mod orders;
pub mod payments;
#[cfg(feature = "schema")]
pub mod schema;
pub mod tickets;
mod time;
pub mod timers;
pub mod upcasting;
pub mod users;

pub use event::{DecodeError, Event, EventType};
pub use ids::{OrderId, SessionId, TicketId, UserId};
pub use money::{Currency, Money};
pub use time::{ParseTimestampError, Timestamp};

/// Declares what one kind of aggregate says: an enum of payload structs that are named as the events are, encoded as
/// `{"type": …, "data": …}`.
macro_rules! events {
    ($(#[$meta:meta])* $name:ident in $category:literal { $($variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum $name { $($variant($variant)),+ }

        impl crate::EventType for $name {
            const CATEGORY: &'static str = $category;
            const TYPES: &'static [&'static str] = &[$(stringify!($variant)),+];

            fn event_type(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($variant)),+ }
            }

            fn read(event_type: &str, data: &[u8]) -> Result<Self, serde_json::Error> {
                if crate::upcasting::has_older_forms($category, event_type) {
                    return crate::event::of_any_form(event_type, &serde_json::from_slice(data)?);
                }
                match event_type {
                    $(stringify!($variant) => serde_json::from_slice(data).map(Self::$variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, Self::TYPES)),
                }
            }
        }

        #[cfg(feature = "schema")]
        impl crate::schema::Described for $name {
            fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                vec![$((stringify!($variant), generator.root_schema_for::<$variant>())),+]
            }
        }

        $(impl From<$variant> for $name {
            fn from(data: $variant) -> Self { Self::$variant(data) }
        })+
    };
}
pub(crate) use events;

#[cfg(test)]
mod tests;
