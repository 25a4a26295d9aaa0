//! Who gets the ticket.

use contracts::tickets::ReservationRefusal as Why;
use contracts::{Currency, Money};
use testing::given;

use super::{
    BUYER, EXPIRES_AT, NOW, ORDER, OTHER_ORDER, PRICE, SELLER, STARTS_AT, STRANGER, created, release,
    released, reserve, reserve_for, reserved, sell, sold, withdrawn,
};
use crate::ticket::{Ticket, TicketCommand, TicketRejection, Wish};

fn refused(why: Why) -> TicketRejection {
    TicketRejection::Refused(why)
}

/// By the other order, of a stranger.
fn reserve_too() -> TicketCommand {
    reserve_for(OTHER_ORDER, STRANGER)
}

fn reserve_at_the_start() -> TicketCommand {
    TicketCommand::Reserve(Wish {
        order_id: OTHER_ORDER,
        buyer_id: SELLER,
        price: None,
        expires_at: EXPIRES_AT,
        now: STARTS_AT,
    })
}

#[test]
fn an_available_ticket_is_reserved_with_all_that_the_order_needs() {
    let state = given::<Ticket>([created()]).when(reserve()).then([reserved()]);
    assert!(
        matches!(state, Ticket::Reserved(held) if held.order_id == ORDER && held.expires_at == EXPIRES_AT)
    );
}

#[test]
fn a_price_that_the_buyer_did_not_say_is_not_compared() {
    let reserve = TicketCommand::Reserve(Wish {
        order_id: ORDER,
        buyer_id: BUYER,
        price: None,
        expires_at: EXPIRES_AT,
        now: NOW,
    });
    given::<Ticket>([created()]).when(reserve).then([reserved()]);
}

#[test]
fn at_another_price_or_currency_it_is_not_reserved() {
    for seen in [Money::new(PRICE.amount - 1, Currency::Usd), Money::new(PRICE.amount, Currency::Eur)] {
        let reserve = TicketCommand::Reserve(Wish {
            order_id: ORDER,
            buyer_id: BUYER,
            price: Some(seen),
            expires_at: EXPIRES_AT,
            now: NOW,
        });
        given::<Ticket>([created()]).when(reserve).then_rejected(refused(Why::PriceChanged));
    }
}

#[test]
fn what_is_not_listed_is_not_found() {
    given::<Ticket>([]).when(reserve()).then_rejected(refused(Why::TicketNotFound));
}

#[test]
fn the_order_that_holds_it_is_not_told_again() {
    given::<Ticket>([created(), reserved()]).when(reserve()).then_nothing();
}

#[test]
fn another_order_does_not_get_a_held_ticket() {
    given::<Ticket>([created(), reserved()]).when(reserve_too()).then_rejected(refused(Why::TicketReserved));
}

#[test]
fn another_order_gets_it_after_its_release() {
    let state = given::<Ticket>([created(), reserved(), released()]).when(reserve_too());
    let held_by_the_other = |state| matches!(state, Ticket::Reserved(held) if held.order_id == OTHER_ORDER);
    let reserved_too = contracts::tickets::TicketReserved {
        order_id: OTHER_ORDER,
        buyer_id: STRANGER,
        seller_id: SELLER,
        expires_at: EXPIRES_AT,
        details: super::details(),
    };
    assert!(held_by_the_other(state.then([reserved_too.into()])));
}

#[test]
fn a_sold_ticket_is_refused_to_all_but_its_order_which_hears_nothing() {
    let past = [created(), reserved(), sold()];
    given::<Ticket>(past.clone()).when(reserve()).then_nothing();
    given::<Ticket>(past).when(reserve_too()).then_rejected(refused(Why::TicketSold));
}

#[test]
fn a_withdrawn_ticket_is_refused() {
    given::<Ticket>([created(), withdrawn()]).when(reserve()).then_rejected(refused(Why::TicketWithdrawn));
}

#[test]
fn what_has_started_is_refused() {
    given::<Ticket>([created()]).when(reserve_at_the_start()).then_rejected(refused(Why::TicketPast));
}

#[test]
fn sellers_do_not_buy_from_themselves() {
    given::<Ticket>([created()]).when(reserve_for(ORDER, SELLER)).then_rejected(refused(Why::OwnTicket));
}

#[test]
fn of_several_reasons_the_first_that_time_cannot_mend_is_said() {
    let held = [created(), reserved()];
    given::<Ticket>(held.clone()).when(reserve_at_the_start()).then_rejected(refused(Why::TicketPast));
    given::<Ticket>(held).when(reserve_for(OTHER_ORDER, SELLER)).then_rejected(refused(Why::OwnTicket));
    let sold = [created(), reserved(), sold()];
    given::<Ticket>(sold).when(reserve_at_the_start()).then_rejected(refused(Why::TicketSold));
}

#[test]
fn a_release_ends_the_hold_of_its_order() {
    let state = given::<Ticket>([created(), reserved()]).when(release(ORDER)).then([released()]);
    assert!(matches!(state, Ticket::Available(_)));
}

#[test]
fn a_release_by_an_order_that_does_not_hold_it_changes_nothing() {
    let pasts = [
        vec![],
        vec![created()],
        vec![created(), reserved()],
        vec![created(), reserved(), sold()],
        vec![created(), withdrawn()],
    ];
    for past in pasts {
        given::<Ticket>(past).when(release(OTHER_ORDER)).then_nothing();
    }
}

#[test]
fn a_release_does_not_take_a_sold_ticket_back() {
    given::<Ticket>([created(), reserved(), sold()]).when(release(ORDER)).then_nothing();
}

#[test]
fn a_completed_order_gets_the_ticket_it_holds_for_the_price_it_was_reserved_at() {
    let state = given::<Ticket>([created(), reserved()]).when(sell(ORDER)).then([sold()]);
    assert!(matches!(state, Ticket::Sold(bought) if bought.buyer_id == BUYER));
    given::<Ticket>([created(), reserved(), sold()]).when(sell(ORDER)).then_nothing();
}

#[test]
fn a_ticket_is_sold_to_nobody_who_does_not_hold_it() {
    let pasts = [
        vec![],
        vec![created()],
        vec![created(), reserved()],
        vec![created(), reserved(), sold()],
        vec![created(), withdrawn()],
    ];
    for past in pasts {
        given::<Ticket>(past).when(sell(OTHER_ORDER)).then_rejected(TicketRejection::NotHeld);
    }
}
