//! `schema check` finds what this build could not read, and says where it stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{Message, Numbered, Parcel, Stored, Wire};
use replay::recording::Recording;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// Of an order, at the sequence that is its number.
fn said(number: u64, event_type: &str, data: Value) -> Numbered {
    let recorded = Recorded {
        id: Uuid::from_u128(u128::from(number)),
        version: number,
        event: RawEvent { event_type: event_type.to_owned(), data },
        at: Timestamp::from_millis(1_000),
        cause: Cause {
            causation_id: Uuid::from_u128(2),
            correlation_id: Uuid::from_u128(3),
            actor: Actor::Service("orders".to_owned()),
            traceparent: None,
        },
    };
    let message = Message { category: "order".to_owned(), id: Uuid::from_u128(0xa), recorded };
    numbered(number, Parcel::Handed(message.into()))
}

fn numbered(sequence: u64, parcel: Parcel) -> Numbered {
    Numbered {
        sequence,
        stored: Stored { parcel, stored_at: Timestamp::from_millis(sequence as i64 * 1_000) },
    }
}

fn recorded(messages: Vec<Numbered>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    let mut out = fs::File::create(&file).unwrap();
    Recording::of(Timestamp::from_millis(9_000), None, messages).write(&mut out).unwrap();
    (folder, file)
}

fn tool(file: &Path, arguments: &[&str]) -> Output {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
    tool.arg("--recording").arg(file).args(arguments).env_remove("NATS_URL").output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn some_broken() -> Vec<Numbered> {
    let good = json!({ "ticket_id": Uuid::from_u128(7) });
    let subject = "events.order.0000000a-0000-0000-0000-000000000000.OrderAccepted".to_owned();
    vec![
        said(1, "OrderAccepted", good.clone()),
        said(2, "OrderAccepted", json!({ "ticket_id": 7 })),
        said(4, "OrderEaten", json!({})),
        said(5, "OrderAccepted", json!({ "ticket_id": 7 })),
        numbered(6, Parcel::Wired(Wire { subject, headers: [].into(), body: b"{}".to_vec() })),
        said(8, "OrderCompleted", good),
    ]
}

#[test]
fn what_cannot_be_read_is_named_by_kind_with_where_it_stands() {
    let (_folder, file) = recorded(some_broken());
    let output = tool(&file, &["schema", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let printed = printed(&output);
    assert!(printed.contains("order.OrderAccepted: 2 of them: malformed event"), "{printed}");
    assert!(printed.contains("order.OrderEaten: 1 of them: malformed event"), "{printed}");
    assert!(printed.contains("order.OrderAccepted: 1 of them: the header ce-type is missing"), "{printed}");
    let subject = format!("events.order.{}.OrderAccepted", Uuid::from_u128(0xa));
    for sequence in [2, 5] {
        assert!(printed.contains(&format!("#{sequence} {subject}")), "{printed}");
    }
    assert!(printed.ends_with("6 events read, 4 could not be\n"), "{printed}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "stagedoor-replay: 4 stored events could not be read\n");
}

#[test]
fn it_begins_where_it_is_told_to() {
    let (_folder, file) = recorded(some_broken());
    let output = tool(&file, &["schema", "check", "--since", "#5", "--json"]);
    let report: Value = serde_json::from_str(&printed(&output)).unwrap();
    assert_eq!((report["read"].as_u64(), report["unreadable"].as_array().unwrap().len()), (Some(3), 2));
    let output = tool(&file, &["schema", "check", "--since", "#7"]);
    assert_eq!(
        (output.status.code(), printed(&output).as_str()),
        (Some(0), "1 events read, 0 could not be\n")
    );
    let output = tool(&file, &["schema", "check", "--since", "v3"]);
    assert_eq!(output.status.code(), Some(2));
    let output = tool(&file, &["schema", "check", "--since", "3000-01-01T00:00:00Z"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn each_form_is_written_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"))
            .arg("schema")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    assert!(run(&["--format", "json-schema", "--output", "schemas/"]).status.success());
    let written = fs::read_to_string(folder.path().join("schemas/order.OrderCreated.json")).unwrap();
    let schema: Value = serde_json::from_str(&written).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    assert_eq!(
        fs::read_dir(folder.path().join("schemas")).unwrap().count(),
        contracts::catalogue::catalogue().len()
    );

    assert!(run(&["--output", "events.json"]).status.success());
    let written = fs::read_to_string(folder.path().join("events.json")).unwrap();
    assert_eq!(written, String::from_utf8(run(&[]).stdout).unwrap());

    let bundle: Value = serde_json::from_slice(&run(&["--format", "json-schema"]).stdout).unwrap();
    assert!(bundle["$defs"]["timer.OrderExpired"].is_object());
    assert_eq!(run(&["--output", "schemas"]).status.code(), Some(2));
    assert_eq!(run(&["--output", "nowhere/events.json"]).status.code(), Some(3));
}
