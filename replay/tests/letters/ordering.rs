//! Dead letters of orders, in MongoDB: made by its own consumer, mended by the tool, and handled by the service after all.

use std::sync::Arc;
use std::time::Duration;

use eventsourcing::{Aggregates, Gate, MongoStore, Schema};
use futures::TryStreamExt as _;
use messaging::{
    Bus, Changes, Messenger, MessengerParts, MongoDeadLetters, MongoMarkers, Relay, TendedLetters as _,
};
use mongodb::bson::{Document, doc};
use orders::buyer::Buyer;
use orders::config::Settings;
use orders::order::Order;
use orders::{Orders, SERVICE, views};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::servers::{Servers, event, offline};

const SOON: Duration = Duration::from_secs(30);

/// The service as its process runs it, but for its routes.
async fn orders_of(servers: &Servers) -> DropGuard {
    let (database, runtime) = (servers.database(SERVICE).await, servers.runtime.clone());
    let bus: Arc<dyn Bus> = servers.bus(SERVICE).await;
    bus.prepare().await.unwrap();
    let relay = Arc::new(Relay::new(Arc::clone(&bus), runtime.clone()));
    let gate = Gate::default();
    let of_orders = MongoStore::<Order>::open(&database, views::schema(), runtime.clone()).await.unwrap();
    let of_buyers = MongoStore::<Buyer>::open(&database, Schema::default(), runtime.clone()).await.unwrap();
    let (of_orders, of_buyers) = (Arc::new(of_orders), Arc::new(of_buyers));
    let orders = Orders::new(
        Aggregates::new(of_orders.clone(), runtime.clone(), relay.clone(), gate.clone()),
        Aggregates::new(of_buyers.clone(), runtime.clone(), relay.clone(), gate.clone()),
        Changes::new(runtime.clone()),
        runtime.clone(),
        Settings::default(),
    );
    let messenger = Messenger::new(MessengerParts {
        service: SERVICE,
        bus,
        relay,
        outboxes: vec![of_orders, of_buyers],
        listener: Some(orders.listener()),
        dead_letters: Arc::new(MongoDeadLetters::new(&database)),
        markers: Arc::new(MongoMarkers::new(&database)),
        gate,
        runtime: runtime.clone(),
    });
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    runtime.spawn("orders", async move { messenger.run(stopped).await });
    stop.drop_guard()
}

async fn eventually(servers: &Servers, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let so = async {
        while !is_so().await {
            servers.runtime.sleep(Duration::from_millis(100)).await;
        }
    };
    servers.runtime.timeout(SOON, so).await.unwrap_or_else(|_| panic!("{what}"));
}

/// Auth says something about a user, and its event has this id.
async fn auth_says(servers: &Servers, user: u128, event_id: u128, data: Value) -> String {
    let of = ("user", Uuid::from_u128(user), "UserBanned");
    let said = event(of, (event_id, 1), servers.runtime.now(), data);
    servers.bus("auth").await.publish(&said, 0).await.unwrap();
    said.recorded.id.to_string()
}

async fn all(servers: &Servers, collection: &str) -> Vec<Document> {
    let documents = servers.database(SERVICE).await.collection::<Document>(collection);
    documents.find(doc! {}).await.unwrap().try_collect().await.unwrap()
}

/// As the tool lists them.
fn listed(servers: &Servers) -> Vec<Value> {
    let said = servers.tool(&["dead", "list", "--service", SERVICE, "--json"], &[]).answers();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_mended_and_then_handled_or_discarded_and_then_kept() {
    let servers = Servers::start();
    let _running = orders_of(&servers).await;
    let (mended, given_up) = (1_001_u128, 1_003_u128);
    let broken = json!({ "banned_at": "the other day" });
    let mended_id = auth_says(&servers, 7, mended, broken.clone()).await;
    let given_up_id = auth_says(&servers, 8, given_up, broken).await;
    eventually(&servers, "both are given up", async || listed(&servers).len() == 2).await;

    let letters = listed(&servers);
    let letter = letters.iter().find(|letter| letter["id"] == mended_id.as_str()).unwrap();
    assert_eq!(letter["service"], "orders");
    assert_eq!(letter["data"], json!({ "banned_at": "the other day" }));
    assert!(letter["error"].as_str().unwrap().contains("not a time in RFC 3339"), "{letter}");
    let shown = servers.tool(&["dead", "show", "orders", &mended_id], &[]).answers();
    assert!(shown.contains(&format!("events.user.{}.UserBanned", Uuid::from_u128(7))), "{shown}");
    assert!(
        shown.contains("\"banned_at\": \"the other day\"") && shown.contains("ce-sequence: 1"),
        "{shown}"
    );

    // Nothing is written before it is told to, and nothing that could not be read.
    let edit = ["dead", "edit", "orders", &mended_id];
    let good = "banned_at=2026-11-20T19:30:00.000Z";
    let said = servers.tool(&[&edit[..], &["--set", good]].concat(), &[]).answers();
    assert!(said.contains("-   \"banned_at\": \"the other day\""), "{said}");
    assert!(said.contains("+   \"banned_at\": \"2026-11-20T19:30:00.000Z\""), "{said}");
    assert!(said.contains("it would be changed and tried again"), "{said}");
    let written = ["--write", "--by", "ana"];
    servers
        .tool(&[&edit[..], &["--set", "banned_at=soon"], &written].concat(), &[])
        .refuses(2, "with that it could not be read");
    assert_eq!(listed(&servers), letters);
    assert!(all(&servers, "repairs").await.is_empty());

    let said = servers.tool(&[&edit[..], &["--set", good], &written].concat(), &[]).answers();
    assert!(said.contains("due now: orders tries within 5 s"), "{said}");
    // Orders knows of the ban, and would look again later; as the ban ends, it need not.
    let version = async || {
        let buyers = all(&servers, "buyer").await;
        let buyer = buyers
            .iter()
            .find(|buyer| buyer.get_str("_id").is_ok_and(|id| id == Uuid::from_u128(7).to_string()));
        buyer.map_or(0, |buyer| buyer.get_i64("version").unwrap())
    };
    eventually(&servers, "the ban is noted", async || version().await == 1).await;
    let not_yet = |letter: &Value| letter["error"].as_str().unwrap().starts_with("not yet");
    eventually(&servers, "it looks again", async || listed(&servers).iter().any(not_yet)).await;
    let unbanned = ("user", Uuid::from_u128(7), "UserUnbanned");
    let unbanned = event(unbanned, (1_005, 2), servers.runtime.now(), json!({}));
    let bus = servers.bus("auth").await;
    let last = bus.last("user", Uuid::from_u128(7)).await.unwrap().unwrap();
    bus.publish(&unbanned, last.sequence).await.unwrap();
    eventually(&servers, "the ban has ended", async || version().await == 2).await;
    servers.tool(&[&["dead", "retry", "orders", &mended_id][..], &written].concat(), &[]).answers();
    eventually(&servers, "the mended one is handled", async || listed(&servers).len() == 1).await;

    let discard = ["dead", "discard", "orders", &given_up_id, "--reason", "made by a test"];
    assert!(servers.tool(&discard, &[]).answers().contains("it would be tried no more"));
    assert_eq!(listed(&servers).len(), 1);
    servers.tool(&[&discard[..], &written].concat(), &[]).answers();
    assert!(listed(&servers).is_empty());
    let discarded = all(&servers, "discarded_letters").await;
    let discarded = discarded[0].get_document("discarded").unwrap();
    assert_eq!(discarded.get_str("reason").unwrap(), "made by a test");
    assert_eq!(discarded.get_str("by").unwrap(), "ana");
    assert_eq!(discarded.get_document("letter").unwrap().get_str("id").unwrap(), given_up_id);

    let notes = all(&servers, "repairs").await;
    let commands: Vec<_> = notes.iter().map(|note| note.get_str("command").unwrap()).collect();
    assert_eq!(commands, ["dead edit", "dead retry", "dead discard"]);
    let arguments = notes[0].get_str("arguments").unwrap();
    assert!(arguments.contains("the other day") && arguments.contains("19:30:00"), "{arguments}");
    assert!(notes.iter().all(|note| note.get_str("by").unwrap() == "ana" && note.contains_key("ended_at")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_tried_again_is_tried_by_the_service_and_not_before_it_is_told_to() {
    let servers = Servers::start();
    let _running = orders_of(&servers).await;
    let broken = json!({ "banned_at": 7 });
    let id = auth_says(&servers, 7, 1_001, broken.clone()).await;
    auth_says(&servers, 8, 1_003, broken).await;
    eventually(&servers, "both are given up", async || listed(&servers).len() == 2).await;
    let said = servers.tool(&["dead", "retry", "orders", "--all"], &[]).answers();
    assert!(said.contains("2 would be tried again"), "{said}");
    assert!(listed(&servers).iter().all(|letter| letter["retries"] == 0));

    servers.tool(&["dead", "retry", "orders", &id, "--write", "--by", "ana"], &[]).answers();
    let tries = |letters: &[Value], id: &str| {
        letters.iter().find(|letter| letter["id"] == id).unwrap()["retries"].as_u64().unwrap()
    };
    eventually(&servers, "it was tried", async || tries(&listed(&servers), &id) == 1).await;
    let others: u64 = listed(&servers).iter().map(|letter| letter["retries"].as_u64().unwrap()).sum();
    assert_eq!(others, 1, "the other one was left alone");
    servers.tool(&["dead", "retry", "orders", "--all", "--write", "--by", "ana"], &[]).answers();
    eventually(&servers, "all were tried", async || {
        listed(&servers).iter().map(|letter| letter["retries"].as_u64().unwrap()).sum::<u64>() == 3
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_said_in_one_sentence() {
    let servers = Servers::start();
    let nothing = servers.tool(&["dead", "--service", SERVICE], &[]).answers();
    assert_eq!(nothing, "no dead letters\n");
    let unheard_of = Uuid::from_u128(1).to_string();
    for what in ["show", "retry"] {
        servers.tool(&["dead", what, "orders", &unheard_of], &[]).refuses(1, "orders has no dead letter");
    }
    assert_eq!(servers.tool(&["dead", "show", "kitchen", &unheard_of], &[]).status, 2);
    assert_eq!(servers.tool(&["dead", "retry", "orders"], &[]).status, 2);
    assert_eq!(servers.tool(&["dead", "edit", "orders", &unheard_of], &[]).status, 2);
    assert_eq!(servers.tool(&["dead", "edit", "orders", &unheard_of, "--set", "a"], &[]).status, 2);
    assert_eq!(servers.tool(&["dead", "discard", "orders", &unheard_of], &[]).status, 2);
    servers
        .tool(&["dead", "discard", "orders", &unheard_of, "--reason", " "], &[])
        .refuses(2, "why it is discarded has to be said");
    servers.tool(&["dead", "list"], &[]).refuses(2, "set REDIS_URL");
    offline(None, &["dead", "list"]).refuses(2, "where the database of auth is has to be said");
    let away = "redis://127.0.0.1:1/";
    servers.tool(&["dead", "list"], &[("REDIS_URL", away)]).refuses(3, "Redis does not answer");
    let letters = MongoDeadLetters::new(&servers.database(SERVICE).await);
    assert!(letters.all().await.unwrap().is_empty());
}
