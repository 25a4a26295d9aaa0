//! No money is taken for a ticket that the buyer does not get, none is left set aside, and what is taken is the price
//! that the ticket was reserved at.

use std::collections::BTreeMap;

use contracts::{Event, Money, orders::OrderEvent, tickets::TicketEvent};
use stripe_standin::LedgerEntry;
use uuid::Uuid;

use super::{Violation, doubled, money, stuck};
use crate::behind::{Books, text};

pub(super) fn violations(books: &Books) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut taken: BTreeMap<Uuid, &LedgerEntry> = BTreeMap::new();
    let mut known: BTreeMap<Uuid, &str> = BTreeMap::new();
    for entry in &books.ledger.payment_intents {
        let intent = &entry.id;
        let Some(order) = entry.metadata.get("order_id").and_then(|order| order.parse().ok()) else {
            violations.push(money(format!("payment intent {intent} is of no order")));
            continue;
        };
        if let Some(other) = known.insert(order, intent) {
            violations.push(doubled(format!("order {order} has two payment intents, {other} and {intent}")));
        }
        if entry.charges > 1 {
            violations.push(doubled(format!("order {order} was charged {} times", entry.charges)));
        }
        if entry.held > 0 {
            violations.push(stuck(format!("{} cents of order {order} are still set aside", entry.held)));
        }
        if entry.captured == 0 {
            continue;
        }
        taken.insert(order, entry);
        let status = books.find("order", order).map_or("unknown", |order| order.status());
        if status != "complete" && entry.refunded < entry.captured {
            let taken = entry.captured;
            violations.push(money(format!("{taken} cents were taken for order {order}, which is {status}")));
        }
    }
    let prices = Prices::of(books);
    for order in books.of("order").filter(|order| order.status() == "complete") {
        let id = order.id;
        let Some(entry) = taken.get(&id) else {
            violations.push(money(format!("order {id} is complete, and nothing was taken for it")));
            continue;
        };
        violations.extend(prices.violation(id, entry));
        let charge = books.find("payment", id).map_or("", |payment| text(&payment.state, "payment_intent"));
        if charge != entry.id {
            let paid = &entry.id;
            violations
                .push(money(format!("order {id} was paid by {paid}, and payments knows of {charge:?}")));
        }
    }
    violations
}

/// What was taken and not given back, less what the complete orders cost, by currency, where that is not nothing.
pub fn difference(books: &Books) -> BTreeMap<String, i64> {
    let mut difference: BTreeMap<String, i64> = BTreeMap::new();
    for entry in &books.ledger.payment_intents {
        *difference.entry(entry.currency.to_lowercase()).or_default() += entry.captured - entry.refunded;
    }
    let prices = Prices::of(books);
    for order in books.of("order").filter(|order| order.status() == "complete") {
        if let Some(price) = prices.agreed.get(&order.id) {
            let amount = i64::try_from(price.amount).unwrap_or(i64::MAX);
            *difference.entry(price.currency.code().to_lowercase()).or_default() -= amount;
        }
    }
    difference.retain(|_, amount| *amount != 0);
    difference
}

/// What was said about the price of each order.
#[derive(Default)]
struct Prices {
    reserved: BTreeMap<Uuid, Money>,
    agreed: BTreeMap<Uuid, Money>,
    sold: BTreeMap<Uuid, Money>,
}

impl Prices {
    fn of(books: &Books) -> Self {
        let mut prices = Self::default();
        for said in &books.said {
            match &said.event {
                Event::Ticket(TicketEvent::TicketReserved(reserved)) => {
                    prices.reserved.insert(reserved.order_id.0, reserved.details.price);
                }
                Event::Ticket(TicketEvent::TicketSold(sold)) => {
                    prices.sold.insert(sold.order_id.0, sold.price);
                }
                Event::Order(OrderEvent::OrderAwaitingPayment(awaiting)) => {
                    prices.agreed.insert(said.id, awaiting.total);
                }
                _ => {}
            }
        }
        prices
    }

    fn violation(&self, order: Uuid, entry: &LedgerEntry) -> Option<Violation> {
        let reserved = self.reserved.get(&order);
        let is_taken = reserved.is_some_and(|price| {
            i64::try_from(price.amount) == Ok(entry.captured)
                && price.currency.code().eq_ignore_ascii_case(&entry.currency)
        });
        if is_taken && self.agreed.get(&order) == reserved && self.sold.get(&order) == reserved {
            return None;
        }
        let say = |price: Option<&Money>| price.map_or_else(|| "nothing".to_owned(), Money::to_string);
        Some(money(format!(
            "order {order}: its ticket was reserved at {}, agreed on at {}, sold at {}, and {} cents were taken",
            say(reserved),
            say(self.agreed.get(&order)),
            say(self.sold.get(&order)),
            entry.captured,
        )))
    }
}
