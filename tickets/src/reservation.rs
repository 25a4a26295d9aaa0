//! Remembers that an order does not get its ticket, under the order's id: a ticket that refuses did not change.

use contracts::TicketId;
use contracts::tickets::{ReservationEvent, ReservationRefusal, TicketReservationRejected};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

/// What became of an order's wish for a ticket, where it was refused. Once refused it stays so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Reservation {
    #[default]
    None,
    Rejected(Rejected),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    pub ticket_id: TicketId,
    pub reason: ReservationRefusal,
}

#[derive(Clone, Debug)]
pub enum ReservationCommand {
    Reject { ticket_id: TicketId, reason: ReservationRefusal },
}

/// A refusal cannot be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationRejection {}

impl Decider for Reservation {
    type Command = ReservationCommand;
    type Event = ReservationEvent;
    type Rejection = ReservationRejection;
    type Private = ();

    fn decide(&self, command: &ReservationCommand) -> Result<Vec<ReservationEvent>, ReservationRejection> {
        match (self, command) {
            (Self::None, ReservationCommand::Reject { ticket_id, reason }) => {
                Ok(vec![TicketReservationRejected { ticket_id: *ticket_id, reason: *reason }.into()])
            }
            (Self::Rejected(_), ReservationCommand::Reject { .. }) => Ok(vec![]),
        }
    }

    fn evolve(self, event: &ReservationEvent) -> Self {
        match (self, event) {
            (Self::None, ReservationEvent::TicketReservationRejected(rejected)) => {
                Self::Rejected(Rejected { ticket_id: rejected.ticket_id, reason: rejected.reason })
            }
            (Self::Rejected(rejected), ReservationEvent::TicketReservationRejected(_)) => {
                Self::Rejected(rejected)
            }
        }
    }
}

#[cfg(test)]
mod tests;
