//! What cannot be done is one sentence and a status.

use std::fs;

use crate::{recorded, replay, sandbox};

#[test]
fn what_makes_no_sense_is_bad_usage() {
    sandbox("purchase", &["--break", "OrderEaten"]).fails(2, "no event is of the type \"OrderEaten\"");
    sandbox("purchase", &["--break-if", "order"]).fails(2, "is no condition");
    sandbox("purchase", &["--speed", "fast"]).fails(2, "is no speed");
    sandbox("purchase", &["--since", "yesterday"]).fails(2, "is no moment");
    sandbox("purchase", &["--since", "9999-01-01T00:00:00Z"]).fails(2, "has not come yet");
    sandbox("purchase", &["--delay", "TicketSold", "soon"]).fails(2, "is no duration");
    sandbox("purchase", &["--swap", "TicketReserved", "TicketSold"]).fails(2, "follows from");
    sandbox("purchase", &["--order", "1:2:3"]).fails(2, "is no order");
    sandbox("purchase", &["not-an-id"]).fails(2, "invalid value");
    replay(&["sandbox"]).fails(2, "set NATS_URL, or give a --recording");
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    sandbox("purchase", &["--without", "OrderCancelled"]).fails(1, "there is no event \"OrderCancelled\"");
    let nobody = "00000000-0000-4000-8000-000000000000";
    sandbox("purchase", &[nobody]).fails(1, "nothing happened under");
    sandbox("purchase", &["--since", "#99"]).fails(1, "nothing happened since then");
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so() {
    replay(&["--recording", "/nowhere.ndjson", "sandbox"]).fails(3, "could not open /nowhere.ndjson");
    replay(&["diff", "/nowhere.ndjson"]).fails(3, "could not open /nowhere.ndjson");
    // A recording is no outcome.
    let file = recorded("purchase");
    replay(&["diff", &file, "--outcome", &file]).fails(3, "is no outcome of a replay");
    sandbox("purchase", &["--record", "/nowhere/outcome"]).fails(3, "could not write /nowhere/outcome");
}

#[test]
fn a_history_with_a_hole_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hole.ndjson");
    let text = fs::read_to_string(recorded("purchase")).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("TicketReserved")).collect();
    fs::write(&file, kept.join("\n").replace("\"events\":15", "\"events\":14")).unwrap();
    replay(&["--recording", &file.display().to_string(), "sandbox"])
        .fails(1, "it holds version 3 where version 2 has to stand");
}

#[test]
fn what_led_to_something_and_was_not_recorded_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("without-order.ndjson");
    let text = fs::read_to_string(recorded("purchase")).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("events.order.")).collect();
    let events = kept.len() - 1;
    fs::write(&file, kept.join("\n").replace("\"events\":15", &format!("\"events\":{events}"))).unwrap();
    let answer = replay(&["--recording", &file.display().to_string(), "sandbox"]);
    answer.has("Note: what led to TicketReserved");
    assert_eq!(answer.status, 1);
}
