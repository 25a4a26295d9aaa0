//! What cannot be done is said in a sentence, and nothing is written.

use super::servers::Servers;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_and_nothing_is_written() {
    let servers = Servers::start().await;
    servers.database("orders").create_collection("order").await.unwrap();
    for command in [&["rebuild", "orders"][..], &["republish", "orders"], &["recover", "orders"]] {
        let with = |more: &[&'static str]| [command, more].concat();
        servers.tool(&with(&["--write"])).ends(2).says("--by <NAME>");
        servers.tool(&with(&["--write", "--by", " "])).ends(2).says("who does it has to be said");
        servers.tool(&[command[0], "expiration"]).ends(2).says("they have no store");
        servers.tool(&[command[0], "nobody"]).ends(2).says("auth, tickets, orders, payments");
        let away = with(&["--mongodb-url", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"]);
        servers.tool(&away).ends(3).says("MongoDB does not answer");
    }
    servers.tool(&["rebuild", "orders", "--aggregate", "ticket"]).ends(2).says("order and buyer");
    let away = ["--nats-url", "nats://127.0.0.1:1"];
    for command in [&["republish", "orders"][..], &["recover", "orders"]] {
        servers.tool(&[command, &away].concat()).ends(3).says("NATS does not");
    }
    servers.tool(&["recover", "orders"]).ends(3).says("does not show its stream");
    assert_eq!(servers.collections("orders").await, ["order"]);
}
