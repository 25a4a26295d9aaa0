//! The rules of refused reservations.

use contracts::TicketId;
use contracts::tickets::{ReservationEvent, ReservationRefusal, TicketReservationRejected};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use super::{Rejected, Reservation, ReservationCommand};

const TICKET: TicketId = TicketId(Uuid::from_u128(1));

fn reject(reason: ReservationRefusal) -> ReservationCommand {
    ReservationCommand::Reject { ticket_id: TICKET, reason }
}

fn rejected(reason: ReservationRefusal) -> ReservationEvent {
    TicketReservationRejected { ticket_id: TICKET, reason }.into()
}

#[test]
fn a_refusal_is_recorded_with_its_reason() {
    let reason = ReservationRefusal::TicketSold;
    let state = given::<Reservation>([]).when(reject(reason)).then([rejected(reason)]);
    assert_eq!(state, Reservation::Rejected(Rejected { ticket_id: TICKET, reason }));
}

#[test]
fn a_second_refusal_changes_nothing_whatever_its_reason() {
    let reason = ReservationRefusal::TicketReserved;
    for again in [reason, ReservationRefusal::TicketSold] {
        given::<Reservation>([rejected(reason)]).when(reject(again)).then_nothing();
    }
}

#[test]
fn what_was_refused_reads_as_it_was_written() {
    for state in [Reservation::None, Reservation::fold(&[rejected(ReservationRefusal::OwnTicket)])] {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Reservation>(&text).unwrap(), state);
    }
}
