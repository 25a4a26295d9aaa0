//! The kinds of aggregates that the services keep, each folded by its service's own `evolve`.

use std::fmt;
use std::sync::Arc;

use auth::account::Account;
use auth::session::Session;
use contracts::{DecodeError, Event, EventType as _};
use eventsourcing::{Decider, MongoStore, Outbox, Schema, StoreError};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use mongodb::Database;
use orders::buyer::Buyer;
use orders::order::Order;
use payments::payment::Payment;
use runtime::Runtime;
use serde_json::Value;
use tickets::reservation::Reservation;
use tickets::seller::Seller;
use tickets::ticket::Ticket;
use uuid::Uuid;

/// A kind of aggregate. Timers are none: expiration keeps them in Redis, and the stream is all there is of their past.
#[derive(Clone, Copy)]
pub struct Kind {
    /// In its subjects, and the name of its collection.
    pub category: &'static str,
    /// Who keeps it, and the name of the database.
    pub service: &'static str,
    begin: fn() -> Box<dyn Folding>,
    outbox: fn(Database, Runtime, bool) -> Opening,
    private: fn() -> Value,
}

type Opening = BoxFuture<'static, Result<Arc<dyn Outbox>, StoreError>>;

/// Every kind, service by service.
pub const KINDS: [Kind; 8] = [
    Kind::of::<Account>("auth"),
    Kind::of::<Session>("auth"),
    Kind::of::<Ticket>("tickets"),
    Kind::of::<Reservation>("tickets"),
    Kind::of::<Seller>("tickets"),
    Kind::of::<Order>("orders"),
    Kind::of::<Buyer>("orders"),
    Kind::of::<Payment>("payments"),
];

/// An aggregate as it is being folded.
pub trait Folding: Send {
    /// Fails for what this build cannot read; the state is as it was before then.
    fn apply(&mut self, event_type: &str, data: &Value) -> Result<(), DecodeError>;
    /// The same for data that were not read yet.
    fn read(&mut self, event_type: &str, data: &[u8]) -> Result<(), DecodeError>;
    /// As it stands in a document.
    fn state(&self) -> Value;
}

impl Kind {
    const fn of<D: Known>(service: &'static str) -> Self {
        Self {
            category: D::CATEGORY,
            service,
            begin: || Box::new(Of(Some(D::default()))),
            outbox: |database, runtime, is_written| outbox::<D>(database, runtime, is_written).boxed(),
            private: || serde_json::to_value(D::Private::default()).unwrap_or_default(),
        }
    }

    /// None where no service of this build keeps such aggregates.
    pub fn named(category: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.category == category)
    }

    /// Those that one service keeps.
    pub fn of_service(service: &str) -> impl Iterator<Item = Self> {
        KINDS.into_iter().filter(move |kind| kind.service == service)
    }

    /// Before anything happened.
    pub fn begin(self) -> Box<dyn Folding> {
        (self.begin)()
    }

    /// Its documents in the database of its service, as the relay sees them. Prepared where they are to be written.
    pub async fn outbox(
        self,
        database: &Database,
        runtime: &Runtime,
        is_written: bool,
    ) -> Result<Arc<dyn Outbox>, StoreError> {
        (self.outbox)(database.clone(), runtime.clone(), is_written).await
    }

    /// What is private in a document of which nothing but its events is left: nothing is known of it.
    pub fn private_of_lost(self, id: Uuid) -> Value {
        let mut private = (self.private)();
        // No two accounts may share this key. No address is like this one: there is no @ in it.
        if let Some(key) = private.get_mut("email_key") {
            *key = id.to_string().into();
        }
        private
    }
}

async fn outbox<D: Decider>(
    database: Database,
    runtime: Runtime,
    is_written: bool,
) -> Result<Arc<dyn Outbox>, StoreError> {
    let store = MongoStore::<D>::new(&database, Schema::default(), runtime);
    if is_written {
        store.prepare().await?;
    }
    Ok(Arc::new(store))
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.category, self.service)
    }
}

/// Which of all events are this decider's.
trait Known: Decider {
    fn own(event: Event) -> Option<Self::Event>;
}

macro_rules! known {
    ($($decider:ident is $variant:ident),+ $(,)?) => {
        $(impl Known for $decider {
            fn own(event: Event) -> Option<Self::Event> {
                match event {
                    Event::$variant(event) => Some(event),
                    _ => None,
                }
            }
        })+
    };
}

known! {
    Account is User, Session is Session, Ticket is Ticket, Reservation is Reservation, Seller is Seller,
    Order is Order, Buyer is Buyer, Payment is Payment,
}

/// Never nothing but while it changes.
struct Of<D>(Option<D>);

impl<D: Known> Of<D> {
    fn evolve(&mut self, event: &D::Event) {
        let before = self.0.take().unwrap_or_default();
        self.0 = Some(before.evolve(event));
    }
}

impl<D: Known> Folding for Of<D> {
    fn apply(&mut self, event_type: &str, data: &Value) -> Result<(), DecodeError> {
        let event = Event::of_value(D::CATEGORY, event_type, data)?;
        if let Some(event) = D::own(event) {
            self.evolve(&event);
        }
        Ok(())
    }

    fn read(&mut self, event_type: &str, data: &[u8]) -> Result<(), DecodeError> {
        let event = D::Event::read(event_type, data).map_err(DecodeError::Malformed)?;
        self.evolve(&event);
        Ok(())
    }

    fn state(&self) -> Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contracts::catalogue::catalogue;

    use super::*;

    #[test]
    fn every_speaker_keeps_what_it_speaks_of_but_for_timers() {
        let spoken: BTreeSet<_> = catalogue()
            .into_iter()
            .map(|entry| (entry.speaker, entry.category))
            .filter(|(_, category)| *category != "timer")
            .collect();
        let kept: BTreeSet<_> = KINDS.iter().map(|kind| (kind.service, kind.category)).collect();
        assert_eq!(kept, spoken);
    }

    #[test]
    fn of_a_lost_document_nothing_private_is_known_and_no_two_share_a_key() {
        for kind in KINDS {
            let [one, other] = [1, 2].map(|number| kind.private_of_lost(Uuid::from_u128(number)));
            let is_account = kind.category == "user";
            assert_eq!(one != other, is_account, "{kind:?}");
            assert_eq!(one.get("email_key").is_some(), is_account, "{kind:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_leaves_the_state_as_it_was() {
        let mut order = Kind::named("order").unwrap().begin();
        let before = order.state();
        assert!(order.apply("OrderEaten", &Value::Null).is_err());
        assert_eq!(order.state(), before);
    }
}
