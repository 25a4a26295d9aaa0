//! People at the shop: they speak to it over HTTP as browsers do, come back when nobody answers, and do things at the
//! wrong moment.

mod admin;
mod ask;
mod buyer;
mod seller;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::{TicketId, UserId};
use uuid::Uuid;

use crate::machine::{Chance, OUTSIDE};
use crate::shop::Shop;

/// Everybody, and how many of them are still at it.
pub(crate) struct People {
    shop: Arc<Shop>,
    listed: Mutex<Vec<Listed>>,
    busy: AtomicU64,
    pub placed: AtomicU64,
}

/// A ticket that is on offer, as far as anybody knows.
#[derive(Clone, Copy)]
struct Listed {
    ticket: TicketId,
    seller: UserId,
    price: u64,
}

impl People {
    /// They come in, each with a mind of their own.
    pub(crate) fn come(shop: &Arc<Shop>, seed: u64) -> Arc<Self> {
        let people = Arc::new(Self {
            shop: Arc::clone(shop),
            listed: Mutex::default(),
            busy: AtomicU64::new(0),
            placed: AtomicU64::new(0),
        });
        let conditions = &shop.world.conditions;
        if conditions.bans {
            let sellers = (0..conditions.sellers).map(seller);
            let everybody = sellers.chain((0..conditions.buyers).map(buyer)).collect();
            let this = Arc::clone(&people);
            let chance = Chance::new(seed, "admin");
            people.joins(async move { this.rules(everybody, chance).await });
        }
        for number in 0..conditions.sellers {
            let chance = Chance::nth(seed, "seller", number);
            let this = Arc::clone(&people);
            people.joins(async move { this.sells(seller(number), number, chance).await });
        }
        for number in 0..conditions.buyers {
            let chance = Chance::nth(seed, "buyer", number);
            let this = Arc::clone(&people);
            // Now and then it is a seller who wants to buy.
            let who = if number == 3 { seller(0) } else { buyer(number) };
            people.joins(async move { this.buys(who, chance).await });
        }
        people
    }

    pub(crate) fn are_done(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    fn joins(self: &Arc<Self>, story: impl Future<Output = ()> + Send + 'static) {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let this = Arc::clone(self);
        self.shop.world.inside.spawn(OUTSIDE, async move {
            story.await;
            this.busy.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn list(&self, listed: Listed) {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).push(listed);
    }

    fn pick(&self, chance: &mut Chance) -> Option<Listed> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        (!listed.is_empty()).then(|| *chance.pick(&listed))
    }

    async fn pause(&self, chance: &mut Chance, longest_us: u64) {
        self.shop.world.inside.sleep_us(chance.spread(200, longest_us)).await;
    }
}

fn buyer(number: u64) -> UserId {
    UserId(Uuid::from_u128(0xb000 + u128::from(number)))
}

fn seller(number: u64) -> UserId {
    UserId(Uuid::from_u128(0x5e11 + u128::from(number)))
}
