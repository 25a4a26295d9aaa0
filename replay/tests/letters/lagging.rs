//! How far each consumer is, as the server knows it.

use std::time::Duration;

use messaging::{Bus as _, ConsumerSpec};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::servers::{Servers, event, offline};

const ORDERS: ConsumerSpec =
    ConsumerSpec { name: "orders", hears: &[("user", "UserBanned")], ack_wait: Duration::from_secs(30) };
const PAYMENTS: ConsumerSpec =
    ConsumerSpec { name: "payments", hears: &[("order", "OrderAccepted")], ..ORDERS };

fn lag(servers: &Servers) -> Value {
    serde_json::from_str(&servers.tool(&["lag", "--json"], &[]).answers()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_at_a_consumer_is_counted_and_its_age_is_told() {
    let servers = Servers::start();
    let orders = servers.bus("orders").await;
    orders.prepare().await.unwrap();
    assert!(servers.tool(&["lag"], &[]).answers().contains("nobody consumes it"));
    let mut subscription = orders.subscribe(&ORDERS).await.unwrap();
    drop(servers.bus("payments").await.subscribe(&PAYMENTS).await.unwrap());
    let auth = servers.bus("auth").await;
    for user in 1..=3_u128 {
        let of = ("user", Uuid::from_u128(user), "UserBanned");
        let said =
            event(of, (user + 100, 1), servers.runtime.now(), json!({ "banned_at": servers.runtime.now() }));
        auth.publish(&said, 0).await.unwrap();
    }
    let first = subscription.next().await.unwrap();
    let second = subscription.next().await.unwrap();
    first.receipt.acknowledge().await.unwrap();
    servers.runtime.sleep(Duration::from_millis(1_200)).await;

    let told = lag(&servers);
    assert_eq!(told["end"], 3);
    assert_eq!(told["warnings"], json!([]));
    let of = |name: &str| {
        let consumers = told["consumers"].as_array().unwrap();
        consumers.iter().find(|consumer| consumer["consumer"] == name).unwrap().clone()
    };
    let orders_lag = of("orders");
    assert_eq!((&orders_lag["service"], &orders_lag["acknowledged"]), (&json!("orders"), &json!(1)));
    let waiting = orders_lag["pending"].as_u64().unwrap() + orders_lag["in_flight"].as_u64().unwrap();
    assert_eq!((waiting, &orders_lag["oldest_sequence"]), (2, &json!(2)));
    let age = orders_lag["oldest_age_ms"].as_u64().unwrap();
    assert!((1_000..60_000).contains(&age), "{age}");
    let payments_lag = of("payments");
    assert_eq!((&payments_lag["pending"], &payments_lag["oldest_age_ms"]), (&json!(0), &Value::Null));

    second.receipt.again_in(Duration::from_millis(1)).await.unwrap();
    let again = subscription.next().await.unwrap();
    let again = if again.attempt > 1 { again } else { subscription.next().await.unwrap() };
    assert_eq!(again.attempt, 2);
    let told = lag(&servers);
    assert_eq!(told["consumers"][0]["redelivered"], 1, "{told}");
    let table = servers.tool(&["lag"], &[]).answers();
    assert!(table.starts_with("the stream ends at #3\n") && table.contains("\norders "), "{table}");
    offline(None, &["lag"]).refuses(2, "where the events are has to be said");
}
