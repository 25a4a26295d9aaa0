//! An event as it is told in a line: the same wherever some are listed.
//!
//! People write titles, and a title may hold whatever moves a cursor: nothing of an event reaches a terminal but
//! through [`plain`].

pub mod filter;
mod line;

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use contracts::Money;
use eventsourcing::Actor;
use serde_json::Value;
use uuid::Uuid;

pub use line::Lines;

/// So that its end can be told from another's: the beginning of most ids is the time they were made at.
pub fn short(id: Uuid) -> String {
    let id = id.simple().to_string();
    format!("…{}", &id[id.len() - 8..])
}

pub fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User(id) => format!("user {}", short(id.0)),
        Actor::Service(name) => plain(name),
    }
}

/// Each service has its own; people have none.
pub fn colour(service: Option<&str>) -> Style {
    let colour = match service {
        Some("auth") => AnsiColor::Cyan,
        Some("tickets") => AnsiColor::Magenta,
        Some("orders") => AnsiColor::Blue,
        Some("payments") => AnsiColor::Green,
        Some("expiration") => AnsiColor::Yellow,
        _ => return Style::new(),
    };
    colour.on_default()
}

pub const DIM: Style = Style::new().dimmed();

/// Without what a terminal would obey, or what would turn the writing round.
pub fn plain(text: &str) -> String {
    let is_harmless = |letter: char| {
        !letter.is_control()
            && !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if is_harmless(letter) { letter } else { '\u{fffd}' }).collect()
}

/// As long as that, with a sign where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain((width > 0).then_some('…')).collect()
}

/// `5.507 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`.
pub fn lasting(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 if duration.subsec_millis() == 0 => format!("{seconds} s"),
        0..60 => format!("{seconds}.{:03} s", duration.subsec_millis()),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// What an event says, as `key=value`; ids by their ends, money as money, and of what is nested that it is there.
pub fn data(data: &Value) -> String {
    match data {
        Value::Object(fields) => {
            let pairs: Vec<String> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{}={}", plain(name), in_short(value)))
                .collect();
            pairs.join(" ")
        }
        Value::Null => String::new(),
        other => in_short(other),
    }
}

fn in_short(value: &Value) -> String {
    if let Ok(money) = serde_json::from_value::<Money>(value.clone()) {
        return money.to_string().replace(' ', "\u{a0}");
    }
    match value {
        Value::String(text) => match text.parse::<Uuid>() {
            Ok(id) => short(id),
            Err(_) if text.is_empty() || text.contains([' ', '=', '"']) => format!("\"{}\"", plain(text)),
            Err(_) => plain(text),
        },
        Value::Object(_) => "{…}".to_owned(),
        other => plain(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_event_says_fits_in_a_line() {
        let said = json!({
            "order_id": "00000000-0000-0000-0000-0000000000ab", "price": { "amount": 12_500, "currency": "USD" },
            "title": "The Paper Lanterns", "row": null, "roles": ["user"], "reason": "expired", "seat": { "row": 1 },
        });
        let expected = "order_id=…000000ab price=125.00\u{a0}USD reason=expired roles=[\"user\"] \
            seat={…} title=\"The Paper Lanterns\"";
        assert_eq!(data(&said), expected);
        assert_eq!(data(&json!({})), "");
    }

    #[test]
    fn nothing_that_somebody_wrote_moves_the_cursor() {
        let told = data(&json!({ "title": "\u{1b}[2Jgone\u{9b}31m\r\n\u{202e}back" }));
        assert!(!told.chars().any(|letter| letter.is_control() || letter == '\u{202e}'), "{told:?}");
        assert!(told.contains("gone") && told.contains("back"));
    }

    #[test]
    fn a_length_of_time_is_put_in_its_two_largest_units() {
        let told = [5_000, 5_507, 125_000, 12_000_000, 187_200_000].map(Duration::from_millis).map(lasting);
        assert_eq!(told, ["5 s", "5.507 s", "2 min 5 s", "3 h 20 min", "2 d 4 h"]);
    }

    #[test]
    fn a_text_is_cut_to_its_width() {
        assert_eq!(
            (cut("héllo", 5), cut("héllo", 4), cut("héllo", 0)),
            ("héllo".into(), "hél…".into(), "".into())
        );
    }
}
