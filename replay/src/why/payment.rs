//! What an order's payment waits for.

use contracts::Timestamp;
use history::Entry;
use payments::payment::{Open, Payment};

use super::{Sentence, last, state};
use crate::Failure;
use crate::past::Past;

/// Of an order that is not over. `due` is when its time to pay ends.
pub(super) fn of_open_order(past: Option<&Past>, due: Timestamp, at: Timestamp) -> Result<Sentence, Failure> {
    let Some(past) = past else {
        return Ok(Sentence::new("The payment has not been opened yet: the buyer cannot pay.", None));
    };
    let payment: Payment = state(past)?;
    let said = |types: &[&str]| last(past, types);
    let wait = |text: &str, types: &[&str]| Sentence::waiting(text, last(past, types), at);
    Ok(match payment {
        Payment::None => Sentence::new("The payment has not been opened yet: the buyer cannot pay.", None),
        Payment::Payable(Open { declined: Some(code), attempts, .. }) => Sentence::new(
            format!("Card {attempts} was declined ({code}); the buyer may try another."),
            said(&["PaymentDeclined"]),
        ),
        Payment::Payable(_) if at > due => {
            Sentence::new("The buyer has not begun to pay.", said(&["PaymentOpened", "PaymentIntentCreated"]))
        }
        Payment::Payable(_) => Sentence::new(
            "The buyer may pay, and has not begun to.",
            said(&["PaymentOpened", "PaymentIntentCreated"]),
        ),
        Payment::Preparing(_) => {
            wait("The card processor is being told of the payment", &["PaymentIntentRequested"])
        }
        Payment::Authorizing(Open { attempts, .. }) => wait(
            &format!("The card processor is being asked to set the money aside (card {attempts})"),
            &["AuthorizationRequested", "PaymentIntentCreated"],
        ),
        Payment::RequiresAction(_) => Sentence::new(
            "The buyer has to show the bank that it is really them (3-D Secure).",
            said(&["PaymentActionRequired"]),
        ),
        Payment::Authorized(_) => {
            wait("The money is set aside, and the order has not said yes to it", &["PaymentAuthorized"])
        }
        Payment::Capturing(_) => wait("The money is being taken", &["CaptureRequested"]),
        Payment::Captured(_) => {
            wait("The money is taken, and the order has not heard of it", &["ChargeCreated"])
        }
        Payment::Failed(refused) => wait(
            &format!("The money could not be taken ({}), and the order has not heard of it", refused.code),
            &["CaptureFailed"],
        ),
        Payment::Voiding(_) | Payment::Voided(_) => {
            let text = "The payment was given up although the order is not over, which must never be.";
            Sentence { is_wrong: true, ..Sentence::new(text, said(&["VoidRequested", "PaymentVoided"])) }
        }
    })
}

/// Of an order that came to nothing, by this event; none where there is nothing to say.
pub(super) fn of_cancelled_order(
    past: Option<&Past>,
    cancelled: Option<&Entry>,
    at: Timestamp,
) -> Result<Option<Sentence>, Failure> {
    let Some(past) = past else { return Ok(None) };
    let payment: Payment = state(past)?;
    let said = |event_type: &str| last(past, &[event_type]);
    Ok(match payment {
        Payment::None => None,
        Payment::Voided(_) => {
            Some(Sentence::new("No money is set aside, and none was taken.", said("PaymentVoided")))
        }
        Payment::Voiding(_) => {
            let text = "What may have been set aside is being given back";
            Some(Sentence::waiting(text, said("VoidRequested"), at))
        }
        Payment::Failed(refused) => {
            let text = format!("The money could not be taken: the card processor says {}.", refused.code);
            Some(Sentence::new(text, said("CaptureFailed")))
        }
        Payment::Captured(_) => {
            let text = "The money was taken all the same, which must never be.";
            Some(Sentence { is_wrong: true, ..Sentence::new(text, said("ChargeCreated")) })
        }
        Payment::Payable(_)
        | Payment::Preparing(_)
        | Payment::Authorizing(_)
        | Payment::RequiresAction(_)
        | Payment::Authorized(_)
        | Payment::Capturing(_) => {
            Some(Sentence::waiting("The payment has not heard of that", cancelled, at))
        }
    })
}
