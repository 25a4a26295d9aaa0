//! What a seller may do.

use contracts::tickets::{TicketDetails, TicketEvent, TicketUpdated};
use contracts::{Currency, Money, Timestamp, UserId};
use eventsourcing::Decider as _;
use testing::given;

use super::{
    NOW, SELLER, STARTS_AT, STRANGER, create, created, details, released, reserved, sold, withdrawn,
};
use crate::ticket::{Ticket, TicketChanges, TicketCommand, TicketRejection as No};

fn update_by(by: UserId, changes: TicketChanges) -> TicketCommand {
    TicketCommand::Update { by, changes, seen: None, now: NOW }
}

fn cheaper() -> TicketChanges {
    TicketChanges { price: Some(Money::new(9_900, Currency::Usd)), ..TicketChanges::default() }
}

fn withdraw_by(by: UserId) -> TicketCommand {
    TicketCommand::Withdraw { by, seen: None }
}

fn seat_key(details: TicketDetails) -> Option<String> {
    let created = contracts::tickets::TicketCreated { seller_id: SELLER, details };
    match Ticket::fold(&[created.into()]) {
        Ticket::Available(offer) => offer.seat_key,
        _ => None,
    }
}

#[test]
fn a_listed_ticket_is_available() {
    let state = given::<Ticket>([]).when(create()).then([created()]);
    assert!(matches!(state, Ticket::Available(offer) if offer.listing.seller_id == SELLER));
}

#[test]
fn what_starts_in_the_past_or_now_is_not_listed() {
    for now in [STARTS_AT, STARTS_AT + std::time::Duration::from_secs(1)] {
        let create = TicketCommand::Create { seller: SELLER, details: details(), now };
        given::<Ticket>([]).when(create).then_rejected(No::StartsInThePast);
    }
}

#[test]
fn a_ticket_is_listed_once() {
    let pasts = [vec![], vec![reserved()], vec![reserved(), sold()], vec![withdrawn()]];
    for past in pasts {
        given::<Ticket>([created()].into_iter().chain(past)).when(create()).then_nothing();
    }
}

#[test]
fn the_seller_changes_the_listing() {
    let price = Money::new(9_900, Currency::Usd);
    let updated = TicketUpdated { details: TicketDetails { price, ..details() } };
    let state = given::<Ticket>([created()]).when(update_by(SELLER, cheaper())).then([updated.into()]);
    assert_eq!(state.listing().map(|listing| listing.details.price), Some(price));
}

#[test]
fn a_place_is_taken_away_when_it_is_said_so_and_stays_when_it_is_not() {
    let changes = TicketChanges { row: Some(None), ..TicketChanges::default() };
    let after = TicketDetails { row: None, ..details() };
    given::<Ticket>([created()])
        .when(update_by(SELLER, changes))
        .then([TicketUpdated { details: after }.into()]);
}

#[test]
fn a_change_to_what_is_so_already_is_none() {
    let same = TicketChanges {
        title: Some(details().title),
        seat: Some(details().seat),
        ..TicketChanges::default()
    };
    for changes in [TicketChanges::default(), same] {
        given::<Ticket>([created()]).when(update_by(SELLER, changes)).then_nothing();
    }
}

#[test]
fn a_listing_is_not_moved_into_the_past() {
    let starts_at = Some(NOW);
    let changes = TicketChanges { starts_at, ..TicketChanges::default() };
    given::<Ticket>([created()]).when(update_by(SELLER, changes)).then_rejected(No::StartsInThePast);
}

#[test]
fn a_listing_whose_start_is_past_changes_only_to_a_later_start() {
    let now = STARTS_AT;
    let update = |changes| TicketCommand::Update { by: SELLER, changes, seen: None, now };
    given::<Ticket>([created()]).when(update(cheaper())).then_rejected(No::StartsInThePast);
    let later = Timestamp::from_millis(STARTS_AT.as_millis() + 1);
    let postponed = TicketUpdated { details: TicketDetails { starts_at: later, ..details() } };
    given::<Ticket>([created()])
        .when(update(TicketChanges { starts_at: Some(later), ..TicketChanges::default() }))
        .then([postponed.into()]);
}

#[test]
fn nobody_but_the_seller_changes_or_withdraws_a_ticket_whatever_became_of_it() {
    let pasts = [vec![], vec![reserved()], vec![reserved(), sold()], vec![withdrawn()]];
    for past in pasts {
        let past: Vec<TicketEvent> = [created()].into_iter().chain(past).collect();
        given::<Ticket>(past.clone()).when(update_by(STRANGER, cheaper())).then_rejected(No::NotYours);
        given::<Ticket>(past).when(withdraw_by(STRANGER)).then_rejected(No::NotYours);
    }
}

#[test]
fn what_is_not_listed_is_neither_changed_nor_withdrawn() {
    given::<Ticket>([]).when(update_by(SELLER, cheaper())).then_rejected(No::NotListed);
    given::<Ticket>([]).when(withdraw_by(SELLER)).then_rejected(No::NotListed);
}

#[test]
fn a_reserved_ticket_is_neither_changed_nor_withdrawn() {
    let past = [created(), reserved()];
    given::<Ticket>(past.clone()).when(update_by(SELLER, cheaper())).then_rejected(No::Reserved);
    given::<Ticket>(past).when(withdraw_by(SELLER)).then_rejected(No::Reserved);
}

#[test]
fn a_released_ticket_is_its_sellers_to_change_again() {
    given::<Ticket>([created(), reserved(), released()]).when(withdraw_by(SELLER)).then([withdrawn()]);
}

#[test]
fn a_sold_ticket_is_neither_changed_nor_withdrawn() {
    let past = [created(), reserved(), sold()];
    given::<Ticket>(past.clone()).when(update_by(SELLER, cheaper())).then_rejected(No::Sold);
    given::<Ticket>(past).when(withdraw_by(SELLER)).then_rejected(No::Sold);
}

#[test]
fn a_withdrawn_ticket_stays_withdrawn_and_is_not_changed() {
    let past = [created(), withdrawn()];
    given::<Ticket>(past.clone()).when(update_by(SELLER, cheaper())).then_rejected(No::Withdrawn);
    given::<Ticket>(past).when(withdraw_by(SELLER)).then_nothing();
}

#[test]
fn a_ticket_is_not_changed_or_withdrawn_when_it_is_not_as_it_was_seen() {
    let seen_before = Some(Box::new(Ticket::fold(&[created()])));
    let updated: TicketEvent = TicketUpdated { details: TicketDetails { row: None, ..details() } }.into();
    let update =
        TicketCommand::Update { by: SELLER, changes: cheaper(), seen: seen_before.clone(), now: NOW };
    let withdraw = TicketCommand::Withdraw { by: SELLER, seen: seen_before };
    for command in [update.clone(), withdraw.clone()] {
        given::<Ticket>([created(), updated.clone()]).when(command).then_rejected(No::Stale);
    }
    let price = Money::new(9_900, Currency::Usd);
    let cheaper = TicketUpdated { details: TicketDetails { price, ..details() } };
    given::<Ticket>([created()]).when(update).then([cheaper.into()]);
    given::<Ticket>([created()]).when(withdraw).then([withdrawn()]);
}

#[test]
fn a_seat_has_one_key_however_it_is_written() {
    let key = seat_key(details());
    assert!(key.is_some());
    let otherwise = TicketDetails {
        title: "Another title".to_owned(),
        venue: "  harbour   HALL ".to_owned(),
        city: "LISBON".to_owned(),
        section: Some("stalls".to_owned()),
        price: Money::new(5_000, Currency::Eur),
        ..details()
    };
    assert_eq!(seat_key(otherwise), key);
}

#[test]
fn another_place_or_time_has_another_key_and_without_a_seat_there_is_none() {
    let key = seat_key(details());
    let others = [
        TicketDetails { venue: "Harbour".to_owned(), ..details() },
        TicketDetails { city: "Porto".to_owned(), ..details() },
        TicketDetails { starts_at: Timestamp::from_millis(1_820_000_000_000), ..details() },
        TicketDetails { section: None, ..details() },
        TicketDetails { row: Some("G".to_owned()), ..details() },
        TicketDetails { seat: Some("13".to_owned()), ..details() },
        TicketDetails { row: Some("12".to_owned()), seat: Some("F".to_owned()), ..details() },
    ];
    for other in others {
        assert_ne!(seat_key(other.clone()), key, "{other:?}");
    }
    assert_eq!(seat_key(TicketDetails { seat: None, ..details() }), None);
}

#[test]
fn the_key_follows_a_change_of_the_seat() {
    let moved = TicketDetails { seat: Some("13".to_owned()), ..details() };
    let state = Ticket::fold(&[created(), TicketUpdated { details: moved.clone() }.into()]);
    assert!(matches!(state, Ticket::Available(offer) if offer.seat_key == seat_key(moved)));
}
