//! What may never be so of payments.

use std::collections::BTreeMap;

use contracts::payments::PaymentEvent;
use payments::payment::Payment;
use uuid::Uuid;

use super::{Audit, Change, Record, Watched};
use crate::sometimes::Sometimes;

impl Watched for Payment {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.payments
    }

    fn changed(audit: &mut Audit, id: Uuid, change: &Change<'_, Self>) {
        let stays = match (change.before, change.after) {
            (Payment::Captured(_), after) => matches!(after, Payment::Captured(_)),
            (Payment::Voided(_), after) => matches!(after, Payment::Voided(_)),
            (Payment::Voiding(_), after) => matches!(after, Payment::Voiding(_) | Payment::Voided(_)),
            _ => true,
        };
        if !stays {
            audit.violated(
                "what is voided is never authorised again, and what is captured stays so",
                format!("payment {id}"),
            );
        }
        note(audit, change);
    }
}

fn note(audit: &mut Audit, change: &Change<'_, Payment>) {
    for recorded in change.events {
        match &recorded.event {
            PaymentEvent::PaymentDeclined(_) => audit.met.note(Sometimes::Declined),
            PaymentEvent::PaymentActionRequired(_) => audit.met.note(Sometimes::ActionRequired),
            PaymentEvent::VoidRequested(_) => match change.before {
                Payment::Authorized(_) => audit.met.note(Sometimes::LateAuthorizationVoided),
                Payment::Authorizing(_) => audit.met.note(Sometimes::CancelledWhilePaying),
                _ => {}
            },
            PaymentEvent::PaymentVoided(_) => match change.before {
                Payment::None => audit.met.note(Sometimes::VoidedUnopened),
                Payment::Voiding(_) => audit.met.note(Sometimes::Voided),
                _ => {}
            },
            _ => {}
        }
    }
}
