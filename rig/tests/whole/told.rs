//! What happened is told to admins, by the stream alone: a purchase from its beginning to its end, and all that comes,
//! whoever was away meanwhile.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Response;
use rig::{Ask, Checked, Listing, Options, Person};
use serde_json::Value;
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

async fn buys(seller: &Person, buyer: &Person) -> (Uuid, Uuid) {
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.payment_becomes(order, "payable", SOON).await.unwrap();
    buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    buyer.order_becomes(order, "complete", SOON).await.unwrap();
    buyer.ticket_becomes(ticket, "sold", SOON).await.unwrap();
    buyer.payment_becomes(order, "captured", SOON).await.unwrap();
    (ticket, order)
}

async fn story(admin: &Person, id: Uuid) -> Vec<Value> {
    let told = admin.asks(Ask::get(format!("/api/events/story/{id}"))).await.unwrap();
    let told = told.expect(200, "a story").unwrap().body;
    assert_eq!(told["is_whole"], true);
    told["events"].as_array().unwrap().clone()
}

/// Each event, with the name of its cause where that is told too.
fn with_causes(told: &[Value]) -> Vec<(&str, Option<&str>)> {
    let mut events = Vec::new();
    for (number, event) in told.iter().enumerate() {
        let cause = event["cause"].as_u64().map(|cause| usize::try_from(cause).unwrap());
        assert!(cause.is_none_or(|cause| cause < number), "{event} stands before its cause");
        let caused_by = cause.map(|cause| &told[cause]["event_id"]);
        assert!(caused_by.is_none_or(|cause| *cause == event["causation_id"]), "{event}");
        events.push((event["type"].as_str().unwrap(), cause.and_then(|cause| told[cause]["type"].as_str())));
    }
    events
}

#[tokio::test]
async fn a_purchase_is_told_whole_with_its_causes() {
    let shop = shop(Options::default()).await;
    let admin = shop.admin().await.unwrap();
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let (ticket, order) = buys(&seller, &buyer).await;
    buys(&seller, &buyer).await;
    shop.settles(SOON).await.unwrap();

    let told = story(&admin, order).await;
    let expected = [
        ("OrderCreated", None),
        ("TicketReserved", Some("OrderCreated")),
        ("OrderAwaitingPayment", Some("TicketReserved")),
        ("PaymentOpened", Some("OrderAwaitingPayment")),
        ("AuthorizationRequested", None),
        ("PaymentIntentCreated", None),
        ("PaymentAuthorized", None),
        ("OrderAccepted", Some("PaymentAuthorized")),
        ("CaptureRequested", Some("OrderAccepted")),
        ("ChargeCreated", None),
        ("OrderCompleted", Some("ChargeCreated")),
        ("TicketSold", Some("OrderCompleted")),
    ];
    assert_eq!(with_causes(&told), expected);
    let services: BTreeSet<&str> = told.iter().filter_map(|event| event["service"].as_str()).collect();
    assert_eq!(services, BTreeSet::from(["orders", "payments", "tickets"]));

    // Nothing is left out, and nothing is told of another matter.
    let said = shop.behind().story(&[ticket, order]).await.unwrap();
    let said: BTreeSet<u64> = said.iter().map(|said| said.sequence).collect();
    let of_the_ticket: BTreeSet<u64> =
        story(&admin, ticket).await.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(of_the_ticket, said);

    // What the request led to is found by its id.
    let request = told[0]["correlation_id"].as_str().unwrap();
    let page = admin.asks(Ask::get(format!("/api/events?correlation={request}"))).await.unwrap();
    let found = page.expect(200, "what a request led to").unwrap().body;
    let found: BTreeSet<&str> =
        found["items"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(found.is_superset(&BTreeSet::from(["OrderCreated", "TicketReserved"])), "{found:?}");
}

/// A live stream of events, as a browser holds it.
struct Listening {
    response: Response,
    text: String,
}

impl Listening {
    async fn open(shop: &Checked, admin: &Person, last: Option<u64>) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let begun_at = Instant::now();
        // The edge finds out by and by that a process is back.
        let response = loop {
            let mut request = client
                .get(format!("{}/api/events/live", shop.door().origin()))
                .header("cookie", format!("access_token={}", admin.token));
            if let Some(last) = last {
                request = request.header("last-event-id", last);
            }
            let response = request.send().await.unwrap();
            if response.status() == 200 {
                break response;
            }
            assert!(begun_at.elapsed() < SOON, "{}", response.status());
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The ids of the next events, up to the first of this type.
    async fn until(&mut self, event_type: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                let seen = field("data:").map(|data| {
                    ids.push(field("id:").unwrap().trim().parse().unwrap());
                    serde_json::from_str::<Value>(data).unwrap()["type"] == event_type
                });
                self.text = rest.to_owned();
                if seen == Some(true) {
                    return ids;
                }
            }
            let part = tokio::time::timeout(SOON, self.response.chunk()).await.expect("something comes");
            self.text.push_str(std::str::from_utf8(&part.unwrap().expect("it goes on")).unwrap());
        }
    }
}

#[tokio::test]
async fn who_was_away_is_told_what_came_meanwhile_even_by_another_process() {
    let shop = shop(Options::default()).await;
    let admin = shop.admin().await.unwrap();
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let mut listening = Listening::open(&shop, &admin, None).await;
    seller.lists(&Listing::any()).await.unwrap();
    let seen = listening.until("TicketCreated").await;
    let last = *seen.last().unwrap();
    drop(listening);

    shop.processes().keep_down("replay").unwrap();
    buys(&seller, &buyer).await;
    shop.processes().start_again("replay").unwrap();
    shop.is_back("replay", SOON).await.unwrap();
    let mut listening = Listening::open(&shop, &admin, Some(last)).await;
    let missed = listening.until("TicketSold").await;
    let expected: Vec<u64> = (last + 1..=last + missed.len() as u64).collect();
    assert_eq!(missed, expected);
    assert!(missed.len() >= 13, "{missed:?}");

    // What comes now comes behind it, without a hole.
    seller.lists(&Listing::any()).await.unwrap();
    let next = listening.until("TicketCreated").await;
    assert_eq!(next[0], missed.last().unwrap() + 1);
}

#[tokio::test]
async fn nobody_but_an_admin_is_told() {
    let shop = shop(Options::default()).await;
    let person = shop.person().await.unwrap();
    for path in ["/api/events", "/api/events/live"] {
        let nobody = shop.door().ask(&Ask::get(path)).await.unwrap();
        assert_eq!((nobody.status.as_u16(), nobody.problem()), (401, "unauthenticated"), "{path}");
        let refused = person.asks(Ask::get(path)).await.unwrap();
        assert_eq!((refused.status.as_u16(), refused.problem()), (403, "forbidden"), "{path}");
    }
}
