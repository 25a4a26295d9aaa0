//! The kinds of problem that only orders has.

use axum::http::StatusCode;
use contracts::orders::CancellationReason;
use service::problem::{Problem, ProblemType};

pub const NO_SUCH_TICKET: ProblemType =
    ProblemType::new("no-such-ticket", StatusCode::NOT_FOUND, "There is no such ticket");
pub const OWN_TICKET: ProblemType =
    ProblemType::new("own-ticket", StatusCode::UNPROCESSABLE_ENTITY, "The ticket is your own");
pub const TICKET_RESERVED: ProblemType =
    ProblemType::new("ticket-reserved", StatusCode::CONFLICT, "Somebody holds the ticket");
pub const TICKET_SOLD: ProblemType =
    ProblemType::new("ticket-sold", StatusCode::CONFLICT, "The ticket is sold");
pub const TICKET_WITHDRAWN: ProblemType =
    ProblemType::new("ticket-withdrawn", StatusCode::CONFLICT, "The ticket is no longer on offer");
pub const TICKET_PAST: ProblemType =
    ProblemType::new("ticket-past", StatusCode::CONFLICT, "What the ticket is for has begun");
pub const TOO_MANY_ORDERS: ProblemType =
    ProblemType::new("too-many-orders", StatusCode::CONFLICT, "You have too many open orders");
pub const PAYMENT_ACCEPTED: ProblemType =
    ProblemType::new("payment-accepted", StatusCode::CONFLICT, "The payment was accepted");

/// All of them.
pub const ALL: &[ProblemType] = &[
    NO_SUCH_TICKET,
    OWN_TICKET,
    TICKET_RESERVED,
    TICKET_SOLD,
    TICKET_WITHDRAWN,
    TICKET_PAST,
    TOO_MANY_ORDERS,
    PAYMENT_ACCEPTED,
];

/// What a caller who waited for the ticket's answer is told when it was no. At another price than the buyer saw there
/// is an order to show, and so there is when the order ended for another reason.
pub(super) fn of_reservation(reason: CancellationReason) -> Option<Problem> {
    let problem_type = match reason {
        CancellationReason::TicketNotFound => NO_SUCH_TICKET,
        CancellationReason::OwnTicket => OWN_TICKET,
        CancellationReason::TicketReserved => TICKET_RESERVED,
        CancellationReason::TicketSold => TICKET_SOLD,
        CancellationReason::TicketWithdrawn => TICKET_WITHDRAWN,
        CancellationReason::TicketPast => TICKET_PAST,
        CancellationReason::PriceChanged
        | CancellationReason::Buyer
        | CancellationReason::Expired
        | CancellationReason::PaymentFailed
        | CancellationReason::Banned => return None,
    };
    Some(Problem::new(problem_type))
}
