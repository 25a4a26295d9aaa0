//! Lists, cursors, the search and the events.

use stripe_core::charge::ListCharge;
use stripe_core::event::{ListEvent, RetrieveEvent};
use stripe_core::payment_intent::{ListPaymentIntent, SearchPaymentIntent};

use crate::harness::{Shop, manual};

#[tokio::test]
async fn intents_are_listed_newest_first_and_by_cursor() {
    let shop = Shop::open().await;
    for order in 0..5 {
        manual(&format!("order-{order}")).send(&shop.client).await.unwrap();
    }
    let order_of = |intent: &stripe_shared::PaymentIntent| intent.metadata["order_id"].clone();
    let first = ListPaymentIntent::new().limit(2).send(&shop.client).await.unwrap();
    assert_eq!(first.data.iter().map(order_of).collect::<Vec<_>>(), ["order-4", "order-3"]);
    assert!(first.has_more);
    let after = first.data[1].id.to_string();
    let rest = ListPaymentIntent::new().starting_after(&after).send(&shop.client).await.unwrap();
    assert_eq!(rest.data.iter().map(order_of).collect::<Vec<_>>(), ["order-2", "order-1", "order-0"]);
    assert!(!rest.has_more);
    let before = ListPaymentIntent::new().ending_before(&after).send(&shop.client).await.unwrap();
    assert_eq!(before.data.iter().map(order_of).collect::<Vec<_>>(), ["order-4"]);
    let unknown = shop.get("/v1/payment_intents?starting_after=pi_none").await;
    assert_eq!(unknown.json["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn intents_are_found_by_their_metadata() {
    let shop = Shop::open().await;
    for order in ["order-1", "order-2", "order-3"] {
        manual(order).send(&shop.client).await.unwrap();
    }
    shop.authorized().await;
    for (query, found) in [
        ("metadata['order_id']:'order-2'", 1),
        ("metadata[\"order_id\"]:\"order-1\"", 2),
        ("metadata['order_id']:'order-1' AND status:'requires_capture'", 1),
        ("metadata['order_id']:'order-1' AND -status:'requires_capture'", 1),
        ("metadata['order_id']:'order-2' OR metadata['order_id']:'order-3'", 2),
        ("metadata['order_id']~'order'", 4),
        ("metadata['seat']:null", 4),
        ("amount>4999 currency:'usd'", 4),
        ("amount>5000", 0),
    ] {
        let page = SearchPaymentIntent::new(query).limit(1).send(&shop.client).await.unwrap();
        assert_eq!(page.total_count, Some(found), "{query}");
        assert_eq!(page.has_more, found > 1, "{query}");
        assert_eq!(page.data.len(), usize::from(found > 0), "{query}");
    }
    assert_eq!(shop.get("/v1/payment_intents/search?query=nonsense").await.status, 400);
}

#[tokio::test]
async fn every_change_is_an_event() {
    let shop = Shop::open().await;
    let intent = shop.captured().await;
    shop.authorize("pm_card_visa_chargeDeclined").await.unwrap_err();
    let waiting = shop.authorize("pm_card_authenticationRequired").await.unwrap();
    shop.cancel(&waiting.id).await.unwrap();
    let refund = format!("payment_intent={}", intent.id);
    assert_eq!(shop.post("/v1/refunds", &refund, None).await.status, 200);

    let events = ListEvent::new().limit(100).send(&shop.client).await.unwrap();
    let kinds: Vec<String> = events.data.iter().rev().map(|event| event.type_.to_string()).collect();
    assert_eq!(
        kinds,
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded",
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "payment_intent.created",
            "payment_intent.requires_action",
            "payment_intent.canceled",
            "charge.refunded",
            "refund.created",
        ]
    );
    let newest = &events.data[0];
    let event = RetrieveEvent::new(newest.id.clone()).send(&shop.client).await.unwrap();
    assert_eq!(event.id, newest.id);
    let failed = ListEvent::new().type_("payment_intent.payment_failed").send(&shop.client).await.unwrap();
    assert_eq!(failed.data.len(), 1);
}

#[tokio::test]
async fn charges_are_listed_by_their_intent_and_objects_are_expanded() {
    let shop = Shop::open().await;
    let intent = shop.captured().await;
    shop.captured().await;
    let charges = ListCharge::new()
        .payment_intent(intent.id.to_string())
        .expand(vec!["data.payment_intent".to_owned(), "data.refunds".to_owned()])
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!(charges.data.len(), 1);
    assert!(charges.data[0].payment_intent.as_ref().unwrap().is_object());
    assert!(charges.data[0].refunds.as_ref().unwrap().data.is_empty());
    let refused = shop.get(&format!("/v1/payment_intents/{}?expand[]=amount", intent.id)).await;
    assert_eq!(refused.status, 400);
}
