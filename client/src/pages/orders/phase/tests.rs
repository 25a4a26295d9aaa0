//! What an order and its payment say together.

use serde_json::json;

use super::*;
use crate::api::Refusal;

pub(in crate::pages::orders) fn order(status: &str, seconds_left: u64) -> Order {
    serde_json::from_value(json!({
        "id": "0197f000-0000-7000-8000-000000000001",
        "buyer_id": "0197f000-0000-7000-8000-000000000002",
        "ticket": null,
        "total": null,
        "status": status,
        "reason": null,
        "refunded": null,
        "expires_at": "2030-05-01T10:15:00Z",
        "seconds_left": seconds_left,
        "version": 2,
        "created_at": "2030-05-01T10:00:00Z",
        "updated_at": "2030-05-01T10:00:00Z",
    }))
    .unwrap()
}

fn payment(status: PaymentStatus, intent: Option<&str>) -> Payment {
    Payment { status, stripe_payment_intent: intent.map(str::to_owned) }
}

fn at(time: &str) -> Timestamp {
    format!("2030-05-01T{time}Z").parse().unwrap()
}

#[test]
fn a_payment_under_way_is_not_asked_for_a_second_time() {
    let held = order("awaiting_payment", 600);
    assert_eq!(Phase::of(&held, None), Phase::Held);
    assert_eq!(Phase::of(&held, Some(&payment(PaymentStatus::Payable, None))), Phase::Held);
    assert_eq!(Phase::of(&held, Some(&payment(PaymentStatus::RequiresAction, None))), Phase::Held);
    for status in [PaymentStatus::Authorizing, PaymentStatus::Authorized, PaymentStatus::Captured] {
        assert_eq!(Phase::of(&held, Some(&payment(status, None))), Phase::Paying);
    }
}

#[test]
fn when_time_is_up_nothing_is_offered_for_payment() {
    let due = order("awaiting_payment", 0);
    assert_eq!(Phase::of(&due, None), Phase::TimeUp);
    assert_eq!(
        Phase::of(&due, Some(&payment(PaymentStatus::Authorized, Some("pi_1")))),
        Phase::Paying,
        "it may have been in time"
    );
}

#[test]
fn a_page_looks_again_when_there_may_be_news() {
    let held = order("awaiting_payment", 600);
    assert_eq!(Phase::Held.refresh(&held, at("10:05:00")), Some(601));
    let asking = order("pending", 900);
    assert_eq!(Phase::Asking.refresh(&asking, at("10:00:02")), Some(SOON));
    assert_eq!(Phase::Asking.refresh(&asking, at("10:02:00")), Some(LATER));
    let due = order("awaiting_payment", 0);
    assert_eq!(Phase::TimeUp.refresh(&due, at("10:15:01")), Some(SOON));
    assert_eq!(Phase::TimeUp.refresh(&due, at("10:17:00")), Some(LATER));
    assert_eq!(Phase::Over.refresh(&order("cancelled", 0), at("10:15:01")), None);
    assert_eq!(Phase::Bought.refresh(&order("complete", 0), at("10:15:01")), None);
}

#[test]
fn only_where_the_card_was_asked_may_something_have_been_set_aside() {
    assert_eq!(money_words(&Ok(payment(PaymentStatus::Voided, None))), "money-untouched");
    assert_eq!(money_words(&Ok(payment(PaymentStatus::Voided, Some("pi_1")))), "money-given-back");
    let mut refusal = Refusal::for_tests(b"{}");
    refusal.status = StatusCode::NOT_FOUND;
    assert_eq!(money_words(&Err(Failure::Refused(Box::new(refusal)))), "money-untouched");
    assert_eq!(money_words(&Err(Failure::Unreachable)), "money-given-back", "nobody knows");
}
