//! DECIDES: the one payment of an order. Money is set aside, then captured when the order accepts, or given back; what
//! is voided is never authorised again, and what is captured is never voided.

mod decide;
mod due;
mod evolve;

use contracts::payments::PaymentEvent;
use contracts::{Money, Timestamp, UserId};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use due::Call;
pub(crate) use due::DUE;

/// Where the payment of one order stands. Its id is the order's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Payment {
    #[default]
    None,
    /// The buyer may pay.
    Payable(Open),
    /// The processor is being told of the payment, so that the buyer may pay in a form of the processor's own.
    Preparing(Open),
    /// The processor is being asked to set the money aside.
    Authorizing(Open),
    /// The buyer has to show the bank that it is really them.
    RequiresAction(Open),
    /// The money is set aside; the order has not accepted it yet.
    Authorized(Held),
    /// The order accepted; the money is being taken.
    Capturing(Held),
    Captured(Taken),
    /// The money could not be taken any more, for good.
    Failed(Refused),
    /// The order is over; what may have been set aside is being given back.
    Voiding(Returning),
    /// Nothing is set aside, and nothing will ever be.
    Voided(Returned),
}

/// Who pays how much, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub buyer_id: UserId,
    pub amount: Money,
    /// When the order's time to pay ends.
    pub expires_at: Timestamp,
}

/// A payment that no card has covered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    #[serde(flatten)]
    pub terms: Terms,
    /// The processor's id of the payment, once it knows of it.
    pub payment_intent: Option<String>,
    /// How many cards were tried, the present one included.
    pub attempts: u32,
    /// The processor's word for why the last try came to nothing.
    pub declined: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    #[serde(flatten)]
    pub terms: Terms,
    pub payment_intent: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    #[serde(flatten)]
    pub terms: Terms,
    pub payment_intent: String,
    pub charge: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    #[serde(flatten)]
    pub terms: Terms,
    pub payment_intent: String,
    pub code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returning {
    #[serde(flatten)]
    pub terms: Terms,
    /// Not known yet where the processor was being told of the payment when the order ended.
    pub payment_intent: Option<String>,
    /// Whether the money was known to be set aside.
    pub was_authorized: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Nothing where the order was over before it could be paid.
    #[serde(flatten)]
    pub terms: Option<Terms>,
    pub payment_intent: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentCommand {
    Open(Terms),
    /// The buyer wants to pay in a form of the processor's own.
    Prepare {
        now: Timestamp,
    },
    /// The buyer pays with a card.
    Authorize {
        now: Timestamp,
    },
    RecordIntent {
        payment_intent: String,
    },
    RecordActionRequired {
        attempt: u32,
    },
    RecordAuthorization {
        payment_intent: String,
        amount: Money,
    },
    RecordDecline {
        attempt: u32,
        code: String,
    },
    /// The order accepted.
    Capture,
    RecordCapture {
        charge: String,
    },
    RecordCaptureFailure {
        code: String,
    },
    /// The order is over.
    Void,
    RecordVoid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentRejection {
    /// There is no such payment.
    NotOpen,
    /// The time to pay is over.
    Expired,
    /// It is paid already, or never will be.
    NotPayable,
    /// The order accepted what was never authorised.
    NotAuthorized,
    /// A capture ended that nobody asked for.
    CaptureNotRequested,
    /// The order ended after it had accepted.
    CaptureRequested,
    /// The processor knows this payment by another id.
    OtherIntent,
    /// Another amount is set aside than is to be paid.
    OtherAmount { authorized: Money },
}

/// Kept beside the events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPrivate {
    /// With it the buyer's browser may speak to the processor about this payment.
    pub client_secret: Option<String>,
    /// The card of the present attempt, by the processor's id. Gone when the attempt is over.
    pub payment_method: Option<String>,
    /// The last requests that were made under an idempotency key.
    pub requests: Vec<Request>,
    /// What the call that is due goes back to.
    pub origin: Option<Origin>,
}

/// A request that is known again when it comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: Uuid,
    pub body_hash: String,
}

/// The request and the trace that something began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub correlation_id: Uuid,
    pub traceparent: Option<String>,
}

impl Decider for Payment {
    type Command = PaymentCommand;
    type Event = PaymentEvent;
    type Rejection = PaymentRejection;
    type Private = PaymentPrivate;

    fn decide(&self, command: &PaymentCommand) -> Result<Vec<PaymentEvent>, PaymentRejection> {
        match command {
            PaymentCommand::Open(terms) => Ok(self.open(terms)),
            PaymentCommand::Prepare { now } => self.prepare(*now),
            PaymentCommand::Authorize { now } => self.authorize(*now),
            PaymentCommand::RecordIntent { payment_intent } => self.record_intent(payment_intent),
            PaymentCommand::RecordActionRequired { attempt } => self.record_action_required(*attempt),
            PaymentCommand::RecordAuthorization { payment_intent, amount } => {
                self.record_authorization(payment_intent, *amount)
            }
            PaymentCommand::RecordDecline { attempt, code } => self.record_decline(*attempt, code),
            PaymentCommand::Capture => self.capture(),
            PaymentCommand::RecordCapture { charge } => self.record_capture(charge),
            PaymentCommand::RecordCaptureFailure { code } => self.record_capture_failure(code),
            PaymentCommand::Void => self.void(),
            PaymentCommand::RecordVoid => self.record_void(),
        }
    }

    fn evolve(self, event: &PaymentEvent) -> Self {
        evolve::evolve(self, event)
    }
}

impl Payment {
    /// Who pays how much; nothing where that was never said.
    pub fn terms(&self) -> Option<&Terms> {
        use Payment::*;
        match self {
            None => Option::None,
            Payable(open) | Preparing(open) | Authorizing(open) | RequiresAction(open) => Some(&open.terms),
            Authorized(held) | Capturing(held) => Some(&held.terms),
            Captured(taken) => Some(&taken.terms),
            Failed(refused) => Some(&refused.terms),
            Voiding(returning) => Some(&returning.terms),
            Voided(returned) => returned.terms.as_ref(),
        }
    }

    /// The processor's id of the payment, where it is known.
    pub fn payment_intent(&self) -> Option<&str> {
        use Payment::*;
        match self {
            None => Option::None,
            Payable(open) | Preparing(open) | Authorizing(open) | RequiresAction(open) => {
                open.payment_intent.as_deref()
            }
            Authorized(held) | Capturing(held) => Some(&held.payment_intent),
            Captured(taken) => Some(&taken.payment_intent),
            Failed(refused) => Some(&refused.payment_intent),
            Voiding(returning) => returning.payment_intent.as_deref(),
            Voided(returned) => returned.payment_intent.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests;
