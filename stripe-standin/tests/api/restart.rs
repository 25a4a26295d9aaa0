//! A killed stand-in remembers what it captured.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use stripe_core::payment_intent::{CapturePaymentIntent, RetrievePaymentIntent};
use stripe_shared::PaymentIntentStatus::{RequiresCapture, Succeeded};
use stripe_standin::{Options, StandIn, StartError};

use crate::harness::{Shop, authorization, client};

/// The stand-in's own binary, and where it listens.
fn start(state: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stripe-standin"))
        .args(["--listen", "127.0.0.1:0", "--state"])
        .arg(state)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let (_, url) = line.trim().split_once("listening on ").unwrap();
    (child, url.to_owned())
}

#[tokio::test]
async fn a_killed_process_forgets_no_capture_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("stripe.jsonl");
    let (mut child, url) = start(&state);
    let before = client(&url);
    let mut captured = Vec::new();
    for order in 0..10 {
        let request = authorization(&format!("order-{order}"), "pm_card_visa");
        let intent = request.send(&before).await.unwrap();
        CapturePaymentIntent::new(intent.id.clone()).send(&before).await.unwrap();
        captured.push(intent.id);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // A line that was being written when the process was killed.
    std::fs::OpenOptions::new()
        .append(true)
        .open(&state)
        .unwrap()
        .write_all(b"[{\"intent\":{\"id\"")
        .unwrap();

    let (mut child, url) = start(&state);
    let after = client(&url);
    for id in captured {
        let intent = RetrievePaymentIntent::new(id).send(&after).await.unwrap();
        assert_eq!((intent.status, intent.amount_received), (Succeeded, 5000));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn keys_ids_and_authorisations_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { state_file: Some(folder.path().join("stripe.jsonl")), seed: Some(7), ..Options::default() };
    let request = authorization("order-1", "pm_card_visa");
    let shop = Shop::with(options.clone()).await;
    let first = request.send(&shop.keyed("key")).await.unwrap();
    drop(shop);

    let shop = Shop::with(options.clone()).await;
    assert_eq!(request.send(&shop.keyed("key")).await.unwrap().id, first.id);
    assert_eq!(shop.retrieve(&first.id).await.status, RequiresCapture);
    let second = shop.authorized().await;
    assert_ne!(second.id, first.id);
    shop.capture(&first.id).await.unwrap();
    let ledger = shop.ledger();
    drop(shop);
    assert_eq!(Shop::with(options).await.ledger(), ledger);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let seeded = || Options { seed: Some(42), ..Options::default() };
    let one = Shop::with(seeded()).await.authorized().await;
    let other = Shop::with(seeded()).await.authorized().await;
    assert_eq!(one.id, other.id);
    assert_ne!(Shop::open().await.authorized().await.id, one.id);
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = folder.path().join("stripe.jsonl");
    std::fs::write(&state_file, "not a state file\n").unwrap();
    let started = StandIn::start(Options { state_file: Some(state_file), ..Options::default() }).await;
    assert!(matches!(started, Err(StartError::State(_))));
}
