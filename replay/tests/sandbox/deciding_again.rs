//! `diff`: this build against the one that recorded.

use std::fs;

use crate::{recorded, replay};

/// A history in which something is not as it was recorded.
fn altered(name: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("altered.ndjson");
    let text = fs::read_to_string(recorded(name)).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&file, text.replace(from, to)).unwrap();
    let file = file.display().to_string();
    (folder, file)
}

#[test]
fn this_build_decides_every_recorded_history_as_it_was() {
    for name in crate::RECORDED {
        replay(&["diff", &recorded(name)]).says("nothing is otherwise");
    }
    replay(&["--recording", &recorded("purchase"), "diff"])
        .says("15 events decided again: nothing is otherwise.");
}

#[test]
fn another_reason_is_a_difference_and_shown() {
    let (_folder, file) = altered("ban", "\"reason\":\"banned\"", "\"reason\":\"expired\"");
    let answer = replay(&["diff", &file]);
    answer
        .fails(1, "1 difference")
        .has("~ OrderCancelled")
        .has("\"reason\":\"expired\"")
        .has("\"reason\":\"banned\"");
}

#[test]
fn an_event_that_this_build_does_not_say_is_a_difference() {
    let (_folder, file) = altered("cancellation", "TicketSold", "TicketReleased");
    let answer = replay(&["diff", &file]);
    answer.has("+ TicketSold");
    assert_eq!(answer.status, 1);
}

#[test]
fn an_outcome_is_kept_and_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("outcome.ndjson").display().to_string();
    let file = recorded("cancellation");
    replay(&["diff", &file, "--write-outcome", &kept]).says("nothing is otherwise");
    replay(&["diff", &file, "--outcome", &kept]).says("nothing is otherwise");
    let text = fs::read_to_string(&kept).unwrap();
    fs::write(&kept, text.replacen("\"reason\":\"buyer\"", "\"reason\":\"banned\"", 1)).unwrap();
    replay(&["diff", &file, "--outcome", &kept]).fails(1, "1 difference").has("~ OrderCancelled");
}

#[test]
fn what_a_replay_came_to_is_an_outcome_too() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("outcome.ndjson").display().to_string();
    let file = recorded("purchase");
    replay(&["--recording", &file, "sandbox", "--without", "AuthorizationRequested", "--record", &kept])
        .says("OrderExpired");
    replay(&["diff", &file, "--outcome", &kept])
        .fails(1, "differences")
        .has("- OrderExpired")
        .has("+ OrderAccepted");
}
