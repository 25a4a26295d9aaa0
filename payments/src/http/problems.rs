//! The kinds of problem that only payments has, and which rejection is told as which.

use axum::http::StatusCode;
use eventsourcing::ExecutionError;
use service::problem::{INTERNAL, NOT_FOUND, Problem, ProblemType, UNAVAILABLE};

use crate::payment::PaymentRejection;

pub const ORDER_NOT_PAYABLE: ProblemType =
    ProblemType::new("order-not-payable", StatusCode::CONFLICT, "The order cannot be paid");
pub const CARD_DECLINED: ProblemType =
    ProblemType::new("card-declined", StatusCode::PAYMENT_REQUIRED, "The card was declined");
pub const PAYMENTS_UNAVAILABLE: ProblemType = ProblemType::new(
    "payments-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "Payments are not available at the moment",
);

/// All kinds that are payments' own.
pub const ALL: &[ProblemType] = &[ORDER_NOT_PAYABLE, CARD_DECLINED, PAYMENTS_UNAVAILABLE];

pub(super) fn problem(error: ExecutionError<PaymentRejection>) -> Problem {
    match error {
        ExecutionError::Rejected(rejection) => rejected(rejection),
        ExecutionError::Unavailable(why) => {
            tracing::warn!("the command may have come to nothing: {why}");
            Problem::new(UNAVAILABLE).retry_after(1)
        }
        ExecutionError::Broken(why) => {
            tracing::error!("the command cannot be carried out: {why}");
            Problem::new(INTERNAL)
        }
        ExecutionError::Taken(index) => {
            tracing::error!("payments has no unique index, and {index} refused");
            Problem::new(INTERNAL)
        }
    }
}

fn rejected(rejection: PaymentRejection) -> Problem {
    match rejection {
        PaymentRejection::NotOpen => Problem::new(NOT_FOUND),
        PaymentRejection::Expired => Problem::new(ORDER_NOT_PAYABLE).detail("The time to pay is over."),
        PaymentRejection::NotPayable => {
            Problem::new(ORDER_NOT_PAYABLE).detail("The order is paid already, or is over.")
        }
        // What buyers ask is never rejected so: these answer orders and the card processor.
        PaymentRejection::NotAuthorized
        | PaymentRejection::CaptureNotRequested
        | PaymentRejection::CaptureRequested
        | PaymentRejection::OtherIntent
        | PaymentRejection::OtherAmount { .. } => Problem::new(INTERNAL),
    }
}
