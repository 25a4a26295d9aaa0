//! An order that ends because of who buys or of who sells.

use contracts::orders::CancellationReason;
use testing::given;

use super::{
    IN_TIME, accepted_order, awaiting_order, cancelled, cancelled_order, complete_order, confirm, created,
    pending_order,
};
use crate::order::{Order, OrderCommand};

const WAYS: [(OrderCommand, CancellationReason); 2] = [
    (OrderCommand::CancelForBan, CancellationReason::Banned),
    (OrderCommand::CancelForWithdrawal, CancellationReason::TicketWithdrawn),
];

#[test]
fn an_order_that_is_not_paid_ends_when_its_buyer_is_banned_or_its_ticket_withdrawn() {
    for (command, reason) in WAYS {
        for past in [pending_order(), awaiting_order()] {
            let order = given::<Order>(past).when(command.clone()).then([cancelled(reason)]);
            assert!(matches!(order, Order::Cancelled(order) if order.reason == reason));
        }
    }
}

#[test]
fn an_order_whose_payment_was_accepted_goes_on() {
    for (command, _) in WAYS {
        for past in [accepted_order(), complete_order()] {
            given::<Order>(past).when(command.clone()).then_nothing();
        }
    }
}

#[test]
fn an_order_that_ended_before_keeps_its_reason() {
    for (command, _) in WAYS {
        given::<Order>(cancelled_order()).when(command).then_nothing();
    }
}

#[test]
fn a_ticket_that_is_reserved_only_then_is_let_go_again() {
    for (_, reason) in WAYS {
        given::<Order>([created(), cancelled(reason)]).when(confirm(IN_TIME)).then([cancelled(reason)]);
    }
}

#[test]
fn a_payment_that_comes_only_then_is_given_back() {
    for (_, reason) in WAYS {
        let past = awaiting_order().into_iter().chain([cancelled(reason)]);
        given::<Order>(past).when(OrderCommand::AcceptPayment { now: IN_TIME }).then([cancelled(reason)]);
    }
}
