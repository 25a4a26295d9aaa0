//! The program itself: bad input gets one sentence and a status, a recording is told like a stream.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use uuid::Uuid;

use crate::shop::{ORDER, Shop, TICKET};

const NOWHERE: &str = "nats://127.0.0.1:9";

fn tool(words: &[&str]) -> Command {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
    for name in ["NATS_URL", "MONGODB_URL", "REDIS_URL"] {
        tool.env_remove(name);
    }
    tool.args(words);
    tool
}

fn answered(words: &[&str]) -> Output {
    tool(words).output().unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, status: i32, sentence: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(said.contains(sentence), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

async fn recording() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.ndjson");
    Shop::trades().await.records(&file).await;
    let name = file.display().to_string();
    (folder, name)
}

#[tokio::test]
async fn a_recording_is_told_by_every_command() {
    let (_folder, file) = recording().await;
    let (order, ticket) = (ORDER.to_string(), TICKET.to_string());
    for (words, expected) in [
        (vec!["ls", "--newest", "--limit", "1"], "TicketSold"),
        (vec!["tail", "--aggregate", "timer"], ""),
        (vec!["tail"], "TicketSold"),
        (vec!["story", &order], "12 events of 3 services"),
        (vec!["state", "order", &order], "\"status\": \"complete\""),
        (vec!["step", "ticket", &ticket], "v3 TicketSold"),
        (vec!["why", &ticket], "It was sold"),
    ] {
        let output = answered(&[&["--recording", &file], &words[..]].concat());
        let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {said}");
        assert!(told.contains(expected), "{words:?}: {told}");
        assert!(!told.contains('\u{1b}'), "colours where nobody looks: {told}");
    }
}

#[tokio::test]
async fn bad_input_gets_one_sentence_and_a_status() {
    let (_folder, file) = recording().await;
    let (order, nobody) = (ORDER.to_string(), Uuid::from_u128(1).to_string());
    for (words, status, sentence) in [
        (vec!["ls", "--id", &nobody], 1, "nothing that was asked for goes by the id"),
        (vec!["ls", "--since", "2999-01-01T00:00:00Z"], 2, "has not come yet"),
        (vec!["tail", "--since", "2999-01-01T00:00:00Z"], 2, "has not come yet"),
        (vec!["story", &nobody], 1, "happened under the id"),
        (vec!["state", "order", &nobody], 1, "goes by the id"),
        (vec!["state", "order", &order, "--at", "v99"], 1, "there is no v99"),
        (vec!["state", "order", &order, "--at", "2999-01-01T00:00:00Z"], 2, "has not come yet"),
        (vec!["step", "order", "x"], 2, "is no id"),
        (vec!["why", &nobody], 1, "goes by the id"),
    ] {
        assert_refused(&answered(&[&["--recording", &file], &words[..]].concat()), status, sentence);
    }
}

#[test]
fn without_a_server_it_says_so() {
    let id = ORDER.to_string();
    let commands: [&[&str]; 6] =
        [&["ls"], &["tail"], &["story", &id], &["state", &id], &["step", &id], &["why", &id]];
    for words in commands {
        assert_refused(&answered(words), 2, "where the events are has to be said");
    }
    // Who waits for an answer that never comes waits side by side.
    let waiting = commands.map(|words| {
        let mut tool = tool(words);
        tool.env("NATS_URL", NOWHERE)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        tool.spawn().unwrap()
    });
    for waiting in waiting {
        assert_refused(&waiting.wait_with_output().unwrap(), 3, "NATS does not");
    }
}

#[test]
fn a_recording_that_is_none_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken");
    std::fs::write(&broken, "not at all\n").unwrap();
    let told = |file: &Path| answered(&["--recording", &file.display().to_string(), "ls"]);
    assert_refused(&told(&broken), 3, "is no recording of events: line 1");
    assert_refused(&told(&folder.path().join("missing")), 3, "could not open");
}

#[tokio::test]
async fn who_stops_reading_is_not_complained_to() {
    let (_folder, file) = recording().await;
    let mut tool = tool(&["--recording", &file, "ls"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(tool.stdout.take());
    assert_eq!(tool.wait().unwrap().code(), Some(0));
}
