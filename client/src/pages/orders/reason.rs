//! Why there is no ticket, in plain words: of an order that is over, and of a reservation that came to nothing.

use crate::api::{Failure, TicketStatus};

/// The names of the words that say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Also in lists, and in an order's history.
    pub title: &'static str,
    pub lead: &'static str,
}

/// By what orders calls it.
pub(super) fn words(reason: &str) -> Words {
    let (title, lead) = match reason {
        "buyer" => ("over-buyer", "over-buyer-lead"),
        "expired" => ("over-expired", "over-expired-lead"),
        "ticket_not_found" => ("over-not-found", "over-not-found-lead"),
        "own_ticket" => ("over-own", "over-own-lead"),
        "ticket_reserved" => ("over-reserved", "over-reserved-lead"),
        "ticket_sold" => ("over-sold", "over-sold-lead"),
        "ticket_withdrawn" => ("over-withdrawn", "over-withdrawn-lead"),
        "ticket_past" => ("over-past", "over-past-lead"),
        "price_changed" => ("over-price-changed", "over-price-changed-lead"),
        "payment_failed" => ("over-payment-failed", "over-payment-failed-lead"),
        "banned" => ("over-banned", "over-banned-lead"),
        "too_many_orders" => ("over-too-many", "over-too-many-lead"),
        _ => ("over-other", "over-other-lead"),
    };
    Words { title, lead }
}

/// Of a refused reservation. Nothing, if what was refused says nothing of the ticket.
pub(super) fn of_refusal(failure: &Failure) -> Option<&'static str> {
    let known = [
        ("no-such-ticket", "ticket_not_found"),
        ("own-ticket", "own_ticket"),
        ("ticket-reserved", "ticket_reserved"),
        ("ticket-sold", "ticket_sold"),
        ("ticket-withdrawn", "ticket_withdrawn"),
        ("ticket-past", "ticket_past"),
        ("too-many-orders", "too_many_orders"),
    ];
    known.into_iter().find(|(slug, _)| failure.is(slug)).map(|(_, reason)| reason)
}

/// Of a ticket that may have been to be had a moment ago.
pub(super) fn of_status(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Available => "ticket_past",
        TicketStatus::Reserved => "ticket_reserved",
        TicketStatus::Sold => "ticket_sold",
        TicketStatus::Withdrawn => "ticket_withdrawn",
    }
}

/// Whether somebody who was refused so may want this ticket still, or another like it.
pub(super) fn leaves_a_wish(reason: &str) -> bool {
    !matches!(reason, "banned" | "own_ticket" | "too_many_orders")
}

#[cfg(test)]
mod tests {
    use contracts::orders::CancellationReason as Why;

    use super::*;

    #[test]
    fn each_reason_of_orders_has_words_of_its_own() {
        let all = [
            Why::Buyer,
            Why::Expired,
            Why::TicketNotFound,
            Why::OwnTicket,
            Why::TicketReserved,
            Why::TicketSold,
            Why::TicketWithdrawn,
            Why::TicketPast,
            Why::PriceChanged,
            Why::PaymentFailed,
            Why::Banned,
        ];
        let mut said: Vec<_> = all
            .map(|reason| {
                let name = serde_json::to_value(reason).unwrap();
                words(name.as_str().unwrap()).title
            })
            .to_vec();
        assert!(!said.contains(&words("").title), "{said:?}");
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), all.len());
    }
}
