//! A purchase that two people made in their browsers, told from the events alone.

use browser::Settings;
use rig::Options;
use serde_json::Value;

use crate::purchase::{finds, lists, pays};
use crate::{Visit, is_at_ease};

#[tokio::test]
async fn a_purchase_made_on_the_site_is_told_from_the_first_event_to_the_last() {
    let visit = Visit::begin(Options::default()).await;
    let settings = Settings::new();
    let seller = visit.member(&settings, "Front Row").await;
    let ticket = lists(&seller, &visit, "The Paper Lanterns", "125.50").await;
    let buyer = visit.member(&settings, "Night Owl").await;
    finds(&buyer, "The Paper Lanterns").await;
    buyer.press("Reserve for 15 minutes").await.unwrap();
    assert!(buyer.sees("Held for you").await.unwrap());
    let order = crate::id(&buyer).await;
    pays(&buyer, "Visa 4242").await;
    buyer.eventually_sees("Your ticket").await.unwrap();
    visit.shop.settles(std::time::Duration::from_secs(20)).await.unwrap();

    let told = async |words: &[&str]| {
        let output = visit.shop.replays(words).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let story: Value = serde_json::from_str(&told(&["story", &order, "--format", "json"]).await).unwrap();
    let events = story["events"].as_array().unwrap();
    let name = |event: &Value| event["type"].as_str().unwrap().to_owned();
    let told_of: Vec<(String, String, Option<String>)> = events
        .iter()
        .map(|event| {
            let cause = event["cause"].as_u64().map(|cause| name(&events[usize::try_from(cause).unwrap()]));
            (name(event), event["service"].as_str().unwrap().to_owned(), cause)
        })
        .collect();
    // What has no event for its cause was asked for by the buyer, or is what the card processor answered.
    let expected = [
        ("OrderCreated", "orders", None),
        ("TicketReserved", "tickets", Some("OrderCreated")),
        ("OrderAwaitingPayment", "orders", Some("TicketReserved")),
        ("PaymentOpened", "payments", Some("OrderAwaitingPayment")),
        ("AuthorizationRequested", "payments", None),
        ("PaymentIntentCreated", "payments", None),
        ("PaymentAuthorized", "payments", None),
        ("OrderAccepted", "orders", Some("PaymentAuthorized")),
        ("CaptureRequested", "payments", Some("OrderAccepted")),
        ("ChargeCreated", "payments", None),
        ("OrderCompleted", "orders", Some("ChargeCreated")),
        ("TicketSold", "tickets", Some("OrderCompleted")),
    ];
    let owned = |(event, service, cause): (&str, &str, Option<&str>)| {
        (event.to_owned(), service.to_owned(), cause.map(str::to_owned))
    };
    assert_eq!(told_of, expected.map(owned));

    let lanes = told(&["story", &order]).await;
    for (event, service, _) in expected {
        assert!(lanes.contains(event) && lanes.contains(service), "{lanes}");
    }
    let why = told(&["why", &ticket]).await;
    assert!(why.contains("It was sold") && why.contains("125.50 USD"), "{why}");

    // The page is open to everybody, light and dark, and asks nobody for anything.
    let file = visit.shop.folder().join("story.html");
    told(&["story", &order, "--format", "html", "--output", &file.display().to_string()]).await;
    for settings in [Settings::new(), Settings::new().dark(), Settings::new().phone()] {
        let reader = visit.browser.person_with(settings).await.unwrap();
        let page = reader.open(&format!("file://{}", file.display())).await.unwrap();
        assert!(page.sees("OrderAwaitingPayment").await.unwrap());
        let found = page.axe().await.unwrap();
        assert!(found.is_empty(), "{found:?}");
        is_at_ease(&page);
    }
}
