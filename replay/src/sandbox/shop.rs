//! The services as they are, over stores in memory and cards that were recorded. What they commit is said to the world.

use std::sync::Arc;

use async_trait::async_trait;
use auth::account::{Account, AccountCommand};
use contracts::{DecodeError, Event, EventType, OrderId, Timestamp};
use eventsourcing::{
    AfterCommit, Aggregates, Cause, Commit, Committed, Decider, EventStore, Gate, MemoryStore, Outbox,
    Recorded, Rules, Schema,
};
use history::Entry;
use messaging::{Changes, Fault, Heard, Listener, Message};
use orders::Orders;
use orders::buyer::Buyer;
use orders::config::Settings;
use orders::order::Order;
use payments::Payments;
use payments::payment::Payment;
use runtime::Runtime;
use tickets::Tickets;
use tickets::codes::Codes;
use tickets::reservation::Reservation;
use tickets::seller::Seller;
use tickets::ticket::Ticket;
use uuid::Uuid;

use super::cards::{self, Cards};
use super::inputs;
use super::lacking::{self, Lacking};
use super::world::{Machine, World, runtime};
use crate::Failure;

/// Who hears something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    Tickets,
    Orders,
    Payments,
    Expiration,
}

impl Service {
    pub(super) const ALL: [Self; 4] = [Self::Tickets, Self::Orders, Self::Payments, Self::Expiration];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Expiration => "expiration",
        }
    }
}

/// All services of one replay.
pub(super) struct Shop {
    pub accounts: Aggregates<Account>,
    pub tickets: Aggregates<Ticket>,
    pub orders: Aggregates<Order>,
    pub payments: Aggregates<Payment>,
    pub order_service: Orders,
    pub payment_service: Payments,
    pub cards: Cards,
    listeners: [Arc<dyn Listener>; 3],
    stores: Stores,
}

struct Stores {
    accounts: Arc<MemoryStore<Account>>,
    tickets: Arc<MemoryStore<Ticket>>,
    reservations: Arc<MemoryStore<Reservation>>,
    sellers: Arc<MemoryStore<Seller>>,
    orders: Arc<MemoryStore<Order>>,
    buyers: Arc<MemoryStore<Buyer>>,
    payments: Arc<MemoryStore<Payment>>,
}

impl Shop {
    pub(super) fn new(world: &Arc<World>, lacking: Option<Lacking>) -> Self {
        let seat = Seat { world: Arc::clone(world), runtime: runtime(world) };
        let mut of_orders = orders::views::schema();
        if lacking.is_some_and(Lacking::is_index) {
            of_orders.unique.clear();
        }
        let stores = Stores {
            // The rules of accounts rest on what is personal, which no recording holds.
            accounts: Arc::new(MemoryStore::new(Schema::default())),
            tickets: Arc::new(MemoryStore::new(tickets::views::schema())),
            reservations: Arc::new(MemoryStore::new(Schema::default())),
            sellers: Arc::new(MemoryStore::new(Schema::default())),
            orders: Arc::new(MemoryStore::new(of_orders)),
            buyers: Arc::new(MemoryStore::new(Schema::default())),
            payments: Arc::new(MemoryStore::new(payments::views::schema())),
        };
        let tickets = seat.aggregates(&stores.tickets, lacking::of_tickets(lacking));
        let reservations = seat.aggregates(&stores.reservations, Arc::new(Decider::decide));
        let sellers = seat.aggregates(&stores.sellers, Arc::new(Decider::decide));
        let orders = seat.aggregates(&stores.orders, lacking::of_orders(lacking));
        let buyers = seat.aggregates(&stores.buyers, Arc::new(Decider::decide));
        let payments = seat.aggregates(&stores.payments, lacking::of_payments(lacking));
        let (run, cards) = (seat.runtime.clone(), Cards::default());
        let changes = Changes::new(run.clone());
        let codes = Codes::new([0; 32]);
        let ticket_service =
            Tickets::new(tickets.clone(), reservations, sellers, changes.clone(), codes, run.clone());
        let order_service = Orders::new(orders.clone(), buyers, changes, run.clone(), Settings::default());
        let payment_service = Payments::new(payments.clone(), Gate::default(), Arc::new(cards.clone()), run);
        let listeners = [ticket_service.listener(), order_service.listener(), payment_service.listener()];
        let accounts = seat.aggregates(&stores.accounts, Arc::new(Decider::decide));
        Self { accounts, tickets, orders, payments, order_service, payment_service, cards, listeners, stores }
    }

    /// Whether this service hears such events.
    pub(super) fn hears(&self, service: Service, category: &str, event_type: &str) -> bool {
        let hears = match self.listener(service) {
            Some(listener) => listener.hears(),
            None => expiration::HEARS,
        };
        hears.contains(&(category, event_type))
    }

    /// The aggregate that would be touched.
    pub(super) fn lane(&self, service: Service, heard: &Heard) -> Uuid {
        self.listener(service).map_or(heard.aggregate_id, |listener| listener.lane(heard))
    }

    pub(super) async fn hear(&self, service: Service, heard: &Heard) -> Result<(), Fault> {
        match self.listener(service) {
            Some(listener) => listener.hear(heard).await,
            None => Ok(()),
        }
    }

    fn listener(&self, service: Service) -> Option<&Arc<dyn Listener>> {
        match service {
            Service::Tickets => Some(&self.listeners[0]),
            Service::Orders => Some(&self.listeners[1]),
            Service::Payments => Some(&self.listeners[2]),
            Service::Expiration => None,
        }
    }

    /// Takes what happened before as it was.
    pub(super) fn remember(&self, machine: &mut Machine, before: &[Entry]) -> Result<(), Failure> {
        for entry in before {
            let kept = machine.carry_out(self.keep(entry)).unwrap_or(Ok(()));
            kept.map_err(|error| {
                Failure::Found(format!("event {} cannot be read by this build: {error}", entry.event_id))
            })?;
        }
        Ok(())
    }

    async fn keep(&self, entry: &Entry) -> Result<(), DecodeError> {
        let stores = &self.stores;
        match Event::of_value(&entry.category, &entry.event_type, &entry.data)? {
            Event::User(event) => keep(&stores.accounts, entry, event).await,
            Event::Ticket(event) => keep(&stores.tickets, entry, event).await,
            Event::Reservation(event) => keep(&stores.reservations, entry, event).await,
            Event::Seller(event) => keep(&stores.sellers, entry, event).await,
            Event::Order(event) => keep(&stores.orders, entry, event).await,
            Event::Buyer(event) => keep(&stores.buyers, entry, event).await,
            Event::Payment(event) => {
                keep_with(&stores.payments, entry, event, Some(&inputs::with_card())).await;
                if let Ok(Some(payment)) = self.payments.load(entry.aggregate_id).await
                    && let Some(account) = cards::Account::of(&payment.state)
                {
                    self.cards.open_account(OrderId(entry.aggregate_id), account);
                }
            }
            Event::Session(_) | Event::Timer(_) => {}
        }
        Ok(())
    }

    /// Commands to an account, which no event of another service leads to.
    pub(super) async fn tell_account(
        &self,
        id: Uuid,
        cause: Cause,
        command: AccountCommand,
    ) -> Result<(), String> {
        let executed = self.accounts.execute(id, cause, command).await;
        executed.map(drop).map_err(|error| error.to_string())
    }
}

async fn keep<D: Decider>(store: &MemoryStore<D>, entry: &Entry, event: D::Event) {
    keep_with(store, entry, event, None).await;
}

/// One event more in its aggregate's document, by the decider's own fold.
async fn keep_with<D: Decider>(
    store: &MemoryStore<D>,
    entry: &Entry,
    event: D::Event,
    private: Option<&D::Private>,
) {
    let loaded = store.load(entry.aggregate_id).await.ok().flatten();
    let before = loaded.map(|loaded| loaded.snapshot.state).unwrap_or_default();
    let state = before.evolve(&event);
    let recorded = Recorded {
        id: entry.event_id,
        version: entry.version,
        event,
        at: entry.at,
        cause: Cause {
            causation_id: entry.causation_id,
            correlation_id: entry.correlation_id,
            actor: entry.actor.clone(),
            traceparent: entry.traceparent.clone(),
        },
    };
    let commit = Commit {
        id: entry.aggregate_id,
        expected_version: entry.version - 1,
        state: &state,
        private,
        events: std::slice::from_ref(&recorded),
        at: entry.at,
    };
    // What was committed once is in nobody's way.
    let _ = store.commit(commit).await;
}

/// What every service is put together with.
struct Seat {
    world: Arc<World>,
    runtime: Runtime,
}

impl Seat {
    fn aggregates<D: Decider>(&self, store: &Arc<MemoryStore<D>>, rules: Rules<D>) -> Aggregates<D> {
        let store: Arc<dyn EventStore<D>> = store.clone();
        let says = Arc::new(Says(Arc::clone(&self.world)));
        Aggregates::new(store, self.runtime.clone(), says, Gate::default()).under(rules)
    }
}

/// In place of the relay.
struct Says(Arc<World>);

#[async_trait]
impl AfterCommit for Says {
    async fn committed(&self, outbox: &dyn Outbox, id: Uuid, committed: Committed) {
        let category = outbox.category();
        let message = |recorded| Message { category: category.to_owned(), id, recorded };
        self.0.say(committed.events.into_iter().map(message));
    }
}

/// What expiration says when a timer goes off.
pub(super) fn expired(timer: &expiration::Timer, at: Timestamp) -> Message {
    let event = contracts::timers::TimerEvent::OrderExpired(contracts::timers::OrderExpired {
        expires_at: timer.due_at,
    });
    let id = timer.order_id.0;
    Message {
        category: contracts::timers::TimerEvent::CATEGORY.to_owned(),
        id,
        recorded: Recorded {
            id: Uuid::new_v5(&id, event.event_type().as_bytes()),
            version: 1,
            event: eventsourcing::RawEvent {
                event_type: event.event_type().to_owned(),
                data: serde_json::json!({ "expires_at": timer.due_at }),
            },
            at,
            cause: Cause {
                causation_id: timer.causation_id,
                correlation_id: timer.correlation_id,
                actor: eventsourcing::Actor::Service("expiration".to_owned()),
                traceparent: timer.traceparent.clone(),
            },
        },
    }
}
