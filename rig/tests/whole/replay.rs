//! The replay tool at a real shop: an order is told with every event, its cause and its service, also where payment and
//! expiry raced.

use std::collections::BTreeSet;
use std::time::Duration;

use rig::{Checked, Listing, Options};
use serde_json::Value;
use stripe_standin::{Fault, Faults, NextFault, When};
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

async fn told(shop: &Checked, words: &[&str]) -> String {
    let output = shop.replays(words).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

async fn story(shop: &Checked, id: Uuid) -> Vec<Value> {
    let story = told(shop, &["story", &id.to_string(), "--format", "json"]).await;
    let story: Value = serde_json::from_str(&story).unwrap();
    assert_eq!((&story["kind"], &story["is_whole"]), (&"order".into(), &true.into()));
    story["events"].as_array().unwrap().clone()
}

fn types(story: &[Value]) -> Vec<&str> {
    story.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// Each but the first has its cause in the story, and stands behind it: an event, or somebody's request, or what its own
/// aggregate said before, which made it due.
fn all_have_causes(story: &[Value]) {
    let mut causes = BTreeSet::new();
    for (number, event) in story.iter().enumerate() {
        let same = |other: &Value, name: &str| event[name] == other[name];
        let is_asked_for = event["actor"].as_str().unwrap().starts_with("user:");
        let was_due =
            story[..number].iter().any(|other| same(other, "aggregate") && same(other, "aggregate_id"));
        match event["cause"].as_u64().map(|cause| usize::try_from(cause).unwrap()) {
            Some(cause) => {
                assert!(cause < number, "{event}");
                assert_eq!(story[cause]["event_id"], event["causation_id"]);
                causes.insert(cause);
            }
            None => assert!(is_asked_for || was_due, "{event}"),
        }
    }
    assert!(causes.contains(&0), "nothing followed from the first");
}

/// The same in the terminal: a row for each event, and why it was said beside it.
async fn is_drawn(shop: &Checked, id: Uuid, story: &[Value]) {
    let lanes = told(shop, &["story", &id.to_string()]).await;
    for event in story {
        let place = format!(" #{} ", event["sequence"]);
        let row =
            lanes.lines().find(|line| line.contains(&place)).unwrap_or_else(|| panic!("{place}: {lanes}"));
        let is_explained = row.contains("← #") || row.contains("← buyer") || row.contains("after #");
        assert!(row.contains(event["type"].as_str().unwrap()) && row.contains('●') && is_explained, "{row}");
        assert!(lanes.contains(event["service"].as_str().unwrap()), "{lanes}");
    }
}

#[tokio::test]
async fn a_purchase_is_told_with_every_event_cause_and_service() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.payment_becomes(order, "payable", SOON).await.unwrap();
    let held = told(&shop, &["why", &ticket.to_string()]).await;
    assert!(held.contains("is reserved") && held.contains(&order.to_string()), "{held}");
    buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    buyer.ticket_becomes(ticket, "sold", SOON).await.unwrap();
    shop.settles(SOON).await.unwrap();

    let events = story(&shop, order).await;
    let expected = [
        "OrderCreated",
        "TicketReserved",
        "OrderAwaitingPayment",
        "PaymentOpened",
        "AuthorizationRequested",
        "PaymentIntentCreated",
        "PaymentAuthorized",
        "OrderAccepted",
        "CaptureRequested",
        "ChargeCreated",
        "OrderCompleted",
        "TicketSold",
    ];
    assert_eq!(types(&events), expected);
    all_have_causes(&events);
    is_drawn(&shop, order, &events).await;
    let services: Vec<&str> = events.iter().map(|event| event["service"].as_str().unwrap()).collect();
    let said_by = ["orders", "tickets", "orders", "payments", "payments", "payments", "payments", "orders"];
    assert_eq!(services[..8], said_by);

    let state = told(&shop, &["state", "order", &order.to_string()]).await;
    assert!(state.contains("\"status\": \"complete\""), "{state}");
    let steps = told(&shop, &["step", "ticket", &ticket.to_string()]).await;
    assert!(steps.contains("\"reserved\" → \"sold\""), "{steps}");
    let sold = told(&shop, &["why", &ticket.to_string()]).await;
    assert!(sold.contains("It was sold"), "{sold}");
    let listed = told(&shop, &["ls", "--id", &order.to_string(), "--type", "OrderCreated", "--json"]).await;
    assert_eq!(listed.lines().count(), 1);
    let tail = told(&shop, &["tail", "--since", "#1", "--type", "TicketSold", "--count", "1"]).await;
    assert!(tail.contains("TicketSold"), "{tail}");
    // Nobody's: one sentence, and a status.
    let nobody = shop.replays(&["story", &Uuid::from_u128(1).to_string()]).await.unwrap();
    assert_eq!((nobody.status.code(), nobody.stdout.len()), (Some(1), 0));
}

#[tokio::test]
async fn an_order_whose_payment_and_expiry_raced_is_told_to_its_end() {
    let shop = shop(Options::default().reservation_seconds(2)).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.payment_becomes(order, "payable", SOON).await.unwrap();
    // The card processor answers when the time to pay is over.
    let slow = NextFault {
        path: "/v1/payment_intents".to_owned(),
        method: Some("POST".to_owned()),
        fault: Fault::Slow,
        when: When::Before,
        slow_ms: 3_500,
        times: 1,
    };
    shop.behind().set_faults(&Faults { next: vec![slow], ..Faults::default() }).await.unwrap();
    let answer = buyer.pays(order, "pm_card_visa").await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.problem()), (409, "order-not-payable"), "{answer}");
    buyer.payment_becomes(order, "voided", SOON).await.unwrap();
    buyer.ticket_becomes(ticket, "available", SOON).await.unwrap();
    shop.settles(Duration::from_secs(30)).await.unwrap();

    let events = story(&shop, order).await;
    all_have_causes(&events);
    is_drawn(&shop, order, &events).await;
    let begun =
        ["OrderCreated", "TicketReserved", "OrderAwaitingPayment", "PaymentOpened", "AuthorizationRequested"];
    assert_eq!(types(&events)[..5], begun);
    let caused_by = |event_type: &str| {
        let event = events.iter().find(|event| event["type"] == event_type);
        let event = event.unwrap_or_else(|| panic!("no {event_type}: {:?}", types(&events)));
        let cause = event["cause"].as_u64().map(|cause| usize::try_from(cause).unwrap());
        cause.map(|cause| events[cause]["type"].as_str().unwrap())
    };
    assert_eq!(caused_by("OrderExpired"), Some("OrderCreated"));
    assert_eq!(caused_by("OrderCancelled"), Some("OrderExpired"));
    assert_eq!(caused_by("TicketReleased"), Some("OrderCancelled"));
    assert_eq!(caused_by("VoidRequested"), Some("OrderCancelled"));
    assert_eq!(types(&events).last(), Some(&"PaymentVoided"));
    let why = told(&shop, &["why", &order.to_string()]).await;
    assert!(why.contains("its time to pay was over") && why.contains("OrderExpired"), "{why}");
}
