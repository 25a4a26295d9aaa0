//! What becomes of a ticket whose seller is banned.

use testing::given;

use super::{
    BUYER, ORDER, OTHER_ORDER, SELLER, STRANGER, created, release, released, reserve, reserve_for, reserved,
    sell, sold, withdrawal_requested, withdrawn,
};
use crate::ticket::TicketCommand::WithdrawForBan;
use crate::ticket::{Ticket, TicketCommand, TicketRejection as No};

#[test]
fn an_available_ticket_is_withdrawn() {
    let state = given::<Ticket>([created()]).when(WithdrawForBan).then([withdrawn()]);
    assert!(matches!(state, Ticket::Withdrawn(_)));
}

#[test]
fn a_reserved_ticket_stays_reserved_and_asks_its_order_to_let_go_once() {
    let held = [created(), reserved()];
    let state = given::<Ticket>(held).when(WithdrawForBan).then([withdrawal_requested()]);
    assert!(matches!(state, Ticket::Reserved(held) if held.order_id == ORDER && held.withdrawal_requested));
    given::<Ticket>([created(), reserved(), withdrawal_requested()]).when(WithdrawForBan).then_nothing();
}

#[test]
fn it_is_withdrawn_with_the_release_and_not_before() {
    let asked = [created(), reserved(), withdrawal_requested()];
    let state = given::<Ticket>(asked.clone()).when(release(ORDER)).then([released(), withdrawn()]);
    assert!(matches!(state, Ticket::Withdrawn(_)));
    given::<Ticket>(asked).when(release(OTHER_ORDER)).then_nothing();
}

#[test]
fn whoever_completes_the_order_gets_it_all_the_same() {
    let asked = [created(), reserved(), withdrawal_requested()];
    let state = given::<Ticket>(asked.clone()).when(sell(ORDER)).then([sold()]);
    assert!(matches!(state, Ticket::Sold(bought) if bought.buyer_id == BUYER));
    given::<Ticket>(asked).when(sell(OTHER_ORDER)).then_rejected(No::NotHeld);
}

#[test]
fn nobody_else_gets_it_meanwhile() {
    use contracts::tickets::ReservationRefusal as Why;
    let asked = [created(), reserved(), withdrawal_requested()];
    let reserve_too = || reserve_for(OTHER_ORDER, STRANGER);
    given::<Ticket>(asked.clone()).when(reserve()).then_nothing();
    given::<Ticket>(asked.clone()).when(reserve_too()).then_rejected(No::Refused(Why::TicketReserved));
    let gone = asked.into_iter().chain([released(), withdrawn()]);
    given::<Ticket>(gone).when(reserve_too()).then_rejected(No::Refused(Why::TicketWithdrawn));
}

#[test]
fn its_seller_neither_changes_nor_withdraws_it_while_it_is_held() {
    let asked = [created(), reserved(), withdrawal_requested()];
    let withdraw = TicketCommand::Withdraw { by: SELLER, seen: None };
    given::<Ticket>(asked).when(withdraw).then_rejected(No::Reserved);
}

#[test]
fn the_next_hold_is_asked_anew() {
    let past = [created(), reserved(), released(), reserved()];
    given::<Ticket>(past).when(WithdrawForBan).then([withdrawal_requested()]);
}

#[test]
fn what_is_sold_or_withdrawn_stays_so() {
    for past in [vec![created(), reserved(), sold()], vec![created(), withdrawn()]] {
        given::<Ticket>(past).when(WithdrawForBan).then_nothing();
    }
}

#[test]
fn what_is_not_listed_is_not_withdrawn() {
    given::<Ticket>([]).when(WithdrawForBan).then_rejected(No::NotListed);
}

#[test]
fn a_document_from_before_there_were_bans_is_read() {
    use eventsourcing::Decider as _;
    let held = Ticket::fold(&[created(), reserved()]);
    let document = serde_json::to_value(&held).unwrap();
    assert_eq!(document.get("withdrawal_requested"), None);
    assert_eq!(serde_json::from_value::<Ticket>(document).unwrap(), held);
}
