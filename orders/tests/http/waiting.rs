//! Waiting for the ticket's answer.

use contracts::tickets::ReservationRefusal;
use serde_json::json;

use crate::shop::{Answer, Shop, buyer, ticket};

const WAIT: [(&str, &str); 1] = [("prefer", "wait=10")];

/// What a buyer who waits is answered when the ticket says no for this reason.
async fn refused(reason: ReservationRefusal) -> Answer {
    let shop = Shop::open();
    let placing = shop.place_with(buyer(1), ticket(1), &WAIT);
    let refusing = async {
        let order = shop.first_order_of(buyer(1)).await;
        shop.ticket_refused(order, reason).await;
    };
    futures::join!(placing, refusing).0
}

#[tokio::test]
async fn who_waits_sees_the_reserved_ticket() {
    let shop = Shop::open();
    let placing = shop.place_with(buyer(1), ticket(1), &WAIT);
    let reserving = async {
        let order = shop.first_order_of(buyer(1)).await;
        shop.ticket_reserved(order, ticket(1)).await;
    };
    let (answer, ()) = futures::join!(placing, reserving);
    let order = answer.json();
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("preference-applied"), Some("wait=10"));
    assert_eq!(answer.header("etag"), Some("\"2\""));
    assert!(answer.header("location").is_some());
    assert_eq!(order["status"], "awaiting_payment");
    assert_eq!((&order["ticket"]["id"], &order["ticket"]["price"]), (&json!(ticket(1)), &order["total"]));
}

#[tokio::test]
async fn who_waits_is_told_why_the_ticket_is_not_to_be_had() {
    for (reason, status, slug) in [
        (ReservationRefusal::TicketNotFound, 404, "no-such-ticket"),
        (ReservationRefusal::OwnTicket, 422, "own-ticket"),
        (ReservationRefusal::TicketReserved, 409, "ticket-reserved"),
        (ReservationRefusal::TicketSold, 409, "ticket-sold"),
        (ReservationRefusal::TicketWithdrawn, 409, "ticket-withdrawn"),
        (ReservationRefusal::TicketPast, 409, "ticket-past"),
    ] {
        refused(reason).await.assert_problem(status, slug);
    }
}

#[tokio::test]
async fn who_waits_sees_the_order_that_another_price_ended() {
    let answer = refused(ReservationRefusal::PriceChanged).await;
    let order = answer.json();
    assert_eq!(answer.status, 201);
    assert_eq!((&order["status"], &order["reason"]), (&json!("cancelled"), &json!("price_changed")));
}

#[tokio::test]
async fn who_does_not_wait_reads_the_reason_later() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_refused(order, ReservationRefusal::TicketPast).await;
    let order = shop.show(buyer(1), order).await;
    assert_eq!((&order["status"], &order["reason"]), (&json!("cancelled"), &json!("ticket_past")));
    assert_eq!(order["seconds_left"], 0);
}

#[tokio::test]
async fn waiting_ends_when_the_time_is_over() {
    let shop = Shop::open();
    for (number, (preference, applied)) in
        [("wait=1", "wait=1"), ("wait=0", "wait=0")].into_iter().enumerate()
    {
        let answer = shop.place_with(buyer(1), ticket(number as u128), &[("prefer", preference)]).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (201, &json!("pending")));
        assert_eq!(answer.header("preference-applied"), Some(applied));
    }
}

#[tokio::test]
async fn who_asks_again_under_the_same_key_gets_the_same_answer() {
    let shop = Shop::open();
    let headers = [("idempotency-key", "once"), ("prefer", "wait=10")];
    let placing = shop.place_with(buyer(1), ticket(1), &headers);
    let refusing = async {
        let order = shop.first_order_of(buyer(1)).await;
        shop.ticket_refused(order, ReservationRefusal::TicketSold).await;
    };
    futures::join!(placing, refusing).0.assert_problem(409, "ticket-sold");
    shop.place_with(buyer(1), ticket(1), &headers).await.assert_problem(409, "ticket-sold");
}
