//! Every command in every state that commands can lead to.

use contracts::tickets::TicketEvent;
use contracts::{Currency, Money, Timestamp};
use eventsourcing::Decider as _;

use super::{
    BUYER, EXPIRES_AT, NOW, ORDER, OTHER_ORDER, SELLER, STARTS_AT, STRANGER, admit, create, release, reserve,
    reserve_for, sell,
};
use crate::ticket::{Doorkeeper, Ticket, TicketChanges, TicketCommand, Wish};

fn commands() -> Vec<TicketCommand> {
    let changes = [
        TicketChanges::default(),
        TicketChanges { price: Some(Money::new(9_900, Currency::Usd)), ..TicketChanges::default() },
        TicketChanges { seat: Some(None), ..TicketChanges::default() },
        TicketChanges { starts_at: Some(NOW), ..TicketChanges::default() },
    ];
    let mut commands =
        vec![create(), reserve(), reserve_for(OTHER_ORDER, STRANGER), reserve_for(ORDER, SELLER)];
    for now in [NOW, STARTS_AT] {
        let (order_id, buyer_id, expires_at) = (OTHER_ORDER, BUYER, EXPIRES_AT);
        commands.push(TicketCommand::Reserve(Wish { order_id, buyer_id, price: None, expires_at, now }));
    }
    for by in [SELLER, STRANGER] {
        commands.push(TicketCommand::Withdraw { by, seen: None });
        commands.extend(changes.iter().cloned().map(|changes| TicketCommand::Update {
            by,
            changes,
            seen: None,
            now: NOW,
        }));
    }
    commands.push(TicketCommand::WithdrawForBan);
    for order_id in [ORDER, OTHER_ORDER] {
        commands.extend([release(order_id), sell(order_id)]);
        let doorkeepers = [Doorkeeper::Seller(SELLER), Doorkeeper::Seller(STRANGER), Doorkeeper::Admin];
        commands.extend(doorkeepers.map(|by| admit(by, order_id)));
    }
    commands
}

/// Each state with one way to it.
fn reachable() -> Vec<(Ticket, Vec<TicketEvent>)> {
    let mut states = vec![(Ticket::default(), Vec::new())];
    let mut next = 0;
    while let Some((state, past)) = states.get(next).cloned() {
        for events in commands().iter().filter_map(|command| state.decide(command).ok()) {
            let past: Vec<_> = past.iter().cloned().chain(events).collect();
            let after = Ticket::fold(&past);
            if states.iter().all(|(known, _)| *known != after) {
                states.push((after, past));
            }
        }
        next += 1;
    }
    states
}

#[test]
fn every_command_has_one_answer_in_every_state_and_is_silent_the_second_time() {
    let states = reachable();
    assert!(states.len() > 10, "only {} states were reached", states.len());
    for (state, _) in &states {
        for command in commands() {
            let answer = state.decide(&command);
            assert_eq!(state.decide(&command), answer, "{command:?}");
            let Ok(events) = answer else { continue };
            let after = events.iter().fold(state.clone(), Ticket::evolve);
            assert_eq!(after.decide(&command), Ok(vec![]), "{command:?} in {state:?}");
        }
    }
}

#[test]
fn a_sold_or_withdrawn_ticket_stays_so() {
    for (state, _) in reachable() {
        let ended = matches!(state, Ticket::Sold(_) | Ticket::Withdrawn(_));
        let said = commands().into_iter().flat_map(|command| state.decide(&command).unwrap_or_default());
        let goes_on = said.into_iter().any(|event| !matches!(event, TicketEvent::TicketAdmitted(_)));
        assert_eq!(ended, !goes_on, "{state:?}");
    }
}

#[test]
fn no_way_sells_a_ticket_twice_or_to_another_than_its_holder() {
    for (_, past) in reachable() {
        let mut holder = None;
        let (mut sales, mut admissions) = (0, 0);
        for event in &past {
            match event {
                TicketEvent::TicketReserved(reserved) => {
                    assert_eq!(holder.replace(reserved.order_id), None, "held twice in {past:?}");
                }
                TicketEvent::TicketWithdrawalRequested(asked) => assert_eq!(holder, Some(asked.order_id)),
                TicketEvent::TicketReleased(released) => assert_eq!(holder.take(), Some(released.order_id)),
                TicketEvent::TicketSold(sold) => {
                    assert_eq!(holder, Some(sold.order_id));
                    sales += 1;
                }
                TicketEvent::TicketAdmitted(admitted) => {
                    assert_eq!((holder, sales), (Some(admitted.order_id), 1), "admitted unsold in {past:?}");
                    admissions += 1;
                }
                TicketEvent::TicketCreated(_)
                | TicketEvent::TicketUpdated(_)
                | TicketEvent::TicketWithdrawn(_) => {
                    assert_eq!(holder, None, "changed while held in {past:?}");
                }
            }
        }
        assert!(sales <= 1 && admissions <= 1, "{past:?}");
    }
}

#[test]
fn every_state_reads_as_it_was_written() {
    for (state, _) in reachable() {
        let value = serde_json::to_value(&state).unwrap();
        let keyed = value.get("seat_key").is_some();
        assert!(!keyed || matches!(state, Ticket::Available(_) | Ticket::Reserved(_)), "{value}");
        assert_eq!(serde_json::from_value::<Ticket>(value).unwrap(), state);
    }
}

#[test]
fn events_that_do_not_fit_the_state_are_passed_over() {
    let strange = Timestamp::default();
    let events: Vec<TicketEvent> = vec![
        super::withdrawal_requested(),
        super::released(),
        super::sold(),
        super::admitted(),
        super::withdrawn(),
        super::reserved(),
        contracts::tickets::TicketUpdated {
            details: contracts::tickets::TicketDetails { starts_at: strange, ..super::details() },
        }
        .into(),
    ];
    assert_eq!(Ticket::fold(&events), Ticket::Unlisted);
}
