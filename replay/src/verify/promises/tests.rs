//! Whatever an order, its ticket and its payment may be: what is promised, what waits, and what is broken.

use serde_json::json;

use super::*;

const TICKET: Uuid = Uuid::from_u128(1);
const ORDER: Uuid = Uuid::from_u128(2);
const OTHER: Uuid = Uuid::from_u128(3);

fn noon() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

/// At noon, of what stood still for so many seconds.
fn after(seconds: u64) -> Waits {
    Waits::new(noon() + Duration::from_secs(seconds), false)
}

fn order(status: &str) -> Standing {
    let state = json!({
        "status": status, "ticket_id": TICKET, "total": { "amount": 1, "currency": "USD" }, "expires_at": noon(),
    });
    Standing::of(ORDER, &state, noon())
}

fn ticket(status: &str) -> Standing {
    let state = json!({ "status": status, "order_id": ORDER, "price": { "amount": 1, "currency": "USD" } });
    Standing::of(TICKET, &state, noon())
}

fn payment(status: &str) -> Standing {
    Standing::of(ORDER, &json!({ "status": status, "amount": { "amount": 1, "currency": "USD" } }), noon())
}

fn kinds(faults: &[Fault]) -> Vec<Wrong> {
    faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn what_is_promised_breaks_nothing() {
    for (stands, held, paid) in [
        ("awaiting_payment", "reserved", "payable"),
        ("awaiting_payment", "reserved", "requires_action"),
        ("accepted", "reserved", "authorized"),
        ("accepted", "reserved", "captured"),
        ("complete", "reserved", "captured"),
        ("complete", "sold", "captured"),
        ("cancelled", "available", "voided"),
        ("cancelled", "reserved", "authorized"),
    ] {
        let (order, ticket, payment) = (order(stands), ticket(held), payment(paid));
        let faults = of_order(&order, Some(&ticket), Some(&payment), after(1));
        assert_eq!(faults, [], "{stands} {held} {paid}");
        if held != "available" {
            assert_eq!(of_ticket(&ticket, Some(&order), after(1)), None, "{stands} {held}");
        }
        assert_eq!(of_payment(&payment, Some(&order)), None);
    }
    assert_eq!(of_order(&order("pending"), None, None, after(1)), []);
}

#[test]
fn what_is_broken_is_broken_at_once() {
    for (stands, held, paid) in [
        ("complete", "available", "captured"),
        ("accepted", "withdrawn", "authorized"),
        ("awaiting_payment", "sold", "payable"),
        ("complete", "sold", "authorized"),
        ("complete", "sold", "voided"),
        ("cancelled", "available", "captured"),
        ("cancelled", "available", "capturing"),
        ("awaiting_payment", "reserved", "captured"),
    ] {
        let faults = of_order(&order(stands), Some(&ticket(held)), Some(&payment(paid)), after(0));
        assert_eq!(kinds(&faults), [Wrong::Promise], "{stands} {held} {paid}: {faults:?}");
    }
    let held_for_another = Standing { order_id: Some(OTHER), ..ticket("sold") };
    let faults = of_order(&order("complete"), Some(&held_for_another), Some(&payment("captured")), after(0));
    assert_eq!(kinds(&faults), [Wrong::Promise]);
    assert_eq!(
        kinds(&of_order(&order("complete"), None, Some(&payment("captured")), after(0))),
        [Wrong::Promise]
    );
    assert!(of_ticket(&ticket("sold"), None, after(0)).is_some());
    assert!(of_ticket(&ticket("sold"), Some(&order("cancelled")), after(0)).is_some());
    let of_another = Standing { ticket_id: Some(OTHER), ..order("complete") };
    assert!(of_ticket(&ticket("sold"), Some(&of_another), after(0)).is_some());
    assert!(of_payment(&payment("payable"), None).is_some());
}

#[test]
fn another_price_than_was_agreed_on_is_a_broken_promise() {
    let dearer = json!({ "amount": 2, "currency": "USD" });
    let sold = Standing { price: dearer.clone(), ..ticket("sold") };
    let faults = of_order(&order("complete"), Some(&sold), Some(&payment("captured")), after(0));
    assert_eq!(kinds(&faults), [Wrong::Promise]);
    let captured = Standing { price: dearer, ..payment("captured") };
    let faults = of_order(&order("complete"), Some(&ticket("sold")), Some(&captured), after(0));
    assert_eq!(kinds(&faults), [Wrong::Promise]);
}

#[test]
fn what_waits_may_wait_for_a_minute_and_at_rest_not_at_all() {
    for (stands, held, paid) in [
        ("pending", "available", "missing"),
        ("accepted", "reserved", "missing"),
        ("complete", "reserved", "captured"),
        ("cancelled", "available", "voiding"),
    ] {
        let paid = if stands == "accepted" { "authorized" } else { paid };
        let (order, ticket, payment) = (order(stands), ticket(held), payment(paid));
        let payment = (paid != "missing").then_some(&payment);
        let judged = |waits| kinds(&of_order(&order, Some(&ticket), payment, waits));
        assert_eq!(judged(after(60)), [], "{stands}");
        let late = judged(after(61));
        assert!(!late.is_empty() && late.iter().all(|kind| *kind == Wrong::Waiting), "{stands}: {late:?}");
        let at_rest = judged(Waits::new(noon() + Duration::from_millis(1), true));
        assert_eq!(at_rest, late, "{stands}");
    }
    let held_for_nobody = of_ticket(&ticket("reserved"), Some(&order("cancelled")), after(61));
    assert_eq!(held_for_nobody.map(|fault| fault.kind), Some(Wrong::Waiting));
    let overdue =
        of_order(&order("awaiting_payment"), Some(&ticket("reserved")), Some(&payment("payable")), after(61));
    assert_eq!(kinds(&overdue), [Wrong::Waiting]);
}
