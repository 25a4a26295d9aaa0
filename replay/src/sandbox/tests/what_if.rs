//! What if it had been otherwise.

use std::sync::Arc;

use crate::sandbox::changes::{Changes, WhatIf};
use crate::sandbox::outcome::{Deviation, Outcome, endings, states};
use crate::sandbox::plan::Plan;
use crate::sandbox::run::Run;
use crate::sandbox::tests::recorded::past;

struct Replayed {
    was: Run,
    is: Run,
}

fn replay(plan: &Arc<Plan>, changes: Changes) -> Run {
    let mut run = Run::new(plan, changes).unwrap();
    run.finish(|_, taken| {
        assert_eq!(taken.broken, None, "{}", taken.what);
        false
    });
    run
}

fn what_if(name: &str, what_if: WhatIf) -> Replayed {
    let plan = Arc::new(Plan::new(past(name), None));
    let changes = what_if.resolve(&plan.past).unwrap();
    Replayed { was: replay(&plan, Changes::default()), is: replay(&plan, changes) }
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

impl Replayed {
    fn deviations(&self) -> Vec<Deviation> {
        Outcome::of_run(&self.was, true).deviations(&Outcome::of_run(&self.is, true))
    }

    /// Types that came, with a plus, and those that went, with a minus.
    fn changed(&self) -> Vec<String> {
        let told = |difference: &Deviation| match difference {
            Deviation::Came(fact) => Some(format!("+{}", fact.name.event_type)),
            Deviation::Went(fact) => Some(format!("-{}", fact.name.event_type)),
            _ => None,
        };
        self.deviations().iter().filter_map(told).collect()
    }

    /// The status that each aggregate of this kind ends in, where it ends otherwise.
    fn endings(&self, category: &str) -> Vec<(String, String)> {
        let all = endings(&states(&self.was), &states(&self.is));
        let of = all.into_iter().filter(|ending| ending.category == category);
        let status = |ending: crate::sandbox::outcome::Ending| {
            let status = ending.fields.into_iter().find(|field| field.path == "status")?;
            let [before, after] = [status.before, status.after]
                .map(|word| word.as_ref().and_then(|word| word.as_str()).unwrap_or("nothing").to_owned());
            Some((before, after))
        };
        of.filter_map(status).collect()
    }
}

fn pair(before: &str, after: &str) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

#[test]
fn had_nobody_paid_the_order_would_have_expired_and_its_ticket_been_free() {
    let it = what_if("purchase", WhatIf { without: words(["AuthorizationRequested"]), ..WhatIf::default() });
    assert_eq!(it.endings("order"), [pair("complete", "cancelled")]);
    assert_eq!(it.endings("ticket"), [pair("sold", "available")]);
    assert!(it.changed().contains(&"+OrderExpired".to_owned()), "{:?}", it.changed());
    assert_eq!(it.is.at_rest(), None);
}

#[test]
fn a_message_that_comes_twice_changes_nothing() {
    for event_type in [
        "OrderCreated",
        "TicketReserved",
        "OrderAwaitingPayment",
        "PaymentAuthorized",
        "OrderAccepted",
        "ChargeCreated",
        "OrderCompleted",
    ] {
        let it = what_if("purchase", WhatIf { twice: words([event_type]), ..WhatIf::default() });
        assert_eq!(it.deviations(), [], "{event_type}");
        assert_eq!(it.is.at_rest(), None, "{event_type}");
    }
}

#[test]
fn had_the_timer_been_later_the_payment_would_have_been_judged_by_the_order_itself() {
    let late = WhatIf { delay: words(["OrderExpired", "10s"]), ..WhatIf::default() };
    let it = what_if("expiry-race", late);
    // The card answered a millisecond too late by the order's own clock.
    assert_eq!(it.endings("order"), []);
    assert_eq!(it.is.at_rest(), None);
}

#[test]
fn had_the_buyer_paid_later_it_would_have_been_too_late() {
    let late = WhatIf { delay: words(["AuthorizationRequested", "20m"]), ..WhatIf::default() };
    let it = what_if("purchase", late);
    assert_eq!(it.endings("order"), [pair("complete", "cancelled")]);
    assert!(it.is.answers.values().any(|answer| answer.contains("refused")), "{:?}", it.is.answers);
    assert_eq!(it.is.at_rest(), None);
}

#[test]
fn what_follows_from_what_comes_later_comes_later_too() {
    let late = WhatIf { delay: words(["TicketReserved", "20m"]), ..WhatIf::default() };
    let it = what_if("purchase", late);
    // The order had expired by then; it said so again, and the ticket was released.
    assert_eq!(it.endings("order"), [pair("complete", "cancelled")]);
    assert_eq!(it.endings("ticket"), [pair("sold", "available")]);
    assert_eq!(it.is.never_happened().count(), 1);
    assert_eq!(it.is.at_rest(), None);
}

#[test]
fn had_the_first_buyer_not_cancelled_the_second_would_not_have_had_the_ticket() {
    let it = what_if("cancellation", WhatIf { without: words(["OrderCancelled"]), ..WhatIf::default() });
    assert_eq!(it.endings("order"), [pair("cancelled", "complete"), pair("complete", "nothing")]);
    assert_eq!(it.is.at_rest(), None);
}

#[test]
fn two_who_cancel_and_pay_in_the_others_place_end_as_the_first_of_them_wanted() {
    let swapped = WhatIf { swap: words(["OrderCancelled", "PaymentIntentCreated"]), ..WhatIf::default() };
    let it = what_if("cancellation", swapped);
    assert_eq!(it.is.at_rest(), None);
    assert!(it.endings("order").is_empty());
}

#[test]
fn what_is_lost_for_good_is_seen_at_rest() {
    let it = what_if("purchase", WhatIf { without: words(["TicketSold"]), ..WhatIf::default() });
    let broken = it.is.at_rest().unwrap();
    assert_eq!(broken.promise, "a complete order has its ticket");
    assert_eq!(it.is.notes.len(), 1);
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_reason() {
    let past = past("purchase");
    let refused = |what_if: WhatIf| what_if.resolve(&past).unwrap_err().to_string();
    let without = |event: &str| WhatIf { without: words([event]), ..WhatIf::default() };
    assert!(refused(without("OrderCancelled")).contains("there is no event"));
    assert!(refused(without("OrderCreated[2]")).contains("there is no event"));
    assert!(refused(without("OrderCreated[0]")).contains("names no event"));
    assert!(refused(without("#99")).contains("there is no event"));
    let swapped = WhatIf { swap: words(["TicketReserved", "OrderCompleted"]), ..WhatIf::default() };
    assert!(refused(swapped).contains("follows from"));
    let sequence = past.events.len();
    let alone = WhatIf { swap: words(["TicketSold", &format!("#{sequence}")]), ..WhatIf::default() };
    assert!(refused(alone).contains("with itself"));
    let soon = WhatIf { delay: words(["TicketSold", "soon"]), ..WhatIf::default() };
    assert!(refused(soon).contains("is no duration"));
}
