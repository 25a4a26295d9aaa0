//! The shop: what lies on its servers, and how each of its processes is started over them, as `run` of each service does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth::account::Account;
use eventsourcing::{Aggregates, Decider, Gate, MemoryStore, Outbox, Rules, Schema};
use expiration::{MemoryTimers, Policies, Worker, rebuild};
use messaging::{Announcer, Bus, Changes, Listener, MemoryBus, Messenger, MessengerParts, Relay};
use orders::Orders;
use orders::buyer::Buyer;
use orders::config::Settings;
use orders::order::Order;
use payments::payment::Payment;
use payments::{MemoryCards, Payments};
use runtime::Runtime;
use tickets::Tickets;
use tickets::codes::Codes;
use tickets::reservation::Reservation;
use tickets::seller::Seller;
use tickets::ticket::Ticket;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::audit::Watched;
use crate::hasty;
use crate::history::Restored;
use crate::machine::Pid;
use crate::mutant::Mutant;
use crate::ports::{
    Hasty, Keeping, Link, SimulatedBus, SimulatedCards, SimulatedKeeping, SimulatedStore, SimulatedTimers,
};
use crate::rules;
use crate::world::{Server, World};

/// A service, by its place in all that is kept of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Service {
    Tickets,
    Orders,
    Payments,
    Expiration,
    Auth,
}

impl Service {
    pub(crate) const ALL: [Self; 5] =
        [Self::Tickets, Self::Orders, Self::Payments, Self::Expiration, Self::Auth];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Expiration => "expiration",
            Self::Auth => "auth",
        }
    }
}

/// How often timers and event log are compared, as the service's own schedule has it.
const COMPARE_EVERY: Duration = Duration::from_secs(60);

/// What survives every process.
pub(crate) struct Shop {
    pub world: Arc<World>,
    pub accounts: Arc<MemoryStore<Account>>,
    pub tickets: Arc<MemoryStore<Ticket>>,
    pub reservations: Arc<MemoryStore<Reservation>>,
    pub sellers: Arc<MemoryStore<Seller>>,
    pub orders: Arc<MemoryStore<Order>>,
    pub buyers: Arc<MemoryStore<Buyer>>,
    pub payments: Arc<MemoryStore<Payment>>,
    pub bus: MemoryBus,
    pub timers: Arc<MemoryTimers>,
    pub cards: MemoryCards,
    /// By service.
    pub keeping: Vec<Arc<Keeping>>,
    /// A database that is not the newest one.
    pub restored: Mutex<Option<Restored>>,
}

impl Shop {
    /// `server` is what the servers take from the machine.
    pub(crate) fn new(world: Arc<World>, server: &Runtime) -> Self {
        let orders = if world.lacks(Mutant::UniqueIndex) || world.lacks(Mutant::SoldCheck) {
            Schema { unique: Vec::new(), ..orders::views::schema() }
        } else {
            orders::views::schema()
        };
        Self {
            accounts: Arc::new(MemoryStore::new(auth::views::account_schema())),
            tickets: Arc::new(MemoryStore::new(tickets::views::schema())),
            reservations: Arc::new(MemoryStore::new(Schema::default())),
            sellers: Arc::new(MemoryStore::new(Schema::default())),
            orders: Arc::new(MemoryStore::new(orders)),
            buyers: Arc::new(MemoryStore::new(Schema::default())),
            payments: Arc::new(MemoryStore::new(payments::views::schema())),
            bus: MemoryBus::new(server.clone()),
            timers: Arc::new(MemoryTimers::new(server.clone())),
            cards: MemoryCards::new(),
            keeping: Service::ALL.iter().map(|_| Arc::default()).collect(),
            restored: Mutex::default(),
            world,
        }
    }

    /// Starts a process; what it had in memory before is gone.
    pub(crate) fn start(&self, pid: Pid) {
        let state = &self.world.processes[pid.0 - 1];
        let runtime = self.world.inside.runtime(pid, Arc::clone(&state.skew_ms));
        let bus: Arc<dyn Bus> = Arc::new(SimulatedBus::new(self.bus.clone(), self.link(pid, Server::Nats)));
        let seat = Seat {
            shop: self,
            pid,
            relay: Arc::new(Relay::new(Arc::clone(&bus), runtime.clone())),
            changes: Changes::new(runtime.clone()),
            gate: Gate::default(),
            bus,
            runtime,
        };
        match Service::ALL[state.service] {
            Service::Tickets => seat.tickets(),
            Service::Orders => seat.orders(),
            Service::Payments => seat.payments(),
            Service::Expiration => seat.expiration(),
            Service::Auth => seat.auth(),
        }
    }

    fn link(&self, pid: Pid, server: Server) -> Link {
        Link::new(&self.world, pid, server)
    }
}

/// One process as it is put together.
struct Seat<'shop> {
    shop: &'shop Shop,
    pid: Pid,
    runtime: Runtime,
    bus: Arc<dyn Bus>,
    relay: Arc<Relay>,
    changes: Changes,
    gate: Gate,
}

impl Seat<'_> {
    fn tickets(self) {
        self.gate.shut();
        let (tickets, outbox) =
            self.aggregates(&self.shop.tickets, rules::of_tickets(&self.shop.world), None);
        let (reservations, refusals) =
            self.aggregates(&self.shop.reservations, Arc::new(Decider::decide), None);
        let (sellers, bans) = self.aggregates(&self.shop.sellers, Arc::new(Decider::decide), None);
        // Nobody looks on while tickets change here, so nobody has to be woken.
        let (changes, codes) = (self.changes.clone(), Codes::new([0; 32]));
        let service = Tickets::new(tickets, reservations, sellers, changes, codes, self.runtime.clone());
        for recurring in service.recurring() {
            self.spawn(recurring.run(self.runtime.clone(), self.gate.clone()));
        }
        self.messenger(
            Service::Tickets,
            vec![outbox, refusals, bans],
            Some(service.listener()),
            Server::Mongo,
        );
        self.open(service.routes());
    }

    fn orders(self) {
        self.gate.shut();
        let (orders, outbox) = self.aggregates(&self.shop.orders, rules::of_orders(&self.shop.world), None);
        let (buyers, bans) = self.aggregates(&self.shop.buyers, Arc::new(Decider::decide), None);
        let (changes, bus) = (self.changes.clone(), Arc::clone(&self.bus));
        self.spawn(async move { changes.follow(bus.as_ref(), "order").await });
        let conditions = &self.shop.world.conditions;
        let settings = Settings { reservation: conditions.reservation, ..Settings::default() };
        let service = Orders::new(orders, buyers, self.changes.clone(), self.runtime.clone(), settings);
        let world = &self.shop.world;
        let sweeps = !world.lacks(Mutant::OverdueSweep) && !world.lacks(Mutant::LeaseAndSweep);
        for recurring in service.recurring().into_iter().filter(|_| sweeps) {
            self.spawn(recurring.run(self.runtime.clone(), self.gate.clone()));
        }
        self.messenger(Service::Orders, vec![outbox, bans], Some(service.listener()), Server::Mongo);
        self.open(service.routes());
    }

    fn payments(self) {
        self.gate.shut();
        let hasty = hasty::caller(&self.shop.world, &self.shop.cards);
        let rules = rules::of_payments(&self.shop.world);
        let (payments, outbox) = self.aggregates(&self.shop.payments, rules, hasty);
        let cards = SimulatedCards::new(self.shop.cards.clone(), self.shop.link(self.pid, Server::Stripe));
        let service = Payments::new(payments, self.gate.clone(), Arc::new(cards), self.runtime.clone());
        let sweeps = !self.shop.world.lacks(Mutant::CallsSwept);
        for recurring in service.recurring().into_iter().filter(|_| sweeps) {
            self.spawn(recurring.run(self.runtime.clone(), self.gate.clone()));
        }
        self.messenger(Service::Payments, vec![outbox], Some(service.listener()), Server::Mongo);
        self.open(service.routes());
    }

    fn expiration(self) {
        let link = self.shop.link(self.pid, Server::Redis);
        let timers = Arc::new(SimulatedTimers::new(Arc::clone(&self.shop.timers), link));
        let (runtime, bus) = (self.runtime.clone(), Arc::clone(&self.bus));
        let reservation = self.shop.world.conditions.reservation;
        let was_set = Arc::new(Notify::new());
        let policies =
            Policies { timers: timers.clone(), runtime: runtime.clone(), was_set: Arc::clone(&was_set) };
        let worker = Worker {
            timers: timers.clone(),
            bus: Arc::clone(&bus),
            runtime: runtime.clone(),
            was_set,
            reservation,
        };
        self.spawn(async move { worker.run().await });
        self.spawn(async move {
            loop {
                runtime.sleep(COMPARE_EVERY).await;
                // The next comparison makes up for it.
                let _ = rebuild(timers.as_ref(), bus.as_ref(), &runtime, reservation).await;
            }
        });
        self.messenger(Service::Expiration, Vec::new(), Some(Arc::new(policies)), Server::Redis);
    }

    /// As much of auth as bans people: nobody signs in here.
    fn auth(self) {
        self.gate.shut();
        let (accounts, outbox) = self.aggregates(&self.shop.accounts, Arc::new(Decider::decide), None);
        self.messenger(Service::Auth, vec![outbox], None, Server::Mongo);
        self.shop.world.processes[self.pid.0 - 1].seat(accounts);
    }

    fn aggregates<D: Watched>(
        &self,
        store: &Arc<MemoryStore<D>>,
        rules: Rules<D>,
        hasty: Option<Hasty<D>>,
    ) -> (Aggregates<D>, Arc<dyn Outbox>) {
        let link = self.shop.link(self.pid, Server::Mongo);
        let hasty = hasty.or_else(|| hasty::publisher(&self.shop.world, &self.shop.bus));
        let store = Arc::new(SimulatedStore::new(Arc::clone(store), link, hasty));
        let announcer = Announcer { changes: self.changes.clone(), relay: Arc::clone(&self.relay) };
        let outbox: Arc<dyn Outbox> = store.clone();
        let aggregates =
            Aggregates::new(store, self.runtime.clone(), Arc::new(announcer), self.gate.clone()).under(rules);
        (aggregates, outbox)
    }

    /// `keeps` is where the service keeps its marker and its dead letters.
    fn messenger(
        &self,
        service: Service,
        outboxes: Vec<Arc<dyn Outbox>>,
        listener: Option<Arc<dyn Listener>>,
        keeps: Server,
    ) {
        let keeping = &self.shop.keeping[service as usize];
        let kept = || Arc::new(SimulatedKeeping::new(Arc::clone(keeping), self.shop.link(self.pid, keeps)));
        let messenger = Messenger::new(MessengerParts {
            service: service.name(),
            bus: Arc::clone(&self.bus),
            relay: Arc::clone(&self.relay),
            outboxes,
            listener,
            dead_letters: kept(),
            markers: kept(),
            gate: self.gate.clone(),
            runtime: self.runtime.clone(),
        });
        self.spawn(async move { messenger.run(CancellationToken::new()).await });
    }

    fn open(&self, router: axum::Router) {
        self.shop.world.processes[self.pid.0 - 1].open(router);
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.shop.world.inside.spawn(self.pid, task);
    }
}
