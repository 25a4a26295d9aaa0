//! Other orders: those in which a safeguard is missing are found and shrunk, and the services as they are survive all.

use std::sync::Arc;

use crate::sandbox::changes::Changes;
use crate::sandbox::lacking::Lacking;
use crate::sandbox::plan::Plan;
use crate::sandbox::search::order::Order;
use crate::sandbox::search::{Found, in_order, search};
use crate::sandbox::tests::recorded::{HISTORIES, past};

fn searched(name: &str, lacking: Option<Lacking>, histories: u64) -> (Arc<Plan>, Option<Found>) {
    let plan = Arc::new(Plan::new(past(name), lacking));
    let (found, _) = search(&plan, &Changes::default(), 1, histories, |_| true).unwrap();
    (plan, found)
}

#[test]
fn the_services_as_they_are_keep_every_promise_in_any_order() {
    for (name, _) in HISTORIES {
        let (_, found) = searched(name, None, 150);
        if let Some(found) = found {
            panic!("{name}, seed {}: {:?} by {}", found.seed, found.tried.broken, found.tried.order);
        }
    }
}

/// The promise that is broken, and how far the history that breaks it is from the recorded one.
fn broken(name: &str, lacking: Lacking) -> (&'static str, Order) {
    let (plan, found) = searched(name, Some(lacking), 2_000);
    let found = found.unwrap_or_else(|| panic!("{name} without {lacking:?}: nothing was found"));
    let promise = found.tried.broken.unwrap().promise;
    // Whoever is told the order sees the same.
    let again = in_order(&plan, &found.changes, &found.tried.order).unwrap();
    assert_eq!(again.broken.unwrap().promise, promise);
    assert_eq!(again.turns.len(), found.tried.turns.len());
    assert!(again.turns.len() <= found.shrunk_from);
    (promise, found.tried.order)
}

fn size(order: &Order) -> usize {
    order.places.len() + order.late.len() + order.again.len()
}

#[test]
fn a_release_that_ends_whoevers_hold_there_is_is_found_and_shrunk() {
    let (promise, order) = broken("cancellation", Lacking::HolderCheck);
    assert_eq!(promise, "a ticket is let go of by the order that holds it, and by no other");
    assert!(size(&order) <= 4, "{order}");
}

#[test]
fn an_accepted_order_that_may_be_cancelled_is_found_and_shrunk() {
    let (promise, order) = broken("cancellation", Lacking::AcceptedIsFinal);
    assert_eq!(promise, "complete, cancelled and accepted are final");
    assert!(size(&order) <= 6, "{order}");
}

#[test]
fn a_ticket_that_may_be_sold_twice_is_found_and_shrunk() {
    let (promise, order) = broken("cancellation", Lacking::TicketSold);
    assert_eq!(promise, "a ticket is sold at most once");
    assert!(size(&order) <= 8, "{order}");
}

#[test]
fn a_payment_that_is_accepted_after_its_time_is_found_and_shrunk() {
    let (promise, order) = broken("expiry-race", Lacking::InTime);
    assert_eq!(promise, "no payment is accepted after its time");
    assert!(size(&order) <= 2, "{order}");
}

#[test]
fn a_cancelled_order_that_stays_silent_is_found_and_shrunk() {
    let (promise, order) = broken("expiry-race", Lacking::SaidAgain);
    assert_eq!(promise, "every reservation ends");
    assert!(size(&order) <= 3, "{order}");
}

#[test]
fn an_order_is_read_as_it_is_written() {
    let order: Order = "12:3,20:1,15>2500,7+".parse().unwrap();
    assert_eq!(order.to_string(), "12:3,20:1,15>2500,7+");
    assert_eq!("recorded".parse::<Order>().unwrap(), Order::default());
    for text in ["", "12", "12:", ":3", "a:b", "+", "12:3,,", "12>"] {
        assert!(text.parse::<Order>().is_err(), "{text}");
    }
}
