//! A dead letter as it is shown.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use messaging::DeadLetter;
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::Failure;
use crate::terminal::Terminal;

const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const QUIET: Style = Style::new().dimmed();

/// In a list.
pub(super) fn line(service: &str, letter: &DeadLetter, terminal: &mut Terminal) -> Result<(), Failure> {
    let DeadLetter { id, subject, error, first_at, retries, retry_at, .. } = letter;
    writeln!(terminal, "{service} {id}  {subject}")?;
    writeln!(terminal, "    {error}")?;
    let tried = match retries {
        0 => "not tried again yet".to_owned(),
        1 => "tried again once".to_owned(),
        _ => format!("tried again {retries} times"),
    };
    Ok(writeln!(terminal, "    {QUIET}since {first_at}, {tried}, next at {retry_at}{QUIET:#}")?)
}

/// With all there is.
pub(super) fn show(service: &str, letter: &DeadLetter, terminal: &mut Terminal) -> Result<(), Failure> {
    line(service, letter, terminal)?;
    for (name, value) in &letter.headers {
        writeln!(terminal, "    {QUIET}{name}: {value}{QUIET:#}")?;
    }
    for edit in &letter.edits {
        let before = bytes_in_words(&DeadLetter { body: edit.body.clone(), ..letter.clone() }.wire().body);
        writeln!(terminal, "    changed by {} at {}; before, it said {before}", edit.by, edit.at)?;
    }
    Ok(writeln!(terminal, "{}", pretty(letter))?)
}

/// For machines.
pub(super) fn to_json(service: &str, letter: &DeadLetter) -> Value {
    let body = letter.wire().body;
    let data: Option<Value> = serde_json::from_slice(&body).ok();
    json!({
        "service": service,
        "id": letter.id,
        "subject": letter.subject,
        "headers": letter.headers,
        "data": data,
        "body": data.is_none().then(|| letter.body.clone()),
        "error": letter.error,
        "first_at": letter.first_at,
        "retries": letter.retries,
        "retry_at": letter.retry_at,
        "edits": letter.edits,
    })
}

/// What the other one says otherwise, line by line.
pub(super) fn difference(
    before: &DeadLetter,
    after: &DeadLetter,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let (before, after) = (pretty(before), pretty(after));
    for change in TextDiff::from_lines(before.as_str(), after.as_str()).iter_all_changes() {
        let (sign, style) = match change.tag() {
            ChangeTag::Delete => ('-', GONE),
            ChangeTag::Insert => ('+', NEW),
            ChangeTag::Equal => (' ', Style::new()),
        };
        writeln!(terminal, "{style}{sign} {}{style:#}", change.value().trim_end())?;
    }
    Ok(())
}

/// Its body in one line.
pub(super) fn body(letter: &DeadLetter) -> String {
    bytes_in_words(&letter.wire().body)
}

fn pretty(letter: &DeadLetter) -> String {
    let body = letter.wire().body;
    match serde_json::from_slice::<Value>(&body) {
        Ok(data) => format!("{data:#}"),
        Err(_) => bytes_in_words(&body),
    }
}

fn bytes_in_words(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) if !text.chars().any(|character| character.is_control() && character != '\n') => {
            text.to_owned()
        }
        _ => body.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
