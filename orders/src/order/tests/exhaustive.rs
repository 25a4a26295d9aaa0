//! Every command in every state.

use contracts::orders::OrderEvent;
use eventsourcing::Decider as _;

use super::{
    BUYER, CANCEL, EXPIRES_AT, IN_TIME, REFUSE, SELLER, TOO_LATE, accepted_order, awaiting_order,
    cancelled_order, complete_order, confirm, pending_order, placement,
};
use crate::order::{Order, OrderCommand};

#[test]
fn a_document_is_read_as_it_was_written_and_its_fields_are_flat() {
    for past in every_past() {
        let order = Order::fold(&past);
        let document = serde_json::to_value(&order).unwrap();
        assert_eq!(serde_json::from_value::<Order>(document.clone()).unwrap(), order, "{document}");
        if order != Order::None {
            assert_eq!(document["buyer_id"], serde_json::json!(BUYER), "{document}");
            assert_eq!(document["expires_at"], serde_json::json!(EXPIRES_AT), "{document}");
        }
    }
    assert_eq!(serde_json::to_value(Order::fold(&awaiting_order())).unwrap()["status"], "awaiting_payment");
}

/// Whatever follows on whatever: each answer is an answer, the same one each time, and what is over stays as it is.
#[test]
fn every_command_has_one_answer_in_every_state_that_can_be_reached() {
    let mut reached = every_past();
    let mut looked_at = 0;
    while looked_at < reached.len() {
        let past = reached[looked_at].clone();
        looked_at += 1;
        let order = Order::fold(&past);
        for command in every_command() {
            let answer = order.decide(&command);
            assert_eq!(answer, order.decide(&command), "{order:?} {command:?}");
            let Ok(events) = answer else { continue };
            let after = events.iter().fold(order.clone(), Order::evolve);
            if matches!(order, Order::Complete(_) | Order::Cancelled(_)) {
                assert_eq!(after, order, "{command:?}");
            }
            let is_new = !reached.iter().any(|past| Order::fold(past) == after);
            if is_new {
                reached.push(past.iter().cloned().chain(events).collect());
            }
        }
    }
    assert!(reached.len() > every_past().len(), "cancellations for other reasons are reached");
}

fn every_past() -> Vec<Vec<OrderEvent>> {
    vec![vec![], pending_order(), awaiting_order(), accepted_order(), complete_order(), cancelled_order()]
}

pub(super) fn every_command() -> Vec<OrderCommand> {
    let mut commands =
        vec![OrderCommand::Place(placement()), REFUSE, CANCEL, OrderCommand::Cancel { by: SELLER }];
    for now in [IN_TIME, EXPIRES_AT, TOO_LATE] {
        commands.extend([confirm(now), OrderCommand::Expire { now }, OrderCommand::AcceptPayment { now }]);
    }
    commands.extend([OrderCommand::Complete, OrderCommand::FailPayment]);
    commands.extend([OrderCommand::CancelForBan, OrderCommand::CancelForWithdrawal]);
    commands
}
