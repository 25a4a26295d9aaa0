//! What has to be so once nothing is under way any more.

use std::time::Duration;

use contracts::OrderId;
use orders::order::Order;
use payments::Standing;
use payments::payment::Payment;
use tickets::ticket::Ticket;

use super::{Broken, Found, Promises, broken};
use crate::sandbox::cards::Account;

/// How far the clocks of those who list and of those who ban may be apart.
const APART: Duration = Duration::from_secs(5);

impl Promises {
    /// Fails with the first promise that is not kept.
    pub(in crate::sandbox) fn at_rest(&self, ledger: &[(OrderId, Account)]) -> Result<(), Broken> {
        self.orders_end()?;
        self.tickets_follow()?;
        self.payments_end()?;
        self.ledger_agrees(ledger)?;
        self.bans_reach()
    }

    fn orders_end(&self) -> Found {
        for (id, order) in &self.orders {
            match order {
                Order::Cancelled(_) => {}
                Order::Complete(agreement) => {
                    let ticket = agreement.placement.ticket_id;
                    let is_sold = matches!(
                        self.tickets.get(&ticket.0), Some(Ticket::Sold(bought)) if bought.order_id.0 == *id
                    );
                    if !is_sold {
                        let told = format!("order {id} is complete, and ticket {ticket} is not its own");
                        return broken("a complete order has its ticket", told);
                    }
                }
                Order::None | Order::Pending(_) | Order::AwaitingPayment(_) | Order::Accepted(_) => {
                    return broken("every order ends", format!("order {id} has not"));
                }
            }
        }
        Ok(())
    }

    fn tickets_follow(&self) -> Found {
        for (id, ticket) in &self.tickets {
            match ticket {
                Ticket::Reserved(held) => {
                    let told = format!("ticket {id} is held for order {}", held.order_id);
                    return broken("every reservation ends", told);
                }
                Ticket::Sold(bought)
                    if !matches!(self.orders.get(&bought.order_id.0), Some(Order::Complete(_))) =>
                {
                    return broken("a sold ticket has a complete order", format!("ticket {id}"));
                }
                Ticket::Sold(_) | Ticket::Unlisted | Ticket::Available(_) | Ticket::Withdrawn(_) => {}
            }
        }
        Ok(())
    }

    fn payments_end(&self) -> Found {
        for (id, payment) in &self.payments {
            if !matches!(payment, Payment::Captured(_) | Payment::Failed(_) | Payment::Voided(_)) {
                return broken("every payment ends", format!("payment {id} has not"));
            }
        }
        Ok(())
    }

    /// What the cards hold is what the orders say.
    fn ledger_agrees(&self, ledger: &[(OrderId, Account)]) -> Found {
        for (order_id, account) in ledger {
            let is_complete = matches!(self.orders.get(&order_id.0), Some(Order::Complete(_)));
            match &account.standing {
                Standing::Captured { .. } if !is_complete => {
                    let told = format!("{} was taken for order {order_id}", account.amount);
                    return broken("no money is taken for a ticket that the buyer does not get", told);
                }
                Standing::Authorized { .. } | Standing::ActionRequired | Standing::Processing => {
                    let told = format!("{} of order {order_id}", account.amount);
                    return broken("no authorisation is left open", told);
                }
                Standing::Captured { .. } | Standing::Cancelled | Standing::Open { .. } => {}
            }
        }
        Ok(())
    }

    fn bans_reach(&self) -> Found {
        for (id, ticket) in &self.tickets {
            let Ticket::Available(offer) = ticket else { continue };
            let seller = offer.listing.seller_id;
            let is_late = self.banned.get(&seller.0).zip(self.listed.get(id));
            if is_late.is_some_and(|(banned_at, listed_at)| *listed_at + APART < *banned_at) {
                let told = format!("ticket {id} of user {seller} is on offer");
                return broken("what a banned seller offered is withdrawn", told);
            }
        }
        Ok(())
    }
}
