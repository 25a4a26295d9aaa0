//! What each command comes to in each state. Every one names every state: a new state has to say what it makes of them.

use contracts::payments::{
    AuthorizationRequested, CaptureFailed, CaptureRequested, ChargeCreated, PaymentActionRequired,
    PaymentAuthorized, PaymentDeclined, PaymentEvent, PaymentIntentCreated, PaymentIntentRequested,
    PaymentOpened, PaymentVoided, VoidRequested,
};
use contracts::{Money, Timestamp};

use super::{Held, Open, Payment, PaymentRejection, Terms};

type Decision = Result<Vec<PaymentEvent>, PaymentRejection>;

/// What the buyer and the order ask for.
impl Payment {
    pub(super) fn open(&self, terms: &Terms) -> Vec<PaymentEvent> {
        use Payment::*;
        match self {
            None => {
                let Terms { buyer_id, amount, expires_at } = *terms;
                vec![PaymentOpened { buyer_id, amount, expires_at }.into()]
            }
            // What was voided before it was payable stays so.
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_) | Capturing(_)
            | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => vec![],
        }
    }

    pub(super) fn prepare(&self, now: Timestamp) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            Payable(open) if open.has_expired(now) => Err(PaymentRejection::Expired),
            Payable(Open { payment_intent: Option::None, .. }) => Ok(vec![PaymentIntentRequested {}.into()]),
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) => Ok(vec![]),
            Authorized(_) | Capturing(_) | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => {
                Err(PaymentRejection::NotPayable)
            }
        }
    }

    pub(super) fn authorize(&self, now: Timestamp) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            // Whoever asks meanwhile joins the attempt that is under way.
            Authorizing(_) => Ok(vec![]),
            Payable(open) | Preparing(open) | RequiresAction(open) if open.has_expired(now) => {
                Err(PaymentRejection::Expired)
            }
            Payable(open) | Preparing(open) | RequiresAction(open) => {
                Ok(vec![AuthorizationRequested { attempt: open.attempts + 1 }.into()])
            }
            Authorized(_) | Capturing(_) | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => {
                Err(PaymentRejection::NotPayable)
            }
        }
    }

    pub(super) fn capture(&self) -> Decision {
        use Payment::*;
        match self {
            Authorized(_) => Ok(vec![CaptureRequested {}.into()]),
            Capturing(_) | Captured(_) | Failed(_) => Ok(vec![]),
            None | Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Voiding(_)
            | Voided(_) => Err(PaymentRejection::NotAuthorized),
        }
    }

    pub(super) fn void(&self) -> Decision {
        use Payment::*;
        match self {
            // An order that ended before it could be paid leaves a mark: it is never authorised.
            None | Payable(Open { payment_intent: Option::None, .. }) => Ok(vec![PaymentVoided {}.into()]),
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_) => {
                Ok(vec![VoidRequested {}.into()])
            }
            Capturing(_) | Captured(_) => Err(PaymentRejection::CaptureRequested),
            Failed(_) | Voiding(_) | Voided(_) => Ok(vec![]),
        }
    }
}

/// What the processor answers, maybe twice, maybe late.
impl Payment {
    pub(super) fn record_intent(&self, payment_intent: &str) -> Decision {
        use Payment::*;
        match (self, self.payment_intent()) {
            (None, _) => Err(PaymentRejection::NotOpen),
            (_, Some(known)) if known == payment_intent => Ok(vec![]),
            (_, Some(_)) => Err(PaymentRejection::OtherIntent),
            (Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Voiding(_), Option::None) => {
                Ok(vec![PaymentIntentCreated { payment_intent: payment_intent.to_owned() }.into()])
            }
            (Authorized(_) | Capturing(_) | Captured(_) | Failed(_) | Voided(_), Option::None) => Ok(vec![]),
        }
    }

    pub(super) fn record_action_required(&self, attempt: u32) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            Authorizing(open) if open.attempts == attempt => {
                Ok(vec![PaymentActionRequired { attempt }.into()])
            }
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_) | Capturing(_)
            | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => Ok(vec![]),
        }
    }

    pub(super) fn record_authorization(&self, payment_intent: &str, amount: Money) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            Payable(open) | Preparing(open) | Authorizing(open) | RequiresAction(open) => {
                if open.payment_intent.as_deref() != Some(payment_intent) {
                    return Err(PaymentRejection::OtherIntent);
                }
                if open.terms.amount != amount {
                    return Err(PaymentRejection::OtherAmount { authorized: amount });
                }
                Ok(vec![PaymentAuthorized { payment_intent: payment_intent.to_owned(), amount }.into()])
            }
            // What is being voided stays so: the intent is cancelled with whatever is set aside.
            Authorized(_) | Capturing(_) | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => Ok(vec![]),
        }
    }

    pub(super) fn record_decline(&self, attempt: u32, code: &str) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            Preparing(open) | Authorizing(open) | RequiresAction(open) if open.attempts == attempt => {
                Ok(vec![PaymentDeclined { attempt, code: code.to_owned() }.into()])
            }
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_) | Capturing(_)
            | Captured(_) | Failed(_) | Voiding(_) | Voided(_) => Ok(vec![]),
        }
    }

    pub(super) fn record_capture(&self, charge: &str) -> Decision {
        use Payment::*;
        match self {
            Capturing(Held { terms, payment_intent }) => {
                let (payment_intent, charge) = (payment_intent.clone(), charge.to_owned());
                Ok(vec![ChargeCreated { payment_intent, charge, amount: terms.amount }.into()])
            }
            Captured(_) => Ok(vec![]),
            None | Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_)
            | Failed(_) | Voiding(_) | Voided(_) => Err(PaymentRejection::CaptureNotRequested),
        }
    }

    pub(super) fn record_capture_failure(&self, code: &str) -> Decision {
        use Payment::*;
        match self {
            Capturing(_) => Ok(vec![CaptureFailed { code: code.to_owned() }.into()]),
            Captured(_) | Failed(_) => Ok(vec![]),
            None | Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Authorized(_)
            | Voiding(_) | Voided(_) => Err(PaymentRejection::CaptureNotRequested),
        }
    }

    pub(super) fn record_void(&self) -> Decision {
        use Payment::*;
        match self {
            None => Err(PaymentRejection::NotOpen),
            // An intent that the processor cancelled by itself cannot be paid any more either.
            Payable(_) | Preparing(_) | Authorizing(_) | RequiresAction(_) | Voiding(_) => {
                Ok(vec![PaymentVoided {}.into()])
            }
            Authorized(_) | Capturing(_) | Captured(_) | Failed(_) | Voided(_) => Ok(vec![]),
        }
    }
}

impl Open {
    fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.terms.expires_at
    }
}
