//! `why`: each state that a ticket or an order may be in is explained, and what waits for too long is pointed out.

use std::fmt::Write as _;

use contracts::orders::{CancellationReason, OrderAccepted, OrderCancelled, OrderCompleted, OrderEvent};
use contracts::payments::{
    AuthorizationRequested, CaptureRequested, PaymentActionRequired, PaymentDeclined, PaymentEvent,
};
use contracts::tickets::{
    ReservationEvent, ReservationRefusal, TicketAdmitted, TicketEvent, TicketReservationRejected,
    TicketWithdrawalRequested, TicketWithdrawn,
};
use contracts::{OrderId, TicketId};
use replay::Failure;
use replay::why::{Arguments, explain, show};
use serde_json::Value;
use uuid::Uuid;

use crate::kept::{Paper, assert_kept, typed};
use crate::shop::{BUYER, ORDER, OTHER_ORDER, SELLER, Shop, TICKET, Why};

async fn why(shop: &Shop, words: &str) -> String {
    let paper = Paper::default();
    let arguments: Arguments = typed(words);
    show(&shop.stream, &arguments, shop.now(), &mut paper.terminal(100)).await.unwrap();
    paper.text()
}

/// Explanations, one below the other, of one shop after the other.
#[derive(Default)]
struct Album(String);

impl Album {
    async fn add(&mut self, when: &str, shop: &Shop, id: Uuid) {
        writeln!(self.0, "=== {when}\n{}", why(shop, &id.to_string()).await).unwrap();
    }
}

async fn reserved() -> Shop {
    let shop = Shop::open();
    shop.lists().await;
    shop.reserves(ORDER, 4).await;
    shop
}

#[tokio::test]
async fn a_ticket_is_explained_from_its_listing_to_the_door() {
    let mut album = Album::default();
    let shop = Shop::open();
    shop.lists().await;
    album.add("on offer", &shop, TICKET).await;
    let refused =
        TicketReservationRejected { ticket_id: TicketId(TICKET), reason: ReservationRefusal::PriceChanged };
    let placed = shop.places(OTHER_ORDER, 8).await;
    album.add("wanted and not answered", &shop, TICKET).await;
    shop.pass(61_000).await;
    album.add("wanted and not answered for more than a minute", &shop, TICKET).await;
    let refused = shop.says::<ReservationEvent>(20, Why::Heard(placed), OTHER_ORDER, refused).await;
    let reason = CancellationReason::PriceChanged;
    let cancelled = OrderCancelled { ticket_id: TicketId(TICKET), reason };
    shop.says::<OrderEvent>(20, Why::Heard(refused), OTHER_ORDER, cancelled).await;
    album.add("on offer, and refused to somebody", &shop, TICKET).await;
    shop.reserves(ORDER, 4).await;
    album.add("held, and not paid", &shop, TICKET).await;
    let authorized = shop.authorizes(ORDER, 5).await;
    album.add("held, and authorised", &shop, TICKET).await;
    shop.sells(ORDER, authorized).await;
    album.add("sold", &shop, TICKET).await;
    let admitted = TicketAdmitted { order_id: OrderId(ORDER), admitted_at: shop.now() };
    shop.says::<TicketEvent>(1_000, Why::Asked(SELLER, 9), TICKET, admitted).await;
    album.add("let in", &shop, TICKET).await;
    assert_kept("why-ticket.txt", &album.0);
}

#[tokio::test]
async fn what_a_payment_waits_for_is_told() {
    let mut album = Album::default();
    let shop = reserved().await;
    let attempt = AuthorizationRequested { attempt: 1 };
    let asked = shop.says::<PaymentEvent>(3_000, Why::Asked(BUYER, 5), ORDER, attempt).await;
    shop.pass(2_000).await;
    album.add("the card processor is asked", &shop, TICKET).await;
    shop.says::<PaymentEvent>(0, Why::Due(asked), ORDER, PaymentActionRequired { attempt: 1 }).await;
    album.add("3-D Secure", &shop, TICKET).await;
    let declined = PaymentDeclined { attempt: 1, code: "insufficient_funds".to_owned() };
    shop.says::<PaymentEvent>(3_000, Why::Due(asked), ORDER, declined).await;
    album.add("declined", &shop, ORDER).await;
    let authorized = shop.authorizes(ORDER, 6).await;
    let accepted = OrderAccepted { ticket_id: TicketId(TICKET) };
    let accepted = shop.says::<OrderEvent>(20, Why::Heard(authorized), ORDER, accepted).await;
    shop.says::<PaymentEvent>(20, Why::Heard(accepted), ORDER, CaptureRequested {}).await;
    shop.pass(75_000).await;
    album.add("being captured for more than a minute", &shop, TICKET).await;
    assert_kept("why-payment.txt", &album.0);
}

#[tokio::test]
async fn an_order_that_ended_is_explained_with_what_ended_it() {
    let mut album = Album::default();
    let shop = Shop::open();
    shop.lists().await;
    let placed = shop.reserves(ORDER, 4).await;
    shop.expires(ORDER, placed, true).await;
    album.add("expired, and paid for too late", &shop, ORDER).await;
    album.add("the ticket of that order", &shop, TICKET).await;

    let shop = reserved().await;
    let cancelled = || OrderCancelled { ticket_id: TicketId(TICKET), reason: CancellationReason::Buyer };
    shop.says::<OrderEvent>(5_000, Why::Asked(BUYER, 6), ORDER, cancelled()).await;
    shop.pass(2_000).await;
    album.add("cancelled by its buyer, and nobody has heard of it", &shop, ORDER).await;
    album.add("the ticket that is held for it still", &shop, TICKET).await;

    let shop = Shop::trades().await;
    album.add("complete", &shop, ORDER).await;
    assert_kept("why-order.txt", &album.0);
}

#[tokio::test]
async fn a_withdrawal_is_explained_by_who_wanted_it() {
    let mut album = Album::default();
    let shop = Shop::open();
    let listed = shop.lists().await;
    shop.says::<TicketEvent>(1_000, Why::Asked(SELLER, 5), TICKET, TicketWithdrawn {}).await;
    album.add("by its seller", &shop, TICKET).await;
    let shop = reserved().await;
    let requested = TicketWithdrawalRequested { order_id: OrderId(ORDER) };
    shop.says::<TicketEvent>(1_000, Why::Heard(listed), TICKET, requested).await;
    album.add("as soon as it is released", &shop, TICKET).await;
    assert_kept("why-withdrawn.txt", &album.0);
}

#[tokio::test]
async fn what_should_have_ended_long_ago_is_pointed_out() {
    let shop = reserved().await;
    shop.pass(900_000).await;
    let text = why(&shop, &TICKET.to_string()).await;
    assert!(!text.contains("it is stuck"), "{text}");
    shop.pass(70_000).await;
    let text = why(&shop, &TICKET.to_string()).await;
    assert!(text.contains("Its time to pay is over since") && text.contains("it is stuck"), "{text}");
}

#[tokio::test]
async fn a_sale_that_the_ticket_has_not_heard_of_is_told() {
    let shop = reserved().await;
    let authorized = shop.authorizes(ORDER, 5).await;
    let ticket_id = TicketId(TICKET);
    let accepted =
        shop.says::<OrderEvent>(1, Why::Heard(authorized), ORDER, OrderAccepted { ticket_id }).await;
    shop.says::<OrderEvent>(1, Why::Heard(accepted), ORDER, OrderCompleted { ticket_id }).await;
    shop.pass(90_000).await;
    for id in [ORDER, TICKET] {
        let text = why(&shop, &id.to_string()).await;
        assert!(text.contains("The ticket has not heard that it is sold, for 1 min 30 s now."), "{text}");
        assert!(text.contains("it is stuck"), "{text}");
    }
}

#[tokio::test]
async fn as_json_each_sentence_has_its_event() {
    let shop = reserved().await;
    let told: Value = serde_json::from_str(&why(&shop, &format!("{TICKET} --json")).await).unwrap();
    assert_eq!((&told["kind"], &told["status"]), (&"ticket".into(), &"reserved".into()));
    assert_eq!(told["sentences"][0]["sequence"], 5);
    assert_eq!(told["sentences"][0]["is_too_long"], false);
}

#[tokio::test]
async fn of_what_is_neither_nothing_is_explained() {
    let shop = Shop::trades().await;
    let asked = |words: &str| typed::<Arguments>(words).id;
    let user = explain(&shop.stream, asked(&BUYER.to_string()), shop.now()).await.unwrap_err();
    assert!(
        matches!(user, Failure::BadInput(_)) && user.to_string().contains("is the id of a user"),
        "{user}"
    );
    let nobody = explain(&shop.stream, asked(&Uuid::from_u128(1).to_string()), shop.now()).await.unwrap_err();
    assert!(matches!(nobody, Failure::NotThere(_)), "{nobody:?}");
}
