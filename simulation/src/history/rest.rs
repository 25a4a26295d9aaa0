//! What has to be so once nothing went wrong for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use auth::account::Account;
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
        .or_else(|| bans(&audit))
        .map(|(invariant, told)| Violation { invariant, told })
}

/// An order that is due this long after the last fault has a timer again.
const TIMERS_ARE_BACK: Duration = Duration::from_secs(16);
/// How late a timer may seem by clocks that are this far apart.
const CLOCKS: Duration = Duration::from_secs(7);

/// What timers do to the millisecond in quiet times, and the sweep only in time.
pub(super) fn late(shop: &Shop, quiet_since_us: u64) -> Option<Violation> {
    let inside = &shop.world.inside;
    let now = inside.now();
    let quiet_since = now - Duration::from_micros(inside.now_us() - quiet_since_us);
    let audit = shop.world.audit();
    let late = audit.orders.iter().find_map(|(id, order)| {
        let placement = match &order.state {
            Order::Pending(placement) => placement,
            Order::AwaitingPayment(agreement) => &agreement.placement,
            Order::None | Order::Accepted(_) | Order::Complete(_) | Order::Cancelled(_) => return None,
        };
        let expires_at = placement.expires_at;
        (expires_at > quiet_since + TIMERS_ARE_BACK && expires_at + CLOCKS < now).then_some(*id)
    });
    let invariant = "in quiet times an order ends when its time is over";
    late.map(|id| Violation { invariant, told: format!("order {id}") })
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
    let mut intents: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (order_id, intent) in shop.cards.ledger() {
        let known = intents.entry(order_id.0).or_default();
        *known += 1;
        let spare = audit.spare_intents.get(&order_id.0).copied().unwrap_or(0);
        if *known > 1 + spare {
            return Some(("an order has one payment at the card processor", format!("order {order_id}")));
        }
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
    let untold = audit
        .untold(&audit.accounts)
        .or_else(|| audit.untold(&audit.tickets))
        .or_else(|| audit.untold(&audit.reservations))
        .or_else(|| audit.untold(&audit.sellers))
        .or_else(|| audit.untold(&audit.orders))
        .or_else(|| audit.untold(&audit.buyers))
        .or_else(|| audit.untold(&audit.payments));
    untold.map(|told| ("the stream holds every event", told)).or_else(|| {
        let outboxes: [&dyn Outbox; 7] = [
            shop.accounts.as_ref(),
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

/// How far the clocks of those who list and of those who ban may be apart.
const APART: Duration = Duration::from_secs(11);

fn bans(audit: &Audit) -> Unrest {
    audit.tickets.iter().find_map(|(id, ticket)| {
        let Ticket::Available(offer) = &ticket.state else { return None };
        let seller = audit.accounts.get(&offer.listing.seller_id.0).map(|account| &account.state);
        let Some(Account::Active(standing)) = seller else { return None };
        let is_banned = standing.banned_at.is_some_and(|banned_at| ticket.begun_at + APART < banned_at);
        is_banned.then(|| ("what a banned seller offered is withdrawn", format!("ticket {id}")))
    })
}
