//! What has to be so once nothing went wrong for a while.

use contracts::Timestamp;
use eventsourcing::Outbox;
use futures::FutureExt as _;
use orders::order::Order;
use payments::Standing;
use payments::payment::Payment;
use tickets::ticket::Ticket;
use uuid::Uuid;

use crate::audit::{Audit, Violation};
use crate::shop::{Service, Shop};

/// The first thing that is not at rest.
pub(super) fn unrest(shop: &Shop) -> Option<Violation> {
    let audit = shop.world.audit();
    orders(&audit)
        .or_else(|| tickets(&audit))
        .or_else(|| payments(&audit))
        .or_else(|| ledger(shop, &audit))
        .or_else(|| stream(shop, &audit))
        .or_else(|| letters(shop))
        .map(|(invariant, told)| Violation { invariant, told })
}

pub(super) fn is_complete(order: &Order) -> bool {
    matches!(order, Order::Complete(_))
}

type Unrest = Option<(&'static str, String)>;

fn orders(audit: &Audit) -> Unrest {
    audit.orders.iter().find_map(|(id, order)| match &order.state {
        Order::Cancelled(_) => None,
        Order::Complete(agreement) => {
            let ticket = audit.tickets.get(&agreement.placement.ticket_id.0).map(|ticket| &ticket.state);
            let is_sold = matches!(ticket, Some(Ticket::Sold(bought)) if bought.order_id.0 == *id);
            (!is_sold).then(|| ("what is complete is sold", format!("order {id}")))
        }
        Order::None | Order::Pending(_) | Order::AwaitingPayment(_) | Order::Accepted(_) => {
            Some(("every order ends", format!("order {id} has not")))
        }
    })
}

fn tickets(audit: &Audit) -> Unrest {
    audit.tickets.iter().find_map(|(id, ticket)| match &ticket.state {
        Ticket::Reserved(held) => Some((
            "no ticket is held for an order that is over",
            format!("ticket {id}, order {}", held.order_id),
        )),
        Ticket::Sold(bought) => {
            let order = audit.orders.get(&bought.order_id.0).map(|order| &order.state);
            (!order.is_some_and(is_complete)).then(|| ("what is sold is complete", format!("ticket {id}")))
        }
        Ticket::Unlisted | Ticket::Available(_) | Ticket::Withdrawn(_) => None,
    })
}

fn payments(audit: &Audit) -> Unrest {
    audit.payments.iter().find_map(|(id, payment)| match &payment.state {
        Payment::Captured(_) | Payment::Failed(_) | Payment::Voided(_) => None,
        Payment::None
        | Payment::Payable(_)
        | Payment::Preparing(_)
        | Payment::Authorizing(_)
        | Payment::RequiresAction(_)
        | Payment::Authorized(_)
        | Payment::Capturing(_)
        | Payment::Voiding(_) => Some(("every payment ends", format!("payment {id} has not"))),
    })
}

/// What the card processor holds is what the orders say.
fn ledger(shop: &Shop, audit: &Audit) -> Unrest {
    for (order_id, intent) in shop.cards.ledger() {
        match intent.standing {
            // An intent that came into being unseen, under a key that was given up, never holds anything.
            Standing::Captured { .. } | Standing::Cancelled | Standing::Open { .. } => {}
            Standing::ActionRequired | Standing::Processing | Standing::Authorized { .. } => {
                return Some((
                    "no authorisation is left open",
                    format!("{} of order {order_id}: {:?}", intent.id, intent.standing),
                ));
            }
        }
    }
    let sold: u64 = audit
        .orders
        .values()
        .map(|order| match &order.state {
            Order::Complete(agreement) => agreement.total.amount,
            _ => 0,
        })
        .sum();
    let captured = audit.total_captured();
    (captured != sold).then(|| ("the ledger balances to the cent", format!("{captured} taken, {sold} sold")))
}

/// Every event is on the stream, and every store knows it.
fn stream(shop: &Shop, audit: &Audit) -> Unrest {
    let whole = |category: &'static str, records: Vec<(Uuid, u64)>| {
        records.into_iter().find_map(|(id, version)| {
            let last = audit.last(category, id);
            (last != version).then(|| {
                let told = format!("{category} {id}: {last} of {version}");
                ("the stream holds every event", told)
            })
        })
    };
    let versions =
        |records: Vec<(&Uuid, u64)>| records.into_iter().map(|(id, version)| (*id, version)).collect();
    whole("ticket", versions(audit.tickets.iter().map(|(id, record)| (id, record.version)).collect()))
        .or_else(|| {
            let all = audit.reservations.iter().map(|(id, record)| (id, record.version)).collect();
            whole("reservation", versions(all))
        })
        .or_else(|| {
            let all = audit.sellers.iter().map(|(id, record)| (id, record.version)).collect();
            whole("seller", versions(all))
        })
        .or_else(|| {
            let all = audit.buyers.iter().map(|(id, record)| (id, record.version)).collect();
            whole("buyer", versions(all))
        })
        .or_else(|| {
            whole("order", versions(audit.orders.iter().map(|(id, record)| (id, record.version)).collect()))
        })
        .or_else(|| {
            let all = audit.payments.iter().map(|(id, record)| (id, record.version)).collect();
            whole("payment", versions(all))
        })
        .or_else(|| {
            let outboxes: [&dyn Outbox; 6] = [
                shop.tickets.as_ref(),
                shop.reservations.as_ref(),
                shop.sellers.as_ref(),
                shop.orders.as_ref(),
                shop.buyers.as_ref(),
                shop.payments.as_ref(),
            ];
            outboxes.into_iter().find_map(unpublished)
        })
}

fn unpublished(outbox: &dyn Outbox) -> Unrest {
    let end = Timestamp::from_millis(i64::MAX);
    let unpublished = outbox.unpublished(end, None, 1).now_or_never()?.ok()?;
    let id = unpublished.first()?;
    Some(("nothing stays unpublished", format!("{} {id}", outbox.category())))
}

fn letters(shop: &Shop) -> Unrest {
    Service::ALL.into_iter().find_map(|service| {
        let letters = shop.keeping[service as usize].letters().now_or_never()?;
        (letters > 0).then(|| ("no dead letter is left", format!("{letters} of {}", service.name())))
    })
}
