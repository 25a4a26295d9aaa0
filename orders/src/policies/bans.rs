//! What a ban does to orders that are neither paid nor over.

use contracts::{OrderId, Timestamp, UserId};
use messaging::{Fault, Heard};

use super::Policies;
use crate::buyer::BuyerCommand;
use crate::order::OrderCommand;
use crate::{SERVICE, views};

/// How many orders are asked for at a time.
const PAGE: usize = 100;

impl Policies {
    /// Notes what was heard; while that is the last word, and a ban, the buyer's open orders end, now and once more.
    pub(super) async fn note(
        &self,
        buyer: UserId,
        command: BuyerCommand,
        heard: &Heard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let noted = self.orders.buyers.execute(buyer, heard.causes(SERVICE), command).await;
        let known = match noted {
            Ok(execution) => execution.snapshot.map(|snapshot| snapshot.state).unwrap_or_default(),
            Err(error) => match Fault::unless_rejected(error)? {},
        };
        let Some(look) = known.look(heard.version, now) else { return Ok(()) };
        self.end_orders(buyer, look.created_before, heard, now).await?;
        look.again_in.map_or(Ok(()), |pause| Err(Fault::NotYet(pause)))
    }

    /// One order that cannot follow does not keep the others from ending.
    async fn end_orders(
        &self,
        buyer: UserId,
        created_before: Timestamp,
        heard: &Heard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut outcome = Ok(());
        let mut after = None;
        loop {
            let query = views::open_before(buyer, created_before, after, PAGE);
            let found = self.orders.orders.find(&query).await?;
            for order in &found {
                let ended = self.command(OrderId(order.id), OrderCommand::CancelForBan, heard, now).await;
                outcome = outcome.and(ended);
            }
            after = found.last().and_then(|last| query.cursor(last.id, last));
            if found.len() < PAGE {
                return outcome;
            }
        }
    }
}
