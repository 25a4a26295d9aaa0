//! Any event of any speaker, as it comes off the bus.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::Value;

use crate::orders::{BuyerEvent, OrderEvent};
use crate::payments::PaymentEvent;
use crate::tickets::{ReservationEvent, SellerEvent, TicketEvent};
use crate::timers::TimerEvent;
use crate::upcasting::{self, Present};
use crate::users::{SessionEvent, UserEvent};

/// The events of one kind of aggregate.
pub trait EventType: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind of aggregate; part of every subject, so it never changes.
    const CATEGORY: &'static str;
    /// The names of all its events.
    const TYPES: &'static [&'static str];

    /// The name of this event.
    fn event_type(&self) -> &'static str;

    /// Reads an event from its type and data; without anything in between, where there never was another form of it.
    fn read(event_type: &str, data: &[u8]) -> Result<Self, serde_json::Error>;
}

/// An event of any kind of aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    User(UserEvent),
    Session(SessionEvent),
    Ticket(TicketEvent),
    Reservation(ReservationEvent),
    Seller(SellerEvent),
    Order(OrderEvent),
    Buyer(BuyerEvent),
    Timer(TimerEvent),
    Payment(PaymentEvent),
}

/// The event is of no known kind, or its data lack what its type promises.
#[derive(Debug)]
pub enum DecodeError {
    UnknownCategory(String),
    Malformed(serde_json::Error),
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownCategory(category) => write!(formatter, "no aggregate is called {category:?}"),
            Self::Malformed(error) => write!(formatter, "malformed event: {error}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Event {
    /// Reads an event from its category, type and data.
    pub fn decode(category: &str, event_type: &str, data: &[u8]) -> Result<Self, DecodeError> {
        Self::of(category, event_type, Data::Bytes(data))
    }

    /// The same for data that were read already. They may be of any form that was ever released.
    pub fn of_value(category: &str, event_type: &str, data: &Value) -> Result<Self, DecodeError> {
        Self::of(category, event_type, Data::Value(data))
    }

    fn of(category: &str, event_type: &str, data: Data<'_>) -> Result<Self, DecodeError> {
        match category {
            UserEvent::CATEGORY => data.read(event_type).map(Self::User),
            SessionEvent::CATEGORY => data.read(event_type).map(Self::Session),
            TicketEvent::CATEGORY => data.read(event_type).map(Self::Ticket),
            ReservationEvent::CATEGORY => data.read(event_type).map(Self::Reservation),
            SellerEvent::CATEGORY => data.read(event_type).map(Self::Seller),
            OrderEvent::CATEGORY => data.read(event_type).map(Self::Order),
            BuyerEvent::CATEGORY => data.read(event_type).map(Self::Buyer),
            TimerEvent::CATEGORY => data.read(event_type).map(Self::Timer),
            PaymentEvent::CATEGORY => data.read(event_type).map(Self::Payment),
            other => Err(DecodeError::UnknownCategory(other.to_owned())),
        }
    }

    /// The name of this event.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::User(event) => event.event_type(),
            Self::Session(event) => event.event_type(),
            Self::Ticket(event) => event.event_type(),
            Self::Reservation(event) => event.event_type(),
            Self::Seller(event) => event.event_type(),
            Self::Order(event) => event.event_type(),
            Self::Buyer(event) => event.event_type(),
            Self::Timer(event) => event.event_type(),
            Self::Payment(event) => event.event_type(),
        }
    }
}

/// An event's data, as they came.
#[derive(Clone, Copy)]
enum Data<'a> {
    Bytes(&'a [u8]),
    Value(&'a Value),
}

impl Data<'_> {
    fn read<E: EventType>(self, event_type: &str) -> Result<E, DecodeError> {
        let read = match self {
            Self::Bytes(data) => E::read(event_type, data),
            Self::Value(data) => of_any_form(event_type, data),
        };
        read.map_err(DecodeError::Malformed)
    }
}

/// Whatever form the data are in.
pub(crate) fn of_any_form<E: EventType>(event_type: &str, data: &Value) -> Result<E, serde_json::Error> {
    let Present { event_type, data } = upcasting::upcast(E::CATEGORY, event_type, data);
    let event_type = Value::from(event_type);
    let tagged = [("type", &event_type), ("data", data.as_ref())].into_iter();
    E::deserialize(MapDeserializer::new(tagged))
}
