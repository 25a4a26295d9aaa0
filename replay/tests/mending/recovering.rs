//! A store that was put back to an older copy: its service takes no command, it is recovered, and the service goes on.

use std::sync::Arc;
use std::time::Duration;

use auth::account::{Account, AccountCommand, Person};
use eventsourcing::{Aggregates, ExecutionError, Gate, MongoStore, Outbox, Schema};
use messaging::{Changes, Messenger, MessengerParts, MongoDeadLetters, MongoMarkers, Relay, Standing};
use mongodb::bson::{Document, doc};
use orders::Orders;
use orders::buyer::Buyer;
use orders::order::{Order, OrderCommand, OrderRejection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::orders::{cancel, cause, document, order, pay, place, reserve};
use super::servers::{Copied, SOON, Servers};

const RECOVER: [&str; 5] = ["recover", "orders", "--write", "--by", "Ada"];
const COLLECTIONS: [&str; 4] = ["order", "order_events", "buyer", "stream_marker"];

/// One process of the real service, as far as its store and the bus are concerned.
struct Service {
    orders: Aggregates<Order>,
    messenger: Arc<Messenger>,
    gate: Gate,
    stop: CancellationToken,
}

impl Service {
    async fn start(servers: &Servers) -> Self {
        let (database, runtime) = (servers.database("orders"), servers.runtime.clone());
        let bus = Arc::new(servers.bus().await);
        let schema = orders::views::schema();
        let store = Arc::new(MongoStore::<Order>::open(&database, schema, runtime.clone()).await.unwrap());
        let buyers = MongoStore::<Buyer>::open(&database, Schema::default(), runtime.clone()).await;
        let buyers = Arc::new(buyers.unwrap());
        let relay = Arc::new(Relay::new(bus.clone(), runtime.clone()));
        let gate = Gate::default();
        gate.shut();
        let orders = Aggregates::new(store.clone(), runtime.clone(), relay.clone(), gate.clone());
        let of_buyers = Aggregates::new(buyers.clone(), runtime.clone(), relay.clone(), gate.clone());
        let changes = Changes::new(runtime.clone());
        let service = Orders::new(orders.clone(), of_buyers, changes, runtime.clone(), Default::default());
        let messenger = Arc::new(Messenger::new(MessengerParts {
            service: orders::SERVICE,
            bus,
            relay,
            outboxes: vec![store as Arc<dyn Outbox>, buyers],
            listener: Some(service.listener()),
            dead_letters: Arc::new(MongoDeadLetters::new(&database)),
            markers: Arc::new(MongoMarkers::new(&database)),
            gate: gate.clone(),
            runtime: runtime.clone(),
        }));
        let stop = CancellationToken::new();
        let (running, stopped) = (Arc::clone(&messenger), stop.clone());
        runtime.spawn("messenger", async move { running.run(stopped).await });
        Self { orders, messenger, gate, stop }
    }

    async fn stands(&self, servers: &Servers, is_so: impl FnMut(&Standing) -> bool) {
        let mut standing = self.messenger.standing();
        servers.runtime.timeout(SOON, standing.wait_for(is_so)).await.unwrap().unwrap();
    }

    async fn is_ready(&self, servers: &Servers) {
        self.stands(servers, |standing| *standing == Standing::Ready).await;
        assert!(!self.gate.is_shut());
    }

    async fn is_behind(&self, servers: &Servers) {
        self.stands(servers, |standing| matches!(standing, Standing::Behind(_))).await;
        assert!(self.gate.is_shut());
    }

    async fn gives(&self, number: u128, command: OrderCommand) -> Result<(), ExecutionError<OrderRejection>> {
        let cause = cause(number * 1_000 + step(&command));
        match command {
            OrderCommand::Place(_) => self.orders.create(order(number), cause, command, |_| {}).await,
            _ => self.orders.execute(order(number), cause, command).await,
        }
        .map(drop)
    }

    async fn goes(&self, number: u128, commands: impl IntoIterator<Item = OrderCommand>) {
        for command in commands {
            self.gives(number, command).await.unwrap();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// So that each has a cause of its own.
fn step(command: &OrderCommand) -> u128 {
    match command {
        OrderCommand::Place(_) => 1,
        OrderCommand::ConfirmReservation { .. } => 2,
        OrderCommand::AcceptPayment { .. } => 3,
        _ => 4,
    }
}

async fn all(servers: &Servers) -> Vec<Copied> {
    let mut copies = Vec::new();
    for collection in COLLECTIONS {
        copies.push(servers.copy("orders", collection).await);
    }
    copies
}

async fn put_back(servers: &Servers, copies: &[Copied]) {
    for (collection, copied) in COLLECTIONS.iter().zip(copies) {
        servers.put_back("orders", collection, copied).await;
    }
}

/// Until the relay has nothing left to publish.
async fn published(servers: &Servers) {
    let orders = servers.database("orders").collection::<Document>("order");
    while orders.count_documents(doc! { "unpublished": true }).await.unwrap() > 0 {
        servers.runtime.sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_put_back_is_brought_up_and_its_service_takes_commands_again() {
    let servers = Servers::start().await;
    let service = Service::start(&servers).await;
    service.is_ready(&servers).await;
    for number in 0..40 {
        service.goes(number, [place(number), reserve()]).await;
    }
    published(&servers).await;
    let older = all(&servers).await;

    for number in 0..10 {
        service.goes(number, [pay(), OrderCommand::Complete]).await;
    }
    // Whoever comes after them wants the same tickets: no two orders may hold one, not even while they are brought up.
    for number in 10..40 {
        service.goes(number, [cancel(number)]).await;
        let OrderCommand::Place(placement) = place(number) else { unreachable!() };
        service.goes(number + 100, [OrderCommand::Place(placement), reserve()]).await;
    }
    published(&servers).await;
    let newest = servers.copy("orders", "order").await;
    drop(service);

    put_back(&servers, &older).await;
    let service = Service::start(&servers).await;
    service.is_behind(&servers).await;
    let refused = service.gives(200, place(200)).await;
    assert!(matches!(refused, Err(ExecutionError::Unavailable(_))), "{refused:?}");

    let before = servers.copy("orders", "order").await;
    let said = servers.tool(&["recover", "orders"]).ends(0);
    let said = said.says("order: 110 events are lacking, in 40 of 40 documents and in 30 missing altogether");
    said.says("v2 to v4: OrderAccepted, OrderCompleted").says("Nothing was written");
    assert_eq!(servers.copy("orders", "order").await, before);
    assert!(service.gate.is_shut());

    servers
        .tool(&RECOVER)
        .ends(0)
        .says("order: 110 events appended, to 40 of 40 documents and in 30 made anew");
    assert_eq!(servers.copy("orders", "order").await, newest);
    assert_eq!(servers.documents("orders", "repairs").await[0].get_str("by").ok(), Some("Ada"));
    service.is_ready(&servers).await;
    service.goes(200, [place(200), reserve()]).await;
    // What had been handled before is known to have been.
    service.goes(5, [pay()]).await;
    published(&servers).await;
    let newest = servers.copy("orders", "order").await;

    // And once more, under a service that runs.
    put_back(&servers, &older).await;
    service.is_behind(&servers).await;
    servers.tool(&RECOVER).ends(0).says("112 events appended");
    service.is_ready(&servers).await;
    assert_eq!(servers.copy("orders", "order").await, newest);
    service.goes(201, [place(201)]).await;
    servers.tool(&RECOVER).ends(0).says("order: nothing is lacking in 72");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_both_tell_something_else_nothing_is_overwritten() {
    let servers = Servers::start().await;
    let service = Service::start(&servers).await;
    service.is_ready(&servers).await;
    for number in 0..4 {
        service.goes(number, [place(number), reserve(), pay()]).await;
    }
    published(&servers).await;
    drop(service);
    let orders = servers.database("orders").collection::<Document>("order");
    let at = |number: u128| doc! { "_id": order(number).to_string() };
    // Of the first two another copy was written on, up to the version that the stream tells, and not as far.
    orders.replace_one(at(0), document(0, &[place(0), reserve(), cancel(0)])).await.unwrap();
    orders.replace_one(at(1), document(1, &[place(1), reserve()])).await.unwrap();
    orders.delete_one(at(2)).await.unwrap();
    let store = servers.copy("orders", "order").await;
    for arguments in [&["recover", "orders"][..], &RECOVER] {
        let said = servers.tool(arguments).ends(1).says("2 aggregates could not be brought up");
        let said = said.says(&format!("order {}: the store and the stream each tell another v3", order(0)));
        said.says(&format!("order {}: the store and the stream each tell another v1", order(1)));
    }
    let now = servers.copy("orders", "order").await;
    assert_eq!(now.len(), store.len() + 1);
    assert!(store.iter().all(|(id, document)| now[id] == *document));
    let found = orders.find_one(at(2)).await.unwrap().unwrap();
    assert_eq!(found.get_i64("version").ok(), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_that_were_lost_come_back_without_what_is_personal() {
    let servers = Servers::start().await;
    let (database, runtime) = (servers.database("auth"), servers.runtime.clone());
    let schema = auth::views::account_schema();
    let store = MongoStore::<Account>::open(&database, schema, runtime.clone()).await.unwrap();
    let bus = Arc::new(servers.bus().await);
    messaging::Bus::prepare(bus.as_ref()).await.unwrap();
    let relay = Arc::new(Relay::new(bus, runtime.clone()));
    let accounts = Aggregates::new(Arc::new(store), runtime.clone(), relay.clone(), Gate::default());
    let register = AccountCommand::Register { roles: Vec::new() };
    for number in 1..=3_u128 {
        let named = move |person: &mut Person| {
            person.email = format!("{number}@example.com");
            person.email_key.clone_from(&person.email);
        };
        accounts.create(Uuid::from_u128(number), cause(number), register.clone(), named).await.unwrap();
    }
    let users = database.collection::<Document>("user");
    while users.count_documents(doc! { "unpublished": true }).await.unwrap() > 0 {
        runtime.sleep(Duration::from_millis(20)).await;
    }
    let whole = servers.copy("auth", "user").await;
    let gone: Vec<String> = [2, 3].map(|number| Uuid::from_u128(number).to_string()).to_vec();
    users.delete_many(doc! { "_id": { "$in": &gone } }).await.unwrap();

    let said = servers.tool(&["recover", "auth", "--write", "--by", "Ada"]).ends(0);
    said.says("user: 2 events appended, to 0 of 1 documents and in 2 made anew").says("passwords");
    let first = Uuid::from_u128(1);
    assert_eq!(servers.copy("auth", "user").await[&first.to_string()], whole[&first.to_string()]);
    for id in gone {
        let id: Uuid = id.parse().unwrap();
        let found = accounts.load(id).await.unwrap().unwrap();
        assert!(matches!(found.state, Account::Active(_)));
        assert_eq!((found.private.email.as_str(), found.private.password_hash.as_str()), ("", ""));
        assert_eq!(found.private.email_key, id.to_string());
    }
}
