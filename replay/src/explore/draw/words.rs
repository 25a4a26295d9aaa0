//! Words as they fit into lines.

use contracts::Timestamp;
use eventsourcing::Actor;
use ratatui::text::Span;
use uuid::Uuid;

/// In columns.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// So many columns of it; that something is missing is seen.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 1);
    for letter in text.chars() {
        used += width_of(letter);
        if used > columns {
            break;
        }
        kept.push(letter);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// In lines of so many columns, broken between words where they fit; what goes on stands a little to the right.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let indent = text.len() - text.trim_start().len();
    let indent = " ".repeat((indent + 2).min(columns / 2));
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_inclusive(' ') {
        let is_begun = !line.trim_start().is_empty();
        let needed = width(word.trim_end());
        if is_begun && width(&line) + needed > columns && indent.len() + needed <= columns {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        for letter in word.chars() {
            if width(&line) + width_of(letter) > columns && letter != ' ' {
                lines.push(std::mem::replace(&mut line, indent.clone()));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The end of an id, by which people tell it from others: it begins with the time, as its neighbours do.
pub(crate) fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    format!("…{}", &text[24..])
}

/// Who caused it.
pub(crate) fn who(actor: &Actor, columns: usize) -> String {
    match actor {
        Actor::User(id) if columns >= 14 => format!("user {}", short(id.0)),
        Actor::User(id) => short(id.0),
        Actor::Service(name) => name.clone(),
    }
}

/// In UTC, to the second or to the millisecond, as there is room.
pub(crate) fn clock(time: Timestamp, is_exact: bool) -> String {
    let text = time.to_string();
    text.get(11..if is_exact { 23 } else { 19 }).unwrap_or(&text).to_owned()
}

/// In UTC.
pub(crate) fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

fn width_of(letter: char) -> usize {
    width(letter.encode_utf8(&mut [0; 4]))
}
