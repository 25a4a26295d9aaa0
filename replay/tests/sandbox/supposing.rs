//! What if it had been otherwise.

use crate::sandbox;

#[test]
fn what_would_have_ended_otherwise_is_said() {
    let answer = sandbox("purchase", &["--without", "AuthorizationRequested"]);
    answer
        .says("- OrderAccepted")
        .has("+ OrderExpired")
        .has("~ status: \"complete\" → \"cancelled\"")
        .has("~ status: \"sold\" → \"available\"");
}

#[test]
fn what_changes_nothing_is_said_too() {
    sandbox("purchase", &["--twice", "OrderCreated", "--twice", "PaymentAuthorized"])
        .says("Nothing would have been otherwise.");
}

#[test]
fn changes_go_together() {
    let both = ["--delay", "OrderExpired", "1m", "--delay", "AuthorizationRequested", "1m"];
    sandbox("expiry-race", &both).says("What would have been said otherwise");
}

#[test]
fn an_event_is_named_by_its_type_its_place_or_its_id() {
    let answer = sandbox("cancellation", &["--without", "OrderCreated[2]"]);
    answer.says("- status: \"complete\"");
    assert_eq!(sandbox("cancellation", &["--without", "#15"]).out, answer.out);
    let line = std::fs::read_to_string(crate::recorded("cancellation")).unwrap();
    let event: serde_json::Value = serde_json::from_str(line.lines().nth(15).unwrap()).unwrap();
    let id = event["headers"]["ce-id"].as_str().unwrap().to_owned();
    assert_eq!(sandbox("cancellation", &["--without", &id]).out, answer.out);
}

#[test]
fn a_refusal_that_would_have_come_is_said() {
    sandbox("cancellation", &["--without", "OrderCancelled"])
        .says("refused: another holds what active_ticket guards");
}

#[test]
fn a_promise_that_would_have_been_broken_is_an_error() {
    let answer = sandbox("purchase", &["--without", "TicketSold"]);
    answer.fails(1, "a promise would not have been kept: a complete order has its ticket");
    answer.has("tickets never hears OrderCompleted");
}
