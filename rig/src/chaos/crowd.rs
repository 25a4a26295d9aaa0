//! Everybody who is in the shop while it breaks, and what they note down.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Chaos,
    buyer::{Buyer, insists, is_from_the_edge},
    outcome::say,
    seller::Seller,
};
use crate::{
    ask::{Answer, Ask},
    door::Door,
    error::{Error, Result},
    invariants::Told,
    listing::Listing,
    person::Person,
    shop::Shop,
};

/// Tickets that were listed last, for whoever wants what somebody else wants.
const REMEMBERED: usize = 24;
/// Whoever is not let in by then stays away: others go on with their trade.
const SIGN_UP: Duration = Duration::from_secs(3);
/// Whoever is not served by then leaves.
const PATIENCE: Duration = Duration::from_secs(50);

pub(super) struct Crowd {
    market: Market,
    people: JoinSet<()>,
}

/// What buyers share. Clones are one.
#[derive(Clone)]
pub(super) struct Market {
    notes: Arc<Mutex<Notes>>,
    recent: Arc<Mutex<VecDeque<Uuid>>>,
    closes: Arc<AtomicBool>,
}

#[derive(Clone, Default)]
pub(super) struct Notes {
    /// How long each purchase took that came to its end, and when that was.
    pub(super) purchases: Vec<(Duration, Instant)>,
    /// How often a wish ended how.
    pub(super) ends: BTreeMap<String, usize>,
    /// What was promised to whom.
    pub(super) told: Vec<Told>,
    /// Answers that no shop gives.
    pub(super) surprises: Vec<String>,
}

impl Crowd {
    /// Lets everybody in, who begin to trade at once.
    pub(super) async fn gather(shop: &Shop, chaos: &Chaos) -> Result<Self> {
        let market = Market { notes: Arc::default(), recent: Arc::default(), closes: Arc::default() };
        let mut crowd = Self { market, people: JoinSet::new() };
        let mut people = shop.people(chaos.sellers + 2 * chaos.buyers).await?;
        people.iter().for_each(|person| crowd.market.told(Told::SignedUp(person.id)));
        let (market, mut number) = (crowd.market.clone(), chaos.seed.wrapping_mul(1_000));
        let mut dice = || {
            number = number.wrapping_add(1);
            StdRng::seed_from_u64(number)
        };
        for person in people.split_off(2 * chaos.buyers) {
            let (door, market) = (shop.door().clone(), market.clone());
            crowd.people.spawn(Seller { person, door, market, dice: dice() }.sells());
        }
        while let (Some(person), Some(seller)) = (people.pop(), people.pop()) {
            let (door, market) = (shop.door().clone(), market.clone());
            crowd.people.spawn(Buyer { person, seller, door, market, dice: dice() }.buys());
        }
        Ok(crowd)
    }

    /// How much was bought, and how many answers were strange.
    pub(super) fn so_far(&self) -> (usize, usize) {
        let notes = self.market.notes();
        (notes.purchases.len(), notes.surprises.len())
    }

    /// Waits until everybody has finished what they were at.
    pub(super) async fn goes_home(mut self) -> Notes {
        self.market.closes.store(true, Ordering::Relaxed);
        let all_gone = async { while self.people.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, all_gone).await.is_err() {
            self.market.notes().surprises.push("somebody is still waiting for an answer".to_owned());
        }
        self.market.notes().clone()
    }
}

impl Market {
    pub(super) fn is_closing(&self) -> bool {
        self.closes.load(Ordering::Relaxed)
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn recent(&self) -> MutexGuard<'_, VecDeque<Uuid>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn told(&self, told: Told) {
        self.notes().told.push(told);
    }

    /// Somebody else, unless the door to new people is shut just now.
    pub(super) async fn newcomer(&self, door: &Door) -> Result<Person> {
        let signed_up = tokio::time::timeout(SIGN_UP, Person::signs_up(door)).await;
        let person = signed_up.map_err(|_| Error::Gone)??;
        self.told(Told::SignedUp(person.id));
        Ok(person)
    }

    /// Puts it on offer, for everybody to see.
    pub(super) async fn list(&self, seller: &Person, listing: &Listing) -> Result<Uuid> {
        let ask = Ask::post("/api/tickets", listing.body()).keyed(&listing.seat);
        let ticket = self.expects(insists(seller, ask).await?, &[201], "listing a ticket")?.id();
        self.told(Told::Listed(ticket));
        self.lists(ticket);
        Ok(ticket)
    }

    /// Busy is what nobody can help; anything else that is not expected is worth a look.
    pub(super) fn expects(&self, answer: Answer, expected: &[u16], what: &str) -> Result<Answer> {
        let status = answer.status.as_u16();
        if expected.contains(&status) {
            return Ok(answer);
        }
        let refused = Error::Refused { what: what.to_owned(), answer: answer.to_string() };
        if answer.is_busy() || is_from_the_edge(&answer) {
            return Err(Error::Refused { what: what.to_owned(), answer: format!("busy ({status})") });
        }
        say(&format!("           a surprise: {refused}"));
        self.notes().surprises.push(refused.to_string());
        Err(refused)
    }

    fn lists(&self, ticket: Uuid) {
        let mut recent = self.recent();
        recent.push_back(ticket);
        if recent.len() > REMEMBERED {
            recent.pop_front();
        }
    }
}

impl Notes {
    pub(super) fn bought(&mut self, took: Duration) {
        self.purchases.push((took, Instant::now()));
    }

    pub(super) fn ended(&mut self, wish: &str, end: &str) {
        *self.ends.entry(format!("{wish}: {end}")).or_default() += 1;
    }
}
