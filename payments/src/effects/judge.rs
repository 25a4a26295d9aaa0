//! What the processor's answer to a call means for the payment. Pure, so that every answer to every call can be tried.

use crate::cards::{Intent, Standing};
use crate::payment::{Call, Payment, PaymentCommand};

/// Where it is known from how the payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The call itself was answered so.
    Answer,
    /// The answer left it open, and the payment was looked at.
    Look,
    /// The call was refused, with the processor's word for why.
    Refusal(String),
    /// The processor failed, and will say so again under this key.
    Failure,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The processor knows of the payment now.
    Learn(Intent),
    Record(PaymentCommand),
    /// The money cannot be taken: it has to be given back, and that is recorded.
    GiveBack {
        code: String,
    },
    /// It did not happen, and under this key it never will.
    SpentKey,
    /// Look how the payment stands; if that was it, try again later.
    Undecided,
}

/// What is to be done about the answer to a call. Without an intent the answer did not say how the payment stands.
pub(super) fn judge(call: &Call, intent: Option<&Intent>, source: &Source) -> Verdict {
    match call {
        Call::CreateIntent { attempt, .. } => created(*attempt, intent, source),
        Call::Confirm { attempt, .. } => {
            intent.map_or(Verdict::Undecided, |intent| confirmed(*attempt, intent, source))
        }
        Call::Capture { .. } => intent.map_or(Verdict::Undecided, |intent| captured(intent, source)),
        Call::Void { .. } => intent.map_or(Verdict::Undecided, |intent| voided(intent, source)),
    }
}

/// What has changed of a payment that waited for the buyer.
pub(super) fn judge_unasked(payment: &Payment, intent: &Intent) -> Option<PaymentCommand> {
    match (&intent.standing, payment) {
        (Standing::Authorized { amount } | Standing::Captured { amount, .. }, _) => {
            Some(authorization(intent, *amount))
        }
        (Standing::Cancelled, _) => Some(PaymentCommand::RecordVoid),
        (Standing::Open { declined: Some(code) }, Payment::RequiresAction(open)) => {
            Some(PaymentCommand::RecordDecline { attempt: open.attempts, code: code.clone() })
        }
        (Standing::Open { .. } | Standing::ActionRequired | Standing::Processing, _) => None,
    }
}

fn created(attempt: Option<u32>, intent: Option<&Intent>, source: &Source) -> Verdict {
    match (intent, source, attempt) {
        (Some(intent), _, _) => Verdict::Learn(intent.clone()),
        (None, Source::Refusal(code), Some(attempt)) => {
            Verdict::Record(PaymentCommand::RecordDecline { attempt, code: code.clone() })
        }
        // What the processor refuses to know of needs no cancelling.
        (None, Source::Refusal(_), None) => Verdict::Record(PaymentCommand::RecordVoid),
        (None, Source::Failure, _) => Verdict::SpentKey,
        (None, Source::Answer | Source::Look, _) => Verdict::Undecided,
    }
}

fn confirmed(attempt: u32, intent: &Intent, source: &Source) -> Verdict {
    let declined =
        |code: &str| Verdict::Record(PaymentCommand::RecordDecline { attempt, code: code.to_owned() });
    match (&intent.standing, source) {
        (Standing::Authorized { amount } | Standing::Captured { amount, .. }, _) => {
            Verdict::Record(authorization(intent, *amount))
        }
        (Standing::Cancelled, _) => Verdict::Record(PaymentCommand::RecordVoid),
        (Standing::ActionRequired, Source::Answer | Source::Look) => {
            Verdict::Record(PaymentCommand::RecordActionRequired { attempt })
        }
        (Standing::Open { declined: code }, Source::Answer | Source::Look) => {
            declined(code.as_deref().unwrap_or("declined"))
        }
        // How it stands is from an attempt before this one.
        (Standing::ActionRequired | Standing::Open { .. }, Source::Refusal(code)) => declined(code),
        (Standing::ActionRequired | Standing::Open { .. }, Source::Failure) => Verdict::SpentKey,
        (Standing::Processing, _) => Verdict::Undecided,
    }
}

fn captured(intent: &Intent, source: &Source) -> Verdict {
    match (&intent.standing, source) {
        (Standing::Captured { charge, .. }, _) => {
            Verdict::Record(PaymentCommand::RecordCapture { charge: charge.clone() })
        }
        (Standing::Cancelled, Source::Refusal(code)) => failure(code),
        (Standing::Cancelled, Source::Answer | Source::Look | Source::Failure) => {
            failure("payment_intent_canceled")
        }
        (Standing::Authorized { .. }, Source::Refusal(code)) => Verdict::GiveBack { code: code.clone() },
        (Standing::Open { .. } | Standing::ActionRequired, Source::Refusal(code)) => failure(code),
        (Standing::Authorized { .. } | Standing::Open { .. } | Standing::ActionRequired, Source::Failure) => {
            Verdict::SpentKey
        }
        (
            Standing::Authorized { .. } | Standing::Open { .. } | Standing::ActionRequired,
            Source::Answer | Source::Look,
        )
        | (Standing::Processing, _) => Verdict::Undecided,
    }
}

fn voided(intent: &Intent, source: &Source) -> Verdict {
    match (&intent.standing, source) {
        (Standing::Cancelled, _) => Verdict::Record(PaymentCommand::RecordVoid),
        (Standing::Open { .. } | Standing::ActionRequired | Standing::Authorized { .. }, Source::Failure) => {
            Verdict::SpentKey
        }
        // Money that was taken cannot be voided: somebody has to look.
        (
            Standing::Open { .. }
            | Standing::ActionRequired
            | Standing::Processing
            | Standing::Authorized { .. }
            | Standing::Captured { .. },
            _,
        ) => Verdict::Undecided,
    }
}

fn authorization(intent: &Intent, amount: contracts::Money) -> PaymentCommand {
    PaymentCommand::RecordAuthorization { payment_intent: intent.id.clone(), amount }
}

fn failure(code: &str) -> Verdict {
    Verdict::Record(PaymentCommand::RecordCaptureFailure { code: code.to_owned() })
}

#[cfg(test)]
mod tests;
