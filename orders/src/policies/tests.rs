//! What follows from each event there is.

use contracts::catalogue::catalogue;
use contracts::users::{UserBanned, UserUnbanned};
use eventsourcing::{Actor, Cause};

use super::*;

const SAID_BY: Uuid = Uuid::from_u128(1);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn heard(event: Event) -> Heard {
    let cause = Cause {
        causation_id: Uuid::from_u128(2),
        correlation_id: Uuid::from_u128(3),
        actor: Actor::Service("test".to_owned()),
        traceparent: None,
    };
    Heard { event_id: Uuid::from_u128(4), aggregate_id: SAID_BY, version: 1, event, at: NOW, cause }
}

#[test]
fn something_follows_from_just_the_events_that_are_heard() {
    let mut followed: Vec<_> = catalogue()
        .into_iter()
        .filter(|entry| whenever(&heard(entry.example.clone()), NOW).is_some())
        .map(|entry| (entry.category, entry.example.event_type()))
        .collect();
    let mut hears = HEARS.to_vec();
    followed.sort_unstable();
    hears.sort_unstable();
    assert_eq!(followed, hears);
}

#[test]
fn the_order_is_named_by_the_ticket_and_goes_by_the_same_id_elsewhere() {
    for entry in catalogue() {
        let heard = heard(entry.example);
        let Some(Then::Order { order, .. }) = whenever(&heard, NOW) else { continue };
        match &heard.event {
            Event::Ticket(TicketEvent::TicketReserved(reserved)) => assert_eq!(order, reserved.order_id),
            Event::Ticket(TicketEvent::TicketWithdrawalRequested(asked)) => assert_eq!(order, asked.order_id),
            _ => assert_eq!(order, OrderId(SAID_BY)),
        }
    }
}

#[test]
fn a_ban_and_its_end_are_noted_of_the_user_with_the_version_that_says_so() {
    let banned_at = NOW - Duration::from_millis(120);
    let ban = Heard { version: 7, ..heard(Event::User(UserBanned { banned_at }.into())) };
    let command = BuyerCommand::NoteBan { user_version: 7, banned_at, now: NOW };
    assert_eq!(whenever(&ban, NOW), Some(Then::Buyer { buyer: UserId(SAID_BY), command }));

    let unban = Heard { version: 8, ..heard(Event::User(UserUnbanned {}.into())) };
    let command = BuyerCommand::NoteUnban { user_version: 8 };
    assert_eq!(whenever(&unban, NOW), Some(Then::Buyer { buyer: UserId(SAID_BY), command }));
}

#[test]
fn an_expiry_that_came_early_is_heard_again_when_it_is_due() {
    let expires_at = NOW + Duration::from_millis(1_200);
    let early = fault(OrderId(SAID_BY), OrderRejection::NotDue { expires_at }, NOW);
    assert_eq!(early, Fault::NotYet(Duration::from_millis(1_200)));
}

#[test]
fn what_cannot_be_becomes_a_dead_letter() {
    for rejection in [
        OrderRejection::NotPlaced,
        OrderRejection::TicketReserved,
        OrderRejection::PaymentNotAccepted,
        OrderRejection::PaymentCaptured,
    ] {
        assert!(matches!(fault(OrderId(SAID_BY), rejection, NOW), Fault::Poison(_)), "{rejection:?}");
    }
}
