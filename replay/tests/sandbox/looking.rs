//! A history as it was, while somebody looks on.

use std::time::{Duration, Instant};

use crate::sandbox;

#[test]
fn every_recorded_history_comes_out_as_it_was() {
    for name in crate::RECORDED {
        sandbox(name, &[]).says("all as recorded");
    }
}

#[test]
fn every_step_is_told_with_what_was_said_in_it() {
    let answer = sandbox("purchase", &["--tell"]);
    answer
        .says("tickets hears OrderCreated")
        .has("TicketReserved of ticket")
        .has("orders hears ChargeCreated");
    let of = |words: &str| answer.out.find(words).unwrap();
    assert!(of("hears OrderAccepted") < of("answers about the capture"), "{}", answer.out);
}

#[test]
fn it_stops_at_a_type_and_shows_the_state() {
    let answer = sandbox("declined-then-paid", &["--break", "PaymentDeclined"]);
    answer.says("Stopped at PaymentDeclined").has("\"declined\": \"insufficient_funds\"");
    assert_eq!(answer.out.matches("Stopped at").count(), 1);
}

#[test]
fn it_stops_once_where_something_comes_to_be_so() {
    let answer = sandbox("cancellation", &["--break-if", "order.status == cancelled", "--batch"]);
    answer.says("Stopped at order.status == cancelled").has("\"reason\": \"buyer\"");
    assert_eq!(answer.out.matches("Stopped at").count(), 1);
    let nowhere = sandbox("purchase", &["--break-if", "order.total.amount > 4500"]);
    assert_eq!(nowhere.says("all as recorded").out.matches("Stopped at").count(), 0);
}

#[test]
fn stepwise_it_goes_on_by_itself_where_nobody_is_there_to_press_enter() {
    sandbox("purchase", &["--step"]).says("hears OrderCompleted").has("all as recorded");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a process takes is seen from outside")]
fn it_takes_as_long_as_it_took_by_the_speed_that_was_asked_for() {
    // Forty seconds from the first to the last of it.
    let began = Instant::now();
    sandbox("purchase", &["--speed", "20x"]).says("all as recorded");
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1_200), "{took:?}");
    assert!(took < Duration::from_secs(30), "{took:?}");
}
