//! A part of a history: one matter, or what happened since.

use serde_json::Value;

use crate::{recorded, sandbox};

fn event(name: &str, sequence: usize) -> Value {
    let text = std::fs::read_to_string(recorded(name)).unwrap();
    serde_json::from_str(text.lines().nth(sequence).unwrap()).unwrap()
}

fn aggregate(name: &str, sequence: usize) -> String {
    event(name, sequence)["subject"].as_str().unwrap().split('.').nth(2).unwrap().to_owned()
}

#[test]
fn an_order_is_replayed_with_its_ticket_and_all_who_wanted_it() {
    let order = aggregate("cancellation", 15);
    sandbox("cancellation", &[&order]).says("26 events replayed: all as recorded.");
}

#[test]
fn a_seller_is_replayed_with_what_they_sold_and_nothing_else() {
    let seller = aggregate("ban", 1);
    // The other seller's ticket and its order are not among it.
    let answer = sandbox("ban", &[&seller]);
    answer.says("replayed: all as recorded.");
    assert!(!answer.out.contains("30 events"), "{}", answer.out);
}

#[test]
fn a_request_is_replayed_with_what_it_led_to() {
    let request = event("purchase", 4)["headers"]["ce-correlationid"].as_str().unwrap().to_owned();
    sandbox("purchase", &[&request]).says("15 events replayed: all as recorded.");
}

#[test]
fn what_was_before_is_taken_as_it_was() {
    for since in 2..=26 {
        let since = format!("#{since}");
        sandbox("cancellation", &["--since", &since]).says("replayed: all as recorded.");
    }
    let since = event("expiry-race", 8)["headers"]["ce-time"].as_str().unwrap().to_owned();
    sandbox("expiry-race", &["--since", &since]).says("9 events replayed: all as recorded.");
}
