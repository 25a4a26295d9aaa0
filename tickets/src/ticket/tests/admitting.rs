//! At the door: once, by who may, with what was bought.

use testing::given;

use super::{
    BUYER, NOW, ORDER, OTHER_ORDER, SELLER, STRANGER, admit, admitted, created, released, reserved, sold,
    withdrawn,
};
use crate::ticket::Doorkeeper::{Admin, Seller};
use crate::ticket::{Ticket, TicketCommand, TicketRejection as No};

#[test]
fn whoever_brings_a_bought_ticket_is_let_in_by_its_seller_or_an_admin() {
    for by in [Seller(SELLER), Admin] {
        given::<Ticket>([created(), reserved(), sold()]).when(admit(by, ORDER)).then([admitted()]);
    }
}

#[test]
fn nobody_is_let_in_twice() {
    let later =
        TicketCommand::Admit { by: Admin, order_id: ORDER, now: NOW + std::time::Duration::from_secs(1) };
    given::<Ticket>([created(), reserved(), sold(), admitted()]).when(later).then([]);
}

#[test]
fn nobody_else_lets_people_in() {
    for by in [Seller(STRANGER), Seller(BUYER)] {
        given::<Ticket>([created(), reserved(), sold()]).when(admit(by, ORDER)).then_rejected(No::NotYours);
        given::<Ticket>([created()]).when(admit(by, ORDER)).then_rejected(No::NotYours);
    }
}

#[test]
fn nobody_is_let_in_with_what_was_not_bought() {
    given::<Ticket>([]).when(admit(Admin, ORDER)).then_rejected(No::NotListed);
    for past in [
        vec![created()],
        vec![created(), reserved()],
        vec![created(), reserved(), released()],
        vec![created(), withdrawn()],
    ] {
        given::<Ticket>(past).when(admit(Admin, ORDER)).then_rejected(No::NotBought);
    }
    given::<Ticket>([created(), reserved(), sold()])
        .when(admit(Admin, OTHER_ORDER))
        .then_rejected(No::NotBought);
}
