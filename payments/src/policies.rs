//! EVENTS IN: what orders says, and what the payment does about it. Holds no state.

use async_trait::async_trait;
use contracts::orders::OrderEvent;
use contracts::{Event, OrderId};
use messaging::{Fault, Heard, Listener};
use uuid::Uuid;

use crate::Payments;
use crate::payment::{Origin, PaymentCommand, PaymentPrivate, PaymentRejection, Terms};

/// What payments listens to.
pub const HEARS: &[(&str, &str)] =
    &[("order", "OrderAwaitingPayment"), ("order", "OrderAccepted"), ("order", "OrderCancelled")];

/// Which payment is given which command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    pub order_id: OrderId,
    pub command: PaymentCommand,
}

/// What follows from an event.
pub fn whenever(heard: &Heard) -> Option<Then> {
    let Event::Order(event) = &heard.event else { return None };
    let command = match event {
        OrderEvent::OrderAwaitingPayment(order) => PaymentCommand::Open(Terms {
            buyer_id: order.buyer_id,
            amount: order.total,
            expires_at: order.expires_at,
        }),
        OrderEvent::OrderAccepted(_) => PaymentCommand::Capture,
        OrderEvent::OrderCancelled(_) => PaymentCommand::Void,
        OrderEvent::OrderCreated(_) | OrderEvent::OrderCompleted(_) => return None,
    };
    Some(Then { order_id: OrderId(heard.aggregate_id), command })
}

/// Does what follows.
pub(crate) struct Policies {
    pub(crate) service: Payments,
}

#[async_trait]
impl Listener for Policies {
    fn service(&self) -> &'static str {
        "payments"
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        HEARS
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let Some(Then { order_id, command }) = whenever(heard) else { return Ok(()) };
        let cause = heard.causes(self.service());
        let origin = Origin { correlation_id: cause.correlation_id, traceparent: cause.traceparent.clone() };
        let amend = move |private: &mut PaymentPrivate| private.origin = Some(origin.clone());
        let payments = &self.service.effects.payments;
        let executed = match &command {
            PaymentCommand::Open(_) => payments.create(order_id, cause, command, amend).await,
            _ => payments.execute_and_amend(order_id, cause, command, amend).await,
        };
        match executed {
            Ok(execution) => {
                if execution.snapshot.is_some_and(|payment| payment.state.due().is_some()) {
                    self.service.effects.carry_out_later(order_id);
                }
                Ok(())
            }
            Err(error) => match Fault::unless_rejected(error)? {
                // Orders and payments disagree about what happened: somebody has to look.
                rejection @ (PaymentRejection::NotOpen
                | PaymentRejection::Expired
                | PaymentRejection::NotPayable
                | PaymentRejection::NotAuthorized
                | PaymentRejection::CaptureNotRequested
                | PaymentRejection::CaptureRequested
                | PaymentRejection::OtherIntent
                | PaymentRejection::OtherAmount { .. }) => Err(Fault::Poison(format!("{rejection:?}"))),
            },
        }
    }
}

#[cfg(test)]
mod tests;
