//! How things are put.

use std::time::Duration;

use contracts::Timestamp;
use contracts::orders::CancellationReason;
use contracts::tickets::TicketDetails;

use crate::events;

pub(super) fn status(status: &str) -> String {
    status.replace('_', " ")
}

/// To the second.
pub(super) fn lasting(duration: Duration) -> String {
    events::lasting(Duration::from_secs(duration.as_secs()))
}

/// When, and how far from now that is.
pub(super) fn until(end: Timestamp, now: Timestamp) -> String {
    if end > now {
        format!("until {end}, {} from now", lasting(end.since(now)))
    } else {
        format!("until {end}, which was {} ago", lasting(now.since(end)))
    }
}

pub(super) fn ticket(details: &TicketDetails) -> String {
    let TicketDetails { title, venue, city, starts_at, section, row, seat, .. } = details;
    let mut text = title.clone();
    for (what, part) in [("", section), ("row ", row), ("seat ", seat)] {
        if let Some(part) = part {
            text.push_str(&format!(", {what}{part}"));
        }
    }
    format!("{text}, {venue} in {city}, {starts_at}")
}

/// Behind `because`.
pub(super) fn reason(reason: CancellationReason) -> &'static str {
    match reason {
        CancellationReason::Buyer => "its buyer cancelled it",
        CancellationReason::Expired => "its time to pay was over",
        CancellationReason::TicketNotFound => "there is no such ticket",
        CancellationReason::OwnTicket => "its buyer is the one who sells the ticket",
        CancellationReason::TicketReserved => "the ticket was held for another order",
        CancellationReason::TicketSold => "the ticket was sold already",
        CancellationReason::TicketWithdrawn => "the ticket was withdrawn",
        CancellationReason::TicketPast => "what the ticket is for had begun already",
        CancellationReason::PriceChanged => "the ticket had another price than its buyer had seen",
        CancellationReason::PaymentFailed => "the money could not be taken",
        CancellationReason::Banned => "its buyer was banned",
    }
}

/// In lines of at most so many characters, as far as words are no longer than that.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let is_full = !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width;
        if is_full {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(wrapped("it is held for an order", 10), ["it is held", "for an", "order"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
    }
}
