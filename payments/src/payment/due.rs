//! Which call to the card processor is due. The state alone says it, so a crash forgets none; and each call has its
//! key, so that it has one effect however often it is made.

use contracts::{Money, OrderId};

use super::{Open, Payment};

/// A call to the card processor that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Tell it of the payment. Without an attempt it is only to be voided.
    CreateIntent { amount: Money, attempt: Option<u32> },
    /// Set the money aside on the card of this attempt.
    Confirm { payment_intent: String, attempt: u32 },
    /// Take what is set aside.
    Capture { payment_intent: String },
    /// Give back what is set aside, and never set aside anything again.
    Void { payment_intent: String },
}

/// The statuses in which a call is due, as they stand in the documents.
pub(crate) const DUE: &[&str] = &["preparing", "authorizing", "capturing", "voiding"];

impl Payment {
    /// The call that is due.
    pub fn due(&self) -> Option<Call> {
        match self {
            Self::Preparing(open) => Some(open.create_intent()),
            Self::Authorizing(open) => Some(match &open.payment_intent {
                None => open.create_intent(),
                Some(payment_intent) => {
                    Call::Confirm { payment_intent: payment_intent.clone(), attempt: open.attempts }
                }
            }),
            Self::Capturing(held) => Some(Call::Capture { payment_intent: held.payment_intent.clone() }),
            Self::Voiding(returning) => Some(match &returning.payment_intent {
                // What may have come into being unseen is found again under its key, and then cancelled.
                None => Call::CreateIntent { amount: returning.terms.amount, attempt: None },
                Some(payment_intent) => Call::Void { payment_intent: payment_intent.clone() },
            }),
            Self::None
            | Self::Payable(_)
            | Self::RequiresAction(_)
            | Self::Authorized(_)
            | Self::Captured(_)
            | Self::Failed(_)
            | Self::Voided(_) => None,
        }
    }

    /// The processor's id of a payment that may change without a call of ours: the buyer is at the bank, or has the
    /// processor's own form.
    pub fn waits_for_the_buyer(&self) -> Option<&str> {
        match self {
            Self::Payable(open) | Self::RequiresAction(open) => open.payment_intent.as_deref(),
            Self::None
            | Self::Preparing(_)
            | Self::Authorizing(_)
            | Self::Authorized(_)
            | Self::Capturing(_)
            | Self::Captured(_)
            | Self::Failed(_)
            | Self::Voiding(_)
            | Self::Voided(_) => None,
        }
    }
}

impl Open {
    fn create_intent(&self) -> Call {
        Call::CreateIntent { amount: self.terms.amount, attempt: Some(self.attempts) }
    }
}

impl Call {
    /// The key under which every try of this call is made.
    pub fn key(&self, order_id: OrderId) -> String {
        match self {
            Self::CreateIntent { .. } => format!("stagedoor-{order_id}-create"),
            Self::Confirm { attempt, .. } => format!("stagedoor-{order_id}-confirm-{attempt}"),
            Self::Capture { .. } => format!("stagedoor-{order_id}-capture"),
            Self::Void { .. } => format!("stagedoor-{order_id}-void"),
        }
    }

    /// For logs and figures.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateIntent { .. } => "create",
            Self::Confirm { .. } => "confirm",
            Self::Capture { .. } => "capture",
            Self::Void { .. } => "void",
        }
    }
}
