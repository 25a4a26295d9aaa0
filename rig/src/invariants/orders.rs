//! Every order comes to an end, or awaits its payment within its time; and its payment stands as it does.

use std::time::Duration;

use contracts::Timestamp;

use super::{Violation, lost, stuck};
use crate::behind::{Books, Kept, text};

/// Even with every timer lost nothing is later than this.
const LATEST: Duration = Duration::from_secs(20);

pub(super) fn violations(books: &Books) -> Vec<Violation> {
    let mut violations = Vec::new();
    for order in books.of("order") {
        violations.extend(ended(order, books.at));
        violations.extend(payment(order, books.find("payment", order.id)));
    }
    for payment in books.of("payment").filter(|payment| books.find("order", payment.id).is_none()) {
        violations.push(lost(format!("there is a payment of order {}, which does not exist", payment.id)));
    }
    violations
}

fn ended(order: &Kept, now: Timestamp) -> Option<Violation> {
    let id = order.id;
    match order.status() {
        "complete" | "cancelled" => None,
        "awaiting_payment" => {
            let expires_at: Timestamp = text(&order.state, "expires_at").parse().unwrap_or_default();
            (now > expires_at + LATEST).then(|| {
                stuck(format!("order {id} awaits its payment, and its time was over at {expires_at}"))
            })
        }
        status => Some(stuck(format!("order {id} is {status} for ever"))),
    }
}

fn payment(order: &Kept, payment: Option<&Kept>) -> Option<Violation> {
    let stands = payment.map(Kept::status);
    let may = match order.status() {
        "complete" => stands == Some("captured"),
        "cancelled" => matches!(stands, None | Some("voided" | "failed")),
        "awaiting_payment" => matches!(stands, Some("payable" | "requires_action")),
        _ => true,
    };
    let (id, status) = (order.id, order.status());
    let stands = stands.unwrap_or("missing");
    (!may).then(|| stuck(format!("order {id} is {status}, and its payment is {stands}")))
}
