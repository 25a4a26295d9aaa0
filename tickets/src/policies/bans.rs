//! What a ban does to listings that are on offer.

use contracts::{TicketId, Timestamp, UserId};
use messaging::{Fault, Heard};

use super::{Policies, said};
use crate::seller::SellerCommand;
use crate::ticket::TicketCommand;
use crate::{SERVICE, views};

/// How many tickets are asked for at a time.
const PAGE: usize = 100;

impl Policies {
    /// Notes what was heard; while that is the last word, and a ban, the seller's listings end, now and once more.
    pub(super) async fn note(
        &self,
        heard: &Heard,
        seller: UserId,
        command: SellerCommand,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let known = match self.sellers.execute(seller, heard.causes(SERVICE), command).await {
            Ok(execution) => execution.snapshot.map(|snapshot| snapshot.state).unwrap_or_default(),
            Err(error) => match Fault::unless_rejected(error)? {},
        };
        let Some(look) = known.look(heard.version, now) else { return Ok(()) };
        self.withdraw_all(heard, seller, look.created_before).await?;
        look.again_in.map_or(Ok(()), |pause| Err(Fault::NotYet(pause)))
    }

    /// One ticket that cannot follow does not keep the others on offer.
    async fn withdraw_all(
        &self,
        heard: &Heard,
        seller: UserId,
        created_before: Timestamp,
    ) -> Result<(), Fault> {
        let mut outcome = Ok(());
        let mut after = None;
        loop {
            let query = views::offered_before(seller, created_before, after, PAGE);
            let found = self.tickets.find(&query).await?;
            for ticket in &found {
                outcome = outcome.and(self.withdraw(heard, TicketId(ticket.id)).await);
            }
            after = found.last().and_then(|last| query.cursor(last.id, last));
            if found.len() < PAGE {
                return outcome;
            }
        }
    }

    async fn withdraw(&self, heard: &Heard, ticket_id: TicketId) -> Result<(), Fault> {
        let cause = heard.causes(SERVICE);
        match self.tickets.execute(ticket_id, cause, TicketCommand::WithdrawForBan).await {
            Ok(execution) => {
                for said in said(&execution) {
                    tracing::info!(ticket.id = %ticket_id, "{said}: ticket {ticket_id}, its seller is banned");
                }
                Ok(())
            }
            Err(error) => {
                let rejection = Fault::unless_rejected(error)?;
                tracing::error!(
                    ticket.id = %ticket_id, ?rejection, "ticket {ticket_id} does not end with its seller's ban"
                );
                Err(Fault::Poison(format!("ticket {ticket_id} of a banned seller: {rejection:?}")))
            }
        }
    }
}
