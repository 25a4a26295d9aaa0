//! What a caller is told when a ticket says no, or cannot be asked.

use axum::http::StatusCode;
use eventsourcing::{ExecutionError, StoreError};
use service::problem::{
    FORBIDDEN, INTERNAL, NOT_FOUND, Problem, ProblemType, STALE, UNAVAILABLE, VALIDATION,
};

use super::requests::IN_THE_PAST;
use crate::ticket::TicketRejection;

const TICKET_RESERVED: ProblemType =
    ProblemType::new("ticket-reserved", StatusCode::CONFLICT, "The ticket is reserved");
const TICKET_SOLD: ProblemType = ProblemType::new("ticket-sold", StatusCode::CONFLICT, "The ticket is sold");
const TICKET_WITHDRAWN: ProblemType =
    ProblemType::new("ticket-withdrawn", StatusCode::CONFLICT, "The ticket is withdrawn");
const SEAT_LISTED: ProblemType =
    ProblemType::new("seat-listed", StatusCode::CONFLICT, "This seat is on offer already");

/// The kinds of problem that only tickets has.
pub const PROBLEMS: &[ProblemType] = &[TICKET_RESERVED, TICKET_SOLD, TICKET_WITHDRAWN, SEAT_LISTED];

/// Why who is not the seller may not.
pub(super) const ONLY_ITS_SELLER: &str = "Only its seller may do this to a ticket.";

/// The problem of a command that came to nothing.
pub(super) fn of_command(error: ExecutionError<TicketRejection>) -> Problem {
    match error {
        ExecutionError::Rejected(rejection) => of_rejection(&rejection),
        ExecutionError::Taken(_) => SEAT_LISTED.into(),
        ExecutionError::Unavailable(why) => unavailable(&why),
        ExecutionError::Broken(why) => {
            tracing::error!(why, "a command cannot be carried out");
            INTERNAL.into()
        }
    }
}

/// The problem of a question that was not answered.
pub(super) fn of_store(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable(why) => unavailable(&why),
        StoreError::Malformed(..) => {
            tracing::error!(%error, "a document cannot be read");
            INTERNAL.into()
        }
    }
}

fn of_rejection(rejection: &TicketRejection) -> Problem {
    match rejection {
        TicketRejection::NotListed | TicketRejection::NotBought => NOT_FOUND.into(),
        TicketRejection::NotYours => Problem::new(FORBIDDEN).detail(ONLY_ITS_SELLER),
        TicketRejection::Reserved => TICKET_RESERVED.into(),
        TicketRejection::Sold => TICKET_SOLD.into(),
        TicketRejection::Withdrawn => TICKET_WITHDRAWN.into(),
        TicketRejection::StartsInThePast => Problem::new(VALIDATION).error("/starts_at", IN_THE_PAST),
        TicketRejection::Stale => Problem::new(STALE).detail("It has changed just now."),
        // Answers to commands that only the policies give.
        TicketRejection::Refused(_) | TicketRejection::NotHeld => {
            tracing::error!(?rejection, "a caller's command was answered like an order's");
            INTERNAL.into()
        }
    }
}

fn unavailable(why: &str) -> Problem {
    tracing::warn!(why, "the store is unavailable");
    Problem::new(UNAVAILABLE).retry_after(1)
}
