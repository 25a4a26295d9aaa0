//! How far an order is, as its buyer sees it: its own state, with what its payment says besides.

use axum::http::StatusCode;
use contracts::Timestamp;

use super::reason::{self, Words};
use crate::api::{Failure, Order, OrderStatus, Payment, PaymentStatus};

/// In seconds: a page that waits for others looks again so soon, and after a minute not as often.
const SOON: u64 = 3;
const LATER: u64 = 15;
const A_MINUTE: i64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The ticket has not answered.
    Asking,
    /// The ticket waits for the payment.
    Held,
    /// It was held until now; the order has not said yet that it is over.
    TimeUp,
    /// The payment is under way, or about to be taken.
    Paying,
    Bought,
    Over,
}

impl Phase {
    pub(super) fn of(order: &Order, payment: Option<&Payment>) -> Self {
        use PaymentStatus::{Authorized, Authorizing, Captured};
        let is_under_way =
            payment.is_some_and(|payment| matches!(payment.status, Authorizing | Authorized | Captured));
        match order.status {
            OrderStatus::Pending => Self::Asking,
            OrderStatus::AwaitingPayment if is_under_way => Self::Paying,
            OrderStatus::AwaitingPayment if order.seconds_left == 0 => Self::TimeUp,
            OrderStatus::AwaitingPayment => Self::Held,
            OrderStatus::Accepted => Self::Paying,
            OrderStatus::Complete => Self::Bought,
            OrderStatus::Cancelled => Self::Over,
        }
    }

    pub(super) fn words(self, order: &Order) -> Words {
        match self {
            Self::Asking => Words { title: "order-asking", lead: "order-asking-lead" },
            Self::Held => Words { title: "order-held", lead: "order-held-lead" },
            Self::TimeUp => Words { title: "order-time-up", lead: "order-time-up-lead" },
            Self::Paying => Words { title: "order-paying", lead: "order-paying-lead" },
            Self::Bought => Words { title: "order-bought", lead: "order-bought-lead" },
            Self::Over => reason::words(order.reason.as_deref().unwrap_or_default()),
        }
    }

    /// Whether it goes on by itself.
    pub(super) fn is_open(self) -> bool {
        !matches!(self, Self::Bought | Self::Over)
    }

    /// In how many seconds the page is to be asked for again by who hears nothing of it meanwhile.
    pub(super) fn refresh(self, order: &Order, now: Timestamp) -> Option<u64> {
        match self {
            Self::Asking | Self::TimeUp | Self::Paying => Some(patience(order, now)),
            Self::Held => Some(order.seconds_left + 1),
            Self::Bought | Self::Over => None,
        }
    }
}

/// Soon after something happened more may, as when time is up.
pub(super) fn patience(order: &Order, now: Timestamp) -> u64 {
    let last = if order.expires_at <= now { order.expires_at } else { order.created_at };
    let since = order.updated_at.max(last);
    if now.as_millis() - since.as_millis() < A_MINUTE { SOON } else { LATER }
}

/// What the end of an order means for its buyer's money. Where payments cannot say, something may have been set aside.
pub(super) fn money_words(payment: &Result<Payment, Failure>) -> &'static str {
    let is_untouched = match payment {
        Ok(payment) => payment.stripe_payment_intent.is_none(),
        Err(failure) => failure.status() == StatusCode::NOT_FOUND,
    };
    if is_untouched { "money-untouched" } else { "money-given-back" }
}

#[cfg(test)]
pub(super) mod tests;
