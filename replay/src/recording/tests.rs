//! A file that was written is read as it was; one that is not whole, or no recording, is refused by its line.

use std::fs;

use contracts::Timestamp;
use messaging::{Numbered, Parcel, Stored, Wire};

use super::{FORMAT, Head, Recording};

fn message(sequence: u64, body: &[u8]) -> Numbered {
    let subject = format!("events.order.01970000-0000-7000-8000-{sequence:012}.OrderCreated");
    let parcel = Parcel::Wired(Wire { subject, headers: [].into(), body: body.to_vec() });
    Numbered { sequence, stored: Stored { parcel, stored_at: Timestamp::from_millis(1_000) } }
}

fn three() -> Recording {
    let messages = vec![message(3, b"{\"a\":1}"), message(5, b"no JSON \xff"), message(9, b"null")];
    Recording::of(Timestamp::from_millis(5_000), Some("order".to_owned()), messages)
}

fn written() -> String {
    let mut out = Vec::new();
    three().write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Result<Recording, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    fs::write(&file, text).unwrap();
    Recording::read(&file).map_err(|failure| failure.to_string().replace(&file.display().to_string(), "it"))
}

#[test]
fn what_was_written_is_read_whatever_the_bodies_are() {
    let read = read(&written()).unwrap();
    assert_eq!((read.head, read.messages), (three().head, three().messages));
}

#[test]
fn a_recording_of_the_first_form_is_still_read() {
    let head = Head { format: 1, events: Some(2), ..three().head };
    let lines: Vec<_> = written().lines().map(str::to_owned).collect();
    let older = format!("{}\n{}\n{}\n", serde_json::to_string(&head).unwrap(), lines[1], lines[2]);
    assert_eq!(read(&older).unwrap().messages, three().messages[..2]);
    let short = older.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!(read(&short).unwrap_err(), "it is no recording of events: line 2: 1 of 2 events are there");
}

#[test]
fn a_file_that_was_cut_off_is_noticed_wherever_it_was() {
    let whole = written();
    for length in 0..whole.len() - 1 {
        let why = read(&whole[..length]).unwrap_err();
        assert!(why.starts_with("it is no recording of events: line "), "{length}: {why}");
    }
}

#[test]
fn what_is_no_recording_is_refused_by_its_line() {
    let whole = written();
    let lines: Vec<&str> = whole.lines().collect();
    let newer = lines[0].replace(&format!("\"format\":{FORMAT}"), "\"format\":99");
    for (text, why) in [
        (String::new(), "line 1: the file is empty"),
        ("{}".to_owned(), "line 1: missing field"),
        (lines[0].replace("events", "tickets"), "line 1: it says that it is something else"),
        (newer, "line 1: its form is 99, and this build reads forms up to 2"),
        (format!("{}\n{}\n{}", lines[0], lines[2], lines[1]), "line 3: it stands before the line above it"),
        (format!("{}\n{}\nwhat", lines[0], lines[1]), "line 3: expected value"),
        (format!("{whole}{}", lines[1]), "line 6: it stands behind the last one"),
        (whole.replace("\"body\":\"6e", "\"body\":\"zz"), "line 3: its body is not hexadecimal"),
        (whole.replace("\"events\":3", "\"events\":4"), "line 4: 3 of 4 events are there"),
    ] {
        let said = read(&text).unwrap_err();
        assert!(said.contains(why), "{said} for {why}");
    }
}
