//! What the services know of one order.

use contracts::OrderId;

use super::reason::leaves_a_wish;
use crate::api::{Asking, Failure, Happening, Order, OrderStatus, Payment, Ticket};

/// Only the order itself has to be there.
pub(super) struct Found {
    pub order: Order,
    /// Asked for only where it matters.
    pub payment: Option<Result<Payment, Failure>>,
    pub ticket: Option<Ticket>,
    pub history: Vec<Happening>,
}

impl Found {
    pub(super) async fn of(asking: Asking<'_>, id: OrderId) -> Result<Self, Failure> {
        let (order, history) = futures::join!(asking.order(id), asking.order_history(id));
        let order = order?;
        let payment = async {
            let may_be_paid = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::Cancelled);
            if may_be_paid { Some(asking.payment(id).await) } else { None }
        };
        let ticket = async {
            let is_settled = matches!(order.status, OrderStatus::Complete | OrderStatus::Cancelled);
            match &order.ticket {
                Some(ticket) if is_settled => asking.ticket(ticket.id).await.ok(),
                _ => None,
            }
        };
        let (payment, ticket) = futures::join!(payment, ticket);
        Ok(Self { payment, ticket, history: history.unwrap_or_default(), order })
    }

    /// What is known of its payment.
    pub(super) fn known_payment(&self) -> Option<&Payment> {
        self.payment.as_ref()?.as_ref().ok()
    }

    /// The ticket, if who did not get it may want it still.
    pub(super) fn wished_for(&self) -> Option<&Ticket> {
        let is_over = self.order.status == OrderStatus::Cancelled;
        let reason = self.order.reason.as_deref().unwrap_or_default();
        self.ticket.as_ref().filter(|_| is_over && leaves_a_wish(reason))
    }
}
