//! A shop that goes on while it is looked at, a recording of one, and what the command says and ends with.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use messaging::{Extent, Numbered, Selection};
use mongodb::bson::doc;
use replay::recording::Recording;
use replay::terminal::Terminal;
use replay::verify::{Check, Fault, Kind, Sources, verify};
use serde_json::Value;

use crate::shop::Shop;

async fn recorded(shop: &Shop) -> Vec<Numbered> {
    shop.stream.archive.part(&Selection::everything(), 1, 10_000, Extent::Whole).await.unwrap()
}

async fn faults_of(shop: &Shop, messages: Vec<Numbered>, is_part: bool) -> Vec<Fault> {
    let selected = is_part.then(|| "a test".to_owned());
    let recording = Recording::of(shop.runtime.now(), selected, messages);
    let stream =
        replay::stream::Stream::new(Arc::new(recording), shop.runtime.clone(), "a file".to_owned(), true);
    let sources = Sources {
        stream: Some(&stream),
        is_part,
        stores: None,
        redis_url: None,
        runtime: shop.runtime.clone(),
    };
    let terminal = Terminal::into_writer(std::io::sink(), 80);
    verify(&sources, &Check::default(), &terminal).await.unwrap().findings.faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_looked_at_by_itself() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let all = recorded(&shop).await;
    assert_eq!(faults_of(&shop, all.clone(), false).await, []);

    let of = |numbered: &Numbered, category: &str, version: u64| {
        let message = numbered.stored.parcel.open().unwrap();
        message.category == category && message.id == known.complete && message.recorded.version == version
    };
    let mut lacking = all.clone();
    lacking.retain(|numbered| !of(numbered, "order", 2));
    let faults = faults_of(&shop, lacking, false).await;
    assert!(
        faults.iter().any(|fault| fault.kind == Kind::Missing && fault.what.contains("version 2")),
        "{faults:?}"
    );

    let mut broken = all.clone();
    broken.retain(|numbered| !of(numbered, "payment", 6));
    let faults = faults_of(&shop, broken.clone(), false).await;
    let is_broken =
        |fault: &Fault| fault.kind == Kind::Promise && fault.what.contains("is complete, and its payment");
    assert!(faults.iter().any(is_broken), "{faults:?}");

    // What is only a part says nothing of what is not in it.
    let part = all.into_iter().filter(|numbered| {
        let message = numbered.stored.parcel.open().unwrap();
        message.category == "order" && message.recorded.version > 1
    });
    assert_eq!(faults_of(&shop, part.collect(), true).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_goes_on_meanwhile_is_not_accused_of_it() {
    let shop = Arc::new(Shop::open().await);
    shop.trades().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let (trading, over) = (shop.clone(), is_over.clone());
    let trade = shop.runtime.run("trade", async move {
        while !over.load(Ordering::Relaxed) {
            trading.trades().await;
        }
    });
    let look = async {
        for _ in 0..4 {
            let report = shop.report(&Check { patience: Duration::from_secs(20), ..Check::default() }).await;
            assert_eq!(report.findings.faults, []);
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let (traded, ()) = tokio::join!(trade, look);
    traded.unwrap();
    assert_eq!(shop.faults().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_it_found_and_ends_accordingly() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"))
            .args(arguments)
            .env("NATS_URL", &shop.nats_url)
            .env("MONGODB_URL", &shop.mongodb_url)
            .env("REDIS_URL", &shop.redis_url)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (status, told, _) = run(&["verify"]);
    assert!(
        status == 0 && told.contains("14 aggregates") && told.contains("all is as it should be"),
        "{told}"
    );
    assert_eq!(run(&["verify", "--stores-only", "--service", "orders"]).0, 0);
    assert_eq!(run(&["verify", "--stream-only"]).0, 0);

    shop.edit("tickets", "ticket", known.edited, doc! { "state.price.amount": 1_i64 }).await;
    let (status, told, complaint) = run(&["verify"]);
    assert_eq!(status, 1, "{told}");
    assert!(told.contains(&format!("state: the stored state of ticket {}", known.edited)), "{told}");
    assert!(told.contains("~ price.amount: 1 → 12500"), "{told}");
    assert!(complaint.contains("1 thing is not as it should be"), "{complaint}");
    let (status, told, _) = run(&["verify", "--json"]);
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((status, &lines[0]["fault"]["kind"]), (1, &Value::from("state")));
    assert_eq!(lines[0]["fault"]["aggregate"], known.edited.to_string());
    assert_eq!(lines[0]["fault"]["differences"][0]["path"], "price.amount");
    assert_eq!(lines.last().unwrap()["summary"]["faults"], 1);
    assert_eq!(run(&["verify", "--service", "orders"]).0, 0);
    let id = contracts::OrderId(known.awaiting);
    expiration::Timers::cancel(&shop.timers, id).await.unwrap();
    let (status, told, _) = run(&["verify", "--service", "orders"]);
    assert!(status == 1 && told.contains(&format!("view: order {id} has no timer")), "{told}");

    assert_eq!(run(&["verify", "--service", "nobody"]).0, 2);
    assert_eq!(run(&["verify", "--stores-only", "--stream-only"]).0, 2);
    assert_eq!(run(&["verify", "--recording", "/nowhere"]).0, 3);
    let (status, _, complaint) = run(&["--nats-url", "nats://127.0.0.1:1", "verify"]);
    assert_eq!((status, complaint.lines().count()), (3, 1), "{complaint}");
}
