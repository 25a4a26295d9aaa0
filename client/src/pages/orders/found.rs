//! What the services know of one order.

use std::time::Duration;

use contracts::OrderId;
use runtime::Runtime;

use super::reason::leaves_a_wish;
use crate::api::{Asking, Failure, Happening, Order, OrderStatus, Payment, Ticket};

/// What stands beside the order is not waited for longer. Payments itself may ask the card processor for three seconds.
const BESIDE_LIMIT: Duration = Duration::from_secs(4);

/// Only the order itself has to be there.
pub(super) struct Found {
    pub order: Order,
    /// Asked for only where it matters.
    pub payment: Option<Result<Payment, Failure>>,
    pub ticket: Option<Ticket>,
    pub history: Vec<Happening>,
}

impl Found {
    pub(super) async fn of(asking: Asking<'_>, id: OrderId, runtime: &Runtime) -> Result<Self, Failure> {
        let history = in_time(runtime, asking.order_history(id));
        let (order, history) = futures::join!(asking.order(id), history);
        let order = order?;
        let payment = async {
            let may_be_paid = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::Cancelled);
            if may_be_paid { Some(in_time(runtime, asking.payment(id)).await) } else { None }
        };
        let ticket = async {
            let is_settled = matches!(order.status, OrderStatus::Complete | OrderStatus::Cancelled);
            match &order.ticket {
                Some(ticket) if is_settled => in_time(runtime, asking.ticket(ticket.id)).await.ok(),
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

async fn in_time<T>(
    runtime: &Runtime,
    asked: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    runtime.timeout(BESIDE_LIMIT, asked).await.unwrap_or(Err(Failure::Unreachable))
}
