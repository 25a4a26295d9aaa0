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

use super::buyer::Buyer;
use crate::{error::Result, person::Person, shop::Shop};

const SELLERS: usize = 3;
/// Tickets that were listed last, for whoever wants what somebody else wants.
const REMEMBERED: usize = 24;
/// Whoever is not served by then leaves.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Crowd {
    market: Market,
    buyers: JoinSet<()>,
}

/// What buyers share. Clones are one.
#[derive(Clone)]
pub(super) struct Market {
    pub(super) sellers: Arc<Vec<Person>>,
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
    /// Answers that no shop gives.
    pub(super) surprises: Vec<String>,
}

impl Crowd {
    /// Lets so many people in, who begin to buy at once.
    pub(super) async fn gather(shop: &Shop, buyers: usize, seed: u64) -> Result<Self> {
        let sellers = Arc::new(shop.people(SELLERS).await?);
        let market =
            Market { sellers, notes: Arc::default(), recent: Arc::default(), closes: Arc::default() };
        let mut crowd = Self { market, buyers: JoinSet::new() };
        for (person, number) in shop.people(buyers).await?.into_iter().zip(1..) {
            let dice = StdRng::seed_from_u64(seed.wrapping_mul(1_000) + number);
            let buyer = Buyer::new(person, shop.door().clone(), crowd.market.clone(), dice);
            crowd.buyers.spawn(buyer.buys());
        }
        Ok(crowd)
    }

    pub(super) fn notes(&self) -> Notes {
        self.market.notes().clone()
    }

    /// Waits until everybody has finished what they were at.
    pub(super) async fn goes_home(mut self) -> Notes {
        self.market.closes.store(true, Ordering::Relaxed);
        let all_gone = async { while self.buyers.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, all_gone).await.is_err() {
            self.market.notes().surprises.push("somebody is still waiting for an answer".to_owned());
        }
        self.notes()
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

    pub(super) fn lists(&self, ticket: Uuid) {
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
