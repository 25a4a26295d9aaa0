//! Many people want the same tickets at the same moment: each ticket goes to one of them, and all others hear no.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

use crate::{
    ask::Answer,
    error::{Error, Result},
    listing::Listing,
    person::Person,
    shop::Shop,
};

/// So many orders are under way at once.
const AT_ONCE: usize = 200;

/// What became of each ticket.
#[derive(Debug)]
pub struct Outcome {
    pub tickets: Vec<Wanted>,
    /// From the first order to the last answer.
    pub took: Duration,
}

#[derive(Debug)]
pub struct Wanted {
    pub ticket: Uuid,
    /// The orders that may be paid, and whose they are.
    pub won: Vec<(Uuid, Person)>,
    /// How often each refusal was heard, such as `409 ticket-reserved`.
    pub refused: BTreeMap<String, usize>,
}

/// Everybody orders every ticket, as many tickets at once as a machine bears.
pub async fn rush(shop: &Shop, tickets: usize, people: &[Person]) -> Result<Outcome> {
    let seller = shop.person().await?;
    let mut wanted = Vec::new();
    for _ in 0..tickets {
        let ticket = seller.lists(&Listing::any()).await?;
        wanted.push(Wanted { ticket, won: Vec::new(), refused: BTreeMap::new() });
    }
    let mut took = Duration::ZERO;
    for wave in wanted.chunks_mut((AT_ONCE / people.len().max(1)).max(1)) {
        took += rush_for(wave, people).await?;
    }
    Ok(Outcome { tickets: wanted, took })
}

async fn rush_for(wanted: &mut [Wanted], people: &[Person]) -> Result<Duration> {
    let start = Arc::new(Barrier::new(wanted.len() * people.len() + 1));
    let mut orders = JoinSet::new();
    for (number, Wanted { ticket, .. }) in wanted.iter().enumerate() {
        for person in people {
            let (person, ticket, start) = (person.clone(), *ticket, Arc::clone(&start));
            orders.spawn(async move {
                start.wait().await;
                let answer = person.orders(ticket).await;
                (number, person, answer)
            });
        }
    }
    start.wait().await;
    let begun_at = Instant::now();
    while let Some(order) = orders.join_next().await {
        let (number, person, answer) = order.map_err(|_| Error::Gone)?;
        wanted[number].heard(person, &answer?);
    }
    Ok(begun_at.elapsed())
}

impl Wanted {
    fn heard(&mut self, person: Person, answer: &Answer) {
        if answer.status == 201 && answer.text("status") == "awaiting_payment" {
            self.won.push((answer.id(), person));
        } else {
            let what = if answer.problem().is_empty() { answer.text("status") } else { answer.problem() };
            *self.refused.entry(format!("{} {what}", answer.status.as_u16())).or_default() += 1;
        }
    }

    /// Whoever won pays.
    pub async fn is_paid(&self) -> Result<()> {
        for (order, person) in &self.won {
            person.pays(*order, "pm_card_visa").await?.expect(201, "paying")?;
        }
        Ok(())
    }
}

impl Outcome {
    /// What is not as it should be: one winner each, and everybody else told that the ticket is held.
    pub fn faults(&self) -> Vec<String> {
        let faulty = self.tickets.iter().filter(|wanted| {
            wanted.won.len() != 1 || wanted.refused.keys().any(|refusal| refusal != "409 ticket-reserved")
        });
        faulty.map(Wanted::to_string).collect()
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ticket {}: {} got it", self.ticket, self.won.len())?;
        self.refused.iter().try_for_each(|(refusal, times)| write!(formatter, ", {times} heard {refusal}"))
    }
}
