//! Webhooks, received by a real endpoint.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use stripe_standin::{Options, WebhookEndpoint};

use crate::harness::Shop;

const SECRET: &str = "whsec_stagedoor";

#[derive(Clone, Default)]
struct Inbox {
    taken: Arc<Mutex<Vec<Value>>>,
    refusals: Arc<Mutex<u32>>,
}

impl Inbox {
    async fn open(refusals: u32) -> (Self, WebhookEndpoint) {
        let inbox = Self { refusals: Arc::new(Mutex::new(refusals)), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(receive)).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (inbox, WebhookEndpoint { url, secret: SECRET.to_owned() })
    }

    fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self
            .taken
            .lock()
            .unwrap()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort();
        kinds
    }

    async fn wait_for(&self, count: usize) -> Vec<String> {
        for _ in 0..200 {
            if self.kinds().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        self.kinds()
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: String) -> StatusCode {
    {
        let mut refusals = inbox.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    }
    let signature = headers["stripe-signature"].to_str().unwrap();
    let (time, digest) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, expected);
    inbox.taken.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    StatusCode::OK
}

const AUTHORIZED: [&str; 3] =
    ["charge.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.created"];

#[tokio::test]
async fn events_arrive_signed_and_are_then_no_longer_pending() {
    let (inbox, endpoint) = Inbox::open(0).await;
    let shop = Shop::with(Options { webhooks: Some(endpoint), ..Options::default() }).await;
    let intent = shop.authorized().await;
    assert_eq!(inbox.wait_for(3).await, AUTHORIZED);
    let bodies = inbox.taken.lock().unwrap().clone();
    assert!(bodies.iter().any(|event| event["data"]["object"]["id"] == intent.id.as_str()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let delivered = shop.get("/v1/events?delivery_success=true").await;
    assert_eq!(delivered.json["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_endpoint_that_refuses_is_tried_again() {
    let (inbox, endpoint) = Inbox::open(4).await;
    let shop = Shop::with(Options { webhooks: Some(endpoint), ..Options::default() }).await;
    shop.authorized().await;
    assert_eq!(inbox.wait_for(3).await, AUTHORIZED);
}

#[tokio::test]
async fn webhooks_are_lost_or_doubled_on_demand() {
    let (inbox, endpoint) = Inbox::open(0).await;
    let shop = Shop::open().await;
    shop.stand_in.set_webhooks(endpoint);
    shop.control("/_standin/faults", json!({ "webhooks": { "lose": 1.0 } })).await;
    shop.authorized().await;
    shop.control("/_standin/faults", json!({ "webhooks": { "duplicate": 1.0, "delay_ms": 50 } })).await;
    shop.authorized().await;
    assert_eq!(inbox.wait_for(6).await.len(), 6);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(inbox.kinds().len(), 6);
}

#[tokio::test]
async fn what_was_not_delivered_is_delivered_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = Some(folder.path().join("stripe.jsonl"));
    let (inbox, endpoint) = Inbox::open(0).await;
    let nobody = WebhookEndpoint { url: "http://127.0.0.1:1/hook".to_owned(), secret: SECRET.to_owned() };
    let options = Options { state_file: state_file.clone(), webhooks: Some(nobody), ..Options::default() };
    Shop::with(options).await.authorized().await;
    let _shop = Shop::with(Options { state_file, webhooks: Some(endpoint), ..Options::default() }).await;
    assert_eq!(inbox.wait_for(3).await, AUTHORIZED);
}
