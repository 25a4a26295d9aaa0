//! What each event makes of a payment. An event that does not fit the state changes nothing.

use contracts::payments::{
    AuthorizationRequested, CaptureFailed, ChargeCreated, PaymentAuthorized, PaymentDeclined, PaymentEvent,
    PaymentIntentCreated, PaymentOpened,
};

use super::{Held, Open, Payment, Refused, Returned, Returning, Taken, Terms};

pub(super) fn evolve(payment: Payment, event: &PaymentEvent) -> Payment {
    match event {
        PaymentEvent::PaymentOpened(opened) => open(payment, opened),
        PaymentEvent::PaymentIntentRequested(_) => match payment {
            Payment::Payable(open) => Payment::Preparing(open),
            other => other,
        },
        PaymentEvent::AuthorizationRequested(requested) => authorize(payment, requested),
        PaymentEvent::PaymentIntentCreated(created) => learn_intent(payment, created),
        PaymentEvent::PaymentActionRequired(_) => match payment {
            Payment::Authorizing(open) => Payment::RequiresAction(open),
            other => other,
        },
        PaymentEvent::PaymentAuthorized(authorized) => hold(payment, authorized),
        PaymentEvent::PaymentDeclined(declined) => decline(payment, declined),
        PaymentEvent::CaptureRequested(_) => match payment {
            Payment::Authorized(held) => Payment::Capturing(held),
            other => other,
        },
        PaymentEvent::ChargeCreated(created) => take(payment, created),
        PaymentEvent::CaptureFailed(failed) => fail(payment, failed),
        PaymentEvent::VoidRequested(_) => give_back(payment),
        PaymentEvent::PaymentVoided(_) => {
            let payment_intent = payment.payment_intent().map(str::to_owned);
            Payment::Voided(Returned { terms: payment.terms().cloned(), payment_intent })
        }
    }
}

fn open(payment: Payment, opened: &PaymentOpened) -> Payment {
    let PaymentOpened { buyer_id, amount, expires_at } = *opened;
    match payment {
        Payment::None => Payment::Payable(Open {
            terms: Terms { buyer_id, amount, expires_at },
            payment_intent: None,
            attempts: 0,
            declined: None,
        }),
        other => other,
    }
}

fn authorize(payment: Payment, requested: &AuthorizationRequested) -> Payment {
    match payment {
        Payment::Payable(open) | Payment::Preparing(open) | Payment::RequiresAction(open) => {
            Payment::Authorizing(Open { attempts: requested.attempt, declined: None, ..open })
        }
        other => other,
    }
}

fn learn_intent(payment: Payment, created: &PaymentIntentCreated) -> Payment {
    let payment_intent = Some(created.payment_intent.clone());
    match payment {
        Payment::Payable(open) => Payment::Payable(Open { payment_intent, ..open }),
        Payment::Preparing(open) => Payment::Payable(Open { payment_intent, declined: None, ..open }),
        Payment::Authorizing(open) => Payment::Authorizing(Open { payment_intent, ..open }),
        Payment::RequiresAction(open) => Payment::RequiresAction(Open { payment_intent, ..open }),
        Payment::Voiding(returning) => Payment::Voiding(Returning { payment_intent, ..returning }),
        other => other,
    }
}

fn hold(payment: Payment, authorized: &PaymentAuthorized) -> Payment {
    match payment {
        Payment::Payable(open)
        | Payment::Preparing(open)
        | Payment::Authorizing(open)
        | Payment::RequiresAction(open) => {
            Payment::Authorized(Held { terms: open.terms, payment_intent: authorized.payment_intent.clone() })
        }
        other => other,
    }
}

fn decline(payment: Payment, declined: &PaymentDeclined) -> Payment {
    match payment {
        Payment::Preparing(open) | Payment::Authorizing(open) | Payment::RequiresAction(open) => {
            Payment::Payable(Open { declined: Some(declined.code.clone()), ..open })
        }
        other => other,
    }
}

fn take(payment: Payment, created: &ChargeCreated) -> Payment {
    match payment {
        Payment::Capturing(Held { terms, payment_intent }) => {
            Payment::Captured(Taken { terms, payment_intent, charge: created.charge.clone() })
        }
        other => other,
    }
}

fn fail(payment: Payment, failed: &CaptureFailed) -> Payment {
    match payment {
        Payment::Capturing(Held { terms, payment_intent }) => {
            Payment::Failed(Refused { terms, payment_intent, code: failed.code.clone() })
        }
        other => other,
    }
}

fn give_back(payment: Payment) -> Payment {
    match payment {
        Payment::Payable(open)
        | Payment::Preparing(open)
        | Payment::Authorizing(open)
        | Payment::RequiresAction(open) => Payment::Voiding(Returning {
            terms: open.terms,
            payment_intent: open.payment_intent,
            was_authorized: false,
        }),
        Payment::Authorized(Held { terms, payment_intent }) => {
            Payment::Voiding(Returning { terms, payment_intent: Some(payment_intent), was_authorized: true })
        }
        other => other,
    }
}
